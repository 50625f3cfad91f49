"""A client of the log that says exactly what a test has it say."""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
from typing import TYPE_CHECKING, Any

from accord_log.kafka.frame import RequestHeader, read_response, write_request

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from accord_log.kafka.fields import Message

PATIENCE_SECONDS = 30


class Closed(Exception):
    """The server closed the connection."""


class RawClient:
    """One connection."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._numbers = itertools.count(1)
        self._asked: list[tuple[int, type[Message], int]] = []

    def send(self, *requests: Message, version: int | None = None) -> None:
        """Send requests in one piece."""
        self.socket.sendall(b"".join(self.frame(request, version) for request in requests))

    def frame(self, request: Message, version: int | None = None) -> bytes:
        """Return the bytes of a request whose answer is to be received in its turn."""
        spoken = type(request).versions[-1] if version is None else version
        number = next(self._numbers)
        self._asked.append((number, type(request), spoken))
        return write_request(RequestHeader(request.api_key, spoken, number, "raw"), request)

    def receive(self) -> Any:
        """Return the answer to the oldest request without one; raises Closed."""
        number, request, version = self._asked.pop(0)
        answered, response = read_response(request, version, self.receive_frame())
        assert answered == number
        return response

    def ask(self, request: Message, version: int | None = None) -> Any:
        """Send a request, and return its answer."""
        self.send(request, version=version)
        return self.receive()

    def receive_frame(self) -> bytes:
        """Return a frame without its size; raises Closed."""
        (size,) = struct.unpack(">i", self._exactly(4))
        return self._exactly(size)

    def is_closed(self) -> bool:
        """Wait for the end, and tell whether nothing came before it."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def _exactly(self, size: int) -> bytes:
        received = bytearray()
        while len(received) < size:
            try:
                part = self.socket.recv(min(size - len(received), 1 << 20))
            except ConnectionError as error:
                raise Closed from error
            if not part:
                raise Closed
            received += part
        return bytes(received)


@contextlib.contextmanager
def connect(
    port: int, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[RawClient]:
    """Connect for as long as the `with` lasts."""
    with contextlib.ExitStack() as closing:
        plain = socket.create_connection((host, port), timeout=PATIENCE_SECONDS)
        connected = closing.enter_context(plain)
        if tls is not None:
            wrapped = tls.wrap_socket(connected, server_hostname="localhost")
            connected = closing.enter_context(wrapped)
        yield RawClient(connected)
