"""The stock Avro serializers and deserializers, over a real socket."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    Metadata,
    MetadataProperties,
    Schema,
    SchemaReference,
    SchemaRegistryError,
    header_schema_id_serializer,
    prefix_schema_id_deserializer,
    topic_record_subject_name_strategy,
)
from confluent_kafka.serialization import SerializationError
from stock_face import id_of, in_key, in_value

if TYPE_CHECKING:
    from stock_face import Face, Settled

UTC = dt.UTC


def record(name: str, *fields: dict[str, Any], **more: Any) -> str:
    document = {"type": "record", "name": name} | more | {"fields": list(fields)}
    return json.dumps(document, separators=(",", ":"))


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind} | more


def logical(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "logicalType": name} | more


VALUES: list[tuple[Any, Any, bytes]] = [
    ("int", -1, b"\x01"),
    ("long", 1 << 40, b"\x80\x80\x80\x80\x80\x40"),
    ("float", 0.5, b"\x00\x00\x00\x3f"),
    ("double", 0.5, b"\x00\x00\x00\x00\x00\x00\xe0\x3f"),
    ("boolean", True, b"\x01"),
    ("string", "ü", b"\x04\xc3\xbc"),
    ("bytes", b"\x00\x01", b"\x00\x01"),  # the client writes no length at the top
    (["null", "string"], "x", b"\x02\x02x"),
    ({"type": "array", "items": "int"}, [1, 2], b"\x04\x02\x04\x00"),
    ({"type": "map", "values": "int"}, {"a": 1}, b"\x02\x02a\x02\x00"),
    ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "B", b"\x02"),
    ({"type": "fixed", "name": "F", "size": 2}, b"\x00\xff", b"\x00\xff"),
    (logical("int", "date"), dt.date(1970, 1, 3), b"\x04"),
    (logical("int", "time-millis"), dt.time(0, 0, 1), b"\xd0\x0f"),
    (
        logical("long", "timestamp-millis"),
        dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        b"\xd0\x0f",
    ),
    (
        logical("long", "timestamp-micros"),
        dt.datetime(1970, 1, 1, 0, 0, 0, 500, tzinfo=UTC),
        b"\xe8\x07",
    ),
    (logical("string", "uuid"), uuid.UUID(int=1), b"\x48" + str(uuid.UUID(int=1)).encode()),
    (
        record("D", field("d", logical("bytes", "decimal", precision=4, scale=2))),
        {"d": Decimal("1.23")},
        b"\x02\x7b",
    ),
    (
        record("T", field("v", "int"), field("next", ["null", "T"])),
        {"v": 1, "next": {"v": 2, "next": None}},
        b"\x02\x02\x04\x00",
    ),
]


@pytest.mark.parametrize("case", VALUES, ids=lambda case: str(case[0])[:60])
def test_a_value_is_framed_and_read_back(
    face: Face, client: Settled, other: Settled, name: str, case: tuple[Any, Any, bytes]
) -> None:
    schema, value, payload = case
    text = schema if isinstance(schema, str) and "{" in schema else json.dumps(schema)
    message = face.AvroSerializer(client, text)(value, in_value(name))
    assert message[5:] == payload
    assert id_of(message) == other.get_latest_version(f"{name}-value").schema_id
    if len(message) > 5:
        assert face.AvroDeserializer(other)(message, in_value(name)) == value


def test_nothing_is_a_tombstone(face: Face, client: Settled, name: str) -> None:
    assert face.AvroSerializer(client, '"int"')(None, in_value(name)) is None
    assert face.AvroDeserializer(client)(None, in_value(name)) is None
    assert f"{name}-value" not in client.get_subjects()


def user(namespace: str, *more: dict[str, Any]) -> str:
    return record("User", field("id", "long"), *more, namespace=namespace)


def order(namespace: str) -> str:
    fields = field("by", f"{namespace}.User"), field("total", "int")
    return record("Order", *fields, namespace=namespace)


def test_a_reference_is_resolved_on_both_sides(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    client.register_schema(f"{name}-user", Schema(user(name)))
    part = SchemaReference(f"{name}.User", f"{name}-user", 1)
    whole = Schema(order(name), references=[part])
    value = {"by": {"id": 7}, "total": 3}
    message = face.AvroSerializer(client, whole)(value, in_value(name))
    assert message[5:] == b"\x0e\x06"
    assert face.AvroDeserializer(other)(message, in_value(name)) == value
    # Within its namespace the registry writes the short name.
    text = whole.schema_str.replace(f'"{name}.User"', '"User"')
    assert other.get_schema(id_of(message)) == Schema(text, "AVRO", [part])
    assert other.get_referenced_by(f"{name}-user", 1) == [id_of(message)]


def test_references_of_references_are_resolved(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    client.register_schema(f"{name}-user", Schema(user(name)))
    to_user = SchemaReference(f"{name}.User", f"{name}-user", 1)
    client.register_schema(f"{name}-order", Schema(order(name), references=[to_user]))
    to_order = SchemaReference(f"{name}.Order", f"{name}-order", 1)
    basket = Schema(
        record("Basket", field("all", {"type": "array", "items": f"{name}.Order"})),
        references=[to_order],
    )
    value = {"all": [{"by": {"id": 1}, "total": 2}]}
    message = face.AvroSerializer(client, basket)(value, in_value(name))
    assert face.AvroDeserializer(other)(message, in_value(name)) == value


def test_a_union_of_references_holds_several_types_of_event(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    kinds = [f"{name}.Made", f"{name}.Sent"]
    for kind in kinds:
        short = kind.rpartition(".")[2]
        text = record(short, field(short.lower(), "int"), namespace=name)
        client.register_schema(kind, Schema(text))
    references = [SchemaReference(kind, kind, 1) for kind in kinds]
    union = Schema(json.dumps(kinds), references=references)
    client.register_schema(f"{name}-value", union)
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    serializer = face.AvroSerializer(client, union, conf=conf)
    reader = face.AvroDeserializer(other, return_record_name=True)
    for kind, value in zip(kinds, [{"made": 1}, {"sent": 2}], strict=True):
        message = serializer((kind, value), in_value(name))
        assert reader(message, in_value(name)) == (kind, value)


def test_an_old_message_is_read_with_a_newer_schema(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    old, new = user(name), user(name, field("email", "string", default="?"))
    written = face.AvroSerializer(client, old)({"id": 1}, in_value(name))
    again = face.AvroSerializer(client, new)({"id": 2, "email": "x"}, in_value(name))
    assert id_of(again) != id_of(written)
    assert other.get_versions(f"{name}-value") == [1, 2]
    with_new = face.AvroDeserializer(other, new)
    assert with_new(written, in_value(name)) == {"id": 1, "email": "?"}
    with_old = face.AvroDeserializer(other, old)
    assert with_old(again, in_value(name)) == {"id": 2}
    with_latest = face.AvroDeserializer(other, conf={"use.latest.version": True})
    assert with_latest(written, in_value(name)) == {"id": 1, "email": "?"}


def test_an_incompatible_schema_cannot_be_written(face: Face, client: Settled, name: str) -> None:
    face.AvroSerializer(client, user(name))({"id": 1}, in_value(name))
    wrong = face.AvroSerializer(client, user(name, field("email", "string")))
    with pytest.raises(SchemaRegistryError, match="READER_FIELD_MISSING_DEFAULT_VALUE") as caught:
        wrong({"id": 1, "email": "x"}, in_value(name))
    assert (caught.value.http_status_code, caught.value.error_code) == (409, 40901)
    assert client.get_versions(f"{name}-value") == [1]


def test_the_same_schema_is_registered_once(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    messages = [
        face.AvroSerializer(each, user(name))({"id": 1}, in_value(topic))
        for each in (client, other)
        for topic in (name, f"{name}-copy")
    ]
    assert len(set(messages)) == 1
    assert client.get_versions(f"{name}-value") == client.get_versions(f"{name}-copy-value") == [1]


def test_without_auto_register_only_what_is_there_is_used(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    conf = {"auto.register.schemas": False}
    serializer = face.AvroSerializer(client, user(name), conf=conf)
    with pytest.raises(SchemaRegistryError) as caught:
        serializer({"id": 1}, in_value(name))
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40401)
    schema_id = other.register_schema(f"{name}-value", Schema(user(name)))
    assert id_of(serializer({"id": 1}, in_value(name))) == schema_id
    stranger = face.AvroSerializer(client, user(f"{name}x"), conf=conf)
    with pytest.raises(SchemaRegistryError) as caught:
        stranger({"id": 1}, in_value(name))
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40403)


def test_the_latest_version_is_written_whatever_the_serializer_was_given(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    wide = user(name, field("email", "string", default=""))
    for schema in (user(name), wide):
        latest = client.register_schema(f"{name}-value", Schema(schema))
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    message = face.AvroSerializer(client, user(name), conf=conf)({"id": 1}, in_value(name))
    assert id_of(message) == latest
    assert face.AvroDeserializer(other)(message, in_value(name)) == {"id": 1, "email": ""}


def test_the_version_with_certain_metadata_is_written_and_read(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    texts = [user(name), user(name, field("email", "string", default=""))]
    for number, text in enumerate(texts, start=1):
        metadata = Metadata(None, MetadataProperties({"major": str(number)}), None)
        client.register_schema(f"{name}-value", Schema(text, metadata=metadata))
    conf = {"auto.register.schemas": False, "use.latest.with.metadata": {"major": "1"}}
    message = face.AvroSerializer(client, texts[1], conf=conf)({"id": 1}, in_value(name))
    assert id_of(message) == other.get_version(f"{name}-value", 1).schema_id
    reader = face.AvroDeserializer(other, conf={"use.latest.with.metadata": {"major": "2"}})
    assert reader(message, in_value(name)) == {"id": 1, "email": ""}


def test_a_schema_is_chosen_by_its_id(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    first = client.register_schema(f"{name}-value", Schema(user(name)))
    client.register_schema(f"{name}-value", Schema(user(name, field("x", "int", default=0))))
    conf = {"auto.register.schemas": False, "use.schema.id": first}
    message = face.AvroSerializer(other, conf=conf)({"id": 1}, in_value(name))
    assert message[1:] == first.to_bytes(4) + b"\x02"


def test_what_was_read_can_be_written_with_the_same_client(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    """The client remembers what it reads by id and subject as what is registered there."""
    message = face.AvroSerializer(client, user(name))({"id": 1}, in_value(name))
    assert face.AvroDeserializer(other)(message, in_value(name)) == {"id": 1}
    serializer = face.AvroSerializer(other, user(name), conf={"auto.register.schemas": False})
    assert serializer({"id": 1}, in_value(name)) == message
    latest = other.get_version(f"{name}-value", 1)
    assert latest.schema_id == id_of(message)


def test_a_normalized_schema_is_the_same_schema(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    plain = user(name)
    # The same with the namespace within the name, and attributes in another order.
    twisted = json.dumps(
        {"fields": [{"type": {"type": "long"}, "name": "id"}], "type": "record"}
        | {"name": f"{name}.User"}
    )
    conf = {"normalize.schemas": True}
    first = face.AvroSerializer(client, plain, conf=conf)({"id": 1}, in_value(name))
    again = face.AvroSerializer(other, twisted, conf=conf)({"id": 1}, in_value(name))
    assert first == again
    assert other.get_versions(f"{name}-value") == [1]


@pytest.mark.parametrize(
    ("conf", "subject"),
    [
        ({}, "{}-value"),
        ({"subject.name.strategy.type": "TOPIC"}, "{}-value"),
        ({"subject.name.strategy.type": "RECORD"}, "{}.User"),
        ({"subject.name.strategy.type": "TOPIC_RECORD"}, "{}-{}.User"),
        ({"subject.name.strategy": topic_record_subject_name_strategy}, "{}-{}.User"),
        ({"subject.name.strategy.type": "ASSOCIATED"}, "{}-value"),
        ({"subject.name.strategy": lambda _, record: f"own-{record}"}, "own-{}.User"),
    ],
    ids=["default", "topic", "record", "topic and record", "function", "associated", "own"],
)
def test_a_strategy_names_the_subject(
    face: Face, client: Settled, name: str, conf: dict[str, Any], subject: str
) -> None:
    serializer = face.AvroSerializer(client, user(name), conf=conf)
    message = serializer({"id": 1}, in_value(name))
    named = subject.replace("{}", name)
    assert client.get_latest_version(named).schema_id == id_of(message)
    assert face.AvroDeserializer(client, conf=conf)(message, in_value(name)) == {"id": 1}


def associate(client: Settled, topic: str, **subjects: str) -> None:
    infos = [
        AssociationCreateOrUpdateInfo(subject, kind, "WEAK") for kind, subject in subjects.items()
    ]
    request = AssociationCreateOrUpdateRequest(topic, "lkc-1", f"id-{topic}", "topic", infos)
    client.create_association(request)


def test_an_association_names_the_subject(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    for kind in ("key", "value"):
        client.register_schema(f"my-{kind}-{name}", Schema(user(f"{name}.{kind}")))
    associate(client, name, key=f"my-key-{name}", value=f"my-value-{name}")
    for kind, context in (("key", in_key), ("value", in_value)):
        text = user(f"{name}.{kind}")
        message = face.AvroSerializer(other, text)({"id": 1}, context(name))
        assert id_of(message) == client.get_latest_version(f"my-{kind}-{name}").schema_id
        assert face.AvroDeserializer(other)(message, context(name)) == {"id": 1}
    assert f"{name}-value" not in client.get_subjects()


def test_without_an_association_the_fallback_decides(
    face: Face, client: Settled, name: str
) -> None:
    for fallback, subject in (("RECORD", f"{name}.User"), ("TOPIC_RECORD", f"{name}-{name}.User")):
        conf = {"subject.name.strategy.conf": {"subject.name.strategy.fallback.type": fallback}}
        message = face.AvroSerializer(client, user(name), conf=conf)({"id": 1}, in_value(name))
        assert client.get_latest_version(subject).schema_id == id_of(message)
    conf = {"subject.name.strategy.conf": {"subject.name.strategy.fallback.type": "NONE"}}
    with pytest.raises(SerializationError, match="No associated subject found for topic"):
        face.AvroSerializer(client, user(name), conf=conf)({"id": 1}, in_value(name))


@pytest.mark.parametrize("headers", [list, dict])
def test_the_guid_goes_into_a_header(
    face: Face, client: Settled, other: Settled, name: str, headers: type
) -> None:
    conf = {"schema.id.serializer": header_schema_id_serializer}
    value = {"id": 1 << 40}  # more than five bytes, which the reader asks for
    for context, header in ((in_value, "__value_schema_id"), (in_key, "__key_schema_id")):
        sent = headers()
        serializer = face.AvroSerializer(client, user(name), conf=conf)
        payload = serializer(value, context(name, sent))
        assert payload == b"\x80\x80\x80\x80\x80\x40"
        guid = client.get_latest_version(f"{name}-{header.split('_')[2]}").guid
        assert dict(sent) == {header: b"\x01" + uuid.UUID(guid).bytes}
        assert face.AvroDeserializer(other)(payload, context(name, sent)) == value


def test_a_dual_reader_takes_both_frames_and_a_prefix_reader_one(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    framed = face.AvroSerializer(client, user(name))({"id": 1}, in_value(name))
    prefix = {"schema.id.deserializer": prefix_schema_id_deserializer}
    for conf in ({}, prefix):
        reader = face.AvroDeserializer(other, conf=conf)
        assert reader(framed, in_value(name, {})) == {"id": 1}
    with_guid = {"schema.id.serializer": header_schema_id_serializer}
    headers: dict[str, bytes] = {}
    serializer = face.AvroSerializer(client, user(name), conf=with_guid)
    payload = serializer({"id": 1 << 40}, in_value(name, headers))
    with pytest.raises(SerializationError, match="Invalid magic byte"):
        face.AvroDeserializer(other, conf=prefix)(payload, in_value(name, headers))


def test_a_message_of_nobody_is_refused(face: Face, client: Settled, name: str) -> None:
    reader = face.AvroDeserializer(client)
    with pytest.raises(SchemaRegistryError, match="Schema 2000000000 not found") as caught:
        reader(b"\x00" + (2_000_000_000).to_bytes(4) + b"\x02", in_value(name))
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40403)


def test_objects_are_turned_into_values_and_back(face: Face, client: Settled, name: str) -> None:
    message = face.AvroSerializer(client, user(name), lambda number, _: {"id": number})(
        41, in_value(name)
    )
    reader = face.AvroDeserializer(client, user(name), lambda value, _: value["id"] + 1)
    assert reader(message, in_value(name)) == 42
