"""gzip for clients that offer it and answers that are worth it.

Only answers that come in one piece are compressed; nothing that goes through here streams.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING

from registry.api.frame.headers import joined, replaced, values, varying
from registry.api.frame.media import essence, is_json, takes_gzip

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Below one network packet there is nothing to gain.
MINIMUM_BYTES = 1400
# A megabyte takes about 20 ms: too long for the event loop.
THREAD_BYTES = 128_000
LEVEL = 5
GZIP_WINDOW = 31


class Compression:
    """Compress what the client takes compressed, and say in Vary what that depended on."""

    def __init__(self, app: ASGIApp, *, minimum: int = MINIMUM_BYTES) -> None:
        self._app = app
        self._minimum = minimum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = takes_gzip(joined(scope["headers"], b"accept-encoding"))
        start: Message = {}

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = varying(message.get("headers", ()), b"Accept-Encoding")
                start = {**message, "headers": headers}
                return
            if start:
                begun, start = start, {}
                if wanted and self._is_worth(begun, message):
                    begun, message = await _compressed(begun, message)
                await send(begun)
            await send(message)

        await self._app(scope, receive, send_compressed)

    def _is_worth(self, start: Message, message: Message) -> bool:
        if message.get("more_body") or len(message.get("body", b"")) < self._minimum:
            return False
        headers = start["headers"]
        content_type = joined(headers, b"content-type") or ""
        is_text = is_json(content_type) or essence(content_type).startswith("text/")
        return is_text and not values(headers, b"content-encoding")


async def _compressed(start: Message, message: Message) -> tuple[Message, Message]:
    plain = message["body"]
    if len(plain) < THREAD_BYTES:
        body = gzipped(plain)
    else:
        body = await asyncio.to_thread(gzipped, plain)
    headers = replaced(start["headers"], b"content-encoding", b"gzip")
    headers = replaced(headers, b"content-length", str(len(body)).encode())
    return {**start, "headers": headers}, {**message, "body": body}


def gzipped(plain: bytes) -> bytes:
    """Return a gzip member without a time stamp, so that equal answers are equal bytes."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return packer.compress(plain) + packer.flush()
