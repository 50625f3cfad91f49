"""Use cases in threads: bounded, in the caller's context, and given up when they take too long."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import Any

import pytest

from registry.api.deps import Desk
from registry.errors import StorageUnavailable, SubjectNotFound

REQUEST = contextvars.ContextVar("REQUEST", default="none")
# The desk only carries the registry.
NO_REGISTRY: Any = None


def test_a_use_case_runs_in_another_thread_and_in_the_context_of_the_caller() -> None:
    desk = Desk(NO_REGISTRY, threads=1, seconds=10)

    async def ask() -> tuple[str, threading.Thread]:
        REQUEST.set("r-1")
        return await desk.run(lambda: (REQUEST.get(), threading.current_thread()))

    request, thread = asyncio.run(ask())
    assert request == "r-1"
    assert thread is not threading.current_thread()
    desk.close()
    thread.join(10)
    assert not thread.is_alive()


def test_what_a_use_case_raises_reaches_the_caller() -> None:
    desk = Desk(NO_REGISTRY, threads=1, seconds=10)

    def refuse() -> None:
        raise SubjectNotFound("s")

    with pytest.raises(SubjectNotFound):
        asyncio.run(desk.run(refuse))
    desk.close()


def test_a_use_case_that_was_given_up_before_its_turn_is_never_begun() -> None:
    desk = Desk(NO_REGISTRY, threads=1, seconds=0.1)
    may_end, begun = threading.Event(), threading.Event()

    async def ask() -> list[Any]:
        slow, late = desk.run(lambda: may_end.wait(10)), desk.run(begun.set)
        answers = await asyncio.gather(slow, late, return_exceptions=True)
        may_end.set()
        return answers

    assert [type(answer) for answer in asyncio.run(ask())] == [StorageUnavailable] * 2
    desk.close()
    for thread in threading.enumerate():
        if thread.name.startswith("use-case"):
            thread.join(10)
    assert not begun.is_set()
