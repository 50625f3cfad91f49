"""What runs inside a process that answers requests, alone or under the supervisor."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import structlog

from registry.logs import configure
from registry.process.database import unusable
from registry.process.failure import StartFailure
from registry.process.signals import let_through, stop_early

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from registry.settings import Settings

READY = b"ready"


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
    stop_early()
    let_through()
    configure(settings.log_level, settings.log_format)
    try:
        run_alone(settings, bound, lambda: _report(parent))
    except StartFailure as failure:
        structlog.get_logger().error("worker cannot serve", reason=str(failure))
        leave(1)


def _report(parent: Connection) -> None:
    """Tell the parent that requests are answered, and stop when its end of the pipe closes."""
    parent.send_bytes(READY)
    asyncio.get_running_loop().add_reader(parent.fileno(), _stop_orphan, parent)


def _stop_orphan(parent: Connection) -> None:
    asyncio.get_running_loop().remove_reader(parent.fileno())
    signal.raise_signal(signal.SIGTERM)


def leave(code: int) -> NoReturn:
    """End the process at once, whatever its threads are waiting for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
