"""Asking behind the caller's back, once for all who want the same."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable

T = TypeVar("T")


class Refreshes:
    """Fetches in threads of their own, which do not keep the program from ending."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._landings: dict[Hashable, Future[Any]] = {}

    def begin(self, key: Hashable, fetch: Callable[[], T]) -> Future[T]:
        """Return the outcome to come, of the fetch under way for the key or of a new one."""
        with self._lock:
            landing = self._landings.get(key)
            if landing is not None:
                return landing
            landing = self._landings[key] = Future()
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=context.run,
            args=(self._run, key, landing, fetch),
            name="accord-serde-refresh",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:  # the interpreter is ending, or the system has no thread left
            self._forget(key)
            landing.cancel()
            landing.set_running_or_notify_cancel()  # or who waits does not notice
        return landing

    def _run(self, key: Hashable, landing: Future[T], fetch: Callable[[], T]) -> None:
        try:
            value = fetch()
        except BaseException as error:  # noqa: BLE001 - it is for those who wait
            self._forget(key)
            landing.set_exception(error)
        else:
            self._forget(key)
            landing.set_result(value)

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            del self._landings[key]


class AsyncRefreshes:
    """The same in tasks of one event loop."""

    def __init__(self) -> None:
        self._landings: dict[Hashable, asyncio.Task[Any]] = {}

    def begin(self, key: Hashable, fetch: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        landing = self._landings.get(key)
        if landing is None:
            landing = self._landings[key] = asyncio.create_task(fetch())
            landing.add_done_callback(lambda task: self._forget(key, task))
        return landing

    def _forget(self, key: Hashable, landing: asyncio.Task[Any]) -> None:
        del self._landings[key]
        if not landing.cancelled():
            landing.exception()  # nobody may be waiting, which is no reason to warn

    async def aclose(self) -> None:
        """End those under way."""
        landings = list(self._landings.values())
        for landing in landings:
            landing.cancel()
        await asyncio.gather(*landings, return_exceptions=True)
