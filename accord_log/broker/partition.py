"""One partition as readers and writers share it."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import control_batch, read_header, stamp_append_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from accord_log.broker.topic_config import TopicConfig
    from accord_log.kafka.fields import Writable
    from accord_log.kafka.records import BatchHeader
    from accord_log.log.partition_log import PartitionLog

    Settled: TypeAlias = Callable[[KafkaError | None], object]

NO_TIMESTAMP = -1


class Appended(NamedTuple):
    """Where a batch stands; `append_time_ms` is -1 when the producer dated it."""

    base_offset: int
    append_time_ms: int


class Partition:
    """A log, the end of what may be read of it, and who waits for more.

    What readers are given ends at the high watermark: what is above it is written, and not yet
    as durable as the broker promises. Lock order: the broker's lock comes before any of these.
    """

    def __init__(self, topic: str, index: int, log: PartitionLog) -> None:
        self.topic = topic
        self.index = index
        self.log = log
        self.lock = threading.RLock()
        self.high_watermark = log.end_offset
        self.is_deleted = False
        self._watchers: set[Callable[[], object]] = set()

    @property
    def start_offset(self) -> int:
        return self.log.start_offset

    @property
    def last_stable_offset(self) -> int:
        """Return the end of what readers of committed records may be given."""
        return min(self.log.last_stable_offset, self.high_watermark)

    def append(
        self,
        batch: Writable,
        header: BatchHeader,
        config: TopicConfig,
        *,
        now_ms: int,
        then: Settled,
    ) -> Appended:
        """Append a checked batch; `then` is called, perhaps by another thread, once it is durable.

        A batch that the producer sent before is not appended again: it has its earlier offset.
        Raises KafkaError: out of sequence, fenced, in no transaction, no room.
        """
        append_time = now_ms if config.is_append_time else NO_TIMESTAMP
        with self.lock:
            self._check_alive()
            base_offset = self.log.check(header)
            if base_offset is None:
                self.log.producers.verify(header)
                if config.is_append_time:
                    stamp_append_time(batch, now_ms)
                base_offset = self.log.append(batch, now_ms=now_ms)
            end = self.log.end_offset
        self._settle(end, then)
        return Appended(base_offset, append_time)

    def write_marker(
        self, *, commit: bool, producer_id: int, producer_epoch: int, now_ms: int, then: Settled
    ) -> None:
        """End the producer's transaction here. Raises KafkaError: no room."""
        batch = control_batch(
            commit=commit,
            producer_id=producer_id,
            producer_epoch=producer_epoch,
            timestamp_ms=now_ms,
        )
        with self.lock:
            self._check_alive()
            self.log.append(batch, now_ms=now_ms)
            end = self.log.end_offset
        self._settle(end, then)

    def read(self, offset: int, max_bytes: int, *, committed: bool) -> bytes:
        """Return whole batches, at least one if there is one. Raises KafkaError: out of range."""
        below = self.last_stable_offset if committed else self.high_watermark
        if offset >= below:
            if offset > self.log.end_offset or offset < self.log.start_offset:
                raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
            return b""
        return self.log.read(offset, max_bytes, below=below)

    def aborted(self, offset: int, records: bytes) -> list[tuple[int, int]]:
        """Return (producer id, first offset) of the aborted transactions in the batches."""
        return self.log.aborted(offset, last_offset_of(records))

    def delete_before(self, offset: int) -> int:
        """Forget the records below an offset, -1 for all; return the new start offset."""
        with self.lock:
            self._check_alive()
            wanted = self.high_watermark if offset == -1 else offset
            if not 0 <= wanted <= self.high_watermark:
                raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
            self.log.delete_before(wanted)
            return self.log.start_offset

    def watch(self, watcher: Callable[[], object]) -> None:
        """Have the watcher called whenever there may be more to read."""
        self._watchers.add(watcher)

    @property
    def is_watched(self) -> bool:
        """Tell whether anybody waits for more."""
        return bool(self._watchers)

    def unwatch(self, watcher: Callable[[], object]) -> None:
        self._watchers.discard(watcher)

    def remove(self) -> None:
        """Refuse everything from now on, and let go of the files."""
        with self.lock:
            self.is_deleted = True
            with suppress(KafkaError):  # that it could not be synced matters to nobody any more
                self.log.close()
        self._wake()

    def _check_alive(self) -> None:
        if self.is_deleted:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)

    def _settle(self, end: int, then: Settled) -> None:
        def settled(error: Exception | None) -> None:
            if error is not None:
                then(KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)))
                return
            with self.lock:
                self.high_watermark = max(self.high_watermark, end)
            then(None)
            self._wake()

        self.log.settle(settled)

    def _wake(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()


def last_offset_of(records: bytes) -> int:
    """Return the last offset of whole batches in a row, -1 when there are none."""
    position, last = 0, -1
    while position < len(records):
        header = read_header(records, position)
        last = header.last_offset
        position += header.size
    return last
