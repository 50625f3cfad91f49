"""The messages of a topic that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BATCH = 500
WAIT_SECONDS = 0.2
ANSWER_SECONDS = 10.0


def group_start(group: str | None, start: int) -> dict[str, Any]:
    """Return what a consumer has to be told of its group; every consumer has to name one."""
    reset = "earliest" if start == OFFSET_BEGINNING else "latest"
    if group is None:
        return {"group.id": "accord", "enable.auto.commit": False, "auto.offset.reset": reset}
    return {"group.id": group, "auto.offset.reset": reset}


class Source:
    """Messages as they come, no more than a number of them, and perhaps only those there are."""

    def __init__(self, consumer: Consumer, topic: str, limit: int | None) -> None:
        self._consumer = consumer
        self._topic = topic
        self._left = limit
        # Where to stop, by partition; those that were read so far are not among them.
        self._ends: dict[int, int] | None = None

    def assign(
        self, partitions: Iterable[int], start: int, offset: int | None, *, until_end: bool
    ) -> None:
        """Read partitions from an offset, or else from one of librdkafka's places to start.

        A negative offset counts from the end. Raises KafkaException.
        """
        places, ends = [], {}
        for number in partitions:
            place = TopicPartition(self._topic, number)
            first, after = self._consumer.get_watermark_offsets(place, timeout=ANSWER_SECONDS)
            if after > first:
                ends[number] = after
            place.offset = start if offset is None else offset
            if offset is not None and offset < 0:
                place.offset = max(first, after + offset)
            places.append(place)
        self._consumer.assign(places)
        self._ends = ends if until_end else None

    def batches(self) -> Iterator[list[Message]]:
        """Yield what has come; raises KafkaException."""
        while self._left != 0 and self._ends != {}:
            wanted = BATCH if self._left is None else min(BATCH, self._left)
            batch = [
                one for one in self._consumer.consume(wanted, WAIT_SECONDS) if self._takes(one)
            ]
            if self._left is not None:
                self._left -= len(batch)
            if batch:
                yield batch

    def _takes(self, message: Message) -> bool:
        """Tell whether a message is one to yield, and note where its partition has ended."""
        error = message.error()
        partition, offset = message.partition() or 0, message.offset() or 0
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - the library's name
                raise KafkaException(error)
            self._end(partition)
            return False
        if self._ends is None:
            return True
        end = self._ends.get(partition, 0)
        if offset + 1 >= end:
            self._end(partition)
        return offset < end

    def _end(self, partition: int) -> None:
        if self._ends is not None:
            self._ends.pop(partition, None)

    def close(self) -> None:
        """Leave the group, what was read committed."""
        self._consumer.close()
