"""Records that a producer was given and has not written yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from accord_log.embedded.message import Message
from accord_log.kafka.records import Columns, encode_columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias, Unpack

    from accord_log.embedded.error import KafkaError
    from accord_log.kafka.records import BatchFields
    from accord_log.kafka.records.record import Headers

    OnDelivery: TypeAlias = Callable[[KafkaError | None, Message], Any]

# What a record takes in a batch beside its contents, at most, without headers.
OVERHEAD = 24


class Told(NamedTuple):
    """Who is to be told of a record, and since when."""

    place: int  # in the batch
    callback: OnDelivery
    began: float


class Batch:
    """Records for one partition, column by column."""

    __slots__ = (
        "due",
        "has_keys",
        "headers",
        "keys",
        "partition",
        "size",
        "timestamps",
        "told",
        "topic",
        "values",
    )

    def __init__(self, topic: str, partition: int, due: float) -> None:
        self.topic = topic
        self.partition = partition
        self.due = due
        self.size = 0
        self.values: list[bytes | None] = []
        self.keys: list[bytes | None] = []
        self.timestamps: list[int] = []
        self.headers: dict[int, Headers] = {}
        self.has_keys = False
        self.told: list[Told] = []

    @property
    def place(self) -> tuple[str, int]:
        return (self.topic, self.partition)

    def __len__(self) -> int:
        return len(self.values)

    def encode(self, **fields: Unpack[BatchFields]) -> bytearray:
        """Return the batch as it is written."""
        headers = None
        if self.headers:
            headers = [self.headers.get(index, ()) for index in range(len(self.values))]
        keys = self.keys if self.has_keys else None
        return encode_columns(Columns(self.values, keys, self.timestamps, headers), **fields)

    def halves(self) -> tuple[Batch, Batch]:
        """Return two batches of at least one record each, for what is too large together."""
        middle = len(self.values) // 2
        return self._part(0, middle), self._part(middle, len(self.values))

    def _part(self, start: int, end: int) -> Batch:
        part = Batch(self.topic, self.partition, self.due)
        part.values = self.values[start:end]
        part.keys = self.keys[start:end]
        part.timestamps = self.timestamps[start:end]
        part.headers = {
            index - start: found for index, found in self.headers.items() if start <= index < end
        }
        part.has_keys = self.has_keys
        part.told = [
            told._replace(place=told.place - start)
            for told in self.told
            if start <= told.place < end
        ]
        return part

    def message(self, told: Told, base_offset: int, error: KafkaError | None) -> Message:
        """Return a record as its callback is told of it."""
        index = told.place
        offset = -1 if error is not None or base_offset < 0 else base_offset + index
        message = Message(
            self.topic,
            self.partition,
            offset,
            self.timestamps[index],
            self.keys[index],
            self.values[index],
            self.headers.get(index),
        )
        return message.settle(offset, error, told.began)


class TopicOutbox:
    """The open batches of a topic, and the partition that records without a key go to now."""

    __slots__ = ("open", "sticky")

    def __init__(self) -> None:
        self.open: dict[int, Batch] = {}
        self.sticky = -1


def now_ms() -> int:
    """Return the time by which records are dated."""
    return time.time_ns() // 1_000_000
