"""A durable dictionary: what a broker must know again after a crash, beside the records.

Every change is one frame at the end of a file (see `ledger_frames`); opening it reads the frames
up to the first that is not whole and cuts off the rest. When most of the file is about values that
were replaced since, the living ones are written to a second file that takes the place of the
first, whole or not at all.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.log.ledger_frames import read_frames, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from accord_log.log.files import File, Files
    from accord_log.log.flush import Flusher
    from accord_log.log.ledger_frames import Entry

    Settled: TypeAlias = Callable[[Exception | None], object]

NEXT = ".next"  # the file that is to take the place of the first
LEAST_WASTE = 1 << 20  # bytes
MOST_WASTE = 4  # times what is alive
FRAME_BYTES = 1 << 18  # of a frame when everything is written anew
ENTRY_BYTES = 16  # about what an entry takes beside its key and value


def _ignore(_: Exception | None) -> None:
    """Leave it: nobody waits for this change."""


class Ledger:
    """A dictionary of bytes on disk. Every method may be called by any thread.

    `cut_bytes` is how much was cut off when it was opened; after a clean stop it is 0. Raises
    NewerLedger when a program of the future wrote the file.
    """

    def __init__(self, path: Path, flusher: Flusher, files: Files) -> None:
        self.cut_bytes = 0
        self._path = path
        self._next = path.with_name(path.name + NEXT)
        self._flusher = flusher
        self._files = files
        self._lock = threading.Lock()
        self._values: dict[bytes, bytes] = {}
        self._living = 0  # bytes
        self._failure: Exception | None = None  # since when what the file holds is not known
        self._is_closed = False
        files.make_directory(path.parent)
        files.remove(self._next)
        self._file = files.open(path)
        self._load()
        files.sync_directory(path.parent)

    def _load(self) -> None:
        data = self._file.read(0, self._file.size)
        good = 0
        for end, entries in read_frames(data):
            for key, value in entries:
                self._set(key, value)
            good = end
        self.cut_bytes = len(data) - good
        if self.cut_bytes:
            self._file.truncate(good)
        if data:
            # What was read may be in memory only, and is acted on from here.
            self._file.sync()

    def get(self, key: bytes) -> bytes | None:
        return self._values.get(key)

    def items(self) -> list[tuple[bytes, bytes]]:
        """Return all there is, keys in the order in which they first came."""
        with self._lock:
            return list(self._values.items())

    def __contains__(self, key: bytes) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def put_many(
        self, changes: Mapping[bytes, bytes | None], callback: Settled | None = None
    ) -> None:
        """Set values, or remove them (None), all or none.

        They can be read at once. The callback is called, perhaps by another thread, once they and
        all before them are durable, or with the reason why that is not known; in that case the
        next call, though it changes nothing, sees to it. Raises KafkaError KAFKA_STORAGE_ERROR,
        and changes nothing, when there is no room.
        """
        with self._lock:
            if self._is_closed:
                raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "the ledger is closed")
            try:
                self._rewrite_if_due()
                if changes:
                    self._file.append(write_frame(changes.items()))
            except OSError as error:
                self._repair()
                raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
            for key, value in changes.items():
                self._set(key, value)
            file = self._file
        self._settle(file, callback or _ignore)

    def _repair(self) -> None:
        """Take away what was half-written; where that fails too, the file is written anew."""
        try:
            self._file.truncate(self._file.size)
        except OSError as error:
            self._failure = error

    def _settle(self, file: File, callback: Settled) -> None:
        def settled(error: Exception | None) -> None:
            with self._lock:
                if file is self._file:
                    # Behind a frame that the disk refused nothing can be read, although it takes
                    # what comes after.
                    self._failure = self._failure or error
                    error = self._failure
            callback(error)

        self._flusher.settle([file], settled)

    def _set(self, key: bytes, value: bytes | None) -> None:
        old = self._values.pop(key, None) if value is None else self._values.get(key)
        if old is not None:
            self._living -= len(key) + len(old) + ENTRY_BYTES
        if value is not None:
            self._values[key] = value
            self._living += len(key) + len(value) + ENTRY_BYTES

    # writing it anew

    def _rewrite_if_due(self) -> None:
        """Raises OSError when the file has to be written anew, and cannot."""
        is_wasteful = self._file.size > max(LEAST_WASTE, MOST_WASTE * self._living)
        if not is_wasteful and self._failure is None:
            return
        try:
            self._rewrite()
        except OSError:
            self._files.remove(self._next)
            if self._failure is not None:
                raise

    def _rewrite(self) -> None:
        """Replace the file by one that says what is in memory."""
        self._files.remove(self._next)
        file = self._files.open(self._next)
        try:
            for frame in self._frames():
                file.append(frame)
            file.sync()
            self._files.rename(self._next, self._path)
        except OSError:
            file.close()
            raise
        self._file.close()
        self._file, self._failure = file, None
        try:
            self._files.sync_directory(self._path.parent)
        except OSError as error:
            # A power cut may bring back the file that was replaced.
            self._failure = error
            raise

    def _frames(self) -> Iterator[bytes]:
        entries: list[Entry] = []
        size = 0
        for key, value in self._values.items():
            entries.append((key, value))
            size += len(key) + len(value)
            if size >= FRAME_BYTES:
                yield write_frame(entries)
                entries, size = [], 0
        if entries:
            yield write_frame(entries)

    def close(self) -> None:
        """Make everything durable, and let go of the file; from now on nothing is changed."""
        with self._lock:
            self._is_closed = True
            self._file.sync()
            self._file.close()
