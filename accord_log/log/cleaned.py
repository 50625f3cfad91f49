"""How far compaction has come in a partition, and when.

A tombstone, or the marker of a transaction, may go some time after the first pass that took it
into account, so that a reader who is on his way through the log meets it. So the passes are kept:
everything below `end` had been taken into account at `time`. Passes that are close together count
as the last of them, which lets things stay longer, never shorter.

cleaned = version:u8  crc:u32 of what follows  pass*
pass    = end:i64  time:i64
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from accord_log.log.folder import Folder

NAME = "cleaned"
VERSION = 1
ENVELOPE = struct.Struct(">BI")
PASS = struct.Struct(">qq")
SLOTS = 32  # passes that are told apart within the time that tombstones stay


class Pass(NamedTuple):
    """Where a pass of compaction ended, and its time in milliseconds."""

    end: int
    time_ms: int


def load_passes(folder: Folder) -> tuple[Pass, ...]:
    """Return the passes, oldest first; none where the file is missing or damaged."""
    data = folder.load(folder.path / NAME) or b""
    body = data[ENVELOPE.size :]
    if len(data) < ENVELOPE.size or len(body) % PASS.size:
        return ()
    if ENVELOPE.unpack_from(data) != (VERSION, zlib.crc32(body)):
        return ()
    return tuple(map(Pass._make, PASS.iter_unpack(body)))


def save_passes(folder: Folder, passes: tuple[Pass, ...]) -> None:
    """Keep the passes, durably. Raises OSError."""
    body = b"".join(PASS.pack(*done) for done in passes)
    data = ENVELOPE.pack(VERSION, zlib.crc32(body)) + body
    folder.save(folder.path / NAME, data, durable=True)


def end_of(passes: tuple[Pass, ...]) -> int:
    """Return the offset up to which the log is compacted."""
    return passes[-1].end if passes else 0


def settled_before(passes: tuple[Pass, ...], now_ms: int, after_ms: int) -> int:
    """Return the offset below which everything was taken into account so long ago."""
    return max((done.end for done in passes if done.time_ms + after_ms <= now_ms), default=0)


def with_pass(passes: tuple[Pass, ...], latest: Pass, after_ms: int) -> tuple[Pass, ...]:
    """Return the passes with another; `after_ms` is the time that tombstones stay."""
    settled = settled_before(passes, latest.time_ms, after_ms)
    kept = [done for done in passes if done.end >= settled]
    # The one before the last stays where it is, or the last would be put off for ever.
    if len(kept) > 1 and latest.time_ms - kept[-2].time_ms < after_ms // SLOTS:
        del kept[-1]
    return (*kept, latest)
