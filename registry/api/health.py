"""Whether the process lives and whether it should get requests.

`/health/live` answers as soon as the process serves at all. `/health/ready` says 503 and why while
the node starts or stops, and when its database does not answer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from fastapi import APIRouter, Response

from registry.errors import StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.stdlib.get_logger("registry.api")

PING_SECONDS = 2.0
LIVE_PATH = "/health/live"
READY_PATH = "/health/ready"

STARTING = "starting"
STOPPING = "stopping"


class Health:
    """The phase of the node and its database; `phase` None means serving.

    Set `phase` to say what a start is busy with (as in "migrating"), call `serve` when it is over
    and `stop` when the process was told to end.
    """

    def __init__(self, *, ping_seconds: float = PING_SECONDS) -> None:
        self.phase: str | None = STARTING
        self._ping: Callable[[], None] | None = None
        self._ping_seconds = ping_seconds
        self._pinging: asyncio.Task[str | None] | None = None
        self._is_starting = True

    @property
    def is_starting(self) -> bool:
        return self._is_starting

    def serve(self, ping: Callable[[], None]) -> None:
        """Say that the start is over; `ping` raises StorageUnavailable, and may block."""
        self._ping = ping
        self.phase = None
        self._is_starting = False

    def stop(self) -> None:
        """Say that the node stops: no new requests, please; those that come are still served."""
        self.phase = STOPPING
        self._is_starting = False

    async def obstacle(self) -> str | None:
        """Return why the node should get no requests, None when it should."""
        if self.phase is not None:
            return self.phase
        # A database that hangs gets one question at a time, however often a probe comes.
        if self._pinging is None or self._pinging.done():
            self._pinging = asyncio.create_task(self._ask())
        await asyncio.wait({self._pinging}, timeout=self._ping_seconds)
        if not self._pinging.done():
            return "the database does not answer"
        return self._pinging.result()

    async def _ask(self) -> str | None:
        assert self._ping is not None
        try:
            await asyncio.to_thread(self._ping)
        except StorageUnavailable as error:
            log.warning("database unavailable", reason=str(error))
            return "the database is unavailable"
        return None


def health_routes(health: Health) -> APIRouter:
    """Return the two probes."""
    router = APIRouter(tags=["health"])

    @router.get(
        LIVE_PATH,
        summary="Tell whether the process serves",
        responses={200: _described("It does", status="live")},
    )
    async def live() -> Response:
        """Yes, as soon as it is answered at all: the database is not asked."""
        return _report(200, {"status": "live"})

    @router.get(
        READY_PATH,
        summary="Tell whether the node should get requests",
        responses={
            200: _described("It should", status="ready"),
            503: _described(
                "Starting, stopping, or without its database",
                status="not ready",
                reason="the database does not answer",
            ),
        },
    )
    async def ready() -> Response:
        """Yes, or what stands in the way."""
        obstacle = await health.obstacle()
        if obstacle is None:
            return _report(200, {"status": "ready"})
        return _report(503, {"status": "not ready", "reason": obstacle})

    return router


def _described(description: str, **example: str) -> dict[str, Any]:
    """Return what the OpenAPI document says of an answer that looks like the example."""
    properties = {name: {"type": "string"} for name in example}
    schema = {"type": "object", "required": list(example), "properties": properties}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"description": description, "content": content}


def _report(status: int, document: dict[str, str]) -> Response:
    headers = {"cache-control": "no-store"}
    body = orjson.dumps(document)
    return Response(body, status, headers=headers, media_type="application/json")
