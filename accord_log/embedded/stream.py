"""One assigned partition: where its reader stands, and the records that are fetched already."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accord_log.embedded.error import KafkaError, Local, error_of, translated
from accord_log.embedded.message import (
    TIMESTAMP_CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME,
    Message,
)
from accord_log.embedded.reading import read_batches
from accord_log.embedded.topic_partition import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    OFFSET_STORED,
)
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.errors import KafkaError as Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord_log.broker.broker import Broker
    from accord_log.broker.partition import Partition
    from accord_log.kafka.records import Record


class Reading(NamedTuple):
    """How a consumer reads."""

    committed: bool
    max_bytes: int
    reset: str  # auto.offset.reset
    tells_end: bool


class Stream:
    """Reads one partition; used by one thread at a time."""

    def __init__(
        self,
        broker: Broker,
        place: tuple[str, int],
        reading: Reading,
        wake: Callable[[], object],
    ) -> None:
        self.place = place
        self.topic, self.index = place
        self.is_paused = False
        self.position = OFFSET_INVALID  # of the next record to be handed out
        self.stored = OFFSET_INVALID  # what is to be committed
        self.stored_metadata: str | None = None
        self.committed = OFFSET_INVALID  # what was
        self._broker = broker
        self._reading = reading
        self._wake = wake
        self._partition: Partition | None = None
        self._start = OFFSET_INVALID
        self._next = OFFSET_INVALID  # to be fetched
        self._records: Sequence[Record] = ()
        self._cursor = 0
        self._type = TIMESTAMP_CREATE_TIME
        self._told_end = OFFSET_INVALID
        self._told: KafkaError | None = None
        self._is_halted = False

    @property
    def has_place(self) -> bool:
        """Tell whether it is known where to begin."""
        return self._start != OFFSET_INVALID or self._next >= 0

    @property
    def has_fetched(self) -> bool:
        """Tell whether there are records to be handed out without fetching."""
        return self._cursor < len(self._records)

    def seek(self, offset: int) -> None:
        """Go on from an offset, or from OFFSET_BEGINNING or OFFSET_END."""
        self._records, self._cursor = (), 0
        self._start = OFFSET_INVALID if offset == OFFSET_STORED else offset
        self._next = OFFSET_INVALID
        self.position = OFFSET_INVALID
        self._told_end = OFFSET_INVALID
        self._is_halted = False

    def forget_fetched(self) -> None:
        """Fetch again what was not handed out."""
        if self._cursor < len(self._records):
            self._next = self._records[self._cursor].offset
        self._records, self._cursor = (), 0

    def close(self) -> None:
        if self._partition is not None:
            self._partition.unwatch(self._wake)

    # reading

    def take(self, count: int) -> list[Message]:
        """Return at most so many records, or one event."""
        if self._cursor >= len(self._records):
            event = self._fetch()
            if event is not None:
                return [event]
        end = self._cursor + count
        records = self._records[self._cursor : end]
        if not records:
            return []
        self._cursor += len(records)
        self.position = records[-1].offset + 1
        topic, index, kind = self.topic, self.index, self._type
        return [
            Message(topic, index, offset, timestamp, key, value, headers, None, kind)
            for offset, timestamp, key, value, headers in records
        ]

    def _fetch(self) -> Message | None:
        """Fetch records; return an event when there is one instead."""
        self._records, self._cursor = (), 0
        if self._is_halted:
            return None
        partition = self._found()
        if partition is None:
            return self._complain(error_of(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
        self._told = None
        try:
            if self._next < 0:
                self._next = self._begin(partition)
            return self._read(partition)
        except Refusal as refusal:
            if refusal.code == ErrorCode.OFFSET_OUT_OF_RANGE:
                return self._reset(partition)
            return self._complain(translated(refusal))

    def _read(self, partition: Partition) -> Message | None:
        reading = self._reading
        while True:
            batches, following = read_batches(
                partition, self._next, committed=reading.committed, max_bytes=reading.max_bytes
            )
            if following == self._next:
                return self._end()
            offset, self._next = self._next, following
            records = [record for batch in batches for record in batch.records(offset)]
            if records:
                stamped = batches[0].header.is_append_time
                self._type = TIMESTAMP_LOG_APPEND_TIME if stamped else TIMESTAMP_CREATE_TIME
                self._records = records
                return None

    def _found(self) -> Partition | None:
        found = self._broker.topics.partition(*self.place)
        if found is not self._partition:
            self.close()
            self._partition = found
            if found is not None:
                found.watch(self._wake)
        return found

    def _begin(self, partition: Partition) -> int:
        if self._start == OFFSET_BEGINNING:
            return partition.start_offset
        if self._start == OFFSET_END:
            return self._end_of(partition)
        return self._start

    def _end_of(self, partition: Partition) -> int:
        return partition.last_stable_offset if self._reading.committed else partition.high_watermark

    # events

    def _end(self) -> Message | None:
        if not self._reading.tells_end or self._told_end == self._next:
            return None
        self._told_end = self._next
        return self._event(KafkaError(Local.PARTITION_EOF), self._next)

    def _reset(self, partition: Partition) -> Message | None:
        """Go where auto.offset.reset says."""
        reset = self._reading.reset
        if reset == "error":
            self._is_halted = True
            text = f"no offset to go on with: {self._next} is out of range"
            return self._event(KafkaError(Local.AUTO_OFFSET_RESET, text), self._next)
        self._next = partition.start_offset if reset == "earliest" else self._end_of(partition)
        self._wake()
        return None

    def halt(self) -> Message:
        """Read nothing: nothing was committed, and auto.offset.reset is `error`."""
        self._start, self._is_halted = OFFSET_END, True
        return self._event(KafkaError(Local.AUTO_OFFSET_RESET), OFFSET_INVALID)

    def _complain(self, error: KafkaError) -> Message | None:
        """Tell of an error, once."""
        if self._told == error:
            return None
        self._told = error
        return self._event(error, self._next)

    def _event(self, error: KafkaError, offset: int) -> Message:
        return Message(self.topic, self.index, offset, value=error.str().encode(), error=error)
