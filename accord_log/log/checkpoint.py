"""Three offsets of a partition that its segments do not tell.

start      nothing below it is read again, though a segment may still hold it
synced     everything below it is known to be durable: damage there is no torn tail
gaps       below it compaction may have taken records away; from there on, offsets have no gaps

start = version:u8  crc:u32 of what follows  start:i64  synced:i64  gaps:i64
"""

from __future__ import annotations

import struct
import threading
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from accord_log.log.folder import Folder

NAME = "start"
VERSION = 1
ENVELOPE = struct.Struct(">BI")
BODY = struct.Struct(">qqq")


class Offsets(NamedTuple):
    """What is in the file."""

    start: int = 0
    synced: int = 0
    gaps: int = 0


class Checkpoint:
    """The offsets, none of which ever goes back. May be moved by any thread."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._path = folder.path / NAME
        self._lock = threading.Lock()
        stored = _read(folder.load(self._path))
        self.is_missing = stored is None
        self.offsets = stored or Offsets()

    def move(self, *, start: int = 0, synced: int = 0, gaps: int = 0) -> None:
        """Raise some of the offsets, durably. Raises OSError, and then they stay."""
        with self._lock:
            moved = Offsets(*map(max, self.offsets, (start, synced, gaps)))
            if moved == self.offsets:
                return
            body = BODY.pack(*moved)
            data = ENVELOPE.pack(VERSION, zlib.crc32(body)) + body
            self._folder.save(self._path, data, durable=True)
            self.offsets = moved


def _read(data: bytes | None) -> Offsets | None:
    if data is None or len(data) != ENVELOPE.size + BODY.size:
        return None
    body = data[ENVELOPE.size :]
    if ENVELOPE.unpack_from(data) != (VERSION, zlib.crc32(body)):
        return None
    return Offsets._make(BODY.unpack(body))
