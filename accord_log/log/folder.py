"""The directory of one partition: what its files are called, and small files kept whole.

00000000000000000042.log        a segment that begins with offset 42
00000000000000000042.index      what can be known of it without reading it
00000000000000000042.snapshot   the producers as they were before offset 42
start                           see `checkpoint`
cleaned                         see `cleaned`
boot                            see `boot`

A name that ends in `.new` is of a file that was never finished.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from accord_log.log.files import Files

LOG = ".log"
INDEX = ".index"
SNAPSHOT = ".snapshot"
UNFINISHED = ".new"
OFFSET_DIGITS = 20
CHUNK = 1 << 16


def offset_of(name: str, suffix: str) -> int | None:
    """Return the offset in a file's name, None when it is called otherwise."""
    digits = name.removesuffix(suffix)
    if name.endswith(suffix) and len(digits) == OFFSET_DIGITS and digits.isdecimal():
        return int(digits)
    return None


def offsets_in(names: Mapping[str, int], suffix: str) -> dict[int, int]:
    """Return the sizes of those files that are called by an offset and a suffix, in order."""
    found = ((offset_of(name, suffix), size) for name, size in names.items())
    return dict(sorted((offset, size) for offset, size in found if offset is not None))


class Folder:
    """One partition's directory."""

    def __init__(self, files: Files, path: Path) -> None:
        self.files = files
        self.path = path

    def at(self, offset: int, suffix: str) -> Path:
        """Return the path of a file that is called by an offset."""
        return self.path / f"{offset:0{OFFSET_DIGITS}d}{suffix}"

    def offsets(self, suffix: str) -> dict[int, int]:
        """Return the sizes of files that are called by offsets, in order. Raises OSError."""
        return offsets_in(self.files.names(self.path), suffix)

    def load(self, path: Path, most: int | None = None) -> bytes | None:
        """Return a small file, or its first bytes, or None if it cannot be read."""
        file = self.files.existing(path, 0)
        content = bytearray()
        try:
            while most is None or len(content) < most:
                wanted = CHUNK if most is None else most - len(content)
                data = file.read(len(content), wanted)
                content += data
                if len(data) < wanted:
                    break
        except OSError:
            return None
        finally:
            file.close()
        return bytes(content)

    def save(self, path: Path, data: bytes, *, durable: bool) -> None:
        """Replace a small file, whole or not at all. Raises OSError.

        One that is not durable may be anything after a power cut: it must tell by itself.
        """
        unfinished = path.with_name(path.name + UNFINISHED)
        try:
            self._write(unfinished, data, durable=durable)
            self.files.rename(unfinished, path)
        except OSError:
            with suppress(OSError):
                self.files.remove(unfinished)
            raise
        if durable:
            self.sync()

    def _write(self, path: Path, data: bytes, *, durable: bool) -> None:
        self.files.remove(path)
        file = self.files.open(path)
        try:
            file.append(data)
            if durable:
                file.sync()
        finally:
            file.close()

    def sync(self) -> None:
        """Make the names in the directory durable. Raises OSError."""
        self.files.sync_directory(self.path)
