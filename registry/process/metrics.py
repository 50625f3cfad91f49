"""The directory in which the workers of one node add up their metrics.

It is gone when the supervisor ends. A supervisor that was killed leaves its directory behind; the
next one finds that nobody holds the lock inside it any more, and removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "accord-metrics-"
LOCK = "lock"


@contextlib.contextmanager
def shared_directory() -> Iterator[str]:
    """Make the directory and name it to every process started inside the block."""
    remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as directory, _held(Path(directory, LOCK)):
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = directory
        try:
            yield directory
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before


def remove_abandoned() -> None:
    """Remove the directories whose supervisor is gone."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError), lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent)


@contextlib.contextmanager
def _held(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def forget(directory: str, pid: int | None) -> None:
    """Drop the gauges of a dead worker; its counters stay, for totals must not go down."""
    # Imported late: the library picks its mode from the variable when it is first imported.
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

    mark_process_dead(pid, directory)  # type: ignore[no-untyped-call]  # the library has no types here
