"""The stock Protobuf serializers and deserializers, over a real socket.

Messages are compiled from the files in protos/ by protoc, as their users do it.
"""

from __future__ import annotations

import base64
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import (
    Metadata,
    MetadataProperties,
    Schema,
    SchemaReference,
    SchemaRegistryError,
    header_schema_id_serializer,
)
from confluent_kafka.schema_registry.confluent import meta_pb2
from confluent_kafka.schema_registry.confluent.type import decimal_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from protoc import run_protoc
from stock_face import id_of, in_key, in_value

if TYPE_CHECKING:
    from types import SimpleNamespace

    from stock_face import Face, Settled

PROTOS = Path(__file__).parent / "protos"


@pytest.fixture
def client(face: Face, own_context: str) -> Settled:
    """A client of a context of its own: what is imported has the same subject everywhere."""
    return face.client(own_context)


@pytest.fixture
def other(face: Face, own_context: str) -> Settled:
    return face.client(own_context)


def a_customer(shop: SimpleNamespace) -> Any:
    customer = shop.customer.Customer(name="Ü", nick="", points={"a": 1, "b": -2}, email="x@y")
    customer.addresses.add(city="Bonn").point.east = 7.1
    customer.by_floor[3].city = "Graz"
    customer.past.extend([0, 5])
    customer.photo = b"\x00\xff"
    return customer


def an_order(shop: SimpleNamespace) -> Any:
    order = shop.order.Order(by=a_customer(shop))
    order.lines.add(article="pen").price.units = 3
    order.at.seconds = 1
    order.voucher.value = "V"
    order.notes["n"].author.who.name = "me"
    return order


def round_trip(face: Face, client: Settled, other: Settled, topic: str, value: Any) -> bytes:
    """Write and read a message; return the bytes after the schema id."""
    message = face.ProtobufSerializer(type(value), client)(value, in_value(topic))
    reader = face.ProtobufDeserializer(type(value), schema_registry_client=other)
    assert reader(message, in_value(topic)) == value
    assert id_of(message) == other.get_latest_version(f"{topic}-value").schema_id
    return message[5:]


# Where the message stands in its file: indexes as the wire has them, synthetic entries counted.
MESSAGES = [
    ("customer", "Customer", b"\x00"),
    ("customer", "Customer.Address", b"\x04\x00\x00"),
    ("customer", "Customer.Address.Point", b"\x06\x00\x00\x00"),
    ("order", "Line", b"\x00"),
    ("order", "Order", b"\x02\x02"),
    ("order", "Order.Note", b"\x04\x02\x00"),
    ("order", "Order.Note.Author", b"\x06\x02\x00\x00"),
    ("basket", "Basket", b"\x00"),
    ("legacy", "Item.Box", b"\x04\x00\x00"),
    ("modern", "Event", b"\x00"),
    ("modern", "Event.Part", b"\x04\x00\x00"),
]


def message_class(shop: SimpleNamespace, file: str, path: str) -> Any:
    found = getattr(shop, file)
    for part in path.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case[1])
def test_the_place_of_a_message_in_its_file_is_framed(
    face: Face,
    client: Settled,
    other: Settled,
    shop: SimpleNamespace,
    case: tuple[str, str, bytes],
) -> None:
    file, path, indexes = case
    value = message_class(shop, file, path)()
    assert round_trip(face, client, other, "topic", value) == indexes


def is_in_oneof(field: descriptor_pb2.FieldDescriptorProto) -> bool:
    return bool(field.HasField("oneof_index") and not field.proto3_optional)


def test_maps_oneofs_and_optional_fields_survive(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    customer = a_customer(shop)
    assert len(round_trip(face, client, other, name, customer)) > 50
    assert customer.HasField("nick")
    other.clear_caches()
    read = other.get_latest_version(f"{name}-value", "serialized").schema
    stored = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(read.schema_str))
    compiled = descriptor_pb2.FileDescriptorProto()
    shop.customer.DESCRIPTOR.CopyToProto(compiled)
    # In a text, which has no name, members of a oneof come after the other fields.
    stored.name = compiled.name
    compiled.message_type[0].field.sort(key=is_in_oneof)
    assert stored == compiled


def test_imports_become_references(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    order = an_order(shop)
    round_trip(face, client, other, name, order)
    latest = other.get_latest_version(f"{name}-value")
    reference = SchemaReference("shop/customer.proto", "shop/customer.proto", 1)
    assert latest.schema.references == [reference]
    assert latest.schema.schema_type == "PROTOBUF"
    assert other.get_subjects() == [
        f":.{name}:{name}-value",
        f":.{name}:shop/customer.proto",
    ]
    assert other.get_referenced_by("shop/customer.proto", 1) == [latest.schema_id]


def test_imports_of_imports_become_references_of_references(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    basket = shop.basket.Basket(orders=[an_order(shop)])
    basket.where.north = 50.7
    round_trip(face, client, other, name, basket)
    latest = other.get_latest_version(f"{name}-value")
    assert [(each.name, each.version) for each in latest.schema.references] == [
        ("shop/order.proto", 1),
        ("shop/customer.proto", 1),
    ]
    order = other.get_latest_version("shop/order.proto")
    assert [each.name for each in order.schema.references] == ["shop/customer.proto"]


def test_a_strategy_names_the_subjects_of_imports(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    def qualified(_: Any, file: Any) -> str:
        return file.name.removesuffix(".proto").replace("/", ".")

    conf = {"reference.subject.name.strategy": qualified}
    serializer = face.ProtobufSerializer(shop.basket.Basket, client, conf=conf)
    basket = shop.basket.Basket(orders=[an_order(shop)])
    message = serializer(basket, in_value(name))
    reader = face.ProtobufDeserializer(shop.basket.Basket, schema_registry_client=other)
    assert reader(message, in_value(name)) == basket
    references = other.get_latest_version(f"{name}-value").schema.references
    assert [each.subject for each in references] == ["shop.order", "shop.customer"]


def test_known_types_are_registered_when_they_are_not_skipped(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    conf = {"skip.known.types": False}
    order = an_order(shop)
    message = face.ProtobufSerializer(shop.order.Order, client, conf=conf)(order, in_value(name))
    reader = face.ProtobufDeserializer(shop.order.Order, schema_registry_client=other)
    assert reader(message, in_value(name)) == order
    references = other.get_latest_version(f"{name}-value").schema.references
    assert [each.name for each in references] == [
        "google/protobuf/timestamp.proto",
        "google/protobuf/wrappers.proto",
        "google/type/money.proto",
        "shop/customer.proto",
    ]


def test_proto2_survives(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    item = shop.legacy.Item(id=1, weights=[0.5], color=shop.legacy.Item.RED)
    item.box.width = 2
    item.Extensions[shop.legacy.origin] = "here"
    round_trip(face, client, other, name, item)
    text = other.get_latest_version(f"{name}-value").schema.schema_str
    assert "required int32 id = 1" in text
    assert "option allow_alias = true;" in text


def test_editions_survive(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    event = shop.modern.Event(name="n", count=0, part={"text": "t"}, numbers=[1, 2])
    round_trip(face, client, other, name, event)
    assert 'edition = "2023";' in other.get_latest_version(f"{name}-value").schema.schema_str


def test_confluents_own_types_and_options_need_no_reference(
    face: Face, client: Settled, other: Settled, tmp_path: Path, name: str
) -> None:
    known = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, meta_pb2, decimal_pb2):
        module.DESCRIPTOR.CopyToProto(known.file.add())
    given, compiled = tmp_path / "known", tmp_path / "compiled"
    given.write_bytes(known.SerializeToString())
    run_protoc(
        f"--descriptor_set_in={given}",
        f"--proto_path={PROTOS}",
        f"--descriptor_set_out={compiled}",
        "shop/account.proto",
    )
    pool = descriptor_pool.DescriptorPool()
    compiled_files = descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes())
    for file in (*known.file, *compiled_files.file):
        pool.Add(file)
    descriptor = pool.FindMessageTypeByName("shop.account.Account")
    account = message_factory.GetMessageClass(descriptor)(owner="me")
    account.balance.value = b"\x01"
    round_trip(face, client, other, name, account)
    latest = other.get_latest_version(f"{name}-value").schema
    assert latest.references == []
    assert '(confluent.field_meta) = {\n      tags: [\n        "PII"\n' in latest.schema_str


def test_the_same_schema_is_registered_once(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    messages = {
        face.ProtobufSerializer(shop.order.Order, each)(shop.order.Order(), in_value(topic))
        for each in (client, other)
        for topic in (name, f"{name}-copy")
    }
    assert len(messages) == 1
    for subject in (f"{name}-value", f"{name}-copy-value", "shop/customer.proto"):
        assert client.get_versions(subject) == [1]


def test_a_normalized_schema_is_the_same_schema(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    conf = {"normalize.schemas": True}
    messages = {
        face.ProtobufSerializer(shop.order.Order, each, conf=conf)(an_order(shop), in_value(name))
        for each in (client, other)
    }
    assert len({message[:5] for message in messages}) == 1
    reader = face.ProtobufDeserializer(shop.order.Order, schema_registry_client=other)
    assert [reader(message, in_value(name)) for message in messages] == [an_order(shop)] * len(
        messages
    )
    assert client.get_versions(f"{name}-value") == [1]


def test_without_auto_register_only_what_is_there_is_used(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    conf = {"auto.register.schemas": False}
    order = an_order(shop)
    strict = face.ProtobufSerializer(shop.order.Order, client, conf=conf)
    with pytest.raises(SchemaRegistryError) as caught:
        strict(order, in_value(name))
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40401)
    message = face.ProtobufSerializer(shop.order.Order, other)(order, in_value(name))
    assert strict(order, in_value(name)) == message


TEXT = """syntax = "proto3";
package shop;

message Customer {
  string name = 1;
  optional string nick = 2;
  int32 since = 40;
}
"""


def two_versions(client: Settled, subject: str, shop: SimpleNamespace) -> None:
    """Register what protoc compiled, then a text, told apart by their metadata."""
    client.set_compatibility(subject, "none")
    compiled = base64.b64encode(shop.customer.DESCRIPTOR.serialized_pb).decode()
    for number, text in enumerate((compiled, TEXT), start=1):
        metadata = Metadata(None, MetadataProperties({"major": str(number)}), None)
        client.register_schema(subject, Schema(text, "PROTOBUF", metadata=metadata))


@pytest.mark.parametrize(
    ("version", "conf"),
    [(2, {"use.latest.version": True}), (1, {"use.latest.with.metadata": {"major": "1"}})],
    ids=["latest", "metadata"],
)
def test_the_version_that_is_asked_for_is_written_and_read(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, version: int, conf: Any
) -> None:
    name = "topic"
    two_versions(client, f"{name}-value", shop)
    writer = {"auto.register.schemas": False} | conf
    customer = shop.customer.Customer(name="x")
    serializer = face.ProtobufSerializer(shop.customer.Customer, client, conf=writer)
    message = serializer(customer, in_value(name))
    assert id_of(message) == other.get_version(f"{name}-value", version).schema_id
    reader = face.ProtobufDeserializer(
        shop.customer.Customer, conf, face.client(client.config()["url"])
    )
    assert reader(message, in_value(name)) == customer


def test_a_schema_is_chosen_by_its_id(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    two_versions(client, f"{name}-value", shop)
    first = client.get_version(f"{name}-value", 1).schema_id
    conf = {"auto.register.schemas": False, "use.schema.id": first}
    serializer = face.ProtobufSerializer(shop.customer.Customer, other, conf=conf)
    assert id_of(serializer(shop.customer.Customer(name="x"), in_value(name))) == first


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("TOPIC", "{}-value"),
        ("RECORD", "shop.Customer.Address"),
        ("TOPIC_RECORD", "{}-shop.Customer.Address"),
    ],
)
def test_a_strategy_names_the_subject(
    face: Face, client: Settled, shop: SimpleNamespace, name: str, kind: str, subject: str
) -> None:
    conf = {"subject.name.strategy.type": kind}
    address = shop.customer.Customer.Address(city="x")
    message = face.ProtobufSerializer(type(address), client, conf=conf)(address, in_value(name))
    assert client.get_latest_version(subject.replace("{}", name)).schema_id == id_of(message)
    reader = face.ProtobufDeserializer(type(address), conf, client)
    assert reader(message, in_value(name)) == address


def test_the_guid_and_the_indexes_go_into_a_header(
    face: Face, client: Settled, other: Settled, shop: SimpleNamespace, name: str
) -> None:
    conf = {"schema.id.serializer": header_schema_id_serializer}
    order = an_order(shop)
    for context, header in ((in_value, "__value_schema_id"), (in_key, "__key_schema_id")):
        sent: dict[str, bytes] = {}
        serializer = face.ProtobufSerializer(shop.order.Order, client, conf=conf)
        payload = serializer(order, context(name, sent))
        assert shop.order.Order.FromString(payload) == order
        guid = client.get_latest_version(f"{name}-{header.split('_')[2]}").guid
        assert sent == {header: b"\x01" + uuid.UUID(guid).bytes + b"\x02\x02"}
        reader = face.ProtobufDeserializer(shop.order.Order, schema_registry_client=other)
        assert reader(payload, context(name, sent)) == order


def test_a_text_is_found_by_what_protoc_made_of_it_when_both_are_normalized(
    face: Face, client: Settled, shop: SimpleNamespace, name: str
) -> None:
    text = (PROTOS / "shop" / "customer.proto").read_text(encoding="utf-8")
    schema = Schema(text, "PROTOBUF")
    schema_id = client.register_schema(f"{name}-value", schema, normalize_schemas=True)
    conf = {"auto.register.schemas": False, "normalize.schemas": True}
    customer = a_customer(shop)
    serializer = face.ProtobufSerializer(shop.customer.Customer, client, conf=conf)
    assert id_of(serializer(customer, in_value(name))) == schema_id
