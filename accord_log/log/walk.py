"""The batches of a file, one after the other, and how it is noticed that one is damaged.

A CRC covers a batch from its attributes on. What comes before is checked by what it must be: the
length by the CRC that it leads to, magic and leader epoch by their only values, and the offset by
the batch before, which it follows at once where compaction has not been.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import HEADER_SIZE, BatchHeader, read_header
from accord_log.kafka.records.header import LENGTH_END, MAGIC, checksum

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from accord_log.log.files import File

    # Base offset, length, leader epoch, magic, crc, attributes, last offset delta.
    Frame: TypeAlias = tuple[int, int, int, int, int, int, int]

FRAME = struct.Struct(">qiibIhi")  # what a walk needs of a header: half the price of all of it
LEADER_EPOCH = 0  # there is one broker
CHUNK = 1 << 16  # bytes read at once where batches are small


class Stretch(NamedTuple):
    """Bytes of a file that hold whole batches, and the offset at or after which they begin.

    With `is_dense` they begin at that offset, and leave none out.
    """

    start: int
    end: int
    offset: int
    is_dense: bool


class Place(NamedTuple):
    """Where a batch is, its first offset, and its size in bytes."""

    position: int
    base_offset: int
    size: int


class DamagedBatch(KafkaError):
    """There is no whole and good batch at a position where one should be."""

    def __init__(self, file: File, position: int, reason: str) -> None:
        super().__init__(
            ErrorCode.CORRUPT_MESSAGE, f"{file.path}: no good batch at byte {position}: {reason}"
        )
        self.position = position


class Window:
    """The part of a file that was read last."""

    __slots__ = ("_begin", "_chunk", "_data", "_end", "_file")

    def __init__(self, file: File, end: int, chunk: int) -> None:
        self._file = file
        self._end = end
        self._chunk = chunk
        self._begin = 0
        self._data = memoryview(b"")

    def at(self, position: int, size: int) -> memoryview:
        """Return so many bytes from the position, fewer if the stretch ends. Raises OSError."""
        start = position - self._begin
        if not 0 <= start <= len(self._data) - size:
            wanted = min(max(self._chunk, size), self._end - position)
            self._begin, start = position, 0
            self._data = memoryview(self._file.read(position, wanted))
        return self._data[start : start + size]


def walk_headers(
    file: File, stretch: Stretch, *, chunk: int = CHUNK
) -> Iterator[tuple[int, BatchHeader]]:
    """Yield where each batch begins and what it says of itself. Raises DamagedBatch, OSError."""
    window = Window(file, stretch.end, chunk)
    for position, _ in _walk(file, window, stretch):
        yield position, read_header(window.at(position, HEADER_SIZE))


def walk_batches(
    file: File, stretch: Stretch, *, chunk: int = CHUNK
) -> Iterator[tuple[int, BatchHeader, memoryview]]:
    """Yield each batch too, whole and with its CRC checked. Raises DamagedBatch, OSError."""
    window = Window(file, stretch.end, chunk)
    for position, frame in _walk(file, window, stretch):
        batch = window.at(position, frame[1] + LENGTH_END)
        if checksum(batch) != frame[4]:
            raise DamagedBatch(file, position, f"its CRC is not {frame[4]}")
        yield position, read_header(batch), batch


def find_batch(file: File, stretch: Stretch, offset: int, *, chunk: int = CHUNK) -> Place | None:
    """Return where the batch is that holds an offset, or the next one; None if there is neither.

    Raises DamagedBatch, OSError.
    """
    for position, frame in _walk(file, Window(file, stretch.end, chunk), stretch):
        base, length, _, _, _, _, delta = frame
        if base + delta >= offset:
            return Place(position, base, length + LENGTH_END)
    return None


def whole_bytes(file: File, stretch: Stretch, data: bytes, *, below: int) -> int:
    """Return how many bytes of the data, which begin a stretch, are batches to be given to readers.

    Those are whole, good, and begin below the offset. Raises DamagedBatch if the first is damaged.
    """
    view = memoryview(data)
    start, end, due, is_dense = stretch
    at = 0
    while at + HEADER_SIZE <= len(view):
        frame = FRAME.unpack_from(view, at)
        base, length, _, _, crc, _, delta = frame
        after = at + length + LENGTH_END
        is_good = _is_plausible(frame, due, end - start - at, is_dense=is_dense)
        if is_good and (base >= below or after > len(view)):
            break
        if not is_good or checksum(view[at:after]) != crc:
            if at:
                break  # the next read begins with it, and tells
            raise DamagedBatch(file, start, _describe(frame, due))
        at = after
        due = base + delta + 1
    return at


def _walk(file: File, window: Window, stretch: Stretch) -> Iterator[tuple[int, Frame]]:
    position, end, due, is_dense = stretch
    while position < end:
        data = window.at(position, HEADER_SIZE)
        if len(data) < HEADER_SIZE:
            raise DamagedBatch(file, position, f"{len(data)} bytes")
        frame: Frame = FRAME.unpack_from(data)
        if not _is_plausible(frame, due, end - position, is_dense=is_dense):
            raise DamagedBatch(file, position, _describe(frame, due))
        yield position, frame
        position += frame[1] + LENGTH_END
        due = frame[0] + frame[6] + 1


def _is_plausible(frame: Frame, due: int, left: int, *, is_dense: bool) -> bool:
    base, length, epoch, magic, _, _, delta = frame
    return (
        (base == due or (base > due and not is_dense))
        and magic == MAGIC
        and epoch == LEADER_EPOCH
        and delta >= 0
        and HEADER_SIZE <= length + LENGTH_END <= left
    )


def _describe(frame: Frame, due: int) -> str:
    base, length, epoch, magic, crc, _, _ = frame
    return (
        f"offset {base} where {due} is due, {length} bytes, leader epoch {epoch}, magic {magic}, "
        f"CRC {crc}"
    )
