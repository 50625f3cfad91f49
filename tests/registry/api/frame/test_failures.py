"""Failures become error bodies, and bugs one log entry."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import structlog
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from registry.api.frame.failures import Failure, failure_of
from registry.errors import SubjectNotFound


def test_an_expected_failure_has_its_own_status_and_text(framed: Any) -> None:
    answer = framed.ask("GET", "/schemas/ids/7")
    assert answer.status == 404
    assert answer.json() == {"error_code": 40403, "message": "Schema 7 not found"}
    assert answer.headers["x-request-id"]


def test_a_bug_is_a_500_and_one_log_entry_with_the_request_id(framed: Any) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = framed.ask("GET", "/fault/bug", headers={"X-Request-ID": "r-1"})
    assert answer.status == 500
    assert answer.json() == {"error_code": 500, "message": "Internal Server Error"}
    assert answer.headers["x-request-id"] == "r-1"
    failed = [entry for entry in logs if entry["event"] == "request failed"]
    assert [(entry["request_id"], entry["log_level"]) for entry in failed] == [("r-1", "error")]
    assert failed[0]["exc_info"]


def test_a_database_that_is_gone_is_logged_and_keeps_its_code(framed: Any) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = framed.ask("GET", "/fault/storage")
    assert answer.status == 500
    assert answer.json() == {"error_code": 50001, "message": "reading"}
    assert "request failed" in {entry["event"] for entry in logs}


def test_an_expected_failure_is_no_log_entry_of_its_own(framed: Any) -> None:
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


def test_an_answer_that_breaks_off_is_logged_and_not_followed_by_another(framed: Any) -> None:
    @framed.app.get("/breaks")
    async def breaks() -> Response:
        def pieces() -> Any:
            yield b"x"
            raise KeyError

        return StreamingResponse(pieces())

    with structlog.testing.capture_logs() as logs:
        answer = framed.ask("GET", "/breaks")
    assert (answer.status, answer.complete) == (200, False)
    assert [entry["event"] for entry in logs] == ["request failed", "request"]


def test_handlers_of_the_app_itself_are_left_alone(reframed: Any) -> None:
    class Teapot(Exception):
        pass

    framed = reframed()

    async def on_teapot(_: Request, error: Exception) -> Response:
        assert isinstance(error, Teapot)
        return Response(b"short and stout", 418)

    def add(app: FastAPI) -> None:
        app.add_exception_handler(Teapot, on_teapot)

        @app.get("/tea")
        async def tea() -> Response:
            raise Teapot

    add(framed.app)
    answer = framed.ask("GET", "/tea")
    assert (answer.status, answer.body) == (418, b"short and stout")
