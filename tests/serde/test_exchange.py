from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_serde._call import Reply
from accord_serde._exchange import Request, RetryPolicy, exchange

if TYPE_CHECKING:
    from collections.abc import Callable

ONE, TWO = (Request("GET", f"http://{name}/", {}, None, n) for n, name in enumerate("ab"))
GOOD, REFUSED, BUSY = Reply(200, b""), Reply(404, b""), Reply(503, b"")
DOWN = ConnectionError("down")


def run(
    requests: list[Request], policy: RetryPolicy, answer: Callable[[Request], object]
) -> tuple[list[object], object]:
    """Drive an exchange; return its steps and what it ended with."""
    plan = exchange(requests, policy, jitter=lambda: 1.0)
    steps: list[object] = []
    try:
        step = next(plan)
        while True:
            steps.append(step)
            outcome = answer(step) if isinstance(step, Request) else None
            step = plan.send(outcome)  # type: ignore[arg-type] - whatever the test says
    except StopIteration as settled:
        return steps, settled.value
    except ConnectionError as error:
        return steps, error


@pytest.mark.parametrize("reply", [GOOD, REFUSED, Reply(301, b""), Reply(501, b"")])
def test_an_answer_that_will_not_change_settles_it(reply: Reply) -> None:
    assert run([ONE, TWO], RetryPolicy(), lambda _: reply) == ([ONE], (reply, ONE))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_an_answer_that_may_change_is_asked_for_again(status: int) -> None:
    steps, ended = run([ONE], RetryPolicy(2, 100, 1000), lambda _: Reply(status, b""))
    assert steps == [ONE, 0.1, ONE, 0.2, ONE]
    assert ended == (Reply(status, b""), ONE)


def test_the_next_node_is_asked_without_a_pause() -> None:
    answers = {ONE.url: DOWN, TWO.url: GOOD}
    steps, ended = run([ONE, TWO], RetryPolicy(), lambda request: answers[request.url])
    assert (steps, ended) == ([ONE, TWO], (GOOD, TWO))


def test_all_nodes_are_asked_in_every_round() -> None:
    steps, ended = run([ONE, TWO], RetryPolicy(1, 100, 1000), lambda _: BUSY)
    assert steps == [ONE, TWO, 0.1, ONE, TWO]
    assert ended == (BUSY, TWO)


def test_without_retries_every_node_is_asked_once() -> None:
    assert run([ONE, TWO], RetryPolicy(0), lambda _: BUSY)[0] == [ONE, TWO]


def test_the_last_error_says_who_was_asked() -> None:
    steps, ended = run([ONE, TWO], RetryPolicy(1, 0, 0), lambda _: ConnectionError("down"))
    assert len(steps) == 5
    assert isinstance(ended, ConnectionError)
    assert ended.__notes__ == ["tried 2 times: http://a/, http://b/"]


@given(
    retry=st.integers(0, 10_000),
    jitter=st.floats(0, 1, exclude_max=True),
    wait=st.integers(0, 10**6),
    most=st.integers(0, 10**6),
)
def test_a_pause_lies_within_its_bounds(retry: int, jitter: float, wait: int, most: int) -> None:
    pause = RetryPolicy(3, wait, most).pause(retry, jitter)
    assert 0 <= pause <= min(wait * 2 ** min(retry, 64), most) / 1000


def test_a_request_shows_neither_headers_nor_content() -> None:
    request = Request("POST", "http://a/", {"authorization": "Basic c2VjcmV0"}, b"secret")
    assert "c2VjcmV0" not in repr(request)
    assert "secret" not in repr(request)
