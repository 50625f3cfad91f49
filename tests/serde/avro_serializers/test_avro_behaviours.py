"""What Confluent's Avro serializers do and do not, and ours likewise."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from serde_kits import WARM, Outcome, told

if TYPE_CHECKING:
    from serde_kits import Kit

UTC = dt.UTC
USER = (
    '{"type":"record","name":"User","namespace":"shop","fields":'
    '[{"name":"id","type":"long"},{"name":"name","type":"string","default":"?"}]}'
)
ANN = {"id": 7, "name": "Ann"}
ANN_PAYLOAD = b"\x0e\x06Ann"


def record(full_name: str, /, **kinds: Any) -> str:
    fields = [{"name": field, "type": kind} for field, kind in kinds.items()]
    return json.dumps({"type": "record", "name": full_name, "fields": fields})


def logical(kind: str, named: str, /, **more: Any) -> dict[str, Any]:
    return {"type": kind, "logicalType": named} | more


RECORDS = [json.loads(record("A", x="int")), json.loads(record("B", y="int"))]
TWINS = [json.loads(record("A", x="int")), json.loads(record("B", x="int"))]

VALUES: list[tuple[Any, Any, bytes]] = [
    ("int", -1, b"\x01"),
    ("long", 1 << 40, b"\x80\x80\x80\x80\x80\x40"),
    ("float", 0.5, b"\x00\x00\x00\x3f"),
    ("double", 0.5, b"\x00\x00\x00\x00\x00\x00\xe0\x3f"),
    ("boolean", True, b"\x01"),
    ("string", "ü", b"\x04\xc3\xbc"),
    ("bytes", b"\x00\x01", b"\x00\x01"),  # no length at the top
    ({"type": "bytes"}, b"\x02", b"\x02"),
    (["null", "string"], "x", b"\x02\x02x"),
    (["null", "bytes"], b"x", b"\x02\x02x"),
    ({"type": "array", "items": "int"}, [1, 2], b"\x04\x02\x04\x00"),
    ({"type": "array", "items": "int"}, [], b"\x00"),
    ({"type": "map", "values": "int"}, {"a": 1}, b"\x02\x02a\x02\x00"),
    ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "B", b"\x02"),
    ({"type": "fixed", "name": "F", "size": 2}, b"\x00\xff", b"\x00\xff"),
    (logical("int", "date"), dt.date(1970, 1, 3), b"\x04"),
    (logical("int", "time-millis"), dt.time(0, 0, 1), b"\xd0\x0f"),
    (logical("long", "time-micros"), dt.time(0, 0, 0, 1), b"\x02"),
    (
        logical("long", "timestamp-millis"),
        dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        b"\xd0\x0f",
    ),
    (logical("long", "timestamp-micros"), dt.datetime(1970, 1, 1, tzinfo=UTC), b"\x00"),
    (
        logical("string", "uuid"),
        uuid.UUID("89791762-2336-4186-9674-299b90a802e2"),
        b"\x48" + b"89791762-2336-4186-9674-299b90a802e2",
    ),
    (RECORDS, {"y": 3}, b"\x02\x06"),
]


@pytest.mark.parametrize(("schema", "value", "payload"), VALUES, ids=told)
@pytest.mark.parametrize("form", ["text", "Schema"])
def test_a_value_comes_back_from_the_bytes_it_was_written_as(
    kit: Kit, url: str, schema: Any, value: Any, payload: bytes, form: str
) -> None:
    client = kit.client(url)
    text = json.dumps(schema)
    if form == "Schema":
        if not text.startswith(("{", "[")):
            text = f'{{"type":{text}}}'  # the stock takes no other in a Schema
        text = kit.the.Schema(text)
    written = kit.AvroSerializer(client, text)(value, kit.value("topic"))
    assert written == b"\x00\x00\x00\x00\x01" + payload
    assert kit.AvroDeserializer(client)(written, kit.value("topic")) == value
    assert kit.AvroDeserializer(client, text)(written, kit.value("topic")) == value


LOGICAL: list[tuple[Any, Any, bytes]] = [
    (logical("bytes", "decimal", precision=4, scale=2), Decimal("1.28"), b"\x04\x00\x80"),
    (
        logical("fixed", "decimal", name="D", size=2, precision=4, scale=2),
        Decimal("-0.01"),
        b"\xff\xff",
    ),
    (logical("long", "local-timestamp-millis"), dt.datetime(1970, 1, 1, 0, 0, 1), b"\xd0\x0f"),  # noqa: DTZ001 - it is local
    (["null", logical("int", "date")], dt.date(1970, 1, 2), b"\x02\x02"),
    ({"type": "bytes"}, b"ab", b"\x04ab"),
    (logical("string", "no-such-type"), "x", b"\x02x"),
]


@pytest.mark.parametrize(("schema", "value", "payload"), LOGICAL, ids=told)
def test_a_field_comes_back_from_the_bytes_it_was_written_as(
    kit: Kit, url: str, schema: Any, value: Any, payload: bytes
) -> None:
    client = kit.client(url)
    serializer = kit.AvroSerializer(client, record("R", f=schema))
    deserializer = kit.AvroDeserializer(client)
    for _ in range(WARM):
        written = serializer({"f": value}, kit.value("topic"))
        assert written == b"\x00\x00\x00\x00\x01" + payload
        assert deserializer(written, kit.value("topic")) == {"f": value}


def test_none_is_none_and_asks_nobody(kit: Kit, tap: Any, fresh: Any) -> None:
    client = kit.client(fresh())
    serializer, deserializer = kit.AvroSerializer(client, USER), kit.AvroDeserializer(client, USER)
    for context in (kit.value("topic"), kit.key("topic"), None):
        assert serializer(None, context) is None
        assert deserializer(None, context) is None
    assert tap.take() == []


def test_objects_are_converted_on_both_sides_with_their_context(kit: Kit, url: str) -> None:
    contexts = []

    def to_dict(user: tuple[int, str], ctx: Any) -> dict[str, Any]:
        contexts.append(ctx)
        return {"id": user[0], "name": user[1]}

    def from_dict(read: dict[str, Any], ctx: Any) -> tuple[int, str]:
        contexts.append(ctx)
        return read["id"], read["name"]

    client, context = kit.client(url), kit.value("topic")
    serializer = kit.AvroSerializer(client, USER, to_dict)
    deserializer = kit.AvroDeserializer(client, USER, from_dict)
    for _ in range(WARM):
        assert deserializer(serializer((7, "Ann"), context), context) == (7, "Ann")
    assert contexts == [context] * 2 * WARM


class Broken(Exception):
    """Raised by a program's own function."""


def broken(*_: object) -> Any:
    raise Broken


def test_what_a_programs_own_function_raises_is_raised(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("topic")
    message = kit.AvroSerializer(client, USER)(ANN, context)
    serializer = kit.AvroSerializer(client, USER, broken)
    deserializer = kit.AvroDeserializer(client, None, broken)
    for _ in range(2):
        with pytest.raises(Broken):
            serializer(ANN, context)
        with pytest.raises(Broken):
            deserializer(message, context)


def test_without_a_context_only_a_records_name_makes_a_subject(kit: Kit, url: str) -> None:
    client = kit.client(url)
    for kind in ("TOPIC", "TOPIC_RECORD", "ASSOCIATED"):
        conf = {"subject.name.strategy.type": kind}
        with pytest.raises(ValueError, match=r"^SerializationContext is required for "):
            kit.AvroSerializer(client, USER, conf=conf)(ANN)
    conf = {"subject.name.strategy.type": "RECORD"}
    message = kit.AvroSerializer(client, USER, conf=conf)(ANN)
    assert message == b"\x00\x00\x00\x00\x01" + ANN_PAYLOAD
    assert client.get_latest_version("shop.User").schema_id == 1
    assert kit.AvroDeserializer(client)(message) == ANN
    assert kit.AvroDeserializer(client, USER)(message) == ANN


def test_without_a_context_nothing_is_converted(kit: Kit, url: str) -> None:
    client, conf = kit.client(url), {"subject.name.strategy.type": "RECORD"}
    serializer = kit.AvroSerializer(client, USER, lambda user, _: user, conf)
    with pytest.raises(TypeError, match="SerializationContext cannot be None"):
        serializer(ANN)
    message = kit.AvroSerializer(client, USER, conf=conf)(ANN)
    with pytest.raises(TypeError, match="SerializationContext cannot be None"):
        kit.AvroDeserializer(client, None, lambda user, _: user)(message)


STRICT = {"validate.strict": True}
DEFAULT = {"validate.strict.allow.default": True}
MISFITS: list[tuple[str, Any, dict[str, Any]]] = [
    (USER, {"id": 7}, {}),
    (USER, {"id": 7}, STRICT),
    (USER, {"id": 7}, DEFAULT),
    (USER, {"name": "Ann"}, {}),
    (USER, {"name": "Ann"}, DEFAULT),
    (USER, ANN, STRICT),
    (USER, ANN | {"more": 1}, {}),
    (USER, ANN | {"more": 1}, STRICT),
    (USER, ANN | {"more": 1}, DEFAULT),
    (USER, {"id": "7", "name": "Ann"}, {}),
    (USER, {"id": 1 << 63, "name": "Ann"}, {}),
    (USER, {"id": 7, "name": 7}, {}),
    (USER, {"id": None, "name": "Ann"}, {}),
    (USER, [], {}),
    (USER, "Ann", {}),
    (USER, object(), {}),
    ('"int"', "7", {}),
    ('"int"', 1.5, {}),
    ('"int"', 1 << 40, {}),
    ('"boolean"', "no", {}),
    ('"string"', b"x", {}),
    ('"string"', 7, {}),
    ('"bytes"', "text", {}),
    ('"bytes"', 7, {}),
    ('"bytes"', bytearray(b"x"), {}),
    ('"null"', 0, {}),
    ('["null","string"]', 7, {}),
    ('["int","string"]', "7", {}),
    ('["int","long"]', 1 << 40, {}),
    ('{"type":"array","items":"int"}', 7, {}),
    ('{"type":"array","items":"int"}', (1, 2), {}),
    ('{"type":"map","values":"int"}', {1: 1}, {}),
    ('{"type":"enum","name":"E","symbols":["A"]}', "B", {}),
    ('{"type":"fixed","name":"F","size":2}', b"x", {}),
    (json.dumps(RECORDS), {"z": 1}, {}),
    (json.dumps(TWINS), {"x": 1}, {}),
    (json.dumps(TWINS), ("B", {"x": 1}), {}),
    (json.dumps(TWINS), ("C", {"x": 1}), {}),
    (json.dumps(TWINS), {"-type": "B", "x": 1}, {}),
    (record("R", u=["null", *TWINS]), {"u": ("B", {"x": 1})}, {}),
    (record("R", u=["null", *TWINS]), {"u": {"-type": "B", "x": 1}}, {}),
    (record("R", u=["int", "string"]), {"u": ("string", "x")}, {}),
    (record("R", d=logical("int", "date")), {"d": "1970-01-03"}, {}),
    (record("R", d=logical("int", "date")), {"d": 2}, {}),
    (record("R", d=logical("bytes", "decimal", precision=3, scale=2)), {"d": Decimal("12.34")}, {}),
    (record("R", d=logical("bytes", "decimal", precision=3, scale=1)), {"d": Decimal("0.01")}, {}),
    ('{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}', Decimal("1.28"), {}),
]


@pytest.mark.parametrize(("schema", "value", "conf"), MISFITS, ids=told)
def test_what_hardly_fits_gives_what_it_gives_with_the_stock(
    ours: Kit, stocks: Kit, url: str, schema: str, value: Any, conf: dict[str, Any]
) -> None:
    """Again and again, as other code writes the messages that come later."""
    outcomes = []
    for each in (stocks, ours):
        serializer = each.AvroSerializer(each.client(url), schema, conf=conf)
        context = each.value("topic")
        outcomes.append([Outcome.of(each, serializer, value, context) for _ in range(WARM)])
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("value", "read", "named"),
    [
        ({"x": 1}, {"x": 1}, ("A", {"x": 1})),
        (("B", {"x": 1}), {"x": 1}, ("B", {"x": 1})),
        ({"-type": "B", "x": 1}, {"x": 1}, ("B", {"x": 1})),
    ],
)
def test_the_name_of_a_record_in_a_union_is_told_when_asked_for(
    kit: Kit, url: str, value: Any, read: Any, named: Any
) -> None:
    client, context = kit.client(url), kit.value("topic")
    text = record("R", u=["null", *TWINS])
    message = kit.AvroSerializer(client, text)({"u": value}, context)
    for schema in (None, text):
        deserializer = kit.AvroDeserializer(client, schema, return_record_name=True)
        plain = kit.AvroDeserializer(client, schema)
        for _ in range(WARM):
            assert deserializer(message, context) == {"u": named}
            assert plain(message, context) == {"u": read}


MONEY = record("shop.Money", units="long")
ITEM = record("shop.Item", price="shop.Money")
ORDER = record("shop.Order", items={"type": "array", "items": "shop.Item"}, total="shop.Money")


@pytest.mark.parametrize("shape", ["nested", "diamond"])
def test_schemas_refer_to_others(kit: Kit, url: str, shape: str) -> None:
    client, context = kit.client(url), kit.value("orders")
    reference, schema = kit.the.SchemaReference, kit.the.Schema
    money = reference("shop.Money", "money", kit.registered(client, "money", MONEY).version)
    kit.registered(client, "item", ITEM, references=[money])
    item = reference("shop.Item", "item", 1)
    references = [item, money] if shape == "diamond" else [item]
    value = {"items": [{"price": {"units": 1}}], "total": {"units": 2}}
    if shape == "nested":
        text = record("shop.Order", items={"type": "array", "items": "shop.Item"})
        value.pop("total")
    else:
        text = ORDER
    order = schema(text, "AVRO", references)
    message = kit.AvroSerializer(client, order)(value, context)
    assert message[5:] == (b"\x02\x02\x00\x04" if shape == "diamond" else b"\x02\x02\x00")
    other = kit.client(url)
    assert kit.AvroDeserializer(other)(message, context) == value
    assert kit.AvroDeserializer(other, order)(message, context) == value


def test_a_reader_that_refers_to_others_reads_what_was_written_without(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("items")
    kit.registered(client, "money", MONEY)
    whole = record("shop.Item", price=json.loads(MONEY))
    message = kit.AvroSerializer(client, whole)({"price": {"units": 3}}, context)
    reader = kit.the.Schema(ITEM, "AVRO", [kit.the.SchemaReference("shop.Money", "money", 1)])
    assert kit.AvroDeserializer(client, reader)(message, context) == {"price": {"units": 3}}


def test_a_reference_that_is_not_there_is_an_error_of_the_registry(kit: Kit, url: str) -> None:
    missing = kit.the.Schema(ITEM, "AVRO", [kit.the.SchemaReference("shop.Money", "money", 1)])
    with pytest.raises(kit.the.SchemaRegistryError):
        kit.AvroSerializer(kit.client(url), missing)


def test_without_registering_a_schema_has_to_be_there(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("topic")
    serializer = kit.AvroSerializer(client, USER, conf={"auto.register.schemas": False})
    for _ in range(2):
        with pytest.raises(kit.the.SchemaRegistryError) as caught:
            serializer(ANN, context)
        assert (caught.value.http_status_code, caught.value.error_code) == (404, 40401)
    assert client.get_subjects() == []
    kit.registered(client, "topic-value", USER)
    assert serializer(ANN, context) == b"\x00\x00\x00\x00\x01" + ANN_PAYLOAD


def test_what_the_subjects_level_refuses_is_an_error_of_the_registry(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("topic")
    kit.registered(client, "topic-value", USER)
    other = record("shop.User", id="string", more="int")
    with pytest.raises(kit.the.SchemaRegistryError) as caught:
        kit.AvroSerializer(client, other)({"id": "7", "more": 1}, context)
    assert caught.value.http_status_code == 409


def test_schemas_are_normalized_when_asked_for(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("topic")
    spaced = USER.replace(",", ", ").replace(":", " : ")
    serializer = kit.AvroSerializer(client, spaced, conf={"normalize.schemas": True})
    assert serializer(ANN, context) == b"\x00\x00\x00\x00\x01" + ANN_PAYLOAD
    assert kit.AvroSerializer(client, USER, conf={"normalize.schemas": True})(ANN, context) == (
        b"\x00\x00\x00\x00\x01" + ANN_PAYLOAD
    )
    assert client.get_versions("topic-value") == [1]


LATER = record("shop.User", id="long", name="string", city={"type": "string"}).replace(
    '{"type": "string"}}', '"string", "default": "nowhere"}'
)


def test_the_latest_version_is_written_with(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("topic")
    conf = {"use.latest.version": True, "auto.register.schemas": False}
    kit.registered(client, "topic-value", USER)
    kit.registered(client, "topic-value", LATER)
    for schema in (None, USER, LATER):
        serializer = kit.AvroSerializer(client, schema, conf=conf)
        for _ in range(2):
            assert (
                serializer(ANN, context) == b"\x00\x00\x00\x00\x02" + ANN_PAYLOAD + b"\x0enowhere"
            )


def test_without_a_version_there_is_no_latest(kit: Kit, url: str) -> None:
    conf = {"use.latest.version": True, "auto.register.schemas": False}
    serializer = kit.AvroSerializer(kit.client(url), USER, conf=conf)
    with pytest.raises(kit.the.SchemaRegistryError) as caught:
        serializer(ANN, kit.value("topic"))
    assert caught.value.http_status_code == 404


def with_metadata(kit: Kit, **properties: str) -> Any:
    return kit.the.Metadata(None, kit.the.MetadataProperties(properties), None)


def test_the_latest_version_with_metadata_is_written_and_read_with(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("topic")
    kit.registered(client, "topic-value", USER, metadata=with_metadata(kit, application="1"))
    kit.registered(client, "topic-value", LATER, metadata=with_metadata(kit, application="2"))
    conf: dict[str, Any] = {
        "use.latest.with.metadata": {"application": "1"},
        "auto.register.schemas": False,
    }
    message = kit.AvroSerializer(client, LATER, conf=conf)(ANN, context)
    assert message == b"\x00\x00\x00\x00\x01" + ANN_PAYLOAD
    for version, more in (("1", {}), ("2", {"city": "nowhere"})):
        reading = {"use.latest.with.metadata": {"application": version}}
        deserializer = kit.AvroDeserializer(client, conf=reading)
        for _ in range(2):
            assert deserializer(message, context) == ANN | more
    wrong = kit.AvroDeserializer(client, conf={"use.latest.with.metadata": {"application": "3"}})
    with pytest.raises(kit.the.SchemaRegistryError):
        wrong(message, context)


def test_a_schema_is_chosen_by_its_id(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("topic")
    first = kit.registered(client, "topic-value", USER)
    kit.registered(client, "topic-value", LATER)
    conf = {"use.schema.id": first.schema_id, "auto.register.schemas": False}
    serializer = kit.AvroSerializer(kit.client(url), None, conf=conf)
    for _ in range(2):
        assert serializer(ANN, context) == b"\x00\x00\x00\x00\x01" + ANN_PAYLOAD


def test_an_id_that_is_not_there_is_an_error_of_the_registry(kit: Kit, url: str) -> None:
    serializer = kit.AvroSerializer(kit.client(url), USER, conf={"use.schema.id": 77})
    with pytest.raises(kit.the.SchemaRegistryError):
        serializer(ANN, kit.value("topic"))


def test_an_id_wins_over_metadata_and_metadata_over_the_latest(kit: Kit, url: str) -> None:
    client, context = kit.client(url), kit.value("topic")
    for number, text in enumerate((USER, LATER), 1):
        more = with_metadata(kit, application=str(number))
        kit.registered(client, "topic-value", text, metadata=more)
    latest: dict[str, Any] = {"use.latest.version": True, "auto.register.schemas": False}
    metadata = latest | {"use.latest.with.metadata": {"application": "1"}}
    by_id = metadata | {"use.schema.id": 2}
    found = [
        int.from_bytes(kit.AvroSerializer(client, None, conf=conf)(ANN, context)[1:5])
        for conf in (latest, metadata, by_id)
    ]
    assert found == [2, 1, 2]
