"""One process that answers requests until it is told to stop."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from typing import TYPE_CHECKING

import uvicorn

from registry.app import create_app
from registry.process.connections import Connection, Patience
from registry.process.listener import BACKLOG
from registry.process.signals import handled_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.settings import Settings

# After the grace time a thread may still wait for the database; it gets this long to come back.
STUCK_THREAD_SECONDS = 1.0
# A schema is thousands of objects and hardly any cycle: looking through the young ones every 700,
# as Python does by itself, costs a registration a fifteenth of its time.
COLLECTIONS = (20_000, 20, 20)
# uvicorn ticks ten times a second.
TICKS_PER_SWEEP = 10


class Server(uvicorn.Server):
    """A server that tells when it is ready, and for which a stop on request is a success.

    It listens before the service is ready, so that probes are answered during a long migration.
    """

    failure: Exception | None = None

    def __init__(self, settings: Settings, on_ready: Callable[[], None]) -> None:
        super().__init__(_config(settings, self._opened))
        self._on_ready = on_ready
        self._patience = Patience(settings.keep_alive_seconds)

    def _opened(self, error: Exception | None) -> None:
        if error is not None:
            self.failure = error
            self.should_exit = True
            return
        gc.freeze()  # what start-up made lives as long as the process: no collection looks at it
        gc.set_threshold(*COLLECTIONS)
        self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_PER_SWEEP == 0:
            self._patience.sweep(self.server_state.connections)
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that stop a server, without uvicorn's raising them again at the end."""
        with handled_by(self.handle_exit):
            yield


def _config(settings: Settings, on_open: Callable[[Exception | None], None]) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, on_open=on_open),
        loop="uvloop",
        http=Connection,
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


def stuck_threads() -> list[str]:
    """Return the names of the threads that would keep the process from ending."""
    deadline = time.monotonic() + STUCK_THREAD_SECONDS
    mine = threading.current_thread()
    others = [t for t in threading.enumerate() if t is not mine and not t.daemon]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in others if thread.is_alive()]
