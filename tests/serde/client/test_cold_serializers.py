"""Serializers and deserializers of every format, started from a bundle with no registry at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from google.type import money_pb2

from accord_serde import SchemaRegistryClient
from accord_serde.avro import AvroDeserializer, AvroSerializer
from accord_serde.json_schema import JSONDeserializer, JSONSerializer
from accord_serde.protobuf import ProtobufDeserializer, ProtobufSerializer
from accord_serde.serialization import MessageField, SerializationContext

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from registry.embedded import EmbeddedRegistry

pytestmark = pytest.mark.usefixtures("unhurried")

RECORD = '{"type": "record", "name": "R", "fields": [{"name": "f", "type": "int"}]}'
OBJECT = '{"title": "T", "type": "object", "properties": {"f": {"type": "integer"}}}'
LATEST = {"auto.register.schemas": False, "use.latest.version": True}
LOOKUP = {"auto.register.schemas": False}
AVRO_KEY = SerializationContext("avro", MessageField.KEY)
AVRO, JSON, PROTOBUF = (
    SerializationContext(topic, MessageField.VALUE) for topic in ("avro", "json", "protobuf")
)
MONEY = money_pb2.Money(currency_code="EUR", units=3)


def exchange(client: Any) -> list[object]:
    """Write and read messages in every way that asks the registry something."""
    avro = [AvroSerializer(client, RECORD, conf=conf) for conf in (None, LOOKUP, LATEST)]
    json = [JSONSerializer(OBJECT, client, conf=conf) for conf in (None, LOOKUP, LATEST)]
    protobuf = [
        ProtobufSerializer(money_pb2.Money, client, {"use.deprecated.format": False} | conf)
        for conf in ({}, LOOKUP, LATEST)
    ]
    written = [
        *(each({"f": 1}, context) for each in avro for context in (AVRO, AVRO_KEY)),
        *(each({"f": 1}, JSON) for each in json),
        *(each(MONEY, PROTOBUF) for each in protobuf),
    ]
    return [
        *written,
        AvroDeserializer(client)(written[0], AVRO),
        JSONDeserializer(None, schema_registry_client=client)(written[6], JSON),
        ProtobufDeserializer(money_pb2.Money, {"use.deprecated.format": False}, client)(
            written[9], PROTOBUF
        ),
    ]


WRITE: list[Callable[[Any, Any, Path], None]] = [
    lambda warm, _, file: warm.write_bundle(file),
    lambda _, registry, file: registry.client().write_bundle(
        file, topics=["avro", "json", "protobuf"]
    ),
    lambda _, registry, file: registry.client().write_bundle(
        file, subjects=["avro-key", "avro-value", "json-value", "protobuf-value"]
    ),
]


@pytest.mark.parametrize("write", WRITE, ids=["remembered", "topics", "subjects"])
def test_nobody_needs_a_registry(
    accord_registry: EmbeddedRegistry, tmp_path: Path, write: Callable[[Any, Any, Path], None]
) -> None:
    file, asked = tmp_path / "bundle.json", []
    warm = accord_registry.client()
    known = exchange(warm)
    write(warm, accord_registry, file)

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ConnectError("nobody")

    conf = {"url": "http://nobody", "accord.bundle": file}
    with SchemaRegistryClient(conf, transport=httpx.MockTransport(refuse)) as cold:
        assert exchange(cold) == known
    assert len(asked) == 1
