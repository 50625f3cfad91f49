"""An event loop in a thread of its own, and an ASGI application living on it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.types import ASGIApp

T = TypeVar("T")


class BackgroundLoop:
    """Runs coroutines for threads and for other event loops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: set[Future[Any]] = set()
        started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="accord-embedded", daemon=True
        )
        self._thread.start()
        self._loop = started.result()
        self.is_closed = False

    def _run(self, started: Future[asyncio.AbstractEventLoop]) -> None:
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.call_soon(started.set_result, loop)
            loop.run_forever()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Return the outcome to come; it is cancelled when the loop is closed before it came."""
        with self._lock:
            if self.is_closed:
                work.close()
                outcome: Future[T] = Future()
                outcome.cancel()
                return outcome
            outcome = asyncio.run_coroutine_threadsafe(work, self._loop)
            self._pending.add(outcome)
        outcome.add_done_callback(self._pending.discard)
        return outcome

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the outcome. Raises RuntimeError: the loop is closed."""
        if self.is_closed:
            work.close()
            raise RuntimeError("The registry was closed for good")
        return self.submit(work).result()

    def finish(self, seconds: float) -> None:
        """Wait for what runs, and cancel what takes longer."""
        for outcome in wait(list(self._pending), seconds).not_done:
            outcome.cancel()

    def close(self) -> None:
        """Cancel what runs, and end the thread."""
        with self._lock:
            if self.is_closed:
                return
            self.is_closed = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for outcome in list(self._pending):
            outcome.cancel()


class Life:
    """One life of an application, from startup to shutdown in the terms of ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outbox: asyncio.Queue[Any] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._task = asyncio.ensure_future(app(scope, self._inbox.get, self._outbox.put))

    async def begin(self) -> None:
        """Start the application; raises what its start raises."""
        await self._inbox.put({"type": "lifespan.startup"})
        message = await self._outbox.get()
        if message["type"] != "lifespan.startup.complete":
            await self._task
            raise RuntimeError(message.get("message", ""))

    async def end(self) -> None:
        await self._inbox.put({"type": "lifespan.shutdown"})
        await self._task
