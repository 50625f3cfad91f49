"""What members tell each other, byte for byte."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_log.embedded.consumer_protocol import (
    Malformed,
    Subscription,
    read_assignment,
    read_previous,
    read_subscription,
    write_assignment,
    write_previous,
    write_subscription,
)

NAMES = st.text(min_size=1, max_size=20)
PLACES = st.frozensets(st.tuples(NAMES, st.integers(0, 2**31 - 1)))


def test_a_subscription_is_written_as_other_clients_read_it() -> None:
    written = write_subscription(Subscription(frozenset({"t"}), frozenset({("t", 2), ("t", 1)})))
    assert written.hex(" ") == (
        "00 01"  # the version
        " 00 00 00 01 00 01 74"  # one topic
        " ff ff ff ff"  # no data
        " 00 00 00 01 00 01 74 00 00 00 02 00 00 00 01 00 00 00 02"  # what it has
    )


def test_an_assignment_is_written_as_other_clients_read_it() -> None:
    written = write_assignment([("t", 1), ("s", 0)])
    assert written.hex(" ") == (
        "00 00 00 00 00 02 00 01 73 00 00 00 01 00 00 00 00"
        " 00 01 74 00 00 00 01 00 00 00 01 ff ff ff ff"
    )


def test_older_and_newer_subscriptions_are_read() -> None:
    oldest = bytes.fromhex("0000 00000001 0001 74 ffffffff")
    assert read_subscription(oldest) == (Subscription(frozenset({"t"})), None)
    newest = bytes.fromhex("0003 00000001 0001 74 00000001 aa 00000000 00000007 0001 72")
    assert read_subscription(newest) == (Subscription(frozenset({"t"})), b"\xaa")


def test_no_assignment_is_nothing() -> None:
    assert read_assignment(b"") == frozenset()


@given(topics=st.frozensets(NAMES), owned=PLACES, data=st.none() | st.binary())
def test_what_is_written_is_read(
    topics: frozenset[str], owned: frozenset[tuple[str, int]], data: bytes | None
) -> None:
    subscription = Subscription(topics, owned)
    assert read_subscription(write_subscription(subscription, data)) == (subscription, data)
    assert read_assignment(write_assignment(owned)) == owned
    assert read_previous(write_previous(owned, 5)) == (owned, 5)


@pytest.mark.parametrize("read", [read_subscription, read_assignment, read_previous])
@given(data=st.binary(max_size=60))
def test_anything_is_read_or_refused(read: object, data: bytes) -> None:
    with contextlib.suppress(Malformed):
        read(data)  # type: ignore[operator]  # one of three functions


@given(data=st.data())
def test_what_is_cut_off_is_refused(data: st.DataObject) -> None:
    written = write_assignment([("topic", 1)])
    length = data.draw(st.integers(2, len(written) - 5))
    with pytest.raises(Malformed):
        read_assignment(written[:length])
