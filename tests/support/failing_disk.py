"""The real disk, with what a test wants to go wrong on it.

Nothing is really synced: `synced` says how much of a file a power cut would leave.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from accord_log.log.files import DiskFiles

if TYPE_CHECKING:
    from pathlib import Path

    from accord_log.kafka.fields import Buffer
    from accord_log.log.files import DiskFile


class Crash(BaseException):
    """The process ends here."""


class Faults:
    """What is to go wrong.

    `room` is how many bytes still fit; `steps` how many operations happen before the process
    ends, the last one half; `refused` names operations that fail.
    """

    def __init__(self) -> None:
        self.room = 1 << 40
        self.steps = 1 << 40
        self.refused: set[str] = set()
        self.log: list[str] = []

    def step(self, name: str) -> None:
        self.log.append(name)
        if self.steps <= 0:
            raise Crash(name)
        self.steps -= 1
        if name in self.refused:
            raise OSError(errno.EIO, f"{name} fails")


class FaultyFile:
    """A file; what was not synced when a sync fails becomes zeros, as by a kernel that gave up."""

    def __init__(self, file: DiskFile, faults: Faults) -> None:
        self.file = file
        self.faults = faults
        self.synced = file.size

    @property
    def size(self) -> int:
        return self.file.size

    def append(self, data: Buffer) -> None:
        try:
            self.faults.step("append")
        except Crash:
            self._write_some(data, len(data) // 2)
            raise
        if len(data) > self.faults.room:
            self._write_some(data, self.faults.room)
            raise OSError(errno.ENOSPC, "no room")
        self.faults.room -= len(data)
        self.file.append(data)

    def _write_some(self, data: Buffer, count: int) -> None:
        before = self.file.size
        self.file.append(memoryview(data)[:count])
        self.file.size = before

    def read(self, position: int, size: int) -> bytes:
        return self.file.read(position, size)

    def truncate(self, size: int) -> None:
        self.faults.step("truncate")
        self.file.truncate(size)
        self.synced = min(self.synced, size)

    def sync(self) -> None:
        try:
            self.faults.step("sync")
        except OSError:
            lost = self.file.size - self.synced
            self.file.truncate(self.synced)
            self.file.append(bytes(lost))
            raise
        self.synced = self.file.size

    def close(self) -> None:
        self.file.close()


class FaultyFiles:
    """The disk."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.files = DiskFiles()

    def open(self, path: Path) -> FaultyFile:
        self.faults.step("open")
        return FaultyFile(self.files.open(path), self.faults)

    def existing(self, path: Path, size: int) -> FaultyFile:
        return FaultyFile(self.files.existing(path, size), self.faults)

    def names(self, directory: Path) -> dict[str, int]:
        return self.files.names(directory)

    def make_directory(self, path: Path) -> bool:
        return self.files.make_directory(path)

    def remove_directory(self, path: Path) -> None:
        self.files.remove_directory(path)

    def remove(self, path: Path) -> None:
        self.faults.step("remove")
        self.files.remove(path)

    def rename(self, old: Path, new: Path) -> None:
        self.faults.step("rename")
        self.files.rename(old, new)

    def sync_directory(self, _: Path) -> None:
        self.faults.step("sync_directory")
