"""The bytes of a ledger: frames in a row, each a change that happened whole or not at all.

frame   = length:u32 of the payload  crc:u32 of the payload  payload
payload = version:u8  entry+
entry   = key length:u32  value length:i32, -1 for a removal  key  value
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from accord_log.kafka.fields import Buffer

    Entry: TypeAlias = tuple[bytes, bytes | None]

VERSION = 1
ENTRY = struct.Struct(">Ii")
HEAD = struct.Struct(">II")
REMOVED = -1


class NewerLedger(Exception):
    """A whole frame is of a version that this program does not know."""


def write_frame(entries: Iterable[Entry]) -> bytes:
    """Return one frame with all the entries, of which there is at least one."""
    parts = [bytes([VERSION])]
    for key, value in entries:
        parts.append(ENTRY.pack(len(key), REMOVED if value is None else len(value)))
        parts.append(key)
        parts.append(value or b"")
    payload = b"".join(parts)
    return HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def read_frames(data: Buffer) -> Iterator[tuple[int, list[Entry]]]:
    """Yield the entries of each frame with where it ends, up to the first that is not whole.

    Raises NewerLedger.
    """
    view = memoryview(data)
    position = 0
    while len(view) - position > HEAD.size:
        length, crc = HEAD.unpack_from(view, position)
        start = position + HEAD.size
        end = start + length
        if not 0 < length <= len(view) - start or zlib.crc32(view[start:end]) != crc:
            return
        yield end, _read_entries(view[start:end])
        position = end


def _read_entries(payload: memoryview) -> list[Entry]:
    if payload[0] != VERSION:
        raise NewerLedger(f"version {payload[0]} of the ledger is not known, only {VERSION}")
    entries: list[Entry] = []
    position = 1
    while position < len(payload):
        key_length, value_length = ENTRY.unpack_from(payload, position)
        middle = position + ENTRY.size + key_length
        position = middle + max(value_length, 0)
        value = None if value_length == REMOVED else bytes(payload[middle:position])
        entries.append((bytes(payload[middle - key_length : middle]), value))
    return entries
