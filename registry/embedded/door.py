"""A socket of this machine in front of an application."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.server import ServerState

from registry.process.connections import Connection

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST = "127.0.0.1"
ROUNDS_TO_ANNOUNCE = 5  # of the event loop; three are enough for asyncio 3.11 to 3.13


class Door:
    """Takes connections while it is open; what is opened again has the same address."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
        )
        self._config.load()
        self._port = port
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    async def open(self) -> None:
        """Listen. Raises OSError: the port is taken."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(config=self._config, server_state=self._state, app_state={}),
            HOST,
            self._port,
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self, grace_seconds: float) -> None:
        """Close all connections, after the answers that are not late."""
        if self._server is None:
            return
        await self._stop_accepting(self._server)
        self._server.close()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=grace_seconds)
        for connection in list(self._state.connections):
            connection.transport.abort()
        for task in list(self._state.tasks):
            task.cancel()
        await self._server.wait_closed()
        self._server = None

    async def _stop_accepting(self, server: asyncio.Server) -> None:
        """Let nobody else in, and have those that are in get their connection objects.

        asyncio forgets a connection that it has accepted and not yet announced when its server is
        closed: nobody closes that socket, and its client waits.
        """
        for listening in server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(ROUNDS_TO_ANNOUNCE):
            await asyncio.sleep(0)
