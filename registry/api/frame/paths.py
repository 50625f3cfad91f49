"""Paths whose segments may hold any text, slashes included.

Routers match on the decoded path, where `/subjects/a%2Fb` and `/subjects/a/b` are one. This layer
decodes each segment of the path as it was sent and encodes again only what a router would stumble
over: the slash, the per cent sign, and control characters. A route gets its parameters in that
form; `path_text` (or the parameter type `PathText`) gives the text that the client meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, unquote, unquote_to_bytes

from pydantic import AfterValidator

from registry.api.frame.exchange import exchange_of
from registry.errors import MalformedRequest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

CONTROLS = (*range(0x20), 0x7F)
GUARDED = {code: f"%{code:02X}" for code in (*CONTROLS, ord("%"), ord("/"))}
BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Paths:
    """Give the layers below a scope of their own with the path in the guarded form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path") or quote(scope["path"]).encode()
        routed = {**scope, "path": guarded_path(raw)}
        exchange_of(scope).routed = routed
        await self._app(routed, receive, send)


def guarded_path(raw: bytes) -> str:
    """Return the path to route on; raises MalformedRequest for what is no text.

    A slash at the end is dropped (Confluent 8.3 tolerates it).
    """
    if len(raw) > 1 and raw.endswith(b"/"):
        raw = raw[:-1]
    if b"%" not in raw:
        return _text(raw)
    if BROKEN_ESCAPE.search(raw):
        raise MalformedRequest("The path has an incomplete percent-encoding")
    return "/".join(
        _text(unquote_to_bytes(segment)).translate(GUARDED) for segment in raw.split(b"/")
    )


def path_text(raw: str) -> str:
    """Return the text that the client meant by a path parameter."""
    return unquote(raw)


PathText = Annotated[str, AfterValidator(path_text)]


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise MalformedRequest("The path is not valid UTF-8") from None
