from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from accord_serde._flights import AsyncFlights, Flights

CROWD = 8


class Interrupted(BaseException):
    """Stands for KeyboardInterrupt, which pytest would take for its own."""


class Fetch:
    """A fetch that waits until it is let go, and counts how often it was begun."""

    def __init__(self, *outcomes: object) -> None:
        self.begun = 0
        self.began = threading.Event()
        self.go = threading.Event()
        self._outcomes = list(outcomes)

    def __call__(self) -> object:
        self.begun += 1
        self.began.set()
        assert self.go.wait(10)
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def crowd(flights: Flights, fetch: Fetch, pool: ThreadPoolExecutor) -> list[object]:
    """Have threads ask the same while the first of them is still being answered."""
    first = pool.submit(flights.fly, "key", fetch)
    assert fetch.began.wait(10)
    ready = threading.Barrier(CROWD)

    def join() -> object:
        ready.wait(10)
        return flights.fly("key", fetch)

    others = [pool.submit(join) for _ in range(CROWD - 1)]
    ready.wait(10)
    fetch.go.set()
    return [each.exception(10) or each.result(10) for each in [first, *others]]


def test_threads_share_one_answer() -> None:
    flights, fetch = Flights(), Fetch(*["answer"] * CROWD)
    with ThreadPoolExecutor(CROWD) as pool:
        assert set(crowd(flights, fetch, pool)) == {"answer"}


def test_a_thread_that_comes_while_another_asks_does_not_ask() -> None:
    flights, fetch = Flights(), Fetch("one")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.fly, "key", fetch)
        assert fetch.began.wait(10)
        second = pool.submit(flights.fly, "key", lambda: "own")
        with pytest.raises(TimeoutError):  # it would be done by now, had it not to wait
            second.result(0.2)
        fetch.go.set()
        assert first.result(10) == "one"
        assert second.result(10) in {"one", "own"}  # "own" if it was held up until the landing


def test_an_error_is_shared_and_not_kept() -> None:
    flights, fetch = Flights(), Fetch(*[LookupError("no")] * CROWD)
    with ThreadPoolExecutor(CROWD) as pool:
        outcomes = crowd(flights, fetch, pool)
    assert {type(outcome) for outcome in outcomes} == {LookupError}
    assert flights.fly("key", lambda: "later") == "later"


def test_an_interrupted_leader_leaves_the_question_to_another() -> None:
    flights, fetch = Flights(), Fetch(Interrupted(), *["answer"] * CROWD)
    with ThreadPoolExecutor(CROWD) as pool:
        outcomes = crowd(flights, fetch, pool)
    assert isinstance(outcomes[0], Interrupted)
    assert set(outcomes[1:]) == {"answer"}


def test_different_questions_do_not_wait_for_each_other() -> None:
    flights, fetch = Flights(), Fetch("slow")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(flights.fly, "one", fetch)
        assert fetch.began.wait(10)
        assert flights.fly("two", lambda: "quick") == "quick"
        fetch.go.set()
        assert slow.result(10) == "slow"


def test_tasks_share_one_answer() -> None:
    begun = []

    async def fetch() -> str:
        begun.append(1)
        await asyncio.sleep(0)
        return "answer"

    async def main() -> list[str]:
        flights = AsyncFlights()
        return await asyncio.gather(*(flights.fly("key", fetch) for _ in range(CROWD)))

    assert asyncio.run(main()) == ["answer"] * CROWD
    assert len(begun) == 1


def test_tasks_share_one_error() -> None:
    async def fetch() -> str:
        await asyncio.sleep(0)
        raise LookupError

    async def later() -> str:
        return "later"

    async def main() -> tuple[list[object], str]:
        flights = AsyncFlights()
        asked = (flights.fly("key", fetch) for _ in range(CROWD))
        outcomes: list[object] = await asyncio.gather(*asked, return_exceptions=True)
        return outcomes, await flights.fly("key", later)

    outcomes, after = asyncio.run(main())
    assert {type(outcome) for outcome in outcomes} == {LookupError}
    assert after == "later"


@pytest.mark.parametrize("cancelled", [0, 1])
def test_a_cancelled_task_harms_no_other(cancelled: int) -> None:
    async def main() -> list[object]:
        flights, go = AsyncFlights(), asyncio.Event()

        async def fetch() -> str:
            await go.wait()
            return "answer"

        tasks = [asyncio.create_task(flights.fly("key", fetch)) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks[cancelled].cancel()
        await asyncio.sleep(0)
        go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = asyncio.run(main())
    assert isinstance(outcomes.pop(cancelled), asyncio.CancelledError)
    assert outcomes == ["answer", "answer"]
