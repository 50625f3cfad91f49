"""The probes, and the gate that stays shut while the node starts."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
import structlog

from registry.api.health import Health
from registry.errors import StorageUnavailable

if TYPE_CHECKING:
    from tests.registry.api.frame.conftest import Framed


def test_a_serving_node_is_live_and_ready(framed: Framed) -> None:
    for path, status in (("/health/live", "live"), ("/health/ready", "ready")):
        answer = framed.ask("GET", path)
        assert (answer.status, answer.json()) == (200, {"status": status})
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
    assert framed.ask("GET", "/health/ready", headers={"Accept": "text/html"}).status == 200


@pytest.mark.parametrize("phase", ["starting", "migrating"])
def test_a_starting_node_is_live_but_not_ready_and_serves_nothing(
    framed: Framed, phase: str
) -> None:
    health = framed.health
    health.__init__()
    health.phase = phase
    assert framed.ask("GET", "/health/live").status == 200
    answer = framed.ask("GET", "/health/ready")
    assert (answer.status, answer.json()) == (503, {"status": "not ready", "reason": phase})
    answer = framed.ask("GET", "/subjects/a/versions")
    assert answer.status == 503
    assert answer.json() == {"error_code": 503, "message": f"Service not ready: {phase}"}
    assert framed.ask("GET", "/metrics").status == 200


def test_a_stopping_node_wants_no_requests_but_serves_those_that_come(framed: Framed) -> None:
    framed.health.stop()
    answer = framed.ask("GET", "/health/ready")
    assert (answer.status, answer.json()["reason"]) == (503, "stopping")
    assert framed.ask("GET", "/subjects/a/versions").status == 200


def test_a_node_without_its_database_is_not_ready(framed: Framed) -> None:
    def ping() -> None:
        raise StorageUnavailable("connection refused")

    framed.health.serve(ping)
    with structlog.testing.capture_logs() as logs:
        answer = framed.ask("GET", "/health/ready")
    assert answer.status == 503
    assert answer.json()["reason"] == "the database is unavailable"
    assert {"database unavailable"} <= {line["event"] for line in logs}


def test_a_database_that_hangs_is_asked_once_and_not_waited_for() -> None:
    answering = threading.Event()
    asked = []

    def ping() -> None:
        asked.append(1)
        assert answering.wait(10)

    async def probe() -> list[str | None]:
        health = Health(ping_seconds=0.01)
        health.serve(ping)
        reasons = [await health.obstacle(), await health.obstacle()]
        assert len(asked) == 1
        answering.set()
        while (reason := await health.obstacle()) is not None:
            assert reason == "the database does not answer"
        return [*reasons, reason]

    slow = "the database does not answer"
    assert asyncio.run(probe()) == [slow, slow, None]
