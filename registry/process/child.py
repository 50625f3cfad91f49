"""What a supervised process begins and ends with, whatever it does in between."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import structlog

from registry.logs import configure
from registry.process.failure import StartFailure
from registry.process.signals import let_through, stop_early

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from registry.settings import Settings

# What goes through the pipe: this, or else the reason why the process cannot serve.
READY = b""


@contextlib.contextmanager
def supervised(settings: Settings, parent: Connection, name: str) -> Iterator[Callable[[], None]]:
    """Give the block what tells the parent that requests are answered.

    It is called on the event loop that serves. From then on the process stops when the parent is
    gone. A StartFailure inside the block is told to the parent, and ends the process.
    """
    stop_early()
    let_through()
    configure(settings.log_level, settings.log_format)
    try:
        yield lambda: _report(parent)
    except StartFailure as failure:
        structlog.get_logger().error(f"{name} cannot serve", reason=str(failure))
        with contextlib.suppress(OSError):  # nobody is there to be told
            parent.send_bytes(str(failure).encode())
        leave(1)


def _report(parent: Connection) -> None:
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
