"""Files in memory that know what a disk would still have after a power cut, and can refuse.

What was written is durable once the file was synced, a name once its directory was. A power cut
keeps what is durable and, of the rest, as much as it likes: writes in order up to some point, the
last of them torn, with sectors of zeros where a later one came to the disk before an earlier one,
and any of the changes of names.
"""

from __future__ import annotations

import errno
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from random import Random

    from accord_log.kafka.fields import Buffer

    Write: TypeAlias = tuple[int, bytes | None]  # position and data, or no data: cut off there

SECTOR = 512
ROOT = Path("/")
DATA = Path("/data")  # is always there


class MachineOff(BaseException):
    """The machine, or the program, ended in the middle of something."""


@dataclass(eq=False)
class Content:
    """What a file holds, and what would be left of it."""

    now: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    unsynced: list[Write] = field(default_factory=list)
    modified_ms: int = 0

    def write(self, position: int, data: bytes) -> None:
        self.unsynced.append((position, data))
        _apply(self.now, position, data)

    def truncate(self, size: int) -> None:
        self.unsynced.append((size, None))
        _apply(self.now, size, None)

    def sync(self) -> None:
        self.durable = bytes(self.now)
        self.unsynced = []

    def after_power_cut(self, random: Random | None) -> Content:
        left = bytearray(self.durable)
        if random is None:
            return Content(left, self.durable, [], self.modified_ms)
        count = random.randint(0, len(self.unsynced))
        for position, data in self.unsynced[:count]:
            _apply(left, position, data)
        if count < len(self.unsynced):
            position, data = self.unsynced[count]
            _apply(left, position, None if data is None else data[: random.randint(0, len(data))])
        self._zero_sectors(left, random)
        return Content(bytearray(left), bytes(left), [], self.modified_ms)

    def _zero_sectors(self, left: bytearray, random: Random) -> None:
        first = min((position for position, _ in self.unsynced), default=len(left))
        for start in range(first, len(left), SECTOR):
            if random.random() < 0.1:
                left[start : start + SECTOR] = bytes(len(left[start : start + SECTOR]))


def _apply(content: bytearray, position: int, data: bytes | None) -> None:
    if data is None:
        del content[position:]
        content.extend(bytes(position - len(content)))
        return
    content.extend(bytes(max(0, position - len(content))))
    content[position : position + len(data)] = data


@dataclass
class Names:
    """Which names there are, and what would be left of them."""

    now: dict[Path, Content | None] = field(default_factory=dict)  # None: a directory
    durable: dict[Path, Content | None] = field(default_factory=dict)
    unsynced: list[dict[Path, Content | str | None]] = field(default_factory=list)

    def change(self, changes: dict[Path, Content | str | None]) -> None:
        self.unsynced.append(changes)
        _rename(self.now, changes)

    def sync(self, directory: Path) -> None:
        """Make durable what happened in a directory."""
        ours = [c for c in self.unsynced if any(path.parent == directory for path in c)]
        for changes in ours:
            _rename(self.durable, changes)
        self.unsynced = [changes for changes in self.unsynced if changes not in ours]

    def after_power_cut(self, random: Random | None) -> dict[Path, Content | None]:
        left = dict(self.durable)
        for changes in [] if random is None else self._some(random):
            _rename(left, changes)
        return left

    def _some(self, random: Random) -> list[dict[Path, Content | str | None]]:
        """Return the changes up to some point, as a journal has them, or any of them."""
        if random.random() < 0.5:
            return self.unsynced[: random.randint(0, len(self.unsynced))]
        return [changes for changes in self.unsynced if random.random() < 0.5]


REMOVED = "removed"


def _rename(names: dict[Path, Content | None], changes: dict[Path, Content | str | None]) -> None:
    for path, content in changes.items():
        if isinstance(content, str):
            names.pop(path, None)
        else:
            names[path] = content


class MemoryFile:
    """An open file."""

    def __init__(self, files: MemoryFiles, path: Path, content: Content | None, size: int) -> None:
        self._files = files
        self.place = path
        self.content = content
        self.size = size
        self.is_closed = False

    @property
    def path(self) -> str:
        return str(self.place)

    def _there(self) -> Content:
        if self.is_closed:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.path)
        if self.content is None:
            self.content = self._files.content_of(self.place)
        return self.content

    def append(self, data: Buffer) -> None:
        content = self._there()
        self._files.write(self.place, content, self.size, bytes(data))
        self.size += len(data)

    def read(self, position: int, size: int) -> bytes:
        self._files.paths_read.add(self.place)
        return bytes(self._there().now[position : position + size])

    def truncate(self, size: int) -> None:
        content = self._there()
        self._files.step("truncate", self.place)
        content.truncate(size)
        self.size = size

    def sync(self) -> None:
        if not self.is_closed:
            self._files.sync(self.place, self._there())

    def close(self) -> None:
        self.is_closed = True


class MemoryFiles:
    """A file system.

    `steps` counts the changes that were asked for; the one numbered `off_at` ends the machine in
    its middle. `room` is how many bytes can still be written. `refusals` are kinds of changes
    ("write", "truncate", "sync", "name") that fail; a sync that failed has lost what it was for.
    """

    def __init__(self, boot: str = "first") -> None:
        self._boot = boot
        self.names_ = Names({ROOT: None, DATA: None}, {ROOT: None, DATA: None})
        self.steps = 0
        self.off_at: int | None = None
        self.off_after: float = 0.0  # how much of a write that ends so is done
        self.room: int | None = None
        self.refusals: set[str] = set()
        self.now_ms = 0
        self.syncs = 0
        self.paths_read: set[Path] = set()
        self._open: list[MemoryFile] = []
        self._lock = threading.RLock()
        self._is_off = False

    # what happens to the machine

    def after_kill(self) -> MemoryFiles:
        """Return what another program finds."""
        return self._with(dict(self.names_.now), self._boot)

    def after_power_cut(self, random: Random | None = None) -> MemoryFiles:
        """Return what is found when the machine is on again: only what is durable, or at random."""
        names = {
            path: content and content.after_power_cut(random)
            for path, content in self.names_.after_power_cut(random).items()
        }
        orphans = [p for p in names if not set(p.parents) <= set(names)]
        for path in orphans:
            del names[path]
        return self._with(names, self._boot + "+")

    def _with(self, names: dict[Path, Content | None], boot: str) -> MemoryFiles:
        files = MemoryFiles(boot)
        files.names_ = (
            Names(names, dict(names))
            if boot != self._boot
            else Names(names, dict(self.names_.durable), list(self.names_.unsynced))
        )
        files.now_ms = self.now_ms
        return files

    def step(self, kind: str, path: Path) -> None:
        """Count a change that is about to happen, and refuse it if it is to be."""
        with self._lock:
            if self._is_off:
                raise MachineOff
            if self.steps == self.off_at:
                self._is_off = True
                raise MachineOff
            self.steps += 1
        if kind in self.refusals:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    def write(self, path: Path, content: Content, position: int, data: bytes) -> None:
        """Write, as much as there is room for."""
        with self._lock:
            was_off = self._is_off
            try:
                self.step("write", path)
            except MachineOff:
                if not was_off:
                    content.write(position, data[: int(len(data) * self.off_after)])
                raise
            grown = position + len(data) - len(content.now)
            if self.room is not None and grown > self.room:
                content.write(position, data[: max(0, len(data) - grown + self.room)])
                self.room = 0
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            if self.room is not None:
                self.room -= grown
            content.write(position, data)
            content.modified_ms = self.now_ms

    def sync(self, path: Path, content: Content) -> None:
        """Make durable what a file holds."""
        with self._lock:
            self.syncs += 1
            try:
                self.step("sync", path)
            except OSError:
                content.unsynced = []
                raise
            content.sync()

    def content_of(self, path: Path) -> Content:
        content = self.names_.now.get(path)
        if content is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return content

    # the port

    def open(self, path: Path) -> MemoryFile:
        with self._lock:
            if path not in self.names_.now:
                self.step("name", path)
                self.names_.change({path: Content()})
            content = self.content_of(path)
            return self._opened(MemoryFile(self, path, content, len(content.now)))

    def existing(self, path: Path, size: int) -> MemoryFile:
        return self._opened(MemoryFile(self, path, None, size))

    def _opened(self, file: MemoryFile) -> MemoryFile:
        self._open = [f for f in self._open if not f.is_closed and f.place != file.place]
        self._open.append(file)
        return file

    def names(self, directory: Path) -> dict[str, int]:
        with self._lock:
            if directory not in self.names_.now:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(directory))
            return {
                path.name: len(content.now)
                for path, content in self.names_.now.items()
                if content is not None and path.parent == directory
            }

    def modified_ms(self, path: Path) -> int:
        return self.content_of(path).modified_ms

    def boot(self) -> str:
        return self._boot

    def make_directory(self, path: Path) -> None:
        with self._lock:
            for directory in reversed([path, *path.parents]):
                if directory not in self.names_.now:
                    self.step("name", directory)
                    self.names_.change({directory: None})

    def remove_directory(self, path: Path) -> None:
        with self._lock:
            for name in [p for p in self.names_.now if path in p.parents or p == path][::-1]:
                self.step("name", name)
                self.names_.change({name: REMOVED})

    def remove(self, path: Path) -> bool:
        with self._lock:
            is_there = path in self.names_.now
            if is_there:
                self.step("name", path)
                self.names_.change({path: REMOVED})
                self._leave(path)
            return is_there

    def rename(self, old: Path, new: Path) -> None:
        with self._lock:
            content = self.content_of(old)
            self.step("name", old)
            self._leave(new)
            self.names_.change({old: REMOVED, new: content})
            for file in self._open:
                if file.place == old:
                    file.place = new

    def _leave(self, path: Path) -> None:
        for file in self._open:
            if file.place == path and file.content is None:
                file.is_closed = True
        self._open = [file for file in self._open if file.place != path]

    def sync_directory(self, path: Path) -> None:
        with self._lock:
            self.step("sync", path)
            self.names_.sync(path)
