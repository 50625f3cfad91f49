"""Which partition a key goes to: what Kafka's Java clients compute, so that all agree."""

from __future__ import annotations

import struct

SEED = 0x9747B28C
MULTIPLIER = 0x5BD1E995
MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Return the unsigned 32-bit MurmurHash2 of the data, with Kafka's seed."""
    length = len(data)
    words = length // 4
    result = SEED ^ length
    for word in struct.unpack_from(f"<{words}I", data):
        mixed = word * MULTIPLIER & MASK
        mixed = (mixed ^ mixed >> 24) * MULTIPLIER
        result = (result * MULTIPLIER ^ mixed) & MASK
    if tail := data[words * 4 :]:
        result = (result ^ int.from_bytes(tail, "little")) * MULTIPLIER & MASK
    result = (result ^ result >> 13) * MULTIPLIER & MASK
    return result ^ result >> 15


def partition_for(key: bytes, count: int) -> int:
    """Return the partition of a key in a topic of `count` partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % count
