"""Answers to come are given once, to everybody who asked, in whatever thread."""

from __future__ import annotations

import threading

import pytest

from accord_log.broker.promise import Promise, gather, resolved


def test_a_callback_gets_the_value_before_or_after() -> None:
    promise: Promise[int] = Promise()
    seen: list[int] = []
    promise.then(seen.append)
    assert promise.resolve(7)
    promise.then(seen.append)
    assert seen == [7, 7]


def test_only_the_first_value_counts() -> None:
    promise = resolved("first")
    assert not promise.resolve("second")
    assert promise.wait(0) == "first"


def test_waiting_ends_with_the_value_of_another_thread() -> None:
    promise: Promise[str] = Promise()
    thread = threading.Thread(target=promise.resolve, args=("there",))
    thread.start()
    assert promise.wait(10) == "there"
    thread.join()


def test_waiting_is_bounded() -> None:
    promise: Promise[None] = Promise()
    with pytest.raises(TimeoutError):
        promise.wait(0)


def test_gathered_values_keep_their_order() -> None:
    promises: list[Promise[int]] = [Promise() for _ in range(3)]
    whole = gather(promises)
    for value in (2, 0, 1):
        assert not whole.is_done
        promises[value].resolve(value)
    assert whole.wait(0) == [0, 1, 2]


def test_nothing_gathered_is_there_at_once() -> None:
    assert gather([]).wait(0) == []
