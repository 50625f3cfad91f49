"""What can be known of a segment without reading it.

A sparse index: for a batch every so many bytes, its offset, its position, and the latest timestamp
of all batches before it. As the last only grows, it tells where to begin to look for a time: no
batch before the last entry that is below the time has a record so late.

index = head  crc:u32 of head  rows, little-endian, a column after the other
head  = magic  base offset:i64  size:i64 of the segment  end offset:i64  first timestamp:i64
        latest timestamp:i64  rows:u32  crc:u32 of the rows
"""

from __future__ import annotations

import struct
import sys
import threading
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from accord_log.kafka.records import BatchHeader

MAGIC = b"acdidx01"
HEAD = struct.Struct("<8sqqqqqII")
CRC = struct.Struct("<I")
HEAD_SIZE = HEAD.size + CRC.size
NO_TIMESTAMP = -1
COLUMNS = "IIq"  # offsets from the segment's first, positions, latest timestamps before
ROW_SIZE = sum(array(code).itemsize for code in COLUMNS)
LOADED = 4  # of closed segments of one partition, each 1/256 of its segment or less


class Summary(NamedTuple):
    """A segment's size in bytes, the offset after its last record, and the times of its batches.

    The times are the latest of each batch, -1 where records have none.
    """

    size: int
    end_offset: int
    first_timestamp: int = NO_TIMESTAMP
    max_timestamp: int = NO_TIMESTAMP

    def after(self, header: BatchHeader) -> Summary:
        """Return what it is with another batch at the end."""
        first = self.first_timestamp if self.size else header.max_timestamp
        latest = max(self.max_timestamp, header.max_timestamp)
        return Summary(self.size + header.size, header.next_offset, first, latest)


class SparseIndex:
    """The rows. One thread adds while others look up: the offset comes last."""

    __slots__ = ("_latest", "_offsets", "_positions")

    def __init__(self) -> None:
        self._offsets, self._positions, self._latest = (array(code) for code in COLUMNS)

    def __len__(self) -> int:
        return len(self._offsets)

    def note(self, known: Summary, header: BatchHeader, base_offset: int, interval: int) -> None:
        """Add the batch after what is known, if it is so many bytes after the last one here."""
        last = self._positions[-1] if self._positions else 0
        if known.size - last >= interval:
            self._positions.append(known.size)
            self._latest.append(known.max_timestamp)
            self._offsets.append(header.base_offset - base_offset)

    def before(self, offset: int) -> tuple[int, int]:
        """Return the offset and the position of a batch at or before the offset."""
        return self._row(bisect_right(self._offsets, offset) - 1)

    def before_time(self, timestamp: int) -> tuple[int, int]:
        """Return those of a batch before which no record is at or after the time."""
        return self._row(bisect_left(self._latest, timestamp) - 1)

    def _row(self, row: int) -> tuple[int, int]:
        return (self._offsets[row], self._positions[row]) if row >= 0 else (0, 0)

    def to_bytes(self) -> bytes:
        columns = (self._offsets, self._positions, self._latest)
        return b"".join(_little_endian(column).tobytes() for column in columns)

    @classmethod
    def from_bytes(cls, rows: bytes) -> SparseIndex:
        index = cls()
        count = len(rows) // ROW_SIZE
        position = 0
        for column in (index._offsets, index._positions, index._latest):
            size = count * column.itemsize
            column.frombytes(rows[position : position + size])
            position += size
            if sys.byteorder == "big":
                column.byteswap()
        return index


def _little_endian(column: array[int]) -> array[int]:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column


class LoadedIndexes:
    """The indexes of closed segments that were used last. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._indexes: OrderedDict[object, SparseIndex] = OrderedDict()

    def get(self, segment: object) -> SparseIndex | None:
        with self._lock:
            if segment in self._indexes:
                self._indexes.move_to_end(segment)
            return self._indexes.get(segment)

    def put(self, segment: object, index: SparseIndex) -> None:
        with self._lock:
            self._indexes[segment] = index
            while len(self._indexes) > LOADED:
                self._indexes.popitem(last=False)


def write_index(base_offset: int, summary: Summary, index: SparseIndex) -> bytes:
    """Return the bytes of an index file."""
    rows = index.to_bytes()
    head = HEAD.pack(MAGIC, base_offset, *summary, len(index), zlib.crc32(rows))
    return head + CRC.pack(zlib.crc32(head)) + rows


def read_summary(data: bytes | None, base_offset: int, size: int) -> Summary | None:
    """Return what the head says, or None if it is not of a segment of that offset and size."""
    if data is None or len(data) < HEAD_SIZE:
        return None
    head = data[: HEAD.size]
    magic, base, *numbers, _, _ = HEAD.unpack(head)
    summary = Summary(*numbers)
    is_ours = (magic, base, summary.size) == (MAGIC, base_offset, size)
    return summary if is_ours and CRC.unpack_from(data, HEAD.size) == (zlib.crc32(head),) else None


def size_in(head: bytes) -> int:
    """Return the size of the segment that a head is of, 0 if it is no head."""
    return int(HEAD.unpack_from(head)[2]) if len(head) >= HEAD.size else 0


def read_index(
    data: bytes | None, base_offset: int, size: int
) -> tuple[Summary, SparseIndex] | None:
    """Return what `write_index` was given, or None likewise, or if a row is damaged."""
    summary = read_summary(data, base_offset, size)
    if data is None or summary is None:
        return None
    *_, count, crc = HEAD.unpack_from(data)
    rows = data[HEAD_SIZE:]
    if len(rows) != count * ROW_SIZE or zlib.crc32(rows) != crc:
        return None
    return summary, SparseIndex.from_bytes(rows)
