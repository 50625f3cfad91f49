"""The segments of a log, in order, as they come and go.

The tuple of them never changes; another takes its place. So readers need no lock: who meets a
file that was removed asks again. Lock order: who changes the files, then who changes the tuple.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.log.boot import note_boot
from accord_log.log.segment import Segment
from accord_log.log.swap import finish_swap, swap_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.log.recovery import Recovery
    from accord_log.log.segment import Rewritten

_T = TypeVar("_T")


class Chain:
    """The segments; the last one is the active one.

    `failure` says why nothing can be written any more: bytes may be lost, and not be missed, since
    a sync failed or something half-written could not be removed.
    """

    def __init__(self, recovery: Recovery) -> None:
        self.folder = recovery.folder
        self.segments = tuple(recovery.segments)
        self.checkpoint = recovery.checkpoint
        self.failure: str | None = None
        self.is_closed = False
        self._loaded = recovery.loaded
        self._change_lock = threading.Lock()
        self._tuple_lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._closed_unsynced = deque(recovery.unsynced())
        # The active segment and its end, as of the last sync, and as of a clean stop before.
        self._kept = (self.active, self.end_offset) if recovery.is_kept else None
        self._synced = self._kept
        self._names_unsynced = not recovery.is_kept
        self._is_boot_noted = False
        self._is_parent_synced = recovery.is_kept

    @property
    def active(self) -> Segment:
        return self.segments[-1]

    @property
    def end_offset(self) -> int:
        return self.active.summary.end_offset

    @property
    def size(self) -> int:
        return sum(segment.size for segment in self.segments)

    def ask(self, question: Callable[[tuple[Segment, ...]], _T]) -> _T:
        """Ask the segments; ask again if one was removed meanwhile. Raises KafkaError."""
        while True:
            segments = self.segments
            try:
                return question(segments)
            except OSError as error:
                if segments is self.segments:
                    raise storage_error(error) from error

    # changes; roll is called by one thread at a time

    def roll(self) -> bool:
        """Begin another segment; tell whether there was anything in the last. Raises OSError."""
        old = self.active
        if not old.size:
            return False
        if not self._is_boot_noted:
            note_boot(self.folder)
            self._is_boot_noted = True
        new = Segment.begin(self.folder, self.end_offset, self._loaded)
        old.keep_index()
        # A sync that sees the new segment must find the old one here.
        self._closed_unsynced.append(old)
        self._names_unsynced = True
        with self._tuple_lock:
            self.segments = (*self.segments, new)
        return True

    def forget_before(self, offset: int) -> None:
        """Remove segments that are wholly below an offset, but the active one. Raises OSError."""
        with self._change_lock:
            with self._tuple_lock:
                count = index_of(self.segments, offset)
                gone, self.segments = self.segments[:count], self.segments[count:]
            for segment in gone:
                segment.remove()

    def replace(self, sources: tuple[Segment, ...], end: int, new: Rewritten) -> None:
        """Put a synced file, not yet in force, in the place of segments that end at an offset.

        Does nothing when some were removed meanwhile. Raises OSError, after which the log may have
        a failure.
        """
        first = sources[0].base_offset
        with self._change_lock:
            if self.is_closed or not set(sources) <= set(self.segments):
                return
            self.folder.files.rename(
                swap_path(self.folder, first=first, end=end, is_finished=False),
                swap_path(self.folder, first=first, end=end),
            )
            try:
                self.folder.sync()
                segment = Segment.rewritten(self.folder, first, new, self._loaded)
                self._exchange(sources, segment)
                finish_swap(self.folder, first=first, end=end)
            except OSError as error:
                self.failure = str(error)
                raise
            segment.keep_index()

    def _exchange(self, sources: tuple[Segment, ...], segment: Segment) -> None:
        with self._tuple_lock:
            index = self.segments.index(sources[0])
            after = self.segments[index + len(sources) :]
            self.segments = (*self.segments[:index], segment, *after)
        for source in sources:
            source.file.close()

    # durability

    def sync(self) -> None:
        """Make durable what was written before the call. Raises OSError, and then always."""
        with self._sync_lock:
            if self.is_closed:
                return
            if self.failure is not None:
                raise OSError(self.failure)
            try:
                self._sync()
            except OSError as error:
                self.failure = str(error)
                raise

    def _sync(self) -> None:
        active = self.active
        end = active.summary.end_offset
        has_rolled = bool(self._closed_unsynced)
        while self._closed_unsynced:
            self._closed_unsynced[0].file.sync()
            self._closed_unsynced.popleft()
        if self._names_unsynced:
            self._names_unsynced = False
            self.folder.sync()
            self._sync_parent()
        if self._synced != (active, end):
            active.file.sync()
            self._synced = (active, end)
        if has_rolled:
            with suppress(OSError):  # a full disk; without it a recovery reads more
                self.checkpoint.move(synced=active.base_offset)

    def _sync_parent(self) -> None:
        """Make the directory itself durable, where it may be new."""
        if not self._is_parent_synced:
            self.folder.files.sync_directory(self.folder.path.parent)
            self._is_parent_synced = True

    # closing

    def finish(self) -> bool:
        """Leave what the next open needs; tell whether anything was written since the last.

        Raises OSError.
        """
        self.sync()
        if self._kept == (self.active, self.end_offset):
            return False
        self.active.keep_index()
        return True

    def let_go(self) -> None:
        """Close the files, come what may."""
        with self._sync_lock, self._change_lock:
            self.is_closed = True
            self.failure = self.failure or "the log is closed"
            for segment in self.segments:
                segment.file.close()

    def destroy(self) -> None:
        """Remove the directory of a log that was let go. Raises OSError."""
        self.folder.files.remove_directory(self.folder.path)
        with suppress(FileNotFoundError):
            self.folder.files.sync_directory(self.folder.path.parent)


def index_of(segments: tuple[Segment, ...], offset: int) -> int:
    """Return the index of the segment that holds the offset."""
    return max(0, bisect_right(segments, offset, key=lambda segment: segment.base_offset) - 1)


def storage_error(error: OSError) -> KafkaError:
    """Return what a client is told when the disk refuses."""
    return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))
