"""What the frame takes from the composition root: rewriters, origins, the app's start and end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI, Response

from registry.api.frame.paths import PathText  # noqa: TC001  FastAPI evaluates it
from registry.api.frame.stack import frame
from registry.api.health import Health
from registry.api.metrics import Metrics
from registry.api.response_cache import ResponseCache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tests.registry.api.frame.conftest import QuietWatch

ORIGIN = "https://pages.example"


class Prefix:
    """Read `/in/{context}/x` as `/x/{context}`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/in/"):
            _, _, context, rest = scope["path"].split("/")
            scope["path"] = f"/{rest}/{context}"
        await self._app(scope, receive, send)


@pytest.fixture
def asgi(quiet_watch: QuietWatch) -> ASGIApp:
    app = FastAPI()

    @app.get("/x/{name}")
    async def show(name: PathText) -> Response:
        return Response(name, media_type="text/plain")

    health = Health()
    health.serve(lambda: None)
    return frame(
        app,
        cache=ResponseCache(max_bytes=1_000),
        watch=quiet_watch,
        metrics=Metrics(),
        health=health,
        rewriters=(Prefix,),
        cors_origins=(ORIGIN,),
    )


def ask(asgi: ASGIApp, method: str, path: str, **headers: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers=given)

    return asyncio.run(send())


def test_a_rewriter_sees_the_guarded_path_before_it_is_routed(asgi: ASGIApp) -> None:
    assert ask(asgi, "GET", "/in/a%2Fb/x").text == "a/b"
    assert ask(asgi, "OPTIONS", "/in/a%2Fb/x").headers["allow"] == "GET, HEAD, OPTIONS"


def test_pages_of_a_known_origin_may_read_answers_and_their_ids(asgi: ASGIApp) -> None:
    answer = ask(asgi, "GET", "/x/y", Origin=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-expose-headers"] == "X-Request-ID"
    answer = ask(asgi, "GET", "/x/y", Origin="https://other.example")
    assert "access-control-allow-origin" not in answer.headers


def test_a_preflight_is_answered_before_it_is_routed(asgi: ASGIApp) -> None:
    answer = ask(asgi, "OPTIONS", "/x/y", Origin=ORIGIN, Access_Control_Request_Method="PUT")
    assert answer.status_code == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]


def test_the_start_and_the_end_of_the_process_reach_the_app(quiet_watch: QuietWatch) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        seen.append("start")
        yield
        seen.append("end")

    framed = frame(
        FastAPI(lifespan=lifespan),
        cache=ResponseCache(max_bytes=0),
        watch=quiet_watch,
        metrics=Metrics(),
        health=Health(),
    )
    said: list[str] = []
    told = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        return {"type": next(told)}

    async def send(message: Message) -> None:
        said.append(message["type"])

    asyncio.run(framed({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
    assert seen == ["start", "end"]
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
