"""Messages of one version read with another, as schemas really change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from serde_kits import WARM, Outcome

if TYPE_CHECKING:
    from serde_kits import Kit


def record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return (
        {"type": "record", "name": "Order", "namespace": "shop"} | more | {"fields": list(fields)}
    )


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind} | more


ID = field("id", "long")
LEVELS = {"type": "enum", "name": "Level", "symbols": ["LOW", "HIGH", "URGENT"]}
ADDRESS = {"type": "record", "name": "Address", "fields": [field("city", "string")]}
FULL_ADDRESS = ADDRESS | {
    "fields": [field("zip", ["null", "string"], default=None), *ADDRESS["fields"]]
}


class Change(NamedTuple):
    name: str
    writer: Any
    reader: Any
    written: Any
    read: Any


CHANGES = [
    Change(
        "a field with a default is added",
        record(ID),
        record(ID, field("note", ["null", "string"], default=None), field("n", "int", default=3)),
        {"id": 1},
        {"id": 1, "note": None, "n": 3},
    ),
    Change(
        "a default of a complex type is added",
        record(ID),
        record(
            ID,
            field("tags", {"type": "array", "items": "string"}, default=["new"]),
            field("more", {"type": "map", "values": "int"}, default={}),
            field("to", ADDRESS, default={"city": "?"}),
        ),
        {"id": 1},
        {"id": 1, "tags": ["new"], "more": {}, "to": {"city": "?"}},
    ),
    Change(
        "a field is removed",
        record(field("old", "string"), ID, field("last", {"type": "array", "items": "int"})),
        record(ID),
        {"old": "x", "id": 1, "last": [1, 2]},
        {"id": 1},
    ),
    Change(
        "fields change places",
        record(ID, field("name", "string")),
        record(field("name", "string"), ID),
        {"id": 1, "name": "x"},
        {"id": 1, "name": "x"},  # in the writer's order
    ),
    Change(
        "a field is renamed",
        record(ID, field("mail", "string")),
        record(ID, field("email", "string", aliases=["mail"])),
        {"id": 1, "mail": "x@y"},
        {"id": 1, "email": "x@y"},
    ),
    Change(
        "a record is renamed",
        record(ID, name="Purchase"),
        record(ID, aliases=["Purchase"]),
        {"id": 1},
        {"id": 1},
    ),
    Change(
        "numbers are promoted",
        record(field("a", "int"), field("b", "int"), field("c", "long"), field("d", "float")),
        record(
            field("a", "long"), field("b", "double"), field("c", "double"), field("d", "double")
        ),
        {"a": 1, "b": 2, "c": 3, "d": 0.5},
        {"a": 1, "b": 2.0, "c": 3.0, "d": 0.5},
    ),
    Change(
        "text becomes bytes and bytes text",
        record(field("a", "string"), field("b", "bytes")),
        record(field("a", "bytes"), field("b", "string")),
        {"a": "x", "b": b"y"},
        {"a": b"x", "b": "y"},
    ),
    Change(
        "a type becomes a union",
        record(field("a", "int"), field("b", "string")),
        record(field("a", ["null", "long"]), field("b", ["string", "bytes"])),
        {"a": 1, "b": "x"},
        {"a": 1, "b": "x"},
    ),
    Change(
        "a union is widened",
        record(field("a", ["null", "int"]), field("b", ["null", "int"])),
        record(field("a", ["null", "int", "string"]), field("b", ["string", "int", "null"])),
        {"a": 1, "b": None},
        {"a": 1, "b": None},
    ),
    Change(
        "a symbol is added",
        record(field("level", LEVELS)),
        record(field("level", LEVELS | {"symbols": ["URGENT", "LOW", "HIGH", "NEW"]})),
        {"level": "HIGH"},
        {"level": "HIGH"},
    ),
    Change(
        "a symbol is taken away and there is a default",
        record(field("level", LEVELS)),
        record(field("level", LEVELS | {"symbols": ["LOW", "HIGH"], "default": "LOW"})),
        {"level": "URGENT"},
        {"level": "LOW"},
    ),
    Change(
        "a record inside changes",
        record(ID, field("to", ADDRESS), field("others", {"type": "array", "items": "Address"})),
        record(
            ID, field("to", FULL_ADDRESS), field("others", {"type": "array", "items": "Address"})
        ),
        {"id": 1, "to": {"city": "Rome"}, "others": [{"city": "Bari"}]},
        {
            "id": 1,
            "to": {"city": "Rome", "zip": None},
            "others": [{"city": "Bari", "zip": None}],
        },
    ),
    Change(
        "a record that contains itself changes",
        record(ID, field("next", ["null", "Order"], default=None)),
        record(ID, field("next", ["null", "Order"], default=None), field("n", "int", default=0)),
        {"id": 1, "next": {"id": 2, "next": None}},
        {"id": 1, "next": {"id": 2, "next": None, "n": 0}, "n": 0},
    ),
    Change("a value that is no record is promoted", "int", "double", 7, 7.0),
    Change(
        "a union that is all of it is widened", ["null", "int"], ["null", "long", "string"], 7, 7
    ),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.name)
def test_an_old_message_is_read_with_the_schema_given(kit: Kit, url: str, change: Change) -> None:
    client, context = kit.client(url), kit.value("topic")
    message = kit.AvroSerializer(client, json.dumps(change.writer))(change.written, context)
    deserializer = kit.AvroDeserializer(client, json.dumps(change.reader))
    plain = kit.AvroDeserializer(client)
    for _ in range(WARM):
        assert repr(deserializer(message, context)) == repr(change.read)
        assert plain(message, context) == change.written


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.name)
def test_an_old_message_is_read_with_the_latest_version(kit: Kit, url: str, change: Change) -> None:
    client, context = kit.client(url), kit.value("topic")
    client.set_compatibility("topic-value", "NONE")
    message = kit.AvroSerializer(client, json.dumps(change.writer))(change.written, context)
    kit.AvroSerializer(client, json.dumps(change.reader))(change.read, context)
    deserializer = kit.AvroDeserializer(client, conf={"use.latest.version": True})
    for _ in range(WARM):
        assert repr(deserializer(message, context)) == repr(change.read)


MISTAKES = [
    Change("a field without a default", record(ID), record(ID, field("n", "int")), {"id": 1}, None),
    Change(
        "text as a number",
        record(field("a", "string")),
        record(field("a", "int")),
        {"a": "x"},
        None,
    ),
    Change("another record", record(ID), record(ID, name="Other"), {"id": 1}, None),
    Change(
        "a symbol taken away",
        record(field("level", LEVELS)),
        record(field("level", LEVELS | {"symbols": ["LOW"]})),
        {"level": "URGENT"},
        None,
    ),
    Change(
        "a union narrowed",
        record(field("a", ["null", "int"])),
        record(field("a", "int")),
        {"a": None},
        None,
    ),
]


@pytest.mark.parametrize("change", MISTAKES, ids=lambda each: each.name)
def test_what_cannot_be_read_with_the_schema_given_fails_alike(
    ours: Kit, stocks: Kit, url: str, change: Change
) -> None:
    """Where the stock lets through what fastavro raises, ours raises its own."""
    outcomes = []
    for kit in (stocks, ours):
        client, context = kit.client(url), kit.value("topic")
        message = kit.AvroSerializer(client, json.dumps(change.writer))(change.written, context)
        deserializer = kit.AvroDeserializer(client, json.dumps(change.reader))
        outcomes.append([Outcome.of(kit, deserializer, message, context) for _ in range(WARM)])
    stock, own = outcomes
    assert [each.result for each in own] == [each.result for each in stock]
    assert [each.trouble is None for each in own] == [each.trouble is None for each in stock]
    assert {each.trouble for each in own} <= {"SerializationError", None}


def test_a_new_version_is_met_when_the_clients_memory_of_the_latest_ends(
    kit: Kit, url: str
) -> None:
    client, context = kit.client(url, cache_latest_ttl_sec=1), kit.value("topic")
    writer, reader = CHANGES[0].writer, CHANGES[0].reader
    message = kit.AvroSerializer(client, json.dumps(writer))({"id": 1}, context)
    conf = {"use.latest.version": True}
    deserializer = kit.AvroDeserializer(client, conf=conf)
    serializer = kit.AvroSerializer(client, None, conf=conf | {"auto.register.schemas": False})
    for _ in range(2):
        assert deserializer(message, context) == {"id": 1}
        assert serializer({"id": 1}, context) == message
    kit.registered(kit.client(url), "topic-value", json.dumps(reader))
    client.clear_latest_caches()
    for _ in range(2):
        assert deserializer(message, context) == {"id": 1, "note": None, "n": 3}
        assert serializer({"id": 1}, context) == b"\x00\x00\x00\x00\x02\x02\x00\x06"


def executor(kit: Kit) -> Any:
    """Run the Python expression of a rule, which stands for any language of rules."""

    class Python(kit.the.RuleExecutor):  # type: ignore[name-defined]  # a class of either package
        def type(self) -> str:
            return "PYTHON"

        def transform(self, ctx: Any, message: Any) -> Any:
            return eval(ctx.rule.expr, {"m": message})  # noqa: S307 - the rules are in this file

    registry = kit.the.RuleRegistry()
    registry.register_executor(Python())
    return registry


def migration(kit: Kit, mode: str, expr: str) -> Any:
    the = kit.the
    return the.Rule(
        name=f"to-{mode}",
        doc=None,
        kind=the.RuleKind.TRANSFORM,
        mode=the.RuleMode(mode),
        type="PYTHON",
        tags=None,
        params=None,
        expr=expr,
        on_success=None,
        on_failure=None,
        disabled=False,
    )


HISTORY = [
    (record(field("name", "string")), []),
    (
        record(field("full", "string")),
        [("UPGRADE", '{"full": m["name"]}'), ("DOWNGRADE", '{"name": m["full"]}')],
    ),
    (
        record(field("first", "string"), field("last", "string")),
        [
            ("UPGRADE", 'dict(zip(("first", "last"), m["full"].split()))'),
            ("DOWNGRADE", '{"full": m["first"] + " " + m["last"]}'),
        ],
    ),
]
PEOPLE = [{"name": "Ann Lee"}, {"full": "Ann Lee"}, {"first": "Ann", "last": "Lee"}]


@pytest.mark.parametrize("reader", [1, 2, 3])
@pytest.mark.parametrize("writer", [1, 2, 3])
def test_rules_take_a_message_from_the_writers_version_to_the_readers(
    kit: Kit, url: str, writer: int, reader: int
) -> None:
    client, context = kit.client(url), kit.value("topic")
    client.set_compatibility("topic-value", "NONE")
    for number, (schema, steps) in enumerate(HISTORY, 1):
        rules = kit.the.RuleSet([migration(kit, *step) for step in steps], None)
        properties = kit.the.MetadataProperties({"major": str(number)})
        more = kit.the.Metadata(None, properties, None)
        text = json.dumps(schema)
        kit.registered(client, "topic-value", text, metadata=more, rule_set=rules)
    written: dict[str, Any] = {
        "auto.register.schemas": False,
        "use.latest.with.metadata": {"major": str(writer)},
    }
    registry = executor(kit)
    message = kit.AvroSerializer(client, None, conf=written, rule_registry=registry)(
        PEOPLE[writer - 1], context
    )
    conf = {"use.latest.with.metadata": {"major": str(reader)}}
    deserializer = kit.AvroDeserializer(client, conf=conf, rule_registry=registry)
    for _ in range(3):
        assert deserializer(message, context) == PEOPLE[reader - 1]
