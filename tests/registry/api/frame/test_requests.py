"""The id, the log line and the count of each request."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest
import structlog

from registry.api.frame.requests import Requests, new_request_id
from registry.api.metrics import Metrics

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from tests.registry.api.frame.conftest import Framed

VERSIONS = "/subjects/a%2Fb/versions"
ROUTE = "/subjects/{subject}/versions"


@pytest.mark.parametrize("given", ["r-1", "00-4bf92f-01", "with space", "x" * 128])
def test_a_sound_id_is_echoed(framed: Framed, given: str) -> None:
    answer = framed.ask("GET", VERSIONS, headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 129, "a\tb", "a\x7f", "caf\xe9"])
def test_another_is_replaced_by_a_uuid(framed: Framed, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    answer = framed.ask("GET", VERSIONS, headers=headers)
    made = uuid.UUID(answer.headers["x-request-id"])
    assert (made.version, made.variant) == (8, uuid.RFC_4122)


def test_two_requests_have_two_ids(framed: Framed) -> None:
    first, second = (framed.ask("GET", VERSIONS).headers["x-request-id"] for _ in range(2))
    assert first != second


def test_another_process_has_other_ids() -> None:
    script = "from registry.api.frame import requests; print(requests.new_request_id().decode())"
    command = [sys.executable, "-c", script]
    theirs = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert uuid.UUID(theirs.strip())
    assert theirs[:24].encode() != new_request_id()[:24]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", VERSIONS, 405),
        ("GET", "/subjects/%zz", 400),
        ("GET", "/fault/bug", 500),
        ("OPTIONS", VERSIONS, 200),
        ("GET", "/health/live", 200),
    ],
)
def test_every_answer_has_the_id(framed: Framed, method: str, path: str, status: int) -> None:
    answer = framed.ask(method, path, headers={"X-Request-ID": "r-1"})
    assert (answer.status, answer.headers["x-request-id"]) == (status, "r-1")


UNMATCHED = "(unmatched)"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", VERSIONS, {"route": ROUTE, "status": 200}),
        ("HEAD", VERSIONS, {"route": ROUTE, "status": 200}),
        ("DELETE", VERSIONS, {"route": ROUTE, "status": 405, "error_code": 405}),
        (
            "GET",
            "/schemas/ids/7",
            {"route": "/schemas/ids/{schema_id}", "status": 404, "error_code": 40403},
        ),
        (
            "GET",
            "/no%2Fwhere/" + "x" * 1000,
            {
                "route": UNMATCHED,
                "status": 404,
                "error_code": 404,
                "path": "/no%2Fwhere/" + "x" * 188,
            },
        ),
        (
            "GET",
            "/subjects/%zz",
            {"route": UNMATCHED, "status": 400, "error_code": 400, "path": "/subjects/%zz"},
        ),
    ],
)
def test_a_request_is_one_line(
    framed: Framed, method: str, path: str, expected: dict[str, object]
) -> None:
    with structlog.testing.capture_logs() as logs:
        framed.ask(method, path, headers={"X-Request-ID": "r-1"})
    (line,) = logs
    assert line.pop("ms") >= 0
    common = {"event": "request", "log_level": "info", "method": method, "request_id": "r-1"}
    assert line == common | expected


def test_probes_and_scrapes_are_for_debugging_only(framed: Framed) -> None:
    with structlog.testing.capture_logs() as logs:
        for path in ("/health/live", "/health/ready", "/metrics"):
            framed.ask("GET", path)
    assert [line["log_level"] for line in logs] == ["debug"] * 3


def test_the_id_is_in_what_the_route_logs_from_its_thread(framed: Framed) -> None:
    merge = structlog.contextvars.merge_contextvars
    with structlog.testing.capture_logs(processors=[merge]) as logs:
        framed.ask("GET", "/fault/bug", headers={"X-Request-ID": "r-1"})
    at_work = [line for line in logs if line["event"] == "at work"]
    assert [line["request_id"] for line in at_work] == ["r-1"]
    assert structlog.contextvars.get_contextvars() == {}


def test_a_request_that_is_cancelled_is_counted_as_not_answered() -> None:
    metrics = Metrics()

    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.Event().wait()

    async def cancel() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        task = asyncio.create_task(
            Requests(never, metrics=metrics, unframed=never)(scope, nobody, nobody)
        )
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with structlog.testing.capture_logs() as logs:
        asyncio.run(cancel())
    assert [line["status"] for line in logs] == [499]
    assert b'code="499"' in metrics.rendered()


def test_what_is_not_http_goes_past_the_frame() -> None:
    seen = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    requests = Requests(nobody, metrics=Metrics(), unframed=app)
    asyncio.run(requests({"type": "lifespan"}, nobody, nobody))
    assert seen == [{"type": "lifespan"}]


async def nobody(_message: object = None) -> Message:
    raise AssertionError
