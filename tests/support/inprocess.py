"""Run an ASGI application inside the test's process, started and stopped as a server would."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio.from_thread
import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import ASGIApp


@asynccontextmanager
async def started(app: ASGIApp) -> AsyncIterator[None]:
    """Go through the lifespan protocol around a block; raises RuntimeError for a failed start."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan", "state": {}}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    message = await outbox.get()
    if message["type"] != "lifespan.startup.complete":
        raise RuntimeError(message)
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await outbox.get()
        await life


@asynccontextmanager
async def _client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with started(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            yield client


@contextmanager
def serving(app: ASGIApp) -> Iterator[Callable[..., httpx.Response]]:
    """Serve the app for a block; what it yields sends a request: method, url, httpx's keywords."""
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_client(app)) as client,
    ):

        def send(method: str, url: str, **options: Any) -> httpx.Response:
            return portal.call(lambda: client.request(method, url, **options))

        yield send
