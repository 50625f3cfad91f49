from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from kafka_messages import built

from accord_log.kafka.codec import decode, encode
from accord_log.kafka.layout import layout

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "messages.json").read_text(encoding="utf-8")
)

every_vector = pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["description"])


def class_of(row: dict[str, Any]) -> Any:
    module, _, name = row["message"].partition(".")
    return getattr(import_module(f"accord_log.kafka.messages.{module}"), name)


@every_vector
def test_a_message_is_written_as_the_vector_has_it(row: dict[str, Any]) -> None:
    cls, version = class_of(row), row["version"]
    message = built(layout(cls, version), row["fields"])
    assert encode(message, version).hex(" ") == row["hex"]


@every_vector
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_message_is_read_from_any_buffer(row: dict[str, Any], kind: type[bytes]) -> None:
    cls, version = class_of(row), row["version"]
    message = decode(cls, kind(bytes.fromhex(row["hex"])), version)
    assert message == built(layout(cls, version), row["fields"])
