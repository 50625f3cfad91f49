"""The cut of a stream of bytes into frames.

A frame is its size in four bytes, and as many bytes. Those that arrive whole in the scratch buffer
are handed out in place; one that does not gets a buffer of its own, and the rest of it is received
there. This file knows no socket.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from accord_log.kafka.errors import ProtocolError
from accord_log.server.memory import SCRATCH_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.server.memory import RequestMemory, Scratch

PREFIX = struct.Struct(">i")
KEY = struct.Struct(">h")  # the API key, with which a request begins
NOTHING = memoryview(b"")
# A buffer grows as bytes arrive; what a peer only announces is not allocated.
FIRST_BYTES = 1024 * 1024
# What people point at the port by mistake, by the first bytes that they send.
STRANGERS = {
    b"\x16\x03": "a TLS handshake, where no TLS is spoken",
    b"GE": "an HTTP request",
    b"PO": "an HTTP request",
    b"HE": "an HTTP request",
}


class _Partial:
    """A frame under way."""

    __slots__ = ("buffer", "filled", "size")

    def __init__(self, size: int, begun: memoryview) -> None:
        self.size = size
        self.filled = len(begun)
        self.buffer = bytearray(min(size, FIRST_BYTES))
        self.buffer[: self.filled] = begun

    def view(self) -> memoryview:
        """Return where the bytes that are missing go."""
        if self.filled == len(self.buffer):
            # A new one, as the transport may still have a view of the old one.
            self.buffer = self.buffer + bytes(min(self.filled, self.size - self.filled))
        return memoryview(self.buffer)[self.filled :]


class Frames:
    """What one connection received and did not handle yet."""

    def __init__(
        self,
        scratch: Scratch,
        memory: RequestMemory,
        *,
        max_bytes: int,
        on_memory: Callable[[], object],
    ) -> None:
        """`on_memory` is called when a frame that had to wait for memory may be received."""
        self._scratch = scratch
        self._memory = memory
        self._on_memory = on_memory
        self.max_bytes = max_bytes
        self._unread = NOTHING
        self._position = 0
        self._partial: _Partial | None = None
        self._put_back: memoryview | None = None
        self._reserved = 0
        self.is_waiting = False  # for memory: nothing may be received

    def buffer(self) -> memoryview:
        """Return where to receive the next bytes."""
        if self._partial is not None:
            return self._partial.view()
        view = self._scratch.renew()
        rest = len(self._unread)
        view[:rest] = self._unread
        return view[rest:]

    def received(self, count: int) -> None:
        """Take note of bytes in the buffer."""
        if self._partial is not None:
            self._partial.filled += count
        else:
            self._unread = self._scratch.view[: len(self._unread) + count]
            self._position = 0

    def next(self) -> memoryview | None:
        """Return the next frame, without its size, that has been received to its end.

        It may change after the call of `buffer`, unless somebody still has a view of it then.
        Raises ProtocolError.
        """
        if self._put_back is not None:
            frame, self._put_back = self._put_back, None
            return frame
        self._release()
        if self._partial is not None:
            return self._finished(self._partial)
        start = self._position + PREFIX.size
        if start > len(self._unread):
            return None
        (size,) = PREFIX.unpack_from(self._unread, self._position)
        self._check(size)
        end = start + size
        if end > len(self._unread):
            self._begin(size, start)
            return None
        self._position = end
        return self._unread[start:end]

    def put_back(self, frame: memoryview) -> None:
        """Have `next` return the frame again."""
        # It outlives the scratch buffer, and what it says may be written where it is.
        self._put_back = memoryview(bytearray(frame))

    def set_aside(self) -> None:
        """Leave the scratch buffer to other connections."""
        rest = self._unread[self._position :]
        self._unread = memoryview(bytes(rest)) if rest else NOTHING
        self._position = 0

    def close(self) -> None:
        """Let go of all memory."""
        if self.is_waiting:
            self._memory.withdraw(self._granted)
        self._partial = self._put_back = None
        self._unread = NOTHING
        self._release()

    def _check(self, size: int) -> None:
        if 0 <= size <= self.max_bytes:
            return
        first = bytes(self._unread[self._position : self._position + 2])
        hint = f"; this looks like {STRANGERS[first]}" if first in STRANGERS else ""
        raise ProtocolError(f"a frame of {size} bytes, more than {self.max_bytes}{hint}")

    def _begin(self, size: int, start: int) -> None:
        self._partial = _Partial(size, self._unread[start:])
        self._unread = NOTHING
        self._position = 0
        if size > SCRATCH_BYTES:
            if self._memory.take(size, self._granted):
                self._reserved = size
            else:
                self.is_waiting = True

    def _granted(self) -> None:
        assert self._partial is not None
        self._reserved = self._partial.size
        self.is_waiting = False
        self._on_memory()

    def _finished(self, partial: _Partial) -> memoryview | None:
        if partial.filled < partial.size:
            return None
        self._partial = None
        return memoryview(partial.buffer)

    def _release(self) -> None:
        """Return the memory of the frame that was handled."""
        if self._reserved and self._partial is None:
            self._memory.give_back(self._reserved)
            self._reserved = 0
