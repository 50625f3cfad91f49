"""Failures become error bodies, and bugs one log entry."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import orjson
import pytest
import structlog
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from registry.api.frame.failures import Failure, failure_of
from registry.api.frame.stack import frame
from registry.api.health import Health
from registry.api.metrics import Metrics
from registry.api.response_cache import ResponseCache
from registry.errors import RegistryError, SubjectNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.registry.api.frame.conftest import Framed, QuietWatch


def test_an_expected_failure_has_its_own_status_and_text(framed: Framed) -> None:
    answer = framed.ask("GET", "/schemas/ids/7")
    assert answer.status == 404
    assert answer.json() == {"error_code": 40403, "message": "Schema 7 not found"}
    assert answer.headers["x-request-id"]


def test_a_bug_is_a_500_and_one_log_entry_with_the_request_id(framed: Framed) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = framed.ask("GET", "/fault/bug", headers={"X-Request-ID": "r-1"})
    assert answer.status == 500
    assert answer.json() == {"error_code": 500, "message": "Internal Server Error"}
    assert answer.headers["x-request-id"] == "r-1"
    failed = [entry for entry in logs if entry["event"] == "request failed"]
    assert [(entry["request_id"], entry["log_level"]) for entry in failed] == [("r-1", "error")]
    assert failed[0]["exc_info"]


def test_a_database_that_is_gone_is_logged_and_keeps_its_code(framed: Framed) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = framed.ask("GET", "/fault/storage")
    assert answer.status == 500
    assert answer.json() == {"error_code": 50001, "message": "reading"}
    assert "request failed" in {entry["event"] for entry in logs}


def test_an_expected_failure_is_no_log_entry_of_its_own(framed: Framed) -> None:
    with structlog.testing.capture_logs() as logs:
        framed.ask("GET", "/schemas/ids/7")
    assert [entry["event"] for entry in logs] == ["request"]


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (SubjectNotFound("s"), Failure(404, 40401, "Subject 's' not found.")),
        (HTTPException(404), Failure(404, 404, "HTTP 404 Not Found")),
        (HTTPException(405), Failure(405, 405, "HTTP 405 Method Not Allowed")),
        (HTTPException(418, "Teapot"), Failure(418, 418, "Teapot")),
        (
            ClientDisconnect(),
            Failure(
                400,
                400,
                "EOF Exception encountered - client disconnected during stream processing.",
            ),
        ),
        (ExceptionGroup("several", [ValueError()]), Failure(500, 500, "Internal Server Error")),
    ],
)
def test_every_exception_has_an_answer(error: Exception, failure: Failure) -> None:
    assert failure_of(error) == failure


def test_half_a_surrogate_pair_in_a_message_does_not_break_the_answer() -> None:
    body = orjson.loads(Failure(422, 42201, "bad \ud800 name").body())
    assert body == {"error_code": 42201, "message": "bad ? name"}


def test_an_answer_that_breaks_off_is_logged_and_not_followed_by_another(framed: Framed) -> None:
    @framed.app.get("/breaks")
    async def breaks() -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"x"
            raise KeyError

        return StreamingResponse(pieces())

    with structlog.testing.capture_logs() as logs:
        answer = framed.ask("GET", "/breaks")
    assert (answer.status, answer.complete) == (200, False)
    assert [entry["event"] for entry in logs] == ["request failed", "request"]


def test_handlers_of_the_app_itself_are_left_alone(quiet_watch: QuietWatch) -> None:
    class Teapot(RegistryError):
        status, code = 418, 418

    async def on_teapot(_: Request, error: Exception) -> Response:
        assert isinstance(error, Teapot)
        return Response(b"short and stout", 418)

    app = FastAPI(exception_handlers={Teapot: on_teapot})

    @app.get("/tea")
    async def tea() -> Response:
        raise Teapot("hot")

    answer = ask_alone(app, quiet_watch, "/tea")
    assert (answer.status_code, answer.content) == (418, b"short and stout")


def ask_alone(app: FastAPI, watch: QuietWatch, path: str) -> httpx.Response:
    """Ask another app than the small one, in a frame of its own."""
    health = Health()
    health.serve(lambda: None)
    cache = ResponseCache(max_bytes=0)
    framed = frame(app, cache=cache, watch=watch, metrics=Metrics(), health=health)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(framed)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get(path)

    return asyncio.run(ask())
