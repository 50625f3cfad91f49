"""Several workers behind one port: they share the work, and are replaced when they die."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from service import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from service import Service

    Serve = Callable[..., Service]


def pids(service: Service) -> list[int]:
    """Return the processes of all workers there were so far."""
    return [line["pid"] for line in service.logged("worker started")]


def register(url: str, number: int) -> int:
    answer = httpx.post(
        f"{url}/subjects/s{number}/versions",
        json={"schema": f'{{"type": "fixed", "name": "F{number}", "size": {number}}}'},
    )
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def test_ready_is_said_once_and_for_all(serve: Serve) -> None:
    service = serve("--workers", "2")
    assert len(pids(service)) == 2
    assert service.out.read_text().count("accord is ready") == 1


def test_ids_are_unique_over_the_workers(serve: Serve) -> None:
    service = serve("--workers", "2")
    with ThreadPoolExecutor(8) as clients:
        ids = list(clients.map(lambda number: register(service.url, number), range(1, 41)))
    assert sorted(ids) == list(range(1, 41))
    assert len(httpx.get(f"{service.url}/subjects").json()) == 40


def test_a_dead_worker_is_replaced(serve: Serve) -> None:
    service = serve("--workers", "2")
    victim = pids(service)[0]
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(pids(service)) == 3)
    (death,) = service.logged("worker died")
    assert death["exit_code"] == -signal.SIGKILL
    assert httpx.get(f"{service.url}/subjects").json() == []
    assert service.stop() == 0


def test_a_worker_that_dies_before_the_first_ready_ends_the_service(start: Serve) -> None:
    service = start("--workers", "2")
    os.kill(eventually(lambda: pids(service))[0], signal.SIGKILL)
    assert service.process.wait(60) == 1
    assert "accord: worker 1 ended with code -9" in service.err.read_text().splitlines()
    assert "ready" not in service.out.read_text()


def test_workers_stop_when_their_supervisor_is_killed(serve: Serve) -> None:
    service = serve("--workers", "2")
    service.process.kill()
    service.process.wait()
    eventually(service.refuses)


def test_metrics_are_those_of_all_workers(serve: Serve) -> None:
    service = serve("--workers", "2")
    for _ in range(20):
        # A connection each, so that both workers get some.
        httpx.get(f"{service.url}/subjects")
    totals = {requests_counted(service.url) for _ in range(8)}
    assert totals == {20.0}


def requests_counted(url: str) -> float:
    """Return how often the list of subjects was asked for, as any worker tells it."""
    text = httpx.get(f"{url}/metrics").text
    return sum(
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith("accord_http_requests_total") and 'route="/subjects"' in line
    )


def test_nothing_is_left_in_the_temporary_directory(serve: Serve, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    killed = serve("--workers", "2")
    (abandoned,) = temporary.iterdir()
    killed.process.kill()
    killed.process.wait()
    eventually(killed.refuses)
    stopped = serve("--workers", "2")
    (directory,) = temporary.iterdir()
    assert directory != abandoned
    stopped.stop()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_a_signal_to_the_whole_group_stops_all_of_it(serve: Serve, number: int) -> None:
    service = serve("--workers", "2")
    for pid in [*pids(service), service.process.pid]:
        os.kill(pid, number)
    assert service.process.wait(60) == 0
    assert "Traceback" not in service.err.read_text()
