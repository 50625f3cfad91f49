"""A server in a thread of its own, for a program that has no event loop, or does other things."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

from accord_log.server.server import LogServer

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from types import TracebackType
    from typing import Any, Self

    from accord_log.server.counters import Counters
    from accord_log.server.listener import Bound
    from accord_log.server.settings import ServerSettings
    from accord_log.server.surroundings import Handler

T = TypeVar("T")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a loop of uvloop, which handles large answers and TLS better, where there is one."""
    try:
        import uvloop  # noqa: PLC0415 - not every system has it
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class ServerThread:
    """A server that runs until `stop`, or the end of a `with`."""

    def __init__(self, server: LogServer, loop: asyncio.AbstractEventLoop) -> None:
        """Start the server. Raises what LogServer.start raises."""
        self._server = server
        self._loop = loop
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=loop.run_forever, name="accord-log-server", daemon=True
        )
        self._thread.start()
        try:
            self._run(server.start())
        except BaseException:
            self._end()
            raise

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Return host and port of each listener."""
        return self._server.addresses

    @property
    def port(self) -> int:
        """Return the port of the first listener."""
        return self.addresses[0][1]

    @property
    def counters(self) -> Counters:
        """Return what the server counts."""
        return self._server.counters

    def stop(self, grace_ms: int | None = None) -> None:
        """Stop as LogServer does, and wait for it; does nothing the second time."""
        with self._lock:
            if self._thread.is_alive():
                self._run(self._server.stop(grace_ms))
                self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def serve_in_thread(
    handler: Handler, settings: ServerSettings, bound: Sequence[Bound] | None = None
) -> ServerThread:
    """Return a server that accepts connections. Raises what LogServer.start raises."""
    return ServerThread(LogServer(handler, settings, bound), new_event_loop())
