"""Keys go where Java's and librdkafka's clients send them."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_batches import untimed

from accord_log.kafka.murmur2 import murmur2, partition_for

with warnings.catch_warnings():
    # It reads its own files in a deprecated way while it is imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.partitioner.default import murmur2 as kafka_pythons


# Signed, as Java prints them.
KNOWN = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", KNOWN)
def test_it_is_the_hash_of_kafkas_own_tests(key: bytes) -> None:
    assert murmur2(key) == KNOWN[key] & 0xFFFFFFFF


@untimed
@given(st.binary(max_size=70))
def test_it_is_the_hash_of_others(key: bytes) -> None:
    assert murmur2(key) == kafka_pythons(key)


@untimed
@given(st.binary(max_size=20), st.integers(1, 1000))
def test_a_key_has_a_partition(key: bytes, count: int) -> None:
    assert partition_for(key, count) == (kafka_pythons(key) & 0x7FFFFFFF) % count
