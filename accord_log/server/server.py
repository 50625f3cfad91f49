"""A broker on the network."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from accord_log.server.connection import Connection, log
from accord_log.server.counters import Counters
from accord_log.server.credentials import Credentials
from accord_log.server.listener import BACKLOG, Bound, bind
from accord_log.server.mailbox import Mailbox
from accord_log.server.memory import RequestMemory, Scratch
from accord_log.server.sasl import Authentication
from accord_log.server.surroundings import Surroundings
from accord_log.server.tls import server_context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord_log.server.settings import SaslSettings, ServerSettings
    from accord_log.server.surroundings import Handler

LONGEST_SWEEP_SECONDS = 30.0
TLS_GOODBYE_SECONDS = 2.0
# Of the files that the process may have open: the others are for partitions. Where there is none
# left for a connection, asyncio writes a hundred tracebacks a second.
SHARE_OF_FILES = 0.5


class LogServer:
    """Listens, and answers with what a handler returns; lives in one event loop."""

    def __init__(
        self, handler: Handler, settings: ServerSettings, bound: Sequence[Bound] | None = None
    ) -> None:
        """Take what is bound of the settings' listeners; the others are bound at the start."""
        self._handler = handler
        self._settings = settings
        self._bound = list(bound or [])
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._per_address: Counter[str] = Counter()
        most_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = settings.max_connections
        if most_files != resource.RLIM_INFINITY:
            self._most = min(self._most, int(most_files * SHARE_OF_FILES))
        self._is_empty = asyncio.Event()
        self._sweep: asyncio.TimerHandle | None = None
        self.counters = Counters()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Return host and port of each listener."""
        return [(bound.settings.host, bound.port) for bound in self._bound]

    async def start(self) -> None:
        """Accept connections. Raises CannotListen, and OSError where files for TLS are unusable."""
        loop = asyncio.get_running_loop()
        try:
            for listener in self._settings.listeners[len(self._bound) :]:
                self._bound.append(bind(listener))
            makers = self._connection_makers(loop)
            for bound, make in zip(self._bound, makers, strict=True):
                await self._listen(loop, bound, make)
        except BaseException:
            self._stop_listening()
            raise
        self._sweep_later(loop)

    async def stop(self, grace_ms: int | None = None) -> None:
        """Accept nothing more, answer for a time what was begun, and close all connections."""
        self._stop_listening()
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in list(self._connections):
            connection.leave()
        patience = self._settings.grace_ms if grace_ms is None else grace_ms
        if not await self._is_left(patience / 1000):
            for connection in list(self._connections):
                connection.abort()
            await self._is_left(None)
        for server in self._servers:
            await server.wait_closed()

    async def _listen(
        self, loop: asyncio.AbstractEventLoop, bound: Bound, make: Callable[[], Connection]
    ) -> None:
        tls = bound.settings.tls
        patience = self._settings.tls_handshake_ms / 1000
        for each in bound.sockets:
            server = await loop.create_server(
                make,
                sock=each,
                backlog=BACKLOG,
                ssl=None if tls is None else server_context(tls, self._note_failed_handshake),
                ssl_handshake_timeout=None if tls is None else patience,
                ssl_shutdown_timeout=None if tls is None else TLS_GOODBYE_SECONDS,
            )
            self._servers.append(server)

    def _note_failed_handshake(self, reason: str) -> None:
        self.counters.tls_failures += 1
        log.warning("closing a connection: its TLS handshake failed: %s", reason)

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()
        for bound in self._bound:
            bound.close()

    async def _is_left(self, seconds: float | None) -> bool:
        """Wait until no connection is left; return whether that is so."""
        self._note_empty()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_empty.wait(), seconds)
        return not self._connections

    # Connections.

    def _connection_makers(self, loop: asyncio.AbstractEventLoop) -> list[Callable[[], Connection]]:
        scratch, mailbox = Scratch(), Mailbox(loop)
        memory = RequestMemory(self._settings.max_queued_bytes)
        return [
            partial(
                Connection,
                Surroundings(
                    handler=self._handler,
                    settings=self._settings,
                    counters=self.counters,
                    scratch=scratch,
                    memory=memory,
                    mailbox=mailbox,
                    authentication=_authentication_maker(bound.settings.sasl),
                    advertised=bound.advertised,
                    admit=self._admit,
                    forget=self._forget,
                ),
                loop,
            )
            for bound in self._bound
        ]

    def _admit(self, connection: Connection) -> bool:
        counters = self.counters
        address = connection.address
        is_crowd = (
            len(self._connections) >= self._most
            or self._per_address[address] >= self._settings.max_connections_per_address
        )
        if is_crowd:
            counters.connections_refused += 1
            log.warning("refusing the connection of %s: there are too many", connection)
            return False
        counters.connections_accepted += 1
        self._connections.add(connection)
        self._per_address[address] += 1
        counters.connections = len(self._connections)
        return True

    def _forget(self, connection: Connection) -> None:
        if connection not in self._connections:
            return
        self._connections.remove(connection)
        self._per_address[connection.address] -= 1
        if not self._per_address[connection.address]:
            del self._per_address[connection.address]
        self.counters.connections = len(self._connections)
        self._note_empty()

    def _note_empty(self) -> None:
        if self._connections:
            self._is_empty.clear()
        else:
            self._is_empty.set()

    # Idle connections.

    def _sweep_later(self, loop: asyncio.AbstractEventLoop) -> None:
        seconds = min(self._settings.max_idle_ms / 4000, LONGEST_SWEEP_SECONDS)
        self._sweep = loop.call_later(seconds, self._close_idle, loop)

    def _close_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        oldest = loop.time() - self._settings.max_idle_ms / 1000
        for connection in list(self._connections):
            if connection.is_idle and connection.active_at < oldest:
                connection.close_idle()
        self._sweep_later(loop)


def _authentication_maker(sasl: SaslSettings | None) -> Callable[[], Authentication] | None:
    if sasl is None:
        return None
    return partial(
        Authentication,
        Credentials(sasl.users),
        sasl.mechanisms,
        max_session_ms=sasl.max_session_ms,
    )
