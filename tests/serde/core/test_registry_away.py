"""Serializers while the registry is away, and when it is back."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from accord_serde.avro import (
    AsyncAvroDeserializer,
    AsyncAvroSerializer,
    AvroDeserializer,
    AvroSerializer,
)
from accord_serde.json_schema import JSONDeserializer, JSONSerializer
from accord_serde.protobuf import ProtobufDeserializer, ProtobufSerializer
from accord_serde.serialization import SerializationContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.embedded import EmbeddedRegistry

CTX = SerializationContext("orders", "value")
AVRO = '{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]}'
JSON = '{"title": "Order", "type": "object", "properties": {"id": {"type": "integer"}}}'
MANY = 2000
LATEST = {"use.latest.version": True, "auto.register.schemas": False}
# Every answer about a latest version is old at once, and no call waits long for a better one.
IMPATIENT = {"cache.latest.ttl.sec": 0.001, "max.retries": 0}


def avro(client: Any, conf: dict[str, Any]) -> tuple[Any, Any, Any]:
    return AvroSerializer(client, AVRO, conf=conf), AvroDeserializer(client), {"id": 7}


def json_schema(client: Any, conf: dict[str, Any]) -> tuple[Any, Any, Any]:
    reader = JSONDeserializer(None, schema_registry_client=client)
    return JSONSerializer(JSON, client, conf=conf), reader, {"id": 7}


def protobuf(client: Any, conf: dict[str, Any]) -> tuple[Any, Any, Any]:
    reader = ProtobufDeserializer(StringValue, {}, client)
    return ProtobufSerializer(StringValue, client, conf), reader, StringValue(value="a")


FORMATS = (avro, json_schema, protobuf)


@pytest.mark.parametrize("make", FORMATS)
@pytest.mark.parametrize("conf", [{}, LATEST], ids=["own schema", "latest version"])
def test_known_schemas_are_written_and_read_for_the_whole_outage(
    make: Callable[..., tuple[Any, Any, Any]],
    conf: dict[str, Any],
    accord_registry: EmbeddedRegistry,
) -> None:
    with accord_registry.client(IMPATIENT) as client:
        first, _, message = make(client, {})
        first(message, CTX)
        serializer, deserializer, message = make(client, conf)
        data = serializer(message, CTX)
        assert deserializer(data, CTX) == message
        accord_registry.stop()
        for _ in range(MANY):
            assert serializer(message, CTX) == data
            assert deserializer(data, CTX) == message


@pytest.mark.parametrize("make", FORMATS)
def test_what_is_not_known_is_an_error_that_passes(
    make: Callable[..., tuple[Any, Any, Any]], accord_registry: EmbeddedRegistry
) -> None:
    """The message can be tried again; it is read as soon as the registry is back."""
    with accord_registry.client(IMPATIENT) as writing, accord_registry.client(IMPATIENT) as client:
        serializer, _, message = make(writing, {})
        data = serializer(message, CTX)
        _, deserializer, _ = make(client, {})
        accord_registry.stop()
        for _ in range(3):
            with pytest.raises(httpx.TransportError):
                deserializer(data, CTX)
        accord_registry.start()
        assert deserializer(data, CTX) == message


def test_a_consumer_waits_for_the_registry(accord_registry: EmbeddedRegistry) -> None:
    patient = {"max.retries": 1000, "retries.wait.ms": 10, "retries.max.wait.ms": 20}
    with accord_registry.client() as writing, accord_registry.client(patient) as client:
        data = AvroSerializer(writing, AVRO)({"id": 7}, CTX)
        deserializer = AvroDeserializer(client)
        accord_registry.stop()
        back = threading.Timer(0.2, accord_registry.start)
        back.start()
        assert deserializer(data, CTX) == {"id": 7}
        back.join()


def test_tasks_go_on_as_well(accord_registry: EmbeddedRegistry) -> None:
    async def run() -> None:
        async with accord_registry.async_client(IMPATIENT) as client:
            await (await AsyncAvroSerializer(client, AVRO))({"id": 7}, CTX)
            serializer = await AsyncAvroSerializer(client, AVRO, conf=LATEST)
            deserializer = await AsyncAvroDeserializer(client)
            data = await serializer({"id": 7}, CTX)
            assert await deserializer(data, CTX) == {"id": 7}
            accord_registry.stop()
            for _ in range(MANY):
                assert await serializer({"id": 7}, CTX) == data
                assert await deserializer(data, CTX) == {"id": 7}

    asyncio.run(run())
