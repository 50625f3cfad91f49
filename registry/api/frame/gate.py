"""No request reaches the service before it can be served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from registry.api.health import Health


class Gate:
    """Answer 503 while the node starts; probes, metrics and pages pass."""

    def __init__(self, app: ASGIApp, *, health: Health, is_plain: Callable[[Scope], bool]) -> None:
        self._app = app
        self._health = health
        self._is_plain = is_plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._health.is_starting and not self._is_plain(scope):
            raise NotReady(self._health.phase)
        await self._app(scope, receive, send)
