"""A message as one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from accord_log.kafka.records.record import Record
from registry.cli.log.decoding import Decoder
from registry.cli.log.payloads import jsonable, shown
from registry.cli.log.registered import Registry

if TYPE_CHECKING:
    from confluent_kafka import Message

NO_TIMESTAMP = 0


def raw_line(message: Message) -> bytes:
    """Return the value as it is, and a line feed."""
    return (message.value() or b"") + b"\n"


class JsonLines:
    """Writes keys and values decoded, when they name their schemas."""

    def __init__(self, registry: str) -> None:
        self._decoder = Decoder(Registry(registry))

    def line(self, message: Message) -> bytes:
        """Return a message as JSON; raises Unanswered: the registry is needed, and not there."""
        return orjson.dumps(self._document(message), jsonable, orjson.OPT_APPEND_NEWLINE)

    def _document(self, message: Message) -> dict[str, Any]:
        kind, timestamp = message.timestamp()
        headers: Any = message.headers() or ()  # a list of pairs, whatever the types say
        record = Record(
            message.offset() or 0,
            timestamp,
            message.key(),
            message.value(),
            tuple(headers),
        )
        topic = str(message.topic())
        document: dict[str, Any] = {
            "topic": topic,
            "partition": message.partition(),
            "offset": record.offset,
            "timestamp": None if kind == NO_TIMESTAMP else timestamp,
        }
        for side in ("key", "value"):
            document |= self._side(topic, record, side)
        if record.headers:
            document["headers"] = [[name, shown(value)] for name, value in record.headers]
        return document

    def _side(self, topic: str, record: Record, side: str) -> dict[str, Any]:
        decoded = self._decoder.decoded(topic, record, side)
        document = {side: decoded.value}
        if decoded.schema is not None:
            document[f"{side}Schema"] = decoded.schema
        if decoded.error:
            document[f"{side}Error"] = decoded.error
        return document
