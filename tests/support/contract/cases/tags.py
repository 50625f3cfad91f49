"""Tags inside schemas: changed on top of a version, sent along with one, carried over."""

from __future__ import annotations

from typing import Any

from contract.case import ANY, Ask, Case, Gives, Like, avro, get, ok, post, refused, register
from contract.documents import Ordered, full, version
from contract.texts import (
    AS_JSON,
    AS_PROTO,
    FROM_ARRAY,
    INNER_1,
    JSON,
    NESTED,
    ONE,
    OUTER,
    PROTO,
    STRICT,
    TAKES_ALL,
    TWO,
    body,
    config,
    level,
    mode,
    soft,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

TAGS = "POST /subjects/{subject}/versions/{version}/tags"
REGISTER = "POST /subjects/{subject}/versions"


def entity(path: str, *tags: str, kind: str = "sr_field") -> dict[str, Any]:
    return {"schemaEntity": {"entityPath": path, "entityType": kind}, "tags": list(tags)}


def add(path: str, *tags: str, kind: str = "sr_field", **more: Any) -> dict[str, Any]:
    return {"tagsToAdd": [entity(path, *tags, kind=kind)], **more}


def remove(path: str, *tags: str, **more: Any) -> dict[str, Any]:
    return {"tagsToRemove": [entity(path, *tags)], **more}


def numbered(number: int, **properties: str) -> dict[str, Any]:
    return {"properties": {"confluent:version": str(number), **properties}}


def tagged(*tags: str, record: str = "") -> str:
    """ONE with tags on its field, and one on the record."""
    listed = ",".join(f'"{tag}"' for tag in tags)
    field = f',"confluent:tags":[{listed}]' if tags else ""
    tail = f',"confluent:tags":["{record}"]' if record else ""
    return (
        '{"type":"record","name":"R","fields":[{"name":"a","type":"string"'
        f"{field}}}]{tail}}}"
    )


def has(*numbers: int) -> tuple[Ask, Gives]:
    return get("/subjects/s/versions"), ok(list(numbers))


def holds(number: int, schema_id: int, text: str, **more: Any) -> tuple[Ask, Gives]:
    more = {"metadata": numbered(number), **more}
    shown = version("s", number, schema_id, text, **more)
    return get(f"/subjects/s/versions/{number}"), ok(shown)


S_ONE = (register("s", ONE),)


def case(
    title: str,
    json: Any,
    gives: Gives,
    before: tuple[Ask, ...] = S_ONE,
    *after: tuple[Ask, Gives],
    at: str = "s/versions/1",
    **more: Any,
) -> Case:
    ask = post(f"/subjects/{at}/tags", json, headers=more.get("headers", {}))
    return Case(TAGS, title, ask, gives, before, after, more.get("settings", {}))


SECOND = ok({"id": 2})
BOTH = (*S_ONE, register("s", TWO))
TWO_TAGGED = TWO.replace('"a","type":"string"', '"a","type":"string","confluent:tags":["PII"]')
JSON_TAGGED = (
    '{"type":"object","properties":{"a":{"type":"string","confluent:tags":["PII"]}}}'
)
PROTO_TAGGED = (
    'syntax = "proto3";\n\nimport "confluent/meta.proto";\n\nmessage M {\n'
    '  string a = 1 [(confluent.field_meta) = {\n    tags: [\n      "PII"\n    ]\n  }];\n}\n'
)
WITH_PII = (register("s", tagged("PII", "X")),)

CHANGED = (
    case("added to a field", add("R.a", "PII"), SECOND, S_ONE, has(1, 2),
        holds(2, 2, tagged("PII"))),
    case("two added", add("R.a", "PII", "X"), SECOND, S_ONE, holds(2, 2, tagged("PII", "X"))),
    case("added to a record", add("R", "TOP", kind="sr_record"), SECOND, S_ONE,
        holds(2, 2, tagged(record="TOP"))),
    case("added to those there", add("R.a", "Y"), SECOND, WITH_PII,
        holds(2, 2, tagged("PII", "X", "Y"))),
    case("one removed", remove("R.a", "PII"), SECOND, WITH_PII, holds(2, 2, tagged("X"))),
    case("all removed", remove("R.a", "PII", "X"), SECOND, WITH_PII, holds(2, 2, ONE)),
    case("one added, one removed", add("R.a", "Y", **remove("R.a", "X")), SECOND, WITH_PII,
        holds(2, 2, tagged("PII", "Y"))),
    case("JSON", add("object.a", "PII"), SECOND, (register("s", JSON, **AS_JSON), level("NONE")),
        holds(2, 2, JSON_TAGGED, **AS_JSON)),
    case("Protobuf", add("M.a", "PII"), SECOND, (register("s", PROTO, **AS_PROTO), level("NONE")),
        holds(2, 2, PROTO_TAGGED, **AS_PROTO)),
    case("all that there is to say", add("R.a", "PII"), ok(full(2, 2, ANY)), headers=TAKES_ALL),
    case("the new version named", add("R.a", "PII", newVersion=2), SECOND, S_ONE,
        holds(2, 2, tagged("PII"))),
    case("the new version is not the next", add("R.a", "PII", newVersion=3),
        refused(422, 42201, "Version is not one more than previous version")),
    case("the new version is there", add("R.a", "PII", newVersion=1),
        refused(422, 42201, "Version is not one more than previous version")),
    case("on top of the latest", add("R.a", "PII"), ok({"id": 3}), BOTH, holds(3, 3, TWO_TAGGED),
        at="s/versions/latest"),
    case("on top of the latest by number", add("R.a", "PII"), ok({"id": 3}), BOTH,
        holds(3, 3, TWO_TAGGED), at="s/versions/-1"),
    case("on top of an older version", add("R.a", "PII"), ok({"id": 3}), BOTH,
        holds(3, 3, tagged("PII"))),
    case("with its references", {"metadata": {"properties": {"k": "v"}}}, ok({"id": 3}),
        (NESTED[0], register("s", OUTER, references=[INNER_1])),
        holds(2, 3, OUTER, references=[INNER_1], metadata=numbered(2, k="v"))),
    case("in a context", add("R.a", "PII"), SECOND, (register(":.c:s", ONE),),
        at=":.c:s/versions/1"),
    case("by an alias", add("R.a", "PII"), SECOND, (*S_ONE, config("other", alias="s")), has(1, 2),
        at="other/versions/1"),
)

SAME = (
    case("nothing to change", {}, ok({"id": 1}), S_ONE, has(1)),
    case("no lists", {"tagsToAdd": None, "tagsToRemove": None}, ok({"id": 1}), S_ONE, has(1)),
    case("a tag that is there", add("R.a", "PII"), ok({"id": 1}), WITH_PII, has(1)),
    case("a tag to remove that is not there", remove("R.a", "Y"), ok({"id": 1}), WITH_PII, has(1)),
    case("a tag that is there, in a new version", add("R.a", "PII", newVersion=2), SECOND,
        WITH_PII, has(1, 2)),
)

OWNER = {"properties": {"owner": "x"}}


def rule(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "CEL", "expr": "x", **more}


def stored_rule(name: str, mode_name: str = "WRITEREAD", expr: str = "x") -> Ordered:
    return Ordered(name=name, kind="TRANSFORM", mode=mode_name, type="CEL", expr=expr,
        disabled=False)


RULED = (register("s", ONE, ruleSet={"domainRules": [rule("r1"), rule("r2")]}),)
MERGED = [stored_rule("r2"), stored_rule("r1", expr="y"), stored_rule("r3")]

CONTRACTS = (
    case("metadata given", add("R.a", "PII", metadata=OWNER), SECOND, S_ONE,
        holds(2, 2, tagged("PII"), metadata=numbered(2, owner="x"))),
    case("metadata kept", add("R.a", "PII"), SECOND, (register("s", ONE, metadata=OWNER),),
        holds(2, 2, tagged("PII"), metadata=numbered(2, owner="x"))),
    case("metadata of the version changed, not of the latest", add("R.a", "PII"), ok({"id": 3}),
        (register("s", ONE, metadata=OWNER), register("s", TWO, metadata={})),
        holds(3, 3, tagged("PII"), metadata=numbered(3, owner="x"))),
    case("nothing but metadata", {"metadata": OWNER}, SECOND, S_ONE,
        holds(2, 2, ONE, metadata=numbered(2, owner="x"))),
    case("a rule set given", {"ruleSet": {"domainRules": [rule("r")]}}, SECOND, S_ONE,
        holds(2, 2, ONE, ruleSet={"domainRules": [stored_rule("r")]})),
    case("a rule set replaced", {"ruleSet": {"domainRules": [rule("r")]}}, SECOND, RULED,
        holds(2, 2, ONE, ruleSet={"domainRules": [stored_rule("r")]})),
    case("the rule set kept", add("R.a", "PII"), SECOND, RULED, holds(2, 2, tagged("PII"),
        ruleSet={"domainRules": [stored_rule("r1"), stored_rule("r2")]})),
    case("rules merged", {"rulesToMerge": {"domainRules": [rule("r1", expr="y"), rule("r3")]}},
        SECOND, RULED, holds(2, 2, ONE, ruleSet={"domainRules": MERGED})),
    case("a rule removed", {"rulesToRemove": ["r1", "r9"]}, SECOND, RULED,
        holds(2, 2, ONE, ruleSet={"domainRules": [stored_rule("r2")]})),
    case("all rules removed", {"rulesToRemove": ["r1", "r2"]}, SECOND, RULED, holds(2, 2, ONE)),
    case("rules merged and removed",
        {"rulesToMerge": {"migrationRules": [rule("m", mode="UPGRADE")]}, "rulesToRemove": ["r2"]},
        SECOND, RULED, holds(2, 2, ONE, ruleSet=Ordered(migrationRules=[stored_rule("m",
        "UPGRADE")], domainRules=[stored_rule("r1")]))),
    case("rules merged with those of the version before the new one",
        {"rulesToMerge": {"domainRules": [rule("r3")]}}, ok({"id": 3}),
        (*RULED, register("s", TWO, ruleSet={"domainRules": [rule("r9")]})),
        holds(3, 3, ONE, ruleSet={"domainRules": [stored_rule("r9"), stored_rule("r3")]})),
)

ONE_OR_OTHER = refused(422, 42210,
    "ruleSet should be omitted if specifying rulesToMerge or rulesToRemove")
BAD_RULES = {"domainRules": [{"name": "r"}]}
REMOVED_Z = (register("s", STRICT), level("NONE"), register("s", ONE), level("BACKWARD"))

REFUSED = (
    case("a rule set and rules to merge", {"ruleSet": {}, "rulesToMerge": {}}, ONE_OR_OTHER),
    case("a rule set and rules to remove", {"ruleSet": {}, "rulesToRemove": ["r"]}, ONE_OR_OTHER),
    case("a bad rule set", {"ruleSet": BAD_RULES}, refused(422, 42210, "Missing rule type")),
    case("bad rules to merge", {"rulesToMerge": BAD_RULES},
        refused(422, 42210, "Missing rule type")),
    case("a path that leads nowhere", add("R.x", "PII"), refused(422, 42201, ANY)),
    case("a path without its record", add("a", "PII"), refused(422, 42201, ANY)),
    case("a record's path for a field", add("R", "PII"), refused(422, 42201, ANY)),
    case("an unknown type of entity", add("R.a", "PII", kind="sr_x"), refused(400, 400,
        Like('Cannot deserialize value of type `EntityType` from String "sr_x": not one of'))),
    case("an entity without a path", {"tagsToAdd": [{"tags": ["PII"]}]}, refused(422, 42201, ANY)),
    case("a path to remove from that leads nowhere", remove("R.x", "PII"),
        refused(422, 42201, ANY)),
    case("incompatible", add("R.a", "PII"), refused(409, 40901,
        Like('Schema being registered is incompatible with an earlier schema for subject "s", ')),
        REMOVED_Z),
    case("too large with its tags", add("R.a", "x" *1000),
        refused(422, 42209, "Register operation failed because schema is too large"),
        settings={"max_schema_bytes": 1024}),
    case("unknown subject", add("R.a", "PII"), refused(404, 40401, "Subject 's' not found."), ()),
    case("unknown version", add("R.a", "PII"), refused(404, 40402, "Version 2 not found."),
        at="s/versions/2"),
    case("a soft-deleted version", add("R.a", "PII"), refused(404, 40402, "Version 1 not found."),
        (*BOTH, soft("s", 1))),
    case("a soft-deleted subject", add("R.a", "PII"),
        refused(404, 40401, "Subject 's' not found."), (*BOTH, soft("s"))),
    case("number 0", add("R.a", "PII"), refused(422, 42202,
        "The specified version '0' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"'), at="s/versions/0"),
    case("a reserved name", add("R.a", "PII"),
        refused(422, 42208, "The specified subject '__EMPTY' is not a valid."), (),
        at="__EMPTY/versions/1"),
    case("a control character in the name", add("R.a", "PII"),
        refused(422, 42208, "The specified subject 'a\x00' is not a valid."), (),
        at="a%00/versions/1"),
    case("read-only", add("R.a", "PII"),
        refused(422, 42205, "Subject s in context  is in read-only mode"),
        (*S_ONE, mode("READONLY"))),
    case("import", add("R.a", "PII"),
        refused(422, 42205, "Subject s in context  is not in read-write mode"),
        (*S_ONE, mode("IMPORT"))),
    case("no body", None, refused(422, 422, "modifyTags.arg4 must not be null (was null)")),
    case("an array", [], refused(400, 400, FROM_ARRAY.json["message"].replace("Register", "Tag"))),
    case("tags that are no list", {"tagsToAdd": {}}, refused(400, 400, ANY)),
)


def sent(title: str, json: dict[str, Any], gives: Gives, *after: Any, before: tuple = ()) -> Case:
    ask = post("/subjects/s/versions", json)
    return Case(REGISTER, f"tags: {title}", ask, gives, before, after)


ADD_PII = {"schemaTagsToAdd": [entity("R.a", "PII")]}
FIRST = ok({"id": 1})
TAGGED_TWO = (register("s", tagged("PII")), )
TWICE = TWO.replace('"default":""', '"default":"","confluent:tags":["X"]')

SENT = (
    sent("added", body(ONE, **ADD_PII), FIRST, holds(1, 1, tagged("PII"))),
    sent("removed", body(tagged("PII", "X"), schemaTagsToRemove=[entity("R.a", "X")]), FIRST,
        holds(1, 1, tagged("PII"))),
    sent("added again is a new version", body(ONE, **ADD_PII), SECOND, has(1, 2),
        holds(2, 2, tagged("PII")), before=(register("s", ONE, **ADD_PII),)),
    sent("added, the version named", body(ONE, version=2, **ADD_PII), SECOND,
        holds(2, 2, tagged("PII")), before=S_ONE),
    sent("added, version 0 asks for no number", body(ONE, version=0, **ADD_PII), SECOND,
        holds(2, 2, tagged("PII"), metadata=None), before=S_ONE),
    sent("a path that leads nowhere", body(ONE, schemaTagsToAdd=[entity("R.x", "PII")]),
        refused(422, 42201, ANY)),
    sent("carried over", body(TWO, propagateSchemaTags=True), SECOND,
        holds(2, 2, TWO_TAGGED, metadata=None), before=TAGGED_TWO),
    sent("carried over to what is there as well", body(TWICE, propagateSchemaTags=True), SECOND,
        holds(2, 2, TWICE.replace('"a","type":"string"',
        '"a","type":"string","confluent:tags":["PII"]'), metadata=None), before=TAGGED_TWO),
    sent("not carried over unasked", body(TWO), SECOND, holds(2, 2, TWO, metadata=None),
        before=TAGGED_TWO),
    sent("carried over where a field is left", body(avro("c="), propagateSchemaTags=True), SECOND,
        holds(2, 2, avro("c="), metadata=None), before=TAGGED_TWO),
    sent("carried over from nothing", body(ONE, propagateSchemaTags=True), FIRST,
        holds(1, 1, ONE, metadata=None)),
    sent("carried over makes what is there", body(ONE, propagateSchemaTags=True), FIRST, has(1),
        before=TAGGED_TWO),
)

CASES = (
    *CHANGED, *SAME, *CONTRACTS, *REFUSED, *SENT,
)
