"""The threads that use cases run in."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from registry.api.crew import Crew

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 2
LONG = 10.0
REQUEST = contextvars.ContextVar[str]("REQUEST")


@contextmanager
def crew() -> Iterator[Crew]:
    """Lend a crew whose threads must end once it is closed."""
    one = Crew(SIZE, name="tested")
    try:
        yield one
    finally:
        one.close()
    for thread in members():
        thread.join(LONG)
    assert members() == []


def members() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("tested")]


class Held:
    """Work that waits to be let go, and notes how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self._go = threading.Event()

    def __call__(self) -> None:
        self.begun += 1
        assert self._go.wait(LONG)

    def let_go(self) -> None:
        self._go.set()


def test_work_is_done_in_another_thread_and_in_the_context_of_the_caller() -> None:
    async def ask() -> tuple[str, threading.Thread]:
        REQUEST.set("r-1")
        return await one.do(lambda: (REQUEST.get(), threading.current_thread()), seconds=LONG)

    with crew() as one:
        request, thread = asyncio.run(ask())
    assert request == "r-1"
    assert thread is not threading.current_thread()


def test_one_thread_is_enough_for_one_caller() -> None:
    async def ask() -> int:
        for _ in range(10):
            await one.do(int, seconds=LONG)
        return len(members())

    with crew() as one:
        assert asyncio.run(ask()) == 1


def test_more_callers_than_threads_wait_for_their_turn() -> None:
    everybody = threading.Barrier(SIZE)

    async def ask() -> int:
        work = [one.do(lambda: everybody.wait(LONG), seconds=LONG) for _ in range(3 * SIZE)]
        await asyncio.gather(*work)
        return len(members())

    with crew() as one:
        assert asyncio.run(ask()) == SIZE


def test_what_the_work_raises_reaches_the_caller_and_is_kept_by_nobody() -> None:
    class Refusal(Exception):
        pass

    async def ask() -> weakref.ref[BaseException]:
        try:  # not pytest.raises, which keeps it too
            await one.do(refuse, seconds=LONG)
        except Refusal as refusal:
            kept = weakref.ref(refusal)
        await one.do(int, seconds=LONG)  # the thread is over with what it did before
        return kept

    def refuse() -> None:
        raise Refusal

    with crew() as one:
        gc.disable()
        try:
            assert asyncio.run(ask())() is None
        finally:
            gc.enable()


def test_work_that_was_given_up_before_its_turn_is_never_begun() -> None:
    busy, late = Held(), Held()

    async def ask() -> None:
        working = [asyncio.create_task(one.do(busy, seconds=LONG)) for _ in range(SIZE)]
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            await one.do(late, seconds=0.01)
        busy.let_go()
        await asyncio.gather(*working)
        await asyncio.gather(*(one.do(int, seconds=LONG) for _ in range(SIZE)))

    with crew() as one:
        asyncio.run(ask())
    assert (busy.begun, late.begun) == (SIZE, 0)


def test_work_goes_on_in_its_thread_when_its_caller_has_given_up() -> None:
    slow = Held()

    async def ask() -> int:
        with pytest.raises(TimeoutError):
            await one.do(slow, seconds=0.01)
        answer = await one.do(lambda: 7, seconds=LONG)
        slow.let_go()
        return answer

    with crew() as one:
        assert asyncio.run(ask()) == 7
    assert slow.begun == 1


def test_a_thread_survives_the_loop_that_it_worked_for() -> None:
    slow = Held()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await one.do(slow, seconds=0.01)

    with crew() as one:
        asyncio.run(give_up())
        slow.let_go()
    assert slow.begun == 1
