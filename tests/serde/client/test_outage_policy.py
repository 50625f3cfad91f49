"""When to ask a registry that does not answer, against a clock that stands still."""

from __future__ import annotations

import httpx
import pytest

from accord_serde import OAuthTokenError, SchemaRegistryError
from accord_serde._outage import (
    LONGEST_PAUSE_SECONDS,
    PATIENCE_SECONDS,
    PATIENCE_SHARE,
    Outage,
    is_outage,
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outage(clock: Clock) -> Outage:
    return Outage(clock, jitter=lambda: 1.0)  # pauses of 1, 2, 4 … seconds


def test_a_registry_that_answers_is_always_asked(outage: Outage) -> None:
    assert [outage.patience() for _ in range(3)] == [PATIENCE_SECONDS] * 3


def test_one_that_does_not_is_left_alone_for_a_while(outage: Outage, clock: Clock) -> None:
    outage.begin()
    assert outage.patience() is None
    clock.now += 0.99
    assert outage.patience() is None
    clock.now += 0.01
    assert outage.patience() == pytest.approx(1 * PATIENCE_SHARE)


def test_one_question_at_a_time_finds_out_whether_it_is_back(outage: Outage, clock: Clock) -> None:
    outage.begin()
    clock.now += 1
    assert outage.patience() is not None
    assert [outage.patience() for _ in range(3)] == [None] * 3


def test_it_is_asked_less_and_less_often_but_not_too_seldom(outage: Outage, clock: Clock) -> None:
    outage.begin()
    pauses = []
    for _ in range(6):
        start = clock.now
        while outage.patience() is None:
            clock.now += 0.25
        pauses.append(clock.now - start)
    assert pauses == [1, 2, 4, 8, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_many_failures_at_once_are_one(outage: Outage, clock: Clock) -> None:
    for _ in range(10):
        outage.begin()
    clock.now += 1
    assert outage.patience() is not None


def test_who_comes_after_a_long_time_waits_as_if_nothing_had_been(
    outage: Outage, clock: Clock
) -> None:
    outage.begin()
    clock.now += 3600
    assert outage.patience() == PATIENCE_SECONDS


def test_an_answer_ends_it(outage: Outage, clock: Clock) -> None:
    for _ in range(5):
        outage.begin()
        clock.now += 20
    outage.begin()
    outage.end()
    assert outage.patience() == PATIENCE_SECONDS
    outage.begin()
    clock.now += 1
    assert outage.patience() is not None


def test_pauses_differ_among_clients(clock: Clock) -> None:
    early = Outage(clock, jitter=lambda: 0.0)
    early.begin()
    clock.now += 0.5
    assert early.patience() is not None


OUTAGES: list[Exception] = [
    httpx.ConnectError("down"),
    httpx.ReadTimeout("late"),
    *(SchemaRegistryError(status, -1, "") for status in (408, 429, 500, 502, 503, 504)),
    OAuthTokenError("down"),
    OAuthTokenError("down", 503, ""),
]
ANSWERS: list[Exception | None] = [
    *(SchemaRegistryError(status, -1, "") for status in (200, 301, 401, 403, 404, 409, 422, 501)),
    OAuthTokenError("no", 401, ""),
    RuntimeError("closed"),
    ValueError("no token"),
    None,
]


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_silence_and_failures_of_the_server_are_an_outage(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize("error", ANSWERS, ids=repr)
def test_refusals_and_the_callers_own_mistakes_are_none(error: Exception | None) -> None:
    assert not is_outage(error)
