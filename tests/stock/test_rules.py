"""Data contracts: rule sets and metadata as the stock clients send, read and execute them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from confluent_kafka.schema_registry import (
    Metadata,
    MetadataProperties,
    MetadataTags,
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    Schema,
    SchemaRegistryError,
)
from confluent_kafka.schema_registry.rule_registry import RuleRegistry
from confluent_kafka.schema_registry.serde import FieldRuleExecutor, RuleContext, RuleExecutor
from confluent_kafka.serialization import SerializationError
from stock_face import id_of, in_value

if TYPE_CHECKING:
    from confluent_kafka.schema_registry.serde import FieldContext, FieldTransform
    from stock_face import Face, Settled

LATEST = {"auto.register.schemas": False, "use.latest.version": True}


def rule(name: str, kind: str, mode: str, rule_type: str, **more: Any) -> Rule:
    """Build a rule as a registry tells it: what is not given is not there, but `disabled`."""
    fields: dict[str, Any] = dict.fromkeys(field.name for field in attrs.fields(Rule))
    given = {"name": name, "kind": RuleKind(kind), "mode": RuleMode(mode), "type": rule_type}
    return Rule(**fields | given | {"disabled": False} | more)


FULL_RULES = RuleSet(
    migration_rules=[
        rule("up", "TRANSFORM", "UPGRADE", "JSONATA", expr="$merge([$, {'a': b}])"),
        rule("down", "TRANSFORM", "DOWNGRADE", "JSONATA", expr="$", disabled=True),
    ],
    domain_rules=[
        rule(
            "check",
            "CONDITION",
            "WRITEREAD",
            "CEL",
            doc="why",
            tags=["PII", "X"],
            params=RuleParams({"a": "1", "b": "2"}),
            expr="message.id > 0",
            on_success="NONE,NONE",
            on_failure="DLQ,ERROR",
        )
    ],
    encoding_rules=[rule("seal", "TRANSFORM", "WRITEREAD", "ENCRYPT_PAYLOAD")],
    enable_at="CLIENT",
)
FULL_METADATA = Metadata(
    MetadataTags({"**.name": ["PII", "SECRET"], "*.id": ["KEY"]}),
    MetadataProperties({"owner": "me", "stage": "ü"}),
    ["owner"],
)
TEXTS = {
    "AVRO": '{"type":"record","name":"User","fields":[{"name":"id","type":"int"}]}',
    "JSON": '{"type":"object","properties":{"id":{"type":"integer"}}}',
    "PROTOBUF": 'syntax = "proto3";\n\nmessage User {\n  int32 id = 1;\n}\n',
}


@pytest.mark.parametrize("kind", TEXTS)
def test_rules_and_metadata_come_back_as_they_were_sent(
    client: Settled, other: Settled, name: str, kind: str
) -> None:
    schema = Schema(TEXTS[kind], kind, [], FULL_METADATA, FULL_RULES)
    schema_id = client.register_schema(name, schema)
    for read in (
        other.get_latest_version(name).schema,
        other.get_version(name, 1).schema,
        other.get_schema(schema_id),
        other.get_latest_with_metadata(name, {"owner": "me"}).schema,
    ):
        assert attrs.evolve(read, schema_str=schema.schema_str) == schema


@pytest.mark.parametrize("kind", TEXTS)
def test_what_was_read_is_found_and_registered_once(
    client: Settled, other: Settled, name: str, kind: str
) -> None:
    """The client spells out what a registry leaves away: null, empty and absent are the same."""
    client.register_schema(name, Schema(TEXTS[kind], kind, [], FULL_METADATA, FULL_RULES))
    read = client.get_latest_version(name).schema
    assert other.lookup_schema(name, read).version == 1
    assert other.register_schema_full_response(name, read).version in {1, None}
    assert other.get_versions(name) == [1]


def test_a_next_version_inherits_what_it_does_not_say(client: Settled, name: str) -> None:
    client.register_schema(name, Schema(TEXTS["AVRO"], "AVRO", [], FULL_METADATA, FULL_RULES))
    wider = TEXTS["AVRO"].replace("}]", '},{"name":"x","type":"int","default":0}]')
    client.register_schema(name, Schema(wider))
    latest = client.get_latest_version(name)
    assert latest.version == 2
    assert (latest.schema.metadata, latest.schema.rule_set) == (FULL_METADATA, FULL_RULES)


def test_rules_alone_make_another_version(client: Settled, name: str) -> None:
    plain = Schema(TEXTS["AVRO"])
    first = client.register_schema(name, plain)
    second = client.register_schema(name, attrs.evolve(plain, rule_set=FULL_RULES))
    assert second > first
    assert client.get_versions(name) == [1, 2]


BROKEN = [
    (RuleSet([FULL_RULES.domain_rules[0]], []), "Migration rules can only be UPGRADE, DOWNGRADE"),
    (RuleSet([], [FULL_RULES.migration_rules[0]]), "Domain rules can only be WRITE, READ"),
    (RuleSet([], [FULL_RULES.domain_rules[0]] * 2), "Found rule with duplicate name 'check'"),
    (RuleSet([], [rule("1", "CONDITION", "WRITE", "CEL")]), "Illegal initial character"),
]


@pytest.mark.parametrize(("rules", "message"), BROKEN, ids=lambda part: str(part)[:30])
def test_a_rule_set_that_makes_no_sense_is_refused(
    client: Settled, name: str, rules: RuleSet, message: str
) -> None:
    with pytest.raises(SchemaRegistryError, match=message) as caught:
        client.register_schema(name, Schema(TEXTS["AVRO"], rule_set=rules))
    assert (caught.value.http_status_code, caught.value.error_code) == (422, 42210)


class Positive(RuleExecutor):
    """A condition that a message fulfils when the field named by its expression is positive."""

    def type(self) -> str:
        return "POSITIVE"

    def transform(self, ctx: RuleContext, message: Any) -> bool:
        return bool(message[ctx.rule.expr] > 0)


class Loud(FieldRuleExecutor):
    """Writes fields in capitals and reads them in small letters."""

    def type(self) -> str:
        return "LOUD"

    def new_transform(self, ctx: RuleContext) -> FieldTransform:
        def change(_: RuleContext, field: FieldContext, value: Any) -> Any:
            if not field.tags & set(ctx.rule.tags):
                return value
            return value.upper() if ctx.rule_mode == RuleMode.WRITE else value.lower()

        return change


class Renamed(RuleExecutor):
    """Renames a field between versions: its expression is `old new`."""

    def type(self) -> str:
        return "RENAMED"

    def transform(self, ctx: RuleContext, message: Any) -> Any:
        old, new = ctx.rule.expr.split()
        return {new if key == old else key: value for key, value in message.items()}


@pytest.fixture
def executors() -> RuleRegistry:
    registry = RuleRegistry()
    for executor in (Positive(), Loud(), Renamed()):
        registry.register_executor(executor)
    return registry


def person(*fields: dict[str, Any]) -> str:
    return json.dumps({"type": "record", "name": "Person", "fields": list(fields)})


ID = {"name": "id", "type": "int"}
PII = {"name": "name", "type": "string", "confluent:tags": ["PII"]}


def test_a_condition_is_checked_before_a_message_is_written(
    face: Face, client: Settled, executors: RuleRegistry, name: str
) -> None:
    positive = rule("r", "CONDITION", "WRITE", "POSITIVE", expr="id")
    rules = RuleSet([], [positive])
    schema_id = client.register_schema(f"{name}-value", Schema(person(ID), rule_set=rules))
    write = face.AvroSerializer(client, conf=LATEST, rule_registry=executors)
    assert id_of(write({"id": 1}, in_value(name))) == schema_id
    with pytest.raises(SerializationError) as caught:
        write({"id": -1}, in_value(name))
    assert str(caught.value.__cause__) == "Rule expr failed: id"


@pytest.mark.parametrize("tags", ["inline", "metadata"])
def test_tagged_fields_are_transformed_on_both_sides(
    face: Face, client: Settled, executors: RuleRegistry, name: str, tags: str
) -> None:
    loud = rule("r", "TRANSFORM", "WRITEREAD", "LOUD", tags=["PII"])
    bare = {key: value for key, value in PII.items() if key != "confluent:tags"}
    field = PII if tags == "inline" else bare
    metadata = Metadata(MetadataTags({"Person.name": ["PII"]}), None, [])
    schema = Schema(
        person(field, {"name": "city", "type": "string"}),
        metadata=None if tags == "inline" else metadata,
        rule_set=RuleSet([], [loud]),
    )
    client.register_schema(f"{name}-value", schema)
    write = face.AvroSerializer(client, conf=LATEST, rule_registry=executors)
    message = write({"name": "Ada", "city": "Bonn"}, in_value(name))
    assert message[5:] == b"\x06ADA\x08Bonn"
    read = face.AvroDeserializer(client, rule_registry=executors)
    assert read(message, in_value(name)) == {"name": "ada", "city": "Bonn"}


def test_a_message_migrates_to_the_version_of_its_reader(
    face: Face, client: Settled, other: Settled, executors: RuleRegistry, name: str
) -> None:
    subject = f"{name}-value"
    client.set_compatibility(subject, "none")
    client.register_schema(subject, Schema(person({"name": "size", "type": "int"})))
    message = face.AvroSerializer(client, conf=LATEST)({"size": 3}, in_value(name))
    rules = RuleSet(
        [
            rule("up", "TRANSFORM", "UPGRADE", "RENAMED", expr="size height"),
            rule("down", "TRANSFORM", "DOWNGRADE", "RENAMED", expr="height size"),
        ],
        [],
    )
    taller = Schema(person({"name": "height", "type": "int"}), rule_set=rules)
    client.register_schema(subject, taller)
    latest = {"use.latest.version": True}
    read = face.AvroDeserializer(other, conf=latest, rule_registry=executors)
    assert read(message, in_value(name)) == {"height": 3}


def test_a_cel_condition_is_executed(face: Face, client: Settled, name: str) -> None:
    """With the extra `rules` of Confluent's package installed; else the rule only comes back."""
    reason = "Confluent's package without its extra `rules`"
    cel = pytest.importorskip(
        "confluent_kafka.schema_registry.rules.cel.cel_executor",
        reason=reason,
        exc_type=ImportError,
    )
    executors = RuleRegistry()
    executors.register_executor(cel.CelExecutor())
    check = rule("r", "CONDITION", "WRITE", "CEL", expr="message.id > 0")
    client.register_schema(f"{name}-value", Schema(person(ID), rule_set=RuleSet([], [check])))
    write = face.AvroSerializer(client, conf=LATEST, rule_registry=executors)
    assert write({"id": 1}, in_value(name))[5:] == b"\x02"
    with pytest.raises(SerializationError) as caught:
        write({"id": 0}, in_value(name))
    assert str(caught.value.__cause__) == "Rule expr failed: message.id > 0"
