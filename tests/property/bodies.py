"""Bodies that mean something, for two in three of those that schemathesis makes up.

Random texts are no schemas and random names lead nowhere: with them alone hardly a request would
come past the first check. schemathesis loads this file (SCHEMATHESIS_HOOKS).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Body = dict[str, Any]

AVRO = (
    '"string"',
    '{"type":"record","name":"User","fields":[{"name":"name","type":"string"}]}',
    (
        '{"type":"record","name":"User","fields":['
        '{"name":"name","type":"string","confluent:tags":["PII"]},'
        '{"name":"born","type":["null","long"],"default":null}]}'
    ),
    '{"type":"record","name":"Order","fields":[{"name":"by","type":"User"}]}',
)
JSON = (
    '{"type":"object","properties":{"name":{"type":"string","confluent:tags":["PII"]}}}',
    '{"type":"object","additionalProperties":false,"properties":{"born":{"type":"integer"}}}',
    '{"type":"array","items":{"$ref":"User"}}',
)
PROTOBUF = (
    'syntax = "proto3"; message User { string name = 1; }',
    'syntax = "proto3"; package acme; message User { string name = 1; int64 born = 2; }',
    'syntax = "proto3"; import "User"; message Order { User by = 1; }',
)
SUBJECTS = ("orders-value", "users/value", "orders-schema", ":.staging:orders-value")
LEVELS = ("NONE", "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FULL", "full_transitive")
MODES = ("READWRITE", "READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD", "readonly")

small = st.integers(1, 6)
subject = st.sampled_from(SUBJECTS)
flag = st.none() | st.booleans()


def objects(always: dict[str, SearchStrategy[Any]], **at_times: SearchStrategy[Any]) -> Any:
    return st.fixed_dictionaries(always, optional=at_times)


metadata = objects(
    {},
    properties=st.dictionaries(st.sampled_from(["owner", "major"]), st.sampled_from(["a", "1"])),
    tags=st.just({"User.name": ["PII"]}),
    sensitive=st.just(["owner"]),
)
rule = objects(
    {
        "name": st.sampled_from(["mask", "check"]),
        "kind": st.sampled_from(["TRANSFORM", "CONDITION"]),
        "mode": st.sampled_from(["WRITE", "WRITEREAD", "UPGRADE"]),
        "type": st.sampled_from(["ENCRYPT", "CEL"]),
    },
    tags=st.just(["PII"]),
    params=st.just({"encrypt.kek.name": "kek"}),
    expr=st.just("true"),
    onFailure=st.just("ERROR,NONE"),
    disabled=flag,
)
rule_set = objects(
    {},
    domainRules=st.lists(rule, max_size=2),
    migrationRules=st.lists(rule, max_size=1),
    encodingRules=st.lists(rule, max_size=1),
)
reference = objects({"name": st.just("User"), "subject": subject, "version": small})
tags = st.lists(
    objects(
        {
            "schemaEntity": st.sampled_from(
                [
                    {"entityPath": "User.name", "entityType": "sr_field"},
                    {"entityPath": "object.name", "entityType": "sr_field"},
                    {"entityPath": ".User", "entityType": "sr_record"},
                ]
            ),
            "tags": st.lists(st.sampled_from(["PII", "GDPR"]), max_size=2),
        }
    ),
    max_size=2,
)
# Most schemas come without all that: each part alone may be a reason to refuse the whole.
seldom = {
    "references": st.lists(reference, max_size=2),
    "metadata": metadata,
    "ruleSet": rule_set,
    "version": small,
    "id": small,
    "schemaTagsToAdd": tags,
    "schemaTagsToRemove": tags,
    "propagateSchemaTags": flag,
}
written = st.one_of(
    *(
        objects({"schema": st.sampled_from(texts), "schemaType": st.just(kind)})
        for kind, texts in (("AVRO", AVRO), ("JSON", JSON), ("PROTOBUF", PROTOBUF))
    )
)
schema = written | st.builds(dict.__or__, written, objects({}, **seldom))
retagging = objects(
    {},
    newVersion=small,
    tagsToAdd=tags,
    tagsToRemove=tags,
    metadata=metadata,
    ruleSet=rule_set,
    rulesToMerge=rule_set,
    rulesToRemove=st.just(["mask"]),
)
config = objects(
    {},
    compatibility=st.sampled_from(LEVELS),
    normalize=flag,
    validateFields=flag,
    alias=subject,
    compatibilityGroup=st.just("major"),
    defaultMetadata=metadata,
    overrideMetadata=metadata,
    defaultRuleSet=rule_set,
    overrideRuleSet=rule_set,
)
mode = objects({"mode": st.sampled_from(MODES)})
tie: dict[str, SearchStrategy[Any]] = {
    "subject": subject,
    "associationType": st.sampled_from(["key", "value"]),
    "lifecycle": st.sampled_from(["STRONG", "WEAK"]),
}
resource: dict[str, SearchStrategy[Any]] = {
    "resourceName": st.just("orders"),
    "resourceNamespace": st.just("lkc-1"),
    "resourceType": st.just("topic"),
}
known = {"resourceId": st.sampled_from(["orders-7d1f", "users-3c5a"]), **resource}
association = objects(tie, frozen=flag, schema=schema, normalize=flag)
operation = objects(
    {"opType": st.sampled_from(["CREATE", "UPSERT", "DELETE"]), **tie}, frozen=flag, schema=schema
)
associations = st.lists(association, min_size=1, max_size=2)
mutations = objects({**known, "associations": st.lists(operation, min_size=1, max_size=2)})

PLAUSIBLE: dict[str, SearchStrategy[Body]] = {
    "look_up": schema,
    "register": schema,
    "check_version": schema,
    "check_all_versions": schema,
    "tag_version": retagging,
    "put_config": config,
    "put_subject_config": config,
    "put_mode": mode,
    "put_subject_mode": mode,
    "create_associations": objects({**known, "associations": associations}),
    "upsert_associations": objects({**resource, "associations": associations}),
    "get_associations_in_batch": objects({"requests": st.lists(objects(known), max_size=2)}),
    "mutate_associations_in_batch": objects({"requests": st.lists(mutations, max_size=2)}),
}


@schemathesis.hook
def before_generate_body(
    context: schemathesis.HookContext, strategy: SearchStrategy[Any]
) -> SearchStrategy[Any]:
    assert context.operation is not None
    plausible = PLAUSIBLE.get(context.operation.definition.raw["operationId"])
    if plausible is None:
        return strategy
    return st.sampled_from([plausible, plausible, strategy]).flatmap(lambda chosen: chosen)
