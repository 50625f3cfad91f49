"""HEAD for every GET, OPTIONS for everything, and the methods that a path knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match

from registry.api.frame.exchange import exchange_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Routes:
    """The router's table, asked only where the router itself gives no answer."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    def takes(self, scope: Scope, method: str) -> bool:
        """Tell whether some route takes the path with this method."""
        asked = {**scope, "method": method}
        return any(route.matches(asked)[0] is Match.FULL for route in self._routes)

    def allowed(self, scope: Scope) -> str:
        """Return the value of the Allow header, empty when no route knows the path."""
        methods = [method for method in ASKED if self.takes(scope, method)]
        if not methods:
            return ""
        if "GET" in methods:
            methods.insert(1, "HEAD")
        return ", ".join([*methods, "OPTIONS"])


class Methods:
    """Answer OPTIONS, and HEAD as GET without the body."""

    def __init__(self, app: ASGIApp, routes: Routes) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange_of(scope).allowed = lambda: self._routes.allowed(scope)
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
            await self._app(scope, receive, _bodiless(send))
        elif scope["method"] == "OPTIONS" and (allowed := self._routes.allowed(scope)):
            await _answer_options(send, allowed)
        else:
            await self._app(scope, receive, send)


def _bodiless(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


async def _answer_options(send: Send, allowed: str) -> None:
    headers = [(b"allow", allowed.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body"})
