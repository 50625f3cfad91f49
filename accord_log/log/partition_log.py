"""The log of one partition: batches in segments, and what is known of them.

Threads: `append` and whatever changes the log take turns by a lock of its own, `read` and the
other questions need none, and `sync` runs beside all of them. A segment or a list of them that
readers can see never changes; another takes its place.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import place, read_header, read_marker, split_batches
from accord_log.log.chain import Chain, index_of, storage_error
from accord_log.log.compaction import Compactor
from accord_log.log.files import DISK
from accord_log.log.flush import Durability, Flusher
from accord_log.log.folder import Folder
from accord_log.log.index import NO_TIMESTAMP
from accord_log.log.log_config import COMPACT
from accord_log.log.recovery import Recovery
from accord_log.log.retention import count_expired
from accord_log.log.segment import MAX_RELATIVE_OFFSET, CannotRepair
from accord_log.log.snapshots import save_snapshot
from accord_log.log.times import find_time, latest_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from accord_log.kafka.fields import Writable
    from accord_log.kafka.records import BatchHeader
    from accord_log.log.compaction import Plan
    from accord_log.log.files import Files
    from accord_log.log.flush import Settled
    from accord_log.log.log_config import LogConfig
    from accord_log.log.segment import Segment

READ_AHEAD = 1 << 20  # bytes
UNSYNCED = Flusher(Durability.NONE)


class PartitionLog:
    """One partition on disk; `config` may be replaced at any time, and holds from then on.

    `producers` is guarded by whoever guards `append`. What the disk refuses is a KafkaError
    KAFKA_STORAGE_ERROR. When bytes may have been lost unseen, because a sync failed or something
    half-written could not be removed, the log can be read and not written until it is reopened.
    """

    def __init__(self, recovery: Recovery, config: LogConfig, flusher: Flusher) -> None:
        self.config = config
        self.producers = recovery.producers
        self.start_offset = recovery.start_offset
        self.end_offset = recovery.end_offset
        self._chain = Chain(recovery)
        self._compactor = Compactor(self._chain)
        self._first_unstable = self.producers.first_unstable()
        self._cut = tuple(recovery.cut)
        self._flusher = flusher
        self._lock = threading.RLock()

    @classmethod
    def open(
        cls,
        directory: Path,
        config: LogConfig,
        *,
        files: Files = DISK,
        flusher: Flusher = UNSYNCED,
        now_ms: int,
        clean: bool,
    ) -> PartitionLog:
        """Open a partition's directory, or make it.

        `clean` says that everything was closed; otherwise a torn tail is cut off. `now_ms` is the
        time at which producers are taken to have last written what no snapshot tells. Raises
        KafkaError.
        """
        folder = Folder(files, directory)
        try:
            files.make_directory(directory)
            recovery = Recovery(
                folder, interval=config.index_interval_bytes, now_ms=now_ms, clean=clean
            )
        except OSError as error:
            raise storage_error(error) from error
        return cls(recovery, config, flusher)

    # what there is

    @property
    def size(self) -> int:
        """Return the bytes of all batches."""
        return self._chain.size

    @property
    def directory(self) -> Path:
        return self._chain.folder.path

    @property
    def last_stable_offset(self) -> int:
        """Return the end of what no open transaction can undo. Any thread may ask."""
        end = self.end_offset  # first: a transaction that begins after this begins at it
        first = self._first_unstable
        return end if first is None else min(end, max(first, self.start_offset))

    @property
    def damage(self) -> tuple[str, ...]:
        """Return, in words, what was cut off at the open, and where damage was met since."""
        segments = self._chain.segments
        return (*self._cut, *(text for s in segments for text in tuple(s.damage.values())))

    @property
    def failure(self) -> str | None:
        """Return why nothing can be written until the log is reopened, if that is so."""
        return self._chain.failure

    # appending

    def check(self, header: BatchHeader) -> int | None:
        """Return the offset of a batch that is here already. Raises KafkaError."""
        return self.producers.check(header)

    def append(self, batch: Writable, *, now_ms: int) -> int:
        """Append one checked batch, and return the offset that it was given. Raises KafkaError."""
        with self._lock:
            self._check_writable()
            offset = self.end_offset
            place(batch, offset)
            header = read_header(batch)
            marker = read_marker(batch) if header.is_control else None
            self._write(batch, header)
            # Readers come to see it last: its transaction is known, and its bytes are there.
            self.producers.note(header, marker, now_ms=now_ms)
            self._first_unstable = self.producers.first_unstable()
            self._chain.active.publish(header, self.config.index_interval_bytes)
            self.end_offset = header.next_offset
            return offset

    def _write(self, batch: Writable, header: BatchHeader) -> None:
        try:
            if self._is_roll_due(header):
                self._roll()
            self._chain.active.write(batch)
        except OSError as error:
            if isinstance(error, CannotRepair):
                self._chain.failure = str(error)
            self.producers.defer(header)
            raise storage_error(error) from error

    def _is_roll_due(self, header: BatchHeader) -> bool:
        active = self._chain.active
        size, _, first_timestamp, _ = active.summary
        if not size:
            return False
        if size + header.size > self.config.segment_bytes:
            return True
        if header.last_offset - active.base_offset > MAX_RELATIVE_OFFSET:
            return True
        age = header.max_timestamp - first_timestamp
        return first_timestamp != NO_TIMESTAMP and age > self.config.roll_ms

    def roll(self) -> None:
        """Close the active segment, if there is anything in it, and begin another."""
        with self._lock:
            self._check_writable()
            try:
                self._roll()
            except OSError as error:
                raise storage_error(error) from error

    def _roll(self) -> None:
        if self._chain.roll():
            save_snapshot(self._chain.folder, self.end_offset, self.producers)

    def _check_writable(self) -> None:
        if self._chain.failure is not None:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, self._chain.failure)

    # durability

    def settle(self, callback: Settled) -> None:
        """Call back, perhaps from another thread, when what was appended can be acknowledged."""
        self._flusher.settle([self._chain], callback)

    def sync(self) -> None:
        """Make durable what was appended before the call. Raises OSError, and then always."""
        self._chain.sync()

    # reading

    def read(self, offset: int, max_bytes: int, *, below: int) -> bytes:
        """Return whole batches from the one that holds the offset, at least one if there is one.

        None of them begins at `below` or after it. Raises KafkaError: OFFSET_OUT_OF_RANGE,
        CORRUPT_MESSAGE where the disk has not kept a batch.
        """
        if not self.start_offset <= offset <= self.end_offset:
            text = f"offset {offset} is not in {self.start_offset}..{self.end_offset}"
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE, text)
        end = min(below, self.end_offset)

        def read_in(segments: tuple[Segment, ...]) -> bytes:
            for index in range(index_of(segments, offset), len(segments)):
                if segments[index].base_offset >= end:
                    break
                if data := segments[index].read(offset, max_bytes, below=end):
                    return data
            return b""

        return self._chain.ask(read_in)

    def batches(self, offset: int) -> Iterator[bytes]:
        """Yield the batches up to what is now the end, from the one that holds the offset on."""
        end = self.end_offset
        while data := self.read(offset, READ_AHEAD, below=end) if offset < end else b"":
            for batch in split_batches(data):
                offset = read_header(batch).next_offset
                yield bytes(batch)

    def offset_for_timestamp(self, timestamp: int) -> tuple[int, int] | None:
        """Return offset and timestamp of the first record that is not before the time."""

        def find_in(segments: tuple[Segment, ...]) -> tuple[int, int] | None:
            found = (find_time(s, timestamp, start=self.start_offset) for s in segments)
            return next((record for record in found if record is not None), None)

        return self._chain.ask(find_in)

    def max_timestamp(self) -> tuple[int, int] | None:
        """Return offset and timestamp of the first of the latest records; None if none has one."""

        def latest_in(segments: tuple[Segment, ...]) -> int:
            return max(latest_time(segment, start=self.start_offset) for segment in segments)

        latest = self._chain.ask(latest_in)
        return None if latest == NO_TIMESTAMP else self.offset_for_timestamp(latest)

    def aborted(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return (producer id, first offset) of what was aborted and reaches into first..last."""
        with self._lock:
            return self.producers.aborted(max(first, self._compactor.reported_from), last)

    # forgetting

    def delete_before(self, offset: int) -> None:
        """Let the log begin with the offset. Durable on return. Raises KafkaError."""
        with self._lock:
            if offset > self.end_offset:
                raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
            if offset <= self.start_offset:
                return
            try:
                if offset == self.end_offset:
                    with suppress(OSError):
                        self._roll()  # so that nothing is left of the segment
                self._chain.checkpoint.move(start=offset)
                self._forget_before(offset)
            except OSError as error:
                raise storage_error(error) from error

    def retain(self, now_ms: int) -> int:
        """Remove what is too old or too much; return how many bytes. Raises KafkaError."""
        with self._lock:
            chain = self._chain
            before = chain.size
            try:
                count = count_expired(chain.segments, self.config, now_ms)
                if count == len(chain.segments) or self.start_offset == self.end_offset:
                    self._check_writable()
                    self._roll()
                offset = max(self.start_offset, chain.segments[count].base_offset)
                # Where there is no room for it, the first segment's name tells as much.
                with suppress(OSError):
                    chain.checkpoint.move(start=offset if count else 0)
                self._forget_before(offset)
            except OSError as error:
                raise storage_error(error) from error
            return before - chain.size

    def _forget_before(self, offset: int) -> None:
        self.start_offset = offset
        self._chain.forget_before(offset)
        self.producers.forget_before(offset)

    def compact(self, now_ms: int) -> int:
        """Make a pass of compaction if the topic wants it and one is due; return the bytes gone.

        Takes its time, so it is for a thread of its own, without any lock: appends and reads go
        on, and it takes the locks it needs for a moment each. Does nothing while another pass goes
        on. Raises KafkaError: nothing is lost, and the next pass tries again.
        """
        if COMPACT not in self.config.cleanup or not self._compactor.lock.acquire(blocking=False):
            return 0
        try:
            plan = self._plan_compaction(now_ms)
            return 0 if plan is None else self._compactor.run(plan)
        finally:
            self._compactor.lock.release()

    def _plan_compaction(self, now_ms: int) -> Plan | None:
        with self._lock:
            self._check_writable()
            first_timestamp = self._chain.active.summary.first_timestamp
            try:
                if now_ms - first_timestamp >= self.config.max_compaction_lag_ms:
                    self._roll()
                return self._compactor.plan(
                    self.config, self.producers, stable=self.last_stable_offset, now_ms=now_ms
                )
            except OSError as error:
                raise storage_error(error) from error

    # closing

    def close(self) -> None:
        """Close the log so that it need not be recovered.

        Raises KafkaError when what was appended may not be durable: then it must be.
        """
        with self._lock:
            try:
                if not self._chain.is_closed and self._chain.finish():
                    save_snapshot(self._chain.folder, self.end_offset, self.producers)
            except OSError as error:
                raise storage_error(error) from error
            finally:
                self._chain.let_go()
        self._wait_for_compaction()

    def destroy(self) -> None:
        """Remove the partition from the disk. Raises KafkaError."""
        with self._lock:
            self._chain.let_go()
        self._wait_for_compaction()
        try:
            self._chain.destroy()
        except OSError as error:
            raise storage_error(error) from error

    def _wait_for_compaction(self) -> None:
        """Return when a pass that was under way has met the end of the log."""
        with self._compactor.lock:
            pass
