"""One question at a time: who asks what is already being asked waits for that answer."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

T = TypeVar("T")


class Flights:
    """Shares the outcome of a fetch, error or value, among the threads that want it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._landings: dict[Hashable, Future[Any]] = {}

    def fly(self, key: Hashable, fetch: Callable[[], T]) -> T:
        while True:
            with self._lock:
                landing = self._landings.get(key)
                if landing is None:
                    lead = self._landings[key] = Future[Any]()
                    break
            try:
                outcome: T = landing.result()
            except CancelledError:
                continue  # the leader was interrupted: somebody else must ask
            return outcome
        return self._lead(key, lead, fetch)

    def _lead(self, key: Hashable, landing: Future[Any], fetch: Callable[[], T]) -> T:
        try:
            value = fetch()
            landing.set_result(value)
        except Exception as error:
            landing.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._landings[key]
            landing.cancel()  # does nothing unless KeyboardInterrupt or its like came between
        return value


class AsyncFlights:
    """The same among the tasks of one event loop; who is cancelled harms nobody else."""

    def __init__(self) -> None:
        self._landings: dict[Hashable, asyncio.Future[Any]] = {}

    async def fly(self, key: Hashable, fetch: Callable[[], Awaitable[T]]) -> T:
        while (landing := self._landings.get(key)) is not None:
            await asyncio.wait([landing])
            if not landing.cancelled():
                outcome: T = landing.result()
                return outcome
        lead = self._landings[key] = asyncio.get_running_loop().create_future()
        return await self._lead(key, lead, fetch)

    async def _lead(
        self, key: Hashable, landing: asyncio.Future[Any], fetch: Callable[[], Awaitable[T]]
    ) -> T:
        try:
            value = await fetch()
            landing.set_result(value)
        except Exception as error:
            landing.set_exception(error)
            landing.exception()  # nobody may be waiting, which is no reason to warn
            raise
        finally:
            del self._landings[key]
            landing.cancel()  # does nothing unless asyncio.CancelledError came between
        return value
