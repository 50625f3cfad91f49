"""Servers for the tests of this folder, on both kinds of event loops."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from accord_log.server import ListenerSettings, LogServer, ServerSettings, ServerThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from log_handler import TinyHandler

ANY_PORT = ListenerSettings(host="127.0.0.1", port=0)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def serve(request: pytest.FixtureRequest) -> Iterator[Callable[..., ServerThread]]:
    """Return a function that serves until the test is over, by default on any free port."""
    with contextlib.ExitStack() as stopping:

        def start(
            handler: TinyHandler, listener: ListenerSettings = ANY_PORT, **bounds: Any
        ) -> ServerThread:
            settings = ServerSettings(listeners=(listener,), **{"grace_ms": 0, **bounds})
            server = ServerThread(LogServer(handler, settings), request.param())
            return stopping.enter_context(server)

        yield start
