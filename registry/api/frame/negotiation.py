"""Which bodies are read and which type answers are written in.

An unknown path (404) and a wrong method (405) come before a wrong Content-Type (415), and that
before an Accept that cannot be met (406), as JAX-RS orders them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.api.frame.exchange import exchange_of
from registry.api.frame.headers import joined, replaced, varying
from registry.api.frame.media import is_json, is_read, written_type
from registry.errors import NotAcceptable, RegistryError, UnsupportedMediaType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from registry.api.frame.methods import Routes

BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


class Negotiation:
    """Refuse types that are not read or written, and name the one chosen in the answer."""

    def __init__(self, app: ASGIApp, *, routes: Routes, is_plain: Callable[[Scope], bool]) -> None:
        self._app = app
        self._routes = routes
        self._is_plain = is_plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_plain(scope):
            await self._app(scope, receive, send)
            return
        refusal = _refusal(scope["method"], scope["headers"])
        if refusal is not None and self._routes.takes(scope, scope["method"]):
            raise refusal
        await self._app(scope, receive, _typed(send, exchange_of(scope).media_type))


def _refusal(method: str, headers: Sequence[tuple[bytes, bytes]]) -> RegistryError | None:
    if method in BODY_METHODS and not is_read(joined(headers, b"content-type")):
        return UnsupportedMediaType()
    if written_type(joined(headers, b"accept")) is None:
        return NotAcceptable()
    return None


def _typed(send: Send, media_type: str) -> Send:
    async def send_typed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = varying(message.get("headers", ()), b"Accept")
            if is_json(joined(headers, b"content-type") or ""):
                headers = replaced(headers, b"content-type", media_type.encode())
            message = {**message, "headers": headers}
        await send(message)

    return send_typed
