"""A few threads that do what blocks, for an event loop that waits for their results.

`loop.run_in_executor` does the same with two futures, their locks and the callbacks between them,
at twice the cost, which a small request feels (benchmarks/register.py).
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Job: TypeAlias = tuple[Callable[[], Any], contextvars.Context, asyncio.Future[Any]]

R = TypeVar("R")


class Crew:
    """At most `size` threads, begun when there is work for them; jobs begin in their order.

    Used from one event loop, which alone counts jobs and threads.
    """

    def __init__(self, size: int, *, name: str) -> None:
        self._size = size
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._unfinished = 0
        self._threads = 0

    async def do(self, work: Callable[[], R], *, seconds: float) -> R:
        """Return what the work returns in a thread, in the caller's context.

        Raises TimeoutError after `seconds`: a job that has not begun by then never does.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[R] = loop.create_future()
        self._jobs.put((work, contextvars.copy_context(), result))
        self._unfinished += 1
        if self._threads < min(self._unfinished, self._size):
            self._begin_thread()
        timer = loop.call_later(seconds, _give_up, result)
        try:
            return await result
        finally:
            timer.cancel()
            del result  # an error that it has keeps this frame, and would be kept by it

    def close(self) -> None:
        """Let the threads end, each after what it does."""
        self._jobs.put(None)

    def _begin_thread(self) -> None:
        self._threads += 1
        threading.Thread(target=self._work, name=f"{self._name}-{self._threads}").start()

    def _work(self) -> None:
        while job := self._jobs.get():
            self._do(*job)
            del job  # else it would be kept until the next one comes
        self._jobs.put(None)

    def _do(
        self, work: Callable[[], Any], context: contextvars.Context, result: asyncio.Future[Any]
    ) -> None:
        value = error = None
        try:
            if not result.done():
                value = context.run(work)
        except BaseException as raised:  # noqa: BLE001  the caller's
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            result.get_loop().call_soon_threadsafe(self._finish, result, value, error)
        del result, error  # the error keeps this frame, and would be kept by it

    def _finish(
        self, result: asyncio.Future[Any], value: object, error: BaseException | None
    ) -> None:
        self._unfinished -= 1
        if result.done():
            return
        if error is None:
            result.set_result(value)
        else:
            result.set_exception(error)


def _give_up(result: asyncio.Future[Any]) -> None:
    if not result.done():
        result.set_exception(TimeoutError())
