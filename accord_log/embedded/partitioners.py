"""Which partition a record with a key goes to: the same as other clients choose.

murmur2              the Java clients' hash
consistent           librdkafka's: CRC-32
fnv1a                Sarama's: FNV-1a, the sign dropped
..._random           the same, but records without a key go to any partition
"""

from __future__ import annotations

import random
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from accord_log.kafka import murmur2

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Partitioner: TypeAlias = Callable[[bytes, int], int]

FNV_OFFSET = 0x811C9DC5
FNV_PRIME = 0x01000193
MASK = 0xFFFFFFFF
SIGN = 1 << 31
# Keys come again: a look-up costs a tenth of the hash.
MOST_KEPT = 16_384


@lru_cache(MOST_KEPT)
def by_murmur2(key: bytes, count: int) -> int:
    return murmur2.partition_for(key, count)


def by_crc32(key: bytes, count: int) -> int:
    return zlib.crc32(key) % count


@lru_cache(MOST_KEPT)
def by_fnv1a(key: bytes, count: int) -> int:
    """Return the partition as Sarama and librdkafka do: a negative hash counts as positive."""
    result = FNV_OFFSET
    for byte in key:
        result = ((result ^ byte) * FNV_PRIME) & MASK
    signed = result - (result & SIGN) * 2
    return abs(signed) % count


def at_random(_: bytes, count: int) -> int:
    return random.randrange(count)  # noqa: S311 - to spread records, not to keep a secret


class Choice:
    """A partitioner by its name; `keyless` and `empty` tell which keys it does not hash."""

    def __init__(self, hashed: Partitioner, *, keyless: bool, empty: bool) -> None:
        self.hashed = hashed
        self._keyless = keyless
        self._empty = empty

    def choose(self, key: bytes | None, count: int) -> int | None:
        """Return the partition, None for any."""
        if key:
            return self.hashed(key, count)
        if key is None:
            return None if self._keyless else self.hashed(b"", count)
        return None if self._empty else self.hashed(key, count)


# librdkafka's consistent_random takes an empty key for none.
PARTITIONERS = {
    "murmur2_random": Choice(by_murmur2, keyless=True, empty=False),
    "murmur2": Choice(by_murmur2, keyless=False, empty=False),
    "consistent_random": Choice(by_crc32, keyless=True, empty=True),
    "consistent": Choice(by_crc32, keyless=False, empty=False),
    "fnv1a_random": Choice(by_fnv1a, keyless=True, empty=False),
    "fnv1a": Choice(by_fnv1a, keyless=False, empty=False),
    "random": Choice(at_random, keyless=True, empty=False),
}
