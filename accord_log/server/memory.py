"""Where connections receive into, and how much of it they may hold together."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SCRATCH_BYTES = 64 * 1024


class Scratch:
    """A buffer that all connections of an event loop receive into, one after the other.

    Messages have views of it instead of copies. When somebody still has one at the time of the next
    receive (an answer that waits for the disk keeps its request), the buffer is left to him.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(SCRATCH_BYTES)
        self.view = memoryview(self._buffer)

    def renew(self) -> memoryview:
        """Return a view of a buffer that nobody else has a view of."""
        try:
            self.view.release()
            # Raises BufferError where there are views, and moves nothing where there are none.
            self._buffer.append(0)
            self._buffer.pop()
        except BufferError:
            self._buffer = bytearray(SCRATCH_BYTES)
        self.view = memoryview(self._buffer)
        return self.view


class RequestMemory:
    """Bounds the bytes of large requests that are being received, over all connections.

    A request gets all its bytes before the first is received, so that none waits half read for
    another one; one alone gets them however large it is.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()
        self.held = 0

    def take(self, size: int, on_granted: Callable[[], None]) -> bool:
        """Take the bytes and return True; otherwise they are taken later, before the call."""
        if not self._waiting and self._fits(size):
            self.held += size
            return True
        self._waiting.append((size, on_granted))
        return False

    def give_back(self, size: int) -> None:
        """Return bytes that were taken."""
        self.held -= size
        while self._waiting and self._fits(self._waiting[0][0]):
            granted, on_granted = self._waiting.popleft()
            self.held += granted
            on_granted()

    def withdraw(self, on_granted: Callable[[], None]) -> None:
        """Wait no longer."""
        self._waiting = deque(entry for entry in self._waiting if entry[1] != on_granted)

    def _fits(self, size: int) -> bool:
        return self.held == 0 or self.held + size <= self._limit
