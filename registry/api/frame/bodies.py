"""Request bodies, read whole before anything is done with them.

A body is complete, within the limit and valid UTF-8, or the request ends here: nothing below has
to reckon with half a body. Compressed bodies are refused (415): no client of a registry sends
them, and each would need a second limit for what comes out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from registry.api.frame.headers import values
from registry.errors import (
    BodyTooLarge,
    MalformedRequest,
    RequestTimedOut,
    UnsupportedMediaType,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Confluent 8.3, rest-utils: the client went away before the body was complete.
DISCONNECTED = "EOF Exception encountered - client disconnected during stream processing."


class Bodies:
    """Read the body up to `limit` bytes, waiting at most `seconds` for all of it."""

    def __init__(
        self, app: ASGIApp, *, limit: int, seconds: float, is_plain: Callable[[Scope], bool]
    ) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds
        self._is_plain = is_plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _has_body(scope["headers"], limit=self._limit):
            await self._app(scope, receive, send)
            return
        body = await self._read(receive)
        if not self._is_plain(scope):
            _check_text(body)
        await self._app(scope, _replayed(body, receive), send)

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise MalformedRequest(DISCONNECTED)
                    body += message.get("body", b"")
                    if len(body) > self._limit:
                        raise BodyTooLarge(self._limit)
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise RequestTimedOut from None


def _has_body(headers: Sequence[tuple[bytes, bytes]], *, limit: int) -> bool:
    """Tell whether a body follows; raises for one that will not be read."""
    lengths = values(headers, b"content-length")
    length = int(lengths[0]) if lengths and lengths[0].isdigit() else 0
    if not length and not values(headers, b"transfer-encoding"):
        return False
    if length > limit:
        raise BodyTooLarge(limit)
    if any(coding.lower() != b"identity" for coding in values(headers, b"content-encoding")):
        raise UnsupportedMediaType
    return True


def _check_text(body: bytes) -> None:
    if body.isascii():
        return
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest(_jackson_text(error)) from None


def _jackson_text(error: UnicodeDecodeError) -> str:
    """Say what is wrong with the bytes as Confluent's JSON reader does."""
    if error.reason == "invalid start byte":
        return f"Invalid UTF-8 start byte 0x{error.object[error.start]:x}"
    if error.end < len(error.object):
        return f"Invalid UTF-8 middle byte 0x{error.object[error.end]:x}"
    return "Unexpected end-of-input in a multi-byte UTF-8 character"


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body in one message, then whatever the connection has to say."""
    pending = [body]

    async def replay() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return replay
