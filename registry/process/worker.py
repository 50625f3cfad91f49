"""What runs inside a process that answers REST requests, alone or under the supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from registry.process.child import leave, supervised
from registry.process.database import unusable

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from registry.settings import Settings


def run_alone(settings: Settings, bound: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve in this process until a signal says stop; raises StartFailure."""
    # Imported here: a supervising parent needs neither the web framework nor its memory.
    from registry.process.server import Server, stuck_threads  # noqa: PLC0415

    server = Server(settings, on_ready)
    server.run(sockets=[bound])
    if server.failure is not None:
        raise unusable(settings, server.failure) from server.failure
    stuck = stuck_threads()
    if stuck:
        structlog.get_logger().warning("threads left behind", threads=stuck)
        leave(0)


def run_supervised(settings: Settings, bound: socket.socket, parent: Connection) -> None:
    """Serve until a signal says stop or the parent is gone; tell the parent when ready."""
    with supervised(settings, parent, "worker") as report:
        run_alone(settings, bound, report)
