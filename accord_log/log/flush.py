"""When what was written becomes durable, and who waits for it.

A thread has all that was written since its last round synced, and then answers all who waited:
however many producers wait, a file is synced once (group commit). Several files are synced side by
side, which the disk's journal does in one go (measured on ext4: a tenth of the time, or less).

An error of fdatasync is reported to those who waited for that file. What it means for the file is
for its owner to decide; the kernel may have dropped what it could not write, so that a second,
successful fdatasync proves nothing.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import TypeAlias

    from accord_log.log.files import Syncable

    Settled: TypeAlias = Callable[[Exception | None], object]
    Waiting: TypeAlias = tuple[tuple[Syncable, ...], Settled]

INTERVAL_MS = 200
SIDE_BY_SIDE = 4


class Durability(StrEnum):
    """What an acknowledgement promises. All three survive the end of the process.

    NONE      the kernel writes when it likes
    INTERVAL  after a power cut, all but the last interval is there
    COMMIT    after a power cut, everything is there
    """

    NONE = "none"
    INTERVAL = "interval"
    COMMIT = "commit"


class Flusher:
    """Syncs files in rounds. Every method may be called by any thread."""

    def __init__(
        self, mode: Durability = Durability.COMMIT, interval_ms: int = INTERVAL_MS
    ) -> None:
        self.mode = mode
        self._interval = interval_ms / 1000
        self._condition = threading.Condition()
        self._dirty: dict[Syncable, None] = {}
        self._waiting: list[Waiting] = []
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def wrote(self, file: Syncable) -> None:
        """Have a file synced in the next round; with NONE, never."""
        if self.mode is Durability.NONE:
            return
        with self._condition:
            self._add(file)

    def settle(self, files: Iterable[Syncable], callback: Settled) -> None:
        """Call back, perhaps from another thread, when acknowledging is due.

        With COMMIT that is when what was written before the call is durable, or when a sync
        failed, with its error; otherwise at once.
        """
        if self.mode is Durability.COMMIT:
            wanted = tuple(files)
            with self._condition:
                for file in wanted:
                    self._add(file)
                self._waiting.append((wanted, callback))
                self._wake()
        else:
            for file in files:
                self.wrote(file)
            callback(None)

    def close(self) -> None:
        """Sync what is left, answer who waits, and end the thread."""
        with self._condition:
            self._is_closing = True
            self._condition.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _add(self, file: Syncable) -> None:
        if not self._dirty:
            self._wake()
        self._dirty[file] = None

    def _wake(self) -> None:
        if self._is_closing:
            raise RuntimeError("the flusher is closed")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="accord-log-flush", daemon=True)
            self._thread.start()
        else:
            self._condition.notify()

    # the thread

    def _run(self) -> None:
        with ThreadPoolExecutor(SIDE_BY_SIDE, "accord-log-sync") as pool:
            is_last = False
            while not is_last:
                dirty, waiting, is_last = self._next_round()
                errors = _sync_all(dirty, pool)
                for files, callback in waiting:
                    _call(callback, next((errors[file] for file in files if file in errors), None))

    def _next_round(self) -> tuple[Collection[Syncable], Iterable[Waiting], bool]:
        with self._condition:
            self._condition.wait_for(self._is_due)
            if self.mode is Durability.INTERVAL:
                self._condition.wait_for(lambda: self._is_closing, self._interval)
            dirty, self._dirty = self._dirty, {}
            waiting, self._waiting = self._waiting, []
            return dirty, waiting, self._is_closing

    def _is_due(self) -> bool:
        return bool(self._dirty or self._waiting or self._is_closing)


def _sync_all(files: Collection[Syncable], pool: ThreadPoolExecutor) -> dict[Syncable, Exception]:
    results = map(_sync, files) if len(files) == 1 else pool.map(_sync, files)
    found = zip(files, results, strict=True)
    return {file: error for file, error in found if error is not None}


def _sync(file: Syncable) -> Exception | None:
    try:
        file.sync()
    except Exception as error:  # noqa: BLE001 - a bug must not leave all who wait without answer
        return error
    return None


def _call(callback: Settled, error: Exception | None) -> None:
    try:
        callback(error)
    except Exception:  # noqa: BLE001 - one who waits must not keep the others from their answers
        threading.excepthook(
            threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))
        )
