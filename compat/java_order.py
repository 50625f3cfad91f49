"""The order in which Java's hash tables hand out their keys.

Confluent 8.3 compares properties, messages, enums and constants in that order, and its clients see
it in the messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Key = TypeVar("Key", bound="str | int")

SMALLEST_TABLE = 16
LOAD_FACTOR = 0.75


def of_map(keys: Collection[Key]) -> list[Key]:
    """Return the keys of a HashMap that is a copy of another map."""
    return by_bucket(keys, capacity(int(len(keys) / LOAD_FACTOR + 1)))


def of_union(first: Collection[Key], second: Collection[Key]) -> list[Key]:
    """Return the elements of a HashSet made of the keys of one map, then of another."""
    size = capacity(max(int(len(first) / LOAD_FACTOR) + 1, SMALLEST_TABLE))
    keys = list(dict.fromkeys([*of_map(first), *of_map(second)]))
    while len(keys) > size * LOAD_FACTOR:
        size *= 2
    return by_bucket(keys, size)


def capacity(at_least: int) -> int:
    return 1 << max(at_least - 1, 0).bit_length()


def by_bucket(keys: Iterable[Key], size: int) -> list[Key]:
    """Return the keys by the buckets of a table; of one bucket, the earlier come first."""
    return sorted(keys, key=lambda key: spread(key) & (size - 1))


def spread(key: str | int) -> int:
    """Return the hash of a String or an Integer as HashMap mixes it."""
    code = key & 0xFFFFFFFF if isinstance(key, int) else hash_code(key)
    return code ^ code >> 16


def hash_code(text: str) -> int:
    code = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (31 * code + (high << 8 | low)) & 0xFFFFFFFF
    return code
