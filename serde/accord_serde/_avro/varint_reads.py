"""Reading Avro's variable-length integers out of bytes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from accord_serde._avro.varint import Odd

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[bytes, int], tuple[int, int]]

# A byte from here on says that there is another one.
MORE = 128
# Ten bytes have more than 64 bits, of which the last ones are dropped, as by all who read in C.
MAX_SHIFT = 63
ALL_BITS = (1 << 64) - 1


class IntegerReaders(NamedTuple):
    """`single[b]` is what a first byte below 128 says; `size[b]` too, None for a negative number.

    `rest` takes where an integer of four bytes or more is, its first byte, and what the first three
    say, and returns the number and where the next bytes are. The others take the place of an
    integer. So does `nonzero`; `size_at` returns where so many bytes end and where they begin,
    `behind` the place behind the integer, `behind_sized` that behind so many bytes more.
    """

    single: list[int]
    size: list[int | None]
    rest: Callable[[bytes, int, int, int], tuple[int, int]]
    nonzero: Read
    size_at: Read
    behind: Callable[[bytes, int], int]
    behind_sized: Callable[[bytes, int], int]


@cache
def integer_readers() -> IntegerReaders:
    single = [bits >> 1 ^ -(bits & 1) for bits in range(MORE)]
    size = [None if number < 0 else number for number in single]

    def nonzero(data: bytes, start: int) -> tuple[int, int]:
        number, end = read_long(data, start)
        if number == 0:
            raise Odd
        return number, end

    def size_at(data: bytes, start: int) -> tuple[int, int]:
        first, second = data[start], data[start + 1]
        if second < MORE and not first & 1:
            return start + 2 + (first >> 1) + second * 64 - 64, start + 2
        number, begin = read_long(data, start)
        if number < 0:
            raise Odd
        return begin + number, begin

    return IntegerReaders(single, size, read_rest, nonzero, size_at, behind, behind_sized)


def partial(*names: str) -> str:
    """Return the expression for what the first bytes of an integer say, before its sign.

    Multiplications are quicker than shifts, and one subtraction takes away all the bits that say
    that there is another byte.
    """
    first, *others = names
    terms = [f"({first} >> 1)"]
    more = MORE // 2
    for number, name in enumerate(others, 1):
        terms.append(f"{name} * {weight(number)}")
        more += MORE * weight(number)
    more -= MORE * weight(len(others))
    return f"{' + '.join(terms)} - {more}"


def weight(number: int) -> int:
    return 1 << 7 * number - 1


# What the fourth and the fifth byte count for, and what is too much for the bits that say that
# there is another byte: that of the third is in what `rest` gets, too.
FOURTH, FIFTH = weight(3), weight(4)
THIRD_MORE = MORE * weight(2)
FOURTH_MORE = THIRD_MORE + MORE * FOURTH


def read_rest(data: bytes, start: int, first: int, number: int) -> tuple[int, int]:
    """Read the integers of four bytes or more; without a loop up to the milliseconds since 1970.

    What CPython has in one digit is kept apart from what it has not as long as possible.
    """
    byte = data[start + 3]
    if byte < MORE:
        number += byte * FOURTH - THIRD_MORE
        return ~number if first & 1 else number, start + 4
    number += byte * FOURTH - FOURTH_MORE
    high = data[start + 4]
    if high < MORE:
        number += high * FIFTH
        return ~number if first & 1 else number, start + 5
    byte = data[start + 5]
    if byte < MORE:
        number += (high + byte * MORE - MORE) * FIFTH
        return ~number if first & 1 else number, start + 6
    return read_long(data, start)


def read_long(data: bytes, start: int) -> tuple[int, int]:
    bits, shift, end = 0, 0, start
    while (byte := data[end]) >= MORE:
        bits += byte - MORE << shift
        shift += 7
        end += 1
    bits += byte << shift
    if shift > MAX_SHIFT:
        raise Odd
    bits &= ALL_BITS
    return bits >> 1 ^ -(bits & 1), end + 1


def behind(data: bytes, start: int) -> int:
    return read_long(data, start)[1]


def behind_sized(data: bytes, start: int) -> int:
    size, begin = read_long(data, start)
    if size < 0:
        raise Odd
    return begin + size
