"""The order of a Java HashSet, by which Confluent's findings come."""

from __future__ import annotations

from compat.java_order import of_union


def test_names_come_by_their_hash_codes() -> None:
    """The codes' last bits: TestMessage2 and TestMessage3 stand before TestMessage."""
    assert of_union(["TestMessage", "TestMessage2"], ["TestMessage", "TestMessage3"]) == [
        "TestMessage2",
        "TestMessage3",
        "TestMessage",
    ]


def test_numbers_come_by_the_buckets_of_the_table() -> None:
    assert of_union([17, 2, 16], [1]) == [16, 17, 1, 2]
    assert of_union([-1, 0], []) == [-1, 0]  # both in the first bucket


def test_a_set_is_made_large_enough_for_the_first_map() -> None:
    """Twelve keys fill a map of 16 buckets, but the set made of them has 32."""
    assert of_union(range(32, 20, -1), []) == [32, *range(21, 32)]
    assert of_union(range(11), [16, 32]) == [0, 32, *range(1, 11), 16]


def test_each_key_comes_once() -> None:
    assert of_union(["a", "b"], ["b", "a"]) == ["a", "b"]
    assert of_union([], []) == []
