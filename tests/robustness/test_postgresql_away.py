"""A PostgreSQL that stops and comes back while requests run."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import httpx
import pytest
from node import STRING, Node, is_refused, running
from service import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


class Postgres(Protocol):
    """The fixture `own_postgres`."""

    home: Path
    url: str

    def stop(self, mode: str) -> None: ...

    def start(self) -> None: ...


WRITERS = 6
# Below the patience of common clients, and a multiple of what a refused connection takes.
ANSWER_SECONDS = 20
UNAVAILABLE = "cannot be reached"


@pytest.fixture
def database(
    own_postgres: Postgres, temporary_postgres: Callable[[str], AbstractContextManager[str]]
) -> Iterator[str]:
    with temporary_postgres(own_postgres.url) as url:
        yield url


@pytest.fixture
def node(database: str, tmp_path: Path) -> Iterator[Node]:
    with running(tmp_path, database) as node:
        yield node


def schema(number: int) -> str:
    return f'{{"type":"fixed","name":"F{number}","size":1}}'


@dataclass
class Writing:
    """Writers that go on whatever they are told, and what they were told."""

    node: Node
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: list[httpx.Response] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, writer: int) -> None:
        url = self.node.service.url
        with httpx.Client(base_url=url, timeout=ANSWER_SECONDS) as client:
            number = writer
            while not self._stopped.is_set():
                self.write(client, f"s{number}", schema(number))
                number += WRITERS

    def write(self, client: httpx.Client, subject: str, text: str) -> None:
        try:
            answer = client.post(f"/subjects/{subject}/versions", json={"schema": text})
        except httpx.TransportError as error:
            with self._lock:
                self.broken.append(repr(error))
            return
        with self._lock:
            if answer.status_code == httpx.codes.OK:
                self.acknowledged[subject] = answer.json()["id"]
            else:
                self.refused.append(answer)

    def stop(self) -> None:
        self._stopped.set()

    def have_written(self, many: int) -> bool:
        return len(self.acknowledged) >= many


def check_kept(node: Node, acknowledged: dict[str, int]) -> None:
    """Check that everything acknowledged is there, each under an id of its own."""
    assert len(set(acknowledged.values())) == len(acknowledged)
    for subject, schema_id in acknowledged.items():
        read = node.client.get(f"/subjects/{subject}/versions/latest")
        assert read.status_code == httpx.codes.OK, read.text
        assert (read.json()["id"], read.json()["schema"]) == (schema_id, schema(int(subject[1:])))


def is_ready(node: Node) -> bool:
    return node.client.get("/health/ready").status_code == httpx.codes.OK


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_requests_under_way_are_answered_and_nothing_acknowledged_is_lost(
    node: Node, own_postgres: Postgres, mode: str
) -> None:
    writing = Writing(node)
    with ThreadPoolExecutor(WRITERS) as pool:
        done = [pool.submit(writing.run, number) for number in range(WRITERS)]
        try:
            eventually(lambda: writing.have_written(100))
            own_postgres.stop(mode)
            eventually(lambda: len(writing.refused) >= WRITERS)
            own_postgres.start()
            before = len(writing.acknowledged)
            eventually(lambda: writing.have_written(before + 100))
        finally:
            writing.stop()
    for one in done:
        one.result()
    assert writing.broken == []
    for answer in writing.refused:
        is_refused(answer, 500, 50001, ".")
    check_kept(node, writing.acknowledged)
    node.use()


def test_without_its_database_a_node_says_so(node: Node, own_postgres: Postgres) -> None:
    own_postgres.stop("immediate")
    assert node.client.get("/health/live").status_code == httpx.codes.OK
    ready = node.client.get("/health/ready")
    assert ready.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "database" in ready.json()["reason"]
    for method, path, body in (
        ("POST", "/subjects/a/versions", STRING),
        ("POST", "/subjects/a", STRING),
        ("GET", "/subjects", None),
        ("GET", "/schemas/ids/77", None),
        ("GET", "/config", None),
        ("PUT", "/config", {"compatibility": "NONE"}),
        ("PUT", "/mode", {"mode": "READONLY"}),
        ("DELETE", "/subjects/usable", None),
        ("POST", "/compatibility/subjects/usable/versions", STRING),
    ):
        is_refused(node.ask(method, path, body), 500, 50001, UNAVAILABLE)
    assert node.ask("POST", "/subjects/a/versions", None).status_code == 422
    assert node.ask("GET", "/metrics").status_code == httpx.codes.OK
    own_postgres.start()
    eventually(lambda: is_ready(node))
    node.use()
    assert node.client.get("/config").json() == {"compatibilityLevel": "BACKWARD"}
    assert node.client.get("/subjects").json() == ["usable"]


def test_a_content_in_memory_is_not_served_as_new_without_the_database(
    node: Node, own_postgres: Postgres
) -> None:
    """A lease has run out: whether the answer still holds, only the database knows."""
    assert node.client.get("/schemas/ids/1").status_code == httpx.codes.OK
    own_postgres.stop("immediate")
    time.sleep(0.2)
    answer = node.client.get("/schemas/ids/1")
    is_refused(answer, 500, 50001, UNAVAILABLE)
    own_postgres.start()
    assert node.client.get("/schemas/ids/1").status_code == httpx.codes.OK


@pytest.fixture
def hasty_node(database: str, tmp_path: Path) -> Iterator[Node]:
    with running(tmp_path, database, "--request-seconds", "2") as node:
        yield node


def test_a_database_that_hangs_holds_nobody_for_ever(
    hasty_node: Node, own_postgres: Postgres
) -> None:
    """A frozen server takes what is sent to it and says nothing."""
    with frozen(own_postgres), ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(hasty_node.client.get, "/subjects") for _ in range(20)]
        asked += [pool.submit(hasty_node.register, f"s{n}", schema(n)) for n in range(20)]
        assert hasty_node.client.get("/health/live").status_code == httpx.codes.OK
        ready = hasty_node.client.get("/health/ready")
        assert ready.status_code == httpx.codes.SERVICE_UNAVAILABLE
        for one in asked:
            is_refused(one.result(), 500, 50001, "given up after 2 seconds|too long")
    eventually(lambda: is_ready(hasty_node))
    hasty_node.use()
    assert hasty_node.register("after", schema(1)).status_code == httpx.codes.OK


@contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    """Stop every process of a server in its tracks for the length of a block."""
    postmaster = int((server.home / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    processes = [postmaster, *map(int, children)]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
