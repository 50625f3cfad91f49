"""All that a log holds in the end, as consumers are given it."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from crash_actor import LASTING, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

PATIENCE_SECONDS = 120


class Row(NamedTuple):
    """One record."""

    offset: int
    key: bytes | None
    value: bytes


def contents(bootstrap: str, places: Iterable[Place], isolation: str) -> dict[Place, list[Row]]:
    """Read every partition from its start to its end."""
    found: dict[Place, list[Row]] = defaultdict(list)
    left = set(places)
    source = Consumer(
        {
            **LASTING,
            "bootstrap.servers": bootstrap,
            "group.id": "unused",
            "isolation.level": isolation,
            "enable.partition.eof": True,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
        }
    )
    source.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in left])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left and time.monotonic() < deadline:
        for message in source.consume(1000, 0.2):
            _take(message, found, left)
    source.close()
    assert not left, f"{left} could not be read to the end"
    return found


def _take(message: Any, found: dict[Place, list[Row]], left: set[Place]) -> None:
    place = Place(message.topic(), message.partition())
    error = message.error()
    if error is None:
        found[place].append(Row(message.offset(), message.key(), message.value()))
    elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # so is it published
        left.discard(place)
    else:
        assert error.retriable() or error.code() < 0, error
