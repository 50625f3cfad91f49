"""The file system as the log sees it: a port, so that tests can lose what was not synced.

Whoever opens a file keeps it open as long as he likes: it is a name and a size, and has a
descriptor only while it is used and for some time after.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import threading
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from accord_log.kafka.fields import Buffer

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NS_PER_MS = 1_000_000
NO_DESCRIPTOR = -1
MOST_DESCRIPTORS = 512
SHARE_OF_DESCRIPTORS = 4  # a quarter for files, the rest for connections
FEWEST_DESCRIPTORS = 16
TOO_MANY_OPEN = {errno.EMFILE, errno.ENFILE}


class Syncable(Protocol):
    """What can be made durable."""

    def sync(self) -> None:
        """Return when all that was written before the call is durable. Raises OSError."""


class File(Syncable, Protocol):
    """A file that grows at its end."""

    @property
    def path(self) -> str:
        """Return its name, for those who must be told of it."""

    @property
    def size(self) -> int:
        """Return where the next append begins."""

    def append(self, data: Buffer) -> None:
        """Write all of it behind the rest, in one call of the system where that does.

        Raises OSError, and then some of it may be in the file, above its size.
        """

    def read(self, position: int, size: int) -> bytes:
        """Return the bytes at the position, fewer where the file ends. Raises OSError."""

    def truncate(self, size: int) -> None:
        """Cut the file off. Raises OSError."""

    def close(self) -> None:
        """Let go of the file."""


class Files(Protocol):
    """Files by their paths."""

    def open(self, path: Path) -> File:
        """Open a file, empty if it is not there. Raises OSError."""

    def existing(self, path: Path, size: int) -> File:
        """Return a file that is there, without looking; using it raises OSError if it is not."""

    def names(self, directory: Path) -> dict[str, int]:
        """Return the sizes of the files in a directory, by name."""

    def modified_ms(self, path: Path) -> int:
        """Return when a file was written last. Raises OSError."""

    def boot(self) -> str:
        """Name the time since the machine, with what it had not yet written, was last switched on.

        Empty where that is not known.
        """

    def make_directory(self, path: Path) -> None:
        """Make a directory, and those above it, where they are not there. Raises OSError."""

    def remove_directory(self, path: Path) -> None:
        """Remove a directory and all that is in it, if it is there."""

    def remove(self, path: Path) -> bool:
        """Remove a file; tell whether it was there.

        Who has it open may read on, or meet a FileNotFoundError.
        """

    def rename(self, old: Path, new: Path) -> None:
        """Put a file, which may be open, in the place of another. Raises OSError."""

    def sync_directory(self, path: Path) -> None:
        """Make the names in a directory durable. Raises OSError."""


class DiskFile:
    """A file on disk."""

    __slots__ = ("_files", "descriptor", "is_gone", "path", "size", "users")

    def __init__(self, files: DiskFiles, path: str, size: int) -> None:
        self._files = files
        self.path = path
        self.size = size
        self.descriptor = NO_DESCRIPTOR
        self.users = 0
        self.is_gone = False  # another file, or none, has its name

    def append(self, data: Buffer) -> None:
        descriptor = self._files.acquire(self)
        try:
            _write_all(descriptor, data, self.size)
        finally:
            self._files.release(self)
        self.size += len(data)

    def read(self, position: int, size: int) -> bytes:
        descriptor = self._files.acquire(self)
        try:
            return os.pread(descriptor, size, position)
        finally:
            self._files.release(self)

    def truncate(self, size: int) -> None:
        descriptor = self._files.acquire(self)
        try:
            os.ftruncate(descriptor, size)
        finally:
            self._files.release(self)
        self.size = size

    def sync(self) -> None:
        try:
            descriptor = self._files.acquire(self)
        except FileNotFoundError:
            if self.is_gone:
                return  # nobody will read it again
            raise
        try:
            os.fdatasync(descriptor)
        finally:
            self._files.release(self)

    def close(self) -> None:
        self._files.forget(self)


def _write_all(descriptor: int, data: Buffer, position: int) -> None:
    written = os.pwrite(descriptor, data, position)
    while written < len(data):
        # The disk is nearly full, or a limit near: what is left says which, or fits.
        written += os.pwrite(descriptor, memoryview(data)[written:], position + written)


def _default_limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    share = soft // SHARE_OF_DESCRIPTORS if soft > 0 else MOST_DESCRIPTORS
    return max(FEWEST_DESCRIPTORS, min(MOST_DESCRIPTORS, share))


class DiskFiles:
    """The disk. At most `limit` descriptors stay open, those that were used last.

    A file with unsynced bytes may lose its descriptor too: since 4.13 Linux tells an error of
    writing back to whoever syncs next, though he opened the file later.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = _default_limit() if limit is None else limit
        self._lock = threading.Lock()
        self._open: OrderedDict[DiskFile, None] = OrderedDict()  # with a descriptor, oldest first
        self._by_path: dict[str, DiskFile] = {}
        self._boot: str | None = None

    # names

    def open(self, path: Path) -> DiskFile:
        file = self._register(path, 0)
        with self._lock:
            file.descriptor = self._open_descriptor(file.path, os.O_CREAT)
            self._keep(file)
            file.size = os.fstat(file.descriptor).st_size
        return file

    def existing(self, path: Path, size: int) -> DiskFile:
        return self._register(path, size)

    def _register(self, path: Path, size: int) -> DiskFile:
        file = DiskFile(self, str(path), size)
        with self._lock:
            self._by_path[file.path] = file
        return file

    def names(self, directory: Path) -> dict[str, int]:
        sizes = {}
        with os.scandir(directory) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # another thread was faster
                    if entry.is_file():
                        sizes[entry.name] = entry.stat().st_size
        return sizes

    def modified_ms(self, path: Path) -> int:
        return path.stat().st_mtime_ns // NS_PER_MS

    def boot(self) -> str:
        if self._boot is None:
            try:
                self._boot = BOOT_ID.read_text(encoding="ascii").strip()
            except OSError:
                self._boot = ""
        return self._boot

    def make_directory(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)

    def remove_directory(self, path: Path) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(path)

    def remove(self, path: Path) -> bool:
        with self._lock:
            self._leave(str(path))
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            return True

    def rename(self, old: Path, new: Path) -> None:
        with self._lock:
            old.replace(new)
            self._leave(str(new))
            moved = self._by_path.pop(str(old), None)
            if moved is not None:
                moved.path = str(new)
                self._by_path[moved.path] = moved

    def _leave(self, path: str) -> None:
        """Let nobody open another file in the belief that it is the one he knew."""
        file = self._by_path.pop(path, None)
        if file is not None:
            file.is_gone = True

    def sync_directory(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    # descriptors

    def acquire(self, file: DiskFile) -> int:
        """Return the file's descriptor, which stays open until it is released."""
        with self._lock:
            if file in self._open:
                self._open.move_to_end(file)
            elif file.is_gone:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file.path)
            else:
                file.descriptor = self._open_descriptor(file.path, 0)
                self._keep(file)
            file.users += 1
            return file.descriptor

    def release(self, file: DiskFile) -> None:
        """Give the descriptor back."""
        with self._lock:
            file.users -= 1
            if file not in self._open and not file.users:
                _close(file)

    def forget(self, file: DiskFile) -> None:
        """Close the file's descriptor, once those who use it just now are done."""
        with self._lock:
            file.is_gone = True
            if self._by_path.get(file.path) is file:
                del self._by_path[file.path]
            self._open.pop(file, None)
            if not file.users:
                _close(file)

    def _open_descriptor(self, path: str, flags: int) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o644)
        except OSError as error:
            if error.errno not in TOO_MANY_OPEN:
                raise
            self._close_idle(0, but=None)  # connections took more than their share
            return os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o644)

    def _keep(self, file: DiskFile) -> None:
        self._open[file] = None
        if len(self._open) > self.limit:
            self._close_idle(self.limit, but=file)

    def _close_idle(self, left: int, *, but: DiskFile | None) -> None:
        for file in tuple(self._open):
            if len(self._open) <= left:
                return
            if not file.users and file is not but:
                del self._open[file]
                _close(file)


def _close(file: DiskFile) -> None:
    if file.descriptor != NO_DESCRIPTOR:
        os.close(file.descriptor)
        file.descriptor = NO_DESCRIPTOR


DISK = DiskFiles()
