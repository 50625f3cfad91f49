"""The way of an answer from whichever thread has it to the event loop."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from accord_log.kafka.fields import Message
    from accord_log.server.answers import Slot
    from accord_log.server.connection import Connection


class Mailbox:
    """Collects answers, and wakes the loop once for all that come at a time.

    One round to the disk settles the requests of many connections.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = threading.get_ident()
        self._letters: deque[tuple[Connection, Slot, Message]] = deque()
        self._is_called = False

    def put(self, connection: Connection, slot: Slot, answer: Message) -> None:
        """Deliver an answer; from any thread."""
        self._letters.append((connection, slot, answer))
        # A thread that finds it called has appended before `_deliver` looks.
        if self._is_called:
            return
        self._is_called = True
        if threading.get_ident() == self._thread:
            self._loop.call_soon(self._deliver)
        else:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._is_called = False
        touched: dict[Connection, None] = {}
        while self._letters:
            connection, slot, answer = self._letters.popleft()
            slot.give(answer)
            touched[connection] = None
        for connection in touched:
            connection.advance()
