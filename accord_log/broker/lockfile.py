"""One process at a time over one data directory."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "lock"


class DirectoryInUse(Exception):
    """Another process has the log's directory open."""

    def __init__(self, directory: Path, owner: str) -> None:
        by = f" by process {owner}" if owner else ""
        super().__init__(f"{directory} is in use{by}; a log is opened by one process at a time")


class DirectoryLock:
    """Holds a directory until it is released, or the process ends in whatever way."""

    def __init__(self, directory: Path) -> None:
        """Take the directory. Raises DirectoryInUse."""
        self._file = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(self._file, 32, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            raise DirectoryInUse(directory, owner) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others have it."""
        os.close(self._file)
