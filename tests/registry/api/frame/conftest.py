"""A small app in the whole frame, and a client that sends exactly the bytes it is given."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import structlog
import uvicorn
from fastapi import FastAPI, Request, Response

from registry.api.frame.paths import PathText  # noqa: TC001  FastAPI evaluates it
from registry.api.frame.stack import Limits, frame
from registry.api.health import Health, health_routes
from registry.api.metrics import Metrics, metrics_routes
from registry.api.response_cache import ResponseCache
from registry.errors import SchemaNotFound, StorageUnavailable, SubjectNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

LIMITS = Limits(body_bytes=1000, body_seconds=0.05)


class QuietWatch:
    """The watch of a registry that nobody writes to."""

    sequence = 0

    def unchanged(self) -> bool:
        return True

    def refresh(self) -> None:
        raise AssertionError


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    complete: bool = False

    def json(self) -> object:
        return orjson.loads(self.body)


@dataclass
class Framed:
    """The app, its frame, and a way to ask it anything."""

    app: FastAPI
    asgi: ASGIApp
    metrics: Metrics
    health: Health

    def ask(
        self,
        method: str,
        target: str | bytes,
        *,
        headers: dict[str, str] | None = None,
        messages: list[dict[str, Any]] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Send one request; `messages` instead of a body says how the body arrives."""
        raw = target if isinstance(target, bytes) else target.encode()
        path, _, query = raw.partition(b"?")
        given = {"host": "localhost", **(headers or {})}
        if messages is None:
            messages = [{"type": "http.request", "body": body, "more_body": False}]
            if body:
                given.setdefault("content-length", str(len(body)))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path.decode("latin-1"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in given.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8081),
        }
        return asyncio.run(self._run(scope, messages))

    async def _run(self, scope: dict[str, Any], messages: list[dict[str, Any]]) -> Answer:
        answer, waiting = Answer(), list(messages)

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop(0)
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                assert answer.status == 0, "two answers"
                answer.status = message["status"]
                answer.headers = {k.decode(): v.decode("latin-1") for k, v in message["headers"]}
            else:
                answer.body += message.get("body", b"")
                answer.complete = not message.get("more_body", False)

        await self.asgi(scope, receive, send)
        return answer


def add_routes(app: FastAPI) -> None:
    @app.get("/subjects/{subject}/versions")
    async def versions(subject: PathText) -> Response:
        return Response(orjson.dumps({"subject": subject}), media_type="application/json")

    @app.post("/subjects/{subject}/versions")
    async def register(subject: PathText, request: Request) -> Response:
        body = await request.body()
        if subject == "unknown":
            raise SubjectNotFound(subject)
        document = {"subject": subject, "size": len(body)}
        return Response(orjson.dumps(document), media_type="application/json")

    @app.get("/schemas/ids/{schema_id:int}")
    async def by_id(schema_id: int) -> Response:
        raise SchemaNotFound(schema_id)

    @app.get("/contexts")
    async def contexts(limit: int = -1) -> Response:
        return Response(b"x" * limit, media_type="application/json")

    @app.get("/fault/{kind}")
    def fault(kind: str) -> Response:
        structlog.stdlib.get_logger("test").info("at work")
        if kind == "storage":
            raise StorageUnavailable("reading")
        raise KeyError(kind)


def make_framed(limits: Limits = LIMITS) -> Framed:
    app, metrics, health = FastAPI(), Metrics(), Health()
    add_routes(app)
    app.include_router(health_routes(health))
    app.include_router(metrics_routes(metrics))
    health.serve(lambda: None)
    asgi = frame(
        app,
        cache=ResponseCache(max_bytes=1_000_000),
        watch=QuietWatch(),
        metrics=metrics,
        health=health,
        limits=limits,
    )
    return Framed(app, asgi, metrics, health)


@pytest.fixture(autouse=True)
def no_log_on_the_terminal() -> Iterator[None]:
    """Drawing a traceback with all its values takes seconds."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def quiet_watch() -> QuietWatch:
    return QuietWatch()


@pytest.fixture
def framed() -> Framed:
    return make_framed()


@contextmanager
def served(asgi: ASGIApp) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(asgi, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def port(framed: Framed) -> Iterator[int]:
    """The port of a real server with the small app."""
    with served(framed.asgi) as number:
        yield number
