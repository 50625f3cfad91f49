"""What the layers of the frame know about one request, shared through the ASGI scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from registry.api.frame.media import V1_JSON

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

SCOPE_KEY = "accord.exchange"
UNMATCHED = "(unmatched)"


def _no_methods() -> str:
    return ""


@dataclass(slots=True)
class Exchange:
    """One request and its answer; `routed` is the scope that the router writes its route into."""

    request_id: str
    method: str
    routed: Scope
    media_type: str = V1_JSON
    status: int = 0
    error_code: int | None = None
    allowed: Callable[[], str] = field(default=_no_methods)

    @property
    def template(self) -> str:
        return template_of(self.routed)


def template_of(scope: Scope) -> str:
    """Return the path of the route with its parameters' names, never their values."""
    template = getattr(scope.get("route"), "path_format", None)
    return template if isinstance(template, str) else UNMATCHED


def exchange_of(scope: Scope) -> Exchange:
    """Return the exchange of a request that came through the frame."""
    exchange = scope[SCOPE_KEY]
    assert isinstance(exchange, Exchange)
    return exchange
