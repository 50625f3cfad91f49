"""Connections that cannot be held for ever, and that answer at once what needs no waiting.

uvicorn closes a connection that is idle after an answer. What this adds: one that never sends a
whole request head is closed as well, and a head has a limit.

For each request uvicorn makes a task, an event and a cycle of messages, which cost several times
what an answer from memory does. An app that has a method `at_once` is asked for such an answer
first (benchmarks/by_id.py).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    Headers: TypeAlias = list[tuple[bytes, bytes]]
    # Of the method, the target and the headers of a request without a body: those of an answer
    # with status 200 and its body, or None when the app has to be called.
    AnswerAtOnce: TypeAlias = Callable[[str, bytes, Headers], tuple[Headers, bytes] | None]

# Several times what proxies add and browsers send; httptools itself takes headers of any length.
MAX_HEAD_BYTES = 256 * 1024
# A request with one of these may have a body, or wants more than an answer.
NOT_AT_ONCE = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})
TOO_LARGE_BODY = b'{"error_code":431,"message":"HTTP 431 Request Header Fields Too Large"}'
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/json\r\n"
    b"content-length: %d\r\n"
    b"connection: close\r\n\r\n%b"
) % (len(TOO_LARGE_BODY), TOO_LARGE_BODY)


class Connection(HttpToolsProtocol):
    """One client's connection."""

    heads = 0
    head_bytes = 0
    in_head = True
    is_answered = False

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401  as uvicorn has them
        super().__init__(*arguments, **named)
        self._at_once: AnswerAtOnce | None = getattr(self.app, "at_once", None)

    @property
    def is_waiting(self) -> bool:
        """Tell whether the server waits for a request, and uvicorn's own timer does not run."""
        return _is_answered(self.cycle) and self.timeout_keep_alive_task is None

    def data_received(self, data: bytes) -> None:
        if self.in_head:
            self.head_bytes += len(data)
            if self.head_bytes > MAX_HEAD_BYTES:
                self._refuse()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self.in_head = False
        self.heads += 1
        self.is_answered = self._answer_at_once()
        if not self.is_answered:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self.is_answered:
            super().on_message_complete()
        self.in_head = True
        self.head_bytes = 0

    def _answer_at_once(self) -> bool:
        """Answer a request that nothing is before and nothing follows from; tell whether it was."""
        if self._at_once is None or self.flow.write_paused or not _is_answered(self.cycle):
            return False
        if self.parser.get_http_version() != "1.1" or not self.parser.should_keep_alive():
            return False
        if not NOT_AT_ONCE.isdisjoint([name for name, _ in self.headers]):
            return False
        found = self._at_once(self.parser.get_method().decode("ascii"), self.url, self.headers)
        if found is None:
            return False
        headers, body = found
        lines = [
            b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *headers)
        ]
        self.transport.write(b"".join((b"HTTP/1.1 200 OK\r\n", *lines, b"\r\n", body)))
        self.on_response_complete()
        return True

    def _refuse(self) -> None:
        # An answer to an earlier request may be under way, and ours would end up inside it.
        if _is_answered(self.cycle):
            self.transport.write(TOO_LARGE)
        self.transport.close()


def _is_answered(cycle: RequestResponseCycle | None) -> bool:
    return cycle is None or cycle.response_complete


class Patience:
    """Closes connections that wait for a request for too long; asked now and then."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[Connection, tuple[int, float]] = {}

    def sweep(self, connections: Iterable[object]) -> None:
        """Close those that were seen waiting for the same request for the whole time."""
        now = time.monotonic()
        waiting: dict[Connection, tuple[int, float]] = {}
        for connection in list(connections):
            if isinstance(connection, Connection) and connection.is_waiting:
                heads, since = self._waiting.get(connection, (0, now))
                is_same = heads == connection.heads
                waiting[connection] = (connection.heads, since if is_same else now)
        self._waiting = waiting
        for connection, (_, since) in waiting.items():
            if now - since >= self._seconds:
                connection.transport.close()
