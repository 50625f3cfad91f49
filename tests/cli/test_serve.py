"""`accord serve` as a process: it gets ready, works, and stops when told."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest
from service import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from service import Service

    Serve = Callable[..., Service]

SCHEMA = json.dumps({"schema": '"string"'})
JSON = {"content-type": "application/json"}


def register(url: str, subject: str) -> httpx.Response:
    return httpx.post(f"{url}/subjects/{subject}/versions", content=SCHEMA, headers=JSON)


class HalfSent:
    """A registration of which the server has got the head and the first half of the body."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        assert address.hostname is not None
        assert address.port is not None
        self._socket = socket.create_connection((address.hostname, address.port), timeout=60)
        head = (
            f"POST /subjects/half/versions HTTP/1.1\r\nHost: accord\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(SCHEMA)}\r\n"
            f"Expect: 100-continue\r\n\r\n"
        )
        self._socket.sendall(head.encode())
        # The service waits for the body: the request is under way, not queued at the door.
        assert self._socket.recv(4096).startswith(b"HTTP/1.1 100 ")
        self._socket.sendall(SCHEMA[:5].encode())

    def finish(self) -> bytes:
        """Send the rest; return the answer."""
        self._socket.sendall(SCHEMA[5:].encode())
        answer = b""
        while chunk := self._socket.recv(4096):
            answer += chunk
        return answer

    def close(self) -> None:
        self._socket.close()


def test_the_ready_line_names_the_url_and_the_database(serve: Serve, tmp_path: Path) -> None:
    service = serve()
    ready = service.ready()
    assert ready is not None
    assert ready["workers"] == "1"
    assert ready["db"] == f"sqlite:///{tmp_path}/data/accord.db"
    assert httpx.get(f"{ready['url']}/subjects").json() == []


def test_what_was_registered_is_there_after_a_restart(serve: Serve) -> None:
    first = serve()
    assert register(first.url, "kept").status_code == 200
    first.stop()
    second = serve()
    assert httpx.get(f"{second.url}/subjects").json() == ["kept"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_on_request_is_a_success(serve: Serve, workers: str, number: int) -> None:
    service = serve("--workers", workers)
    assert service.stop(number) == 0
    assert service.refuses()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_request_under_way_is_finished_before_the_end(serve: Serve, workers: str) -> None:
    service = serve("--workers", workers, "--shutdown-grace-seconds", "60")
    with closing(HalfSent(service.url)) as request:
        service.process.send_signal(signal.SIGTERM)
        eventually(service.refuses)
        answer = request.finish()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'{"id":1}')
    assert service.process.wait(60) == 0


def test_a_request_that_never_ends_does_not_keep_the_server(serve: Serve) -> None:
    service = serve("--shutdown-grace-seconds", "1")
    with closing(HalfSent(service.url)):
        assert service.stop() == 0


def test_a_stop_before_the_service_is_ready_is_quiet(start: Serve) -> None:
    service = start()
    assert service.stop() in {0, -signal.SIGTERM}  # the latter before Python itself is up
    assert service.err.read_text() == ""


def test_a_variable_that_is_no_setting_is_mentioned(serve: Serve) -> None:
    service = serve(ACCORD_PROT="9000")
    assert [line["variable"] for line in service.logged("variable is no setting")] == [
        "ACCORD_PROT"
    ]


def test_every_request_is_logged_with_its_id(serve: Serve) -> None:
    service = serve()
    answer = httpx.get(f"{service.url}/subjects", headers={"x-request-id": "r-42"})
    assert answer.headers["x-request-id"] == "r-42"
    (line,) = eventually(lambda: service.logged("request"))
    assert (line["request_id"], line["status"]) == ("r-42", 200)


def test_probes_answer(serve: Serve) -> None:
    service = serve()
    assert httpx.get(f"{service.url}/health/live").status_code == 200
    assert httpx.get(f"{service.url}/health/ready").status_code == 200
