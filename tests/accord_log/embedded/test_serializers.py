"""Accord's serializers with the embedded clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from embedded_members import drain

from accord_serde.avro import AvroDeserializer, AvroSerializer
from accord_serde.serialization import MessageField, SerializationContext
from registry.embedded import EmbeddedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from accord_log import Consumer, Log

SCHEMA = json.dumps(
    {"type": "record", "name": "Order", "fields": [{"name": "amount", "type": "int"}]}
)


def test_objects_go_in_and_come_out(
    tmp_path: Path, log: Log, reader: Callable[..., Consumer]
) -> None:
    context = SerializationContext("orders", MessageField.VALUE)
    with EmbeddedRegistry(tmp_path / "registry") as registry:
        client = registry.client()
        write, read = AvroSerializer(client, SCHEMA), AvroDeserializer(client)
        producer, consumer = log.producer(), reader()
        for amount in range(5):
            producer.produce("orders", value=write({"amount": amount}, context))
        producer.flush()
        consumer.subscribe(["orders"])
        found = [read(message.value(), context) for message in drain(consumer, 5)]
    assert found == [{"amount": amount} for amount in range(5)]
