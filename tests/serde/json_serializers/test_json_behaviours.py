"""What Confluent's JSON serializers do, by either import and with either face."""

from __future__ import annotations

import decimal
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from serde_kits import Outcome

from accord_serde.serialization import PayloadError, SerializationError

if TYPE_CHECKING:
    from serde_kits import Kit

DRAFT = "http://json-schema.org/draft-07/schema#"
PERSON = json.dumps(
    {
        "$schema": DRAFT,
        "title": "Person",
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
        "required": ["name"],
    }
)
ADA = {"name": "Ada", "age": 36}
NO_REGISTRATION = {"auto.register.schemas": False}
LATEST = {"auto.register.schemas": False, "use.latest.version": True}


def test_a_message_is_its_id_and_compact_json(kit: Kit, client: Any, name: str) -> None:
    """The payload has no spaces, keys in the order of the object, and text as it is."""
    write = kit.JSONSerializer(PERSON, client)
    read = kit.JSONDeserializer(PERSON, schema_registry_client=client)
    message = write({"name": "Zoë ☃", "age": 1}, kit.value(name))
    assert message == b'\0\0\0\0\1{"name":"Zo\xc3\xab \xe2\x98\x83","age":1}'
    assert read(message, kit.value(name)) == {"name": "Zoë ☃", "age": 1}
    assert write(ADA, kit.value(name)) == b'\0\0\0\0\1{"name":"Ada","age":36}'


def test_keys_have_a_subject_of_their_own(kit: Kit, client: Any, name: str) -> None:
    """Keys and values of a topic are written under two subjects."""
    write = kit.JSONSerializer(PERSON, client)
    key, value = write(ADA, kit.key(name)), write(ADA, kit.value(name))
    assert key == value == write(ADA, kit.key(name))
    assert {each.rpartition(":")[2] for each in client.get_subjects()} == {
        f"{name}-key",
        f"{name}-value",
    }


def test_none_stays_none(kit: Kit, client: Any, name: str) -> None:
    """No schema is needed for what is no message."""
    assert kit.JSONSerializer(PERSON, client)(None, kit.value(name)) is None
    read = kit.JSONDeserializer(None, schema_registry_client=client)
    assert read(None, kit.value(name)) is None


@pytest.mark.parametrize(
    "message",
    [{}, {"name": 1}, {"name": None}, {"name": "a", "age": -1}, {"name": "a", "age": 1.5}, [], "a"],
    ids=json.dumps,
)
def test_what_is_not_valid_is_not_written(
    kit: Kit, client: Any, name: str, message: object
) -> None:
    """It is a SerializationError, for the first message and for those behind it."""
    write = kit.JSONSerializer(PERSON, client)
    for good in (ADA, {"name": "a", "age": 1.0}):
        assert Outcome.of(kit, write, message, kit.value(name)).trouble == "SerializationError"
        write(good, kit.value(name))
    assert Outcome.of(kit, write, message, kit.value(name)).trouble == "SerializationError"


@pytest.mark.parametrize("payload", [b"{}", b'{"name":1}', b"[]", b"null", b'{"name":null}'])
@pytest.mark.parametrize("schema", [PERSON, None], ids=["own", "writer's"])
def test_what_is_not_valid_is_not_read(
    kit: Kit, client: Any, name: str, schema: str | None, payload: bytes
) -> None:
    """The schema given is the one that counts, else the writer's."""
    good = kit.JSONSerializer(PERSON, client)(ADA, kit.value(name))
    read = kit.JSONDeserializer(schema, schema_registry_client=client)
    for _ in range(2):
        outcome = Outcome.of(kit, read, good[:5] + payload, kit.value(name))
        assert outcome.trouble == "SerializationError"
        assert read(good, kit.value(name)) == ADA


def test_without_validation_anything_is_written_and_read(kit: Kit, client: Any, name: str) -> None:
    """`validate` is False: the schema says nothing."""
    write = kit.JSONSerializer(PERSON, client, conf={"validate": False})
    read = kit.JSONDeserializer(PERSON, schema_registry_client=client, conf={"validate": False})
    for message in ({}, {"name": 1}, [1, "a", None], "text", 0, False):
        for _ in range(2):
            assert read(write(message, kit.value(name)), kit.value(name)) == message


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0\0\0\0", b"\1\0\0\0\1{}", b"{}", b"\7\0\0\0\1{}"],
    ids=repr,
)
def test_what_is_not_framed_is_not_read(kit: Kit, client: Any, name: str, data: bytes) -> None:
    """Too short, where Confluent's fails by accident, or of another magic byte."""
    read = kit.JSONDeserializer(PERSON, schema_registry_client=client)
    trouble = Outcome.of(kit, read, data, kit.value(name)).trouble
    assert trouble == "SerializationError" or (trouble is not None and not kit.is_ours)


def test_functions_convert_objects(kit: Kit, client: Any, name: str) -> None:
    """`to_dict` and `from_dict` are given the object and the context."""
    seen: list[str] = []

    def to_dict(person: tuple[str, int], ctx: Any) -> dict[str, Any]:
        seen.append(ctx.topic)
        return {"name": person[0], "age": person[1]}

    def from_dict(fields: dict[str, Any], ctx: Any) -> tuple[str, int]:
        seen.append(ctx.topic)
        return fields["name"], fields["age"]

    write = kit.JSONSerializer(PERSON, client, to_dict)
    read = kit.JSONDeserializer(PERSON, from_dict, client)
    for _ in range(2):
        assert read(write(("Ada", 36), kit.value(name)), kit.value(name)) == ("Ada", 36)
    assert seen == [name] * 4


def test_own_codecs_take_the_place_of_the_default(kit: Kit, client: Any, name: str) -> None:
    """`json_encode` may return text or bytes, `json_decode` is given bytes."""

    def encode(message: object) -> str:
        return json.dumps(message, default=float)

    def decode(data: bytes) -> Any:
        return json.loads(data, parse_float=decimal.Decimal)

    schema = '{"type": "object", "properties": {"a": {"type": "number"}}}'
    write = kit.JSONSerializer(schema, client, json_encode=encode)
    raw = kit.JSONSerializer(schema, client, json_encode=lambda each: json.dumps(each).encode())
    read = kit.JSONDeserializer(schema, schema_registry_client=client, json_decode=decode)
    for _ in range(2):
        message = write({"a": decimal.Decimal("1.5"), "é": "é"}, kit.value(name))
        assert message[5:] == b'{"a": 1.5, "\\u00e9": "\\u00e9"}'
        assert read(message, kit.value(name)) == {"a": decimal.Decimal("1.5"), "é": "é"}
        assert raw({"a": 2}, kit.value(name))[5:] == b'{"a": 2}'


def test_big_numbers_and_odd_keys_by_an_own_encoder(kit: Kit, client: Any, name: str) -> None:
    """What `orjson` does not write is refused, but for an encoder that does."""
    default = kit.JSONSerializer("{}", client)
    own = kit.JSONSerializer("{}", client, json_encode=json.dumps)
    for message in ({"a": 2**70}, {1: "a"}):
        for _ in range(2):
            assert Outcome.of(kit, default, message, kit.value(name)).trouble == "TypeError"
            assert own(message, kit.value(name))[5:] == json.dumps(message).encode()


def test_a_reader_of_one_schema_needs_no_registry(kit: Kit, client: Any, name: str) -> None:
    """Whatever id the messages carry."""
    read = kit.JSONDeserializer(PERSON)
    latest = kit.JSONDeserializer(PERSON, conf={"use.latest.version": True})
    for number in (1, 7, 2**32 - 1):
        message = b"\0" + number.to_bytes(4) + b'{"name":"Ada"}'
        assert read(message, kit.value(name)) == {"name": "Ada"}
        assert latest(message, kit.value(name)) == {"name": "Ada"}
    assert Outcome.of(kit, read, b'\0\0\0\0\1{"name":1}', kit.value(name)).trouble
    written = kit.JSONSerializer(PERSON, client)(ADA, kit.value(name))
    assert read(written, kit.value(name)) == ADA


def test_what_cannot_be_built(kit: Kit, client: Any) -> None:
    """Each is refused when it is made."""
    referring = kit.the.Schema("{}", "JSON", [kit.the.SchemaReference("a", "a", 1)])
    table = [
        (kit.JSONDeserializer, (None,), {}, "ValueError"),
        (kit.JSONDeserializer, (referring,), {}, "ValueError"),
        (kit.JSONDeserializer, (7,), {"schema_registry_client": client}, "TypeError"),
        (kit.JSONDeserializer, (PERSON, "no function"), {}, "ValueError"),
        (kit.JSONSerializer, (PERSON, client, "no function"), {}, "ValueError"),
        (kit.JSONSerializer, ("no json", client), {}, "ValueError"),
        (kit.JSONDeserializer, ("no json", None, client), {}, "ValueError"),
    ]
    for make, args, kwargs, trouble in table:
        assert Outcome.of(kit, make, *args, **kwargs).trouble == trouble, (args, kwargs)


@pytest.mark.parametrize(
    ("conf", "words"),
    [
        ({"validate": "yes"}, "validate must be a boolean value"),
        ({"json.fail.unknown.properties": True}, "json.fail.unknown.properties"),
        ({"json.schema.spec.version": "draft_7"}, "json.schema.spec.version"),
        ({"json.value.type": "x", "json.indent.output": True}, "json.value.type"),
        ({"validate.strict": True}, "validate.strict"),
        ({"auto.register.schemas": "yes"}, "auto.register.schemas must be a boolean value"),
        ({"use.latest.version": True}, "cannot enable both"),
        ({"schema.id.serializer": 1}, "schema.id.serializer must be callable"),
        ({"validation.rules.execution": "ALWAYS"}, "validation.rules.execution"),
    ],
    ids=str,
)
def test_settings_of_a_serializer_are_checked(
    kit: Kit, client: Any, conf: dict[str, Any], words: str
) -> None:
    """A ValueError names the key."""
    with pytest.raises(ValueError, match=words.replace(".", "\\.")):
        kit.JSONSerializer(PERSON, client, conf=conf)


@pytest.mark.parametrize(
    ("conf", "words"),
    [
        ({"validate": 1}, "validate must be a boolean value"),
        ({"auto.register.schemas": True}, "Unrecognized properties: auto.register.schemas"),
        ({"json.oneof.for.nullables": True}, "Unrecognized properties"),
        ({"use.latest.with.metadata": 1}, "use.latest.with.metadata must be a dict value"),
        ({"validation.rules.execution": "DISABLED"}, "Unrecognized properties"),
    ],
    ids=str,
)
def test_settings_of_a_deserializer_are_checked(
    kit: Kit, client: Any, conf: dict[str, Any], words: str
) -> None:
    """A ValueError names the key."""
    with pytest.raises(ValueError, match=words.replace(".", "\\.")):
        kit.JSONDeserializer(PERSON, schema_registry_client=client, conf=conf)


def test_an_unregistered_schema_is_not_looked_up(kit: Kit, client: Any, name: str) -> None:
    """Without registration the registry's answer is passed on."""
    write = kit.JSONSerializer(PERSON, client, conf=NO_REGISTRATION)
    assert Outcome.of(kit, write, ADA, kit.value(name)).trouble == "SchemaRegistryError"
    client.register_schema(f"{name}-value", kit.the.Schema(PERSON, "JSON"))
    assert write(ADA, kit.value(name))[:5] == b"\0\0\0\0\1"


@pytest.mark.parametrize(
    ("strategy", "subject"),
    [("TOPIC", "{}-value"), ("RECORD", "Person"), ("TOPIC_RECORD", "{}-Person")],
)
def test_the_title_is_the_name_of_the_record(
    kit: Kit, client: Any, name: str, strategy: str, subject: str
) -> None:
    """Strategies that want the name of a record are given the title."""
    conf = {"subject.name.strategy.type": strategy}
    message = kit.JSONSerializer(PERSON, client, conf=conf)(ADA, kit.value(name))
    assert client.get_latest_version(subject.format(name)).schema_id == 1
    read = kit.JSONDeserializer(None, schema_registry_client=client, conf=conf)
    for _ in range(2):
        assert read(message, kit.value(name)) == ADA


def test_a_schema_without_a_title_has_no_record_name(kit: Kit, client: Any, name: str) -> None:
    """There is no subject to register it under."""
    conf = {"subject.name.strategy.type": "RECORD"}
    write = kit.JSONSerializer('{"type":"object"}', client, conf=conf)
    assert Outcome.of(kit, write, {}, kit.value(name)).trouble is not None


def test_headers_carry_the_identity(kit: Kit, client: Any, name: str) -> None:
    """The payload is bare then."""
    conf = {"schema.id.serializer": kit.the.header_schema_id_serializer}
    write = kit.JSONSerializer(PERSON, client, conf=conf)
    read = kit.JSONDeserializer(None, schema_registry_client=client)
    for _ in range(3):
        ctx = kit.value(name, [])
        payload = write(ADA, ctx)
        assert payload == b'{"name":"Ada","age":36}'
        assert [header for header, _ in ctx.headers] == ["__value_schema_id"]
        assert read(payload, ctx) == ADA


def test_the_latest_version_is_written(kit: Kit, client: Any, name: str) -> None:
    """A message has to be valid for it, and not for the schema of the serializer."""
    newer = PERSON.replace('"required": ["name"]', '"required": ["name", "age"]')
    write = kit.JSONSerializer(PERSON, client, conf=LATEST)
    assert Outcome.of(kit, write, ADA, kit.value(name)).trouble == "SchemaRegistryError"
    client.set_compatibility(f"{name}-value", "NONE")
    for text in (PERSON, newer):
        client.register_schema(f"{name}-value", kit.the.Schema(text, "JSON"))
    for _ in range(2):
        assert write(ADA, kit.value(name))[:5] == b"\0\0\0\0\2"
        outcome = Outcome.of(kit, write, {"name": "a"}, kit.value(name))
        assert outcome.trouble == "SerializationError"


def test_a_schema_id_is_written(kit: Kit, client: Any, name: str) -> None:
    """`use.schema.id` names the version, older than the latest."""
    client.set_compatibility(f"{name}-value", "NONE")
    for title in ("One", "Two"):
        schema = kit.the.Schema(PERSON.replace("Person", title), "JSON")
        client.register_schema(f"{name}-value", schema)
    conf = {"auto.register.schemas": False, "use.schema.id": 1}
    write = kit.JSONSerializer(None, client, conf=conf)
    for _ in range(2):
        assert write(ADA, kit.value(name))[:5] == b"\0\0\0\0\1"


def test_a_reader_of_the_latest_version(kit: Kit, client: Any, name: str) -> None:
    """A message has to be valid for the latest version, whoever wrote it."""
    old = kit.JSONSerializer(PERSON, client)({"name": "Ada"}, kit.value(name))
    client.set_compatibility(f"{name}-value", "NONE")
    newer = PERSON.replace('"required": ["name"]', '"required": ["name", "age"]')
    client.register_schema(f"{name}-value", kit.the.Schema(newer, "JSON"))
    read = kit.JSONDeserializer(
        None, schema_registry_client=client, conf={"use.latest.version": True}
    )
    for _ in range(2):
        assert Outcome.of(kit, read, old, kit.value(name)).trouble == "SerializationError"


def test_an_unknown_id_is_the_registrys_answer(kit: Kit, client: Any, name: str) -> None:
    """The schema of a message is not there."""
    read = kit.JSONDeserializer(None, schema_registry_client=client)
    outcome = Outcome.of(kit, read, b"\0\0\0\x27\x0f{}", kit.value(name))
    assert outcome.trouble in {"SchemaRegistryError", "SerializationError"}


def test_builders_make_serializers(kit: Kit, url: str, name: str) -> None:
    """A Kafka client has them made, and gives its own configuration back."""
    conf = {"url": url}
    writer = kit.stock_class("JSONSerializerBuilder")(conf, schema=PERSON)
    writer = writer.set_serializer_config({"validate": False}).set_json_encode(json.dumps)
    reader = kit.stock_class("JSONDeserializerBuilder")(conf).set_schema(PERSON)
    reader = reader.set_json_decode(json.loads).set_from_dict(lambda fields, _ctx: fields["age"])
    write, left = kit.call(writer.build, {"client.id": "x"}, False)  # noqa: FBT003 - as Kafka clients do
    read, _ = kit.call(reader.build, {}, False)  # noqa: FBT003 - likewise
    assert left == {"client.id": "x"}
    message = kit.adopt(write)(ADA, kit.value(name))
    assert message[5:] == b'{"name": "Ada", "age": 36}'
    assert kit.adopt(read)(message, kit.value(name)) == 36


def test_errors_tell_place_and_message(ours: Kit, url: str, name: str) -> None:
    """What is wrong, where in the message, and which message it is."""
    client = ours.client(url)
    good = ours.JSONSerializer(PERSON, client)(ADA, ours.value(name))
    write = ours.JSONSerializer(PERSON, client)
    read = ours.JSONDeserializer(None, schema_registry_client=client)
    wrong = '7 is not of type "string" (at $.name)'
    for _ in range(2):
        with pytest.raises(SerializationError) as caught:
            write({"name": 7}, ours.value(name))
        assert (caught.value.message, caught.value.topic) == (wrong, name)
        with pytest.raises(PayloadError) as caught:
            read(good[:5] + b'{"name":7}', ours.value(name))
        assert (caught.value.message, caught.value.schema_id) == (wrong, 1)
        with pytest.raises(PayloadError, match="the payload is not JSON: unexpected") as caught:
            read(good[:5] + b"\x0aAda", ours.value(name))
        assert (caught.value.topic, caught.value.schema_id) == (name, 1)
        assert read(good, ours.value(name)) == ADA


@dataclass
class Order:
    number: int
    placed: datetime


def test_objects_of_a_class(ours: Kit, url: str, name: str) -> None:
    """`record` gives the schema and both functions."""
    client = ours.client(url)
    write = ours.JSONSerializer(None, client, record=Order)
    read = ours.JSONDeserializer(None, schema_registry_client=client, record=Order)
    alone = ours.JSONDeserializer(None, record=Order)
    order = Order(7, datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC))
    for _ in range(2):
        message = write(order, ours.value(name))
        assert json.loads(message[5:])["number"] == 7
        assert read(message, ours.value(name)) == alone(message, ours.value(name)) == order
    assert json.loads(client.get_latest_version(f"{name}-value").schema.schema_str)["title"]
