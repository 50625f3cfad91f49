"""Many records at once, column by column.

length varint | attributes int8 | timestampDelta varint | offsetDelta varint
keyLength varint | key | valueLength varint | value | headersCount varint | headers

where an absent key or value has the length -1, and a header is
keyLength varint | key | valueLength varint | value.

Everything that stands between the contents of records is taken from tables of ready bytes, by the
length of what follows and by the place of the record in the batch, and one join puts all of it
together: but for headers and times, no step of the interpreter is spent on a single record.
"""

from __future__ import annotations

from functools import cache
from itertools import repeat
from operator import add, sub
from typing import TYPE_CHECKING, NamedTuple, cast

from accord_log.kafka.records.header import HEADER_SIZE
from accord_log.kafka.records.varint import varint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from accord_log.kafka.records.record import Headers

    Piece: TypeAlias = Sequence[bytes]

# About 64 bytes each, in a handful of tables; what is longer is computed each time, which is little
# beside copying it.
MOST_KEPT = 16_384
# A batch of 1 MiB has room for no more than twice as many of the smallest records.
MOST_PLACES = 65_536


class Columns(NamedTuple):
    """Fields of records that are not the same for all; None where all have none, or one time."""

    values: Sequence[bytes | None]
    keys: Sequence[bytes | None] | None = None
    timestamps: Sequence[int] | None = None
    headers: Sequence[Headers] | None = None


class Table(dict[int, bytes]):
    """Ready bytes by number, made when they are first wanted."""

    def __init__(self, make: Callable[[int], bytes]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, number: int) -> bytes:
        made = self._make(number)
        if -1 <= number < MOST_KEPT:
            self[number] = made
        return made


class SizeTable(dict[int, int]):
    """By the length of a content, -1 for none: the bytes it takes with its length before it."""

    def __missing__(self, length: int) -> int:
        size = len(varint(length)) + max(0, length)
        if length < MOST_KEPT:
            self[length] = size
        return size


ABSENT = varint(-1)
VARINTS = Table(varint)
SIZES = SizeTable()


def join_columns(columns: Columns) -> bytearray:
    """Return the records behind the room for the header."""
    sizes, pieces = _sized(columns.values)
    fixed = 4  # attributes, time, no key, no headers
    after_place, before_length = b"\x01", b"\0"
    if columns.keys is not None:
        key_sizes, key_pieces = _sized(columns.keys)
        sizes, pieces = map(add, key_sizes, sizes), [*key_pieces, *pieces]
        fixed, after_place = fixed - 1, b""
    pieces.insert(0, _places(len(columns.values), after_place))
    if times := _times(columns.timestamps):
        sizes, pieces = map(add, map(len, times), sizes), [times, *pieces]
        fixed -= 1
    if columns.headers is not None:
        headers = [encode_headers(headers) for headers in columns.headers]
        sizes, pieces = map(add, map(len, headers), sizes), [*pieces, headers]
        fixed, before_length = fixed - 1, b""
    heads = _heads(list(sizes), fixed, before_length, b"\0" if times else b"\0\0")
    return _joined([heads, *pieces], before_length)


def encode_headers(headers: Headers) -> bytes:
    """Return the end of a record."""
    parts = [VARINTS[len(headers)]]
    for name, value in headers:
        encoded = name.encode()
        parts += (VARINTS[len(encoded)], encoded)
        parts += (ABSENT,) if value is None else (VARINTS[len(value)], value)
    return b"".join(parts)


def _sized(column: Sequence[bytes | None]) -> tuple[Iterable[int], list[Piece]]:
    lengths, contents = _lengths(column)
    prefixes = list(map(VARINTS.__getitem__, lengths))
    return map(SIZES.__getitem__, lengths), [prefixes, contents]


def _lengths(column: Sequence[bytes | None]) -> tuple[list[int], Sequence[bytes]]:
    try:
        lengths = list(map(len, cast("Sequence[bytes]", column)))
    except TypeError:  # len(None)
        lengths = [-1 if content is None else len(content) for content in column]
        return lengths, [content or b"" for content in column]
    return lengths, cast("Sequence[bytes]", column)


def _times(timestamps: Sequence[int] | None) -> Piece | None:
    """Return the encoded distances from the first time, or None when there are none."""
    if timestamps is None or timestamps.count(timestamps[0]) == len(timestamps):
        return None
    return list(map(VARINTS.__getitem__, map(sub, timestamps, repeat(timestamps[0]))))


def _places(count: int, after: bytes) -> Piece:
    if count > MOST_PLACES:
        return [varint(place) + after for place in range(count)]
    return _place_table(1 << (count - 1).bit_length(), after)[:count]


@cache
def _place_table(count: int, after: bytes) -> list[bytes]:
    return [varint(place) + after for place in range(count)]


def _heads(sizes: list[int], fixed: int, before_length: bytes, after_length: bytes) -> list[bytes]:
    """Return what stands before the time, or else the place, of each record in the batch."""
    heads: list[bytes] = []
    width = 0
    while len(heads) < len(sizes):
        width += 1
        table = _head_table(fixed + width, before_length, after_length)
        # Of the first 64 records the place takes one byte, of the first 8192 two at most.
        heads += map(table.__getitem__, sizes[len(heads) : 1 << (7 * width - 1)])
    return heads


@cache
def _head_table(fixed: int, before_length: bytes, after_length: bytes) -> Table:
    return Table(lambda size: before_length + varint(size + fixed) + after_length)


def _joined(columns: list[Piece], before_length: bytes) -> bytearray:
    """Return the pieces record by record, behind the room for the header.

    Where each head begins with the end of the record before it, the first has none before it: that
    byte is the header's last.
    """
    count, width = len(columns[0]), len(columns)
    pieces: list[bytes] = [before_length] * (count * width + 2)
    pieces[0] = bytes(HEADER_SIZE - len(before_length))
    for index, column in enumerate(columns, 1):
        pieces[index:-1:width] = column
    return bytearray().join(pieces)
