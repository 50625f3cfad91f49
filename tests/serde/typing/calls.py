"""Calls a user writes, checked by mypy and never run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_type
from uuid import UUID

from accord_serde import (
    AsyncSchemaRegistryClient,
    Metadata,
    MetadataProperties,
    RegisteredSchema,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    SchemaRegistryError,
    ServerConfig,
    header_schema_id_serializer,
    wire,
)
from accord_serde.avro import AsyncAvroSerializer, AvroDeserializer, AvroSerializer
from accord_serde.json_schema import JSONDeserializer, JSONSerializer
from accord_serde.protobuf import ProtobufDeserializer, ProtobufSerializer
from accord_serde.serialization import MessageField, SerializationContext, SerializationError

if TYPE_CHECKING:
    from google.protobuf.message import Message


def blocking() -> None:
    with SchemaRegistryClient({"url": "http://localhost:8081", "timeout": 5}) as client:
        rule = Rule("r", None, RuleKind.CONDITION, RuleMode.WRITE, "CEL")
        schema = Schema(
            '"string"',
            schema_type="AVRO",
            references=[SchemaReference("n", "s", 1)],
            metadata=Metadata(None, MetadataProperties({"owner": "me"}), None),
            rule_set=RuleSet(None, [rule]),
        )
        assert_type(client.register_schema("s", schema), int)
        assert_type(client.get_latest_version("s"), RegisteredSchema)
        assert_type(client.get_version("s", "latest").schema.schema_str, str | None)
        assert_type(client.set_config("s", ServerConfig()), dict[str, Any])
        client.get_version("s", "first")  # type: ignore[arg-type]
        client.get_schema("7")  # type: ignore[arg-type]
        try:
            client.get_schema(7)
        except SchemaRegistryError as error:
            assert_type(error.error_code, int)


async def awaited() -> None:
    async with AsyncSchemaRegistryClient({"url": "http://localhost:8081"}) as client:
        assert_type(await client.get_subjects(deleted=True), list[str])
        assert_type(await client.get_schema(1), Schema)


def framing(message: bytes) -> bytes:
    try:
        header = wire.decode(message, indexed=True)
    except wire.WireError as error:
        assert_type(error.guid, UUID | None)
        raise
    assert_type(header.message_indexes, tuple[int, ...] | None)
    return wire.encode_id(header.schema_id or 0, header.message_indexes) + message[header.size :]


@dataclass
class Order:
    number: int


def serializing(registry: SchemaRegistryClient, kind: type[Message]) -> None:
    context = SerializationContext("orders", MessageField.VALUE, headers=[])
    serializer = AvroSerializer(registry, record=Order)
    assert_type(serializer(Order(1), context), bytes | None)
    assert_type(serializer.serialize_many([Order(1)], context), list[bytes | None])
    serializer.prepare("orders", MessageField.KEY)
    header = {"schema.id.serializer": header_schema_id_serializer}
    JSONSerializer("{}", registry, conf=header)(None, context)
    JSONDeserializer("{}", schema_registry_client=registry)(b"", context)
    ProtobufSerializer(kind, registry)(kind(), context)
    ProtobufDeserializer(kind, schema_registry_client=registry)(b"", context)
    AvroSerializer(registry, conf=["use.latest.version"])  # type: ignore[arg-type]
    AvroSerializer(registry, 7)  # type: ignore[arg-type]
    try:
        AvroDeserializer(registry, record=Order)(b"", context)
    except SerializationError as error:
        assert_type(error.topic, str | None)
        assert_type(error.guid, UUID | None)


async def serializing_in_tasks(registry: AsyncSchemaRegistryClient) -> None:
    serializer = await AsyncAvroSerializer(registry, '"string"')
    assert_type(serializer, AsyncAvroSerializer)
    assert_type(await serializer("a"), bytes | None)
