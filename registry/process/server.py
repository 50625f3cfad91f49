"""One process that answers requests until it is told to stop."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from typing import TYPE_CHECKING

import uvicorn

from registry.app import create_app
from registry.process.listener import BACKLOG
from registry.process.signals import handled_by

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from registry.settings import Settings

# After the grace time a thread may still wait for the database; it gets this long to come back.
STUCK_THREAD_SECONDS = 1.0


class Server(uvicorn.Server):
    """A server that tells when it is ready, and for which a stop on request is a success."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        gc.freeze()  # what start-up made lives as long as the process: no collection looks at it
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that stop a server, without uvicorn's raising them again at the end."""
        with handled_by(self.handle_exit):
            yield


def make_server(settings: Settings, on_ready: Callable[[], None]) -> Server:
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
    )
    return Server(config, on_ready)


def stuck_threads() -> list[str]:
    """Return the names of the threads that would keep the process from ending."""
    deadline = time.monotonic() + STUCK_THREAD_SECONDS
    mine = threading.current_thread()
    others = [t for t in threading.enumerate() if t is not mine and not t.daemon]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in others if thread.is_alive()]
