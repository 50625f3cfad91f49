"""Avro's variable-length integers: zig-zag, seven bits a byte, the low ones first."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# From -SMALL up to SMALL - 1 an integer takes one or two bytes, and is looked up.
SMALL = 8192
SMALL_PREFIXED = 256
MIN_INT, MAX_INT = -(1 << 31), (1 << 31) - 1


class Odd(Exception):
    """What the fast path does not take; it never leaves this package."""


class TooManyItems(ValueError):
    """Data of a few bytes say that they are a great many items."""


class IntegerWriters(NamedTuple):
    """`small[n]` has the bytes of a small integer, negative ones from the end of the list."""

    small: list[bytes]
    long: Callable[[object], bytes]
    int: Callable[[object], bytes]


@cache
def integer_writers() -> IntegerWriters:
    """Return tables and functions that share them; the tables take 2 MB, hence not at import."""
    ends = [_bytes(number) for number in range(2 * SMALL)]
    starts = [bytes((low & 127 | 128, low >> 7 | 128)) for low in range(2 * SMALL)]
    small = [*ends[::2], *ends[::-2]]
    # The last bit of an even one says that the number is negative.
    positive, negative = starts[::2], starts[1::2]

    def long(number: object) -> bytes:
        if type(number) is not int:
            raise Odd
        if number >= 0:
            low = positive
        else:
            number, low = ~number, negative
        if number < 1 << 27:
            if number < SMALL:
                return small[number] if low is positive else small[~number]
            return low[number & 8191] + ends[number >> 13]
        if number < 1 << 41:
            return low[number & 8191] + starts[number >> 13 & 16383] + ends[number >> 27]
        if number < 1 << 63:
            high = _bytes(number >> 27)
            return low[number & 8191] + starts[number >> 13 & 16383] + high
        raise Odd

    def int32(number: object) -> bytes:
        if type(number) is int and MIN_INT <= number <= MAX_INT:
            return long(number)
        raise Odd

    return IntegerWriters(small, long, int32)


@cache
def prefixed_lengths(index: int) -> list[bytes]:
    """Return the bytes of a branch's index followed by those of a length, by length."""
    writers = integer_writers()
    start = writers.long(index)
    return [start + writers.small[length] for length in range(SMALL_PREFIXED)]


def _bytes(bits: int) -> bytes:
    out = bytearray()
    while bits > 127:  # noqa: PLR2004 - seven bits
        out.append(bits & 127 | 128)
        bits >>= 7
    out.append(bits)
    return bytes(out)
