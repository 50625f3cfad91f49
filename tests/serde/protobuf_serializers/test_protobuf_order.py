"""A class that stands elsewhere in the registered file than in its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from accord_serde import Schema, SchemaRegistryClient, wire
from accord_serde.protobuf import ProtobufDeserializer, ProtobufSerializer
from accord_serde.serialization import SerializationContext

if TYPE_CHECKING:
    from collections.abc import Callable

PLACED = "message Placed { string by = 1; }"
CLOSED = "message Closed { int64 at = 1; message Why { string text = 1; } }"


def text(*messages: str) -> str:
    return "\n".join(['syntax = "proto3";', "package shop;", *messages])


@pytest.mark.parametrize(
    ("name", "fields", "path"),
    [
        ("shop.Placed", {"by": "Ada"}, (1,)),
        ("shop.Closed", {"at": 7}, (0,)),
        ("shop.Closed.Why", {"text": "sold"}, (0, 0)),
    ],
)
def test_messages_carry_the_registered_path(
    name: str,
    fields: dict[str, Any],
    path: tuple[int, ...],
    registry_url: str,
    compile_text: Callable[..., Any],
) -> None:
    """Readers look for the type where the registered file has it."""
    topic = f"order-{uuid4().hex}"
    kind = compile_text(text(PLACED, CLOSED))[name]
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    ctx = SerializationContext(topic, "value")
    with SchemaRegistryClient({"url": registry_url}) as client:
        client.register_schema(f"{topic}-value", Schema(text(CLOSED, PLACED), "PROTOBUF"))
        serializer = ProtobufSerializer(kind, client, conf)
        deserializer = ProtobufDeserializer(kind, {}, client)
        for _ in range(3):  # by way of the steps, and of the lane
            data = serializer(kind(**fields), ctx)
            assert data is not None
            assert wire.decode(data, indexed=True).message_indexes == path
            assert deserializer(data, ctx) == kind(**fields)
