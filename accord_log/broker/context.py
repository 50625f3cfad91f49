"""Who asks, and where he asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ANONYMOUS = "User:ANONYMOUS"


def _forget(_: Callable[[], object]) -> None:
    """Keep nothing: a caller inside the process does not go away."""


@dataclass(slots=True)
class Context:
    """What a handler knows of a request beside the request.

    `on_close` takes a callback for the case that the connection is lost before the answer.
    """

    version: int
    client_id: str = ""
    host: str = "/127.0.0.1"
    principal: str = ANONYMOUS
    advertised: tuple[str, int] = ("localhost", 9092)
    software: tuple[str, str] = ("", "")
    on_close: Callable[[Callable[[], object]], None] = field(default=_forget)
