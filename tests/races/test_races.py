"""Fifty writers on several nodes, one of them killed, against what a registry promises.

Each writer keeps a diary of what it asked and what it was told. What was told must hold: for the
very next read on any node while it goes on, and for every reader at the end.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from service import await_ready, begin, end, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from service import Service

WRITERS = 50
ROUNDS = 12
SHARED = [f"shared-{number}" for number in range(5)]
FULL_ANSWER = {"Confluent-Accept-Unknown-Properties": "true"}
TIMEOUT_SECONDS = 60
NOT_FOUND = 404


def schema(name: str, *fields: str) -> str:
    """An Avro record in canonical text; every field has a default, so any may follow any."""
    items = [{"name": field, "type": "string", "default": ""} for field in fields]
    document = {"type": "record", "name": name, "fields": items}
    return json.dumps(document, separators=(",", ":"))


@dataclass
class Diary:
    """What the writers were told, all together."""

    registered: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    ids: dict[int, set[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    unanswered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note_registered(self, subject: str, answer: dict[str, Any], text: str) -> None:
        with self.lock:
            told = (answer["id"], text)
            known = self.registered.setdefault((subject, answer["version"]), told)
            if known != told:
                self.broken.append(f"{subject} {answer['version']} given twice: {known} {told}")
            self.ids.setdefault(answer["id"], set()).add(text)

    def expect(self, found: object, wanted: object, what: str) -> None:
        if found != wanted:
            with self.lock:
                self.broken.append(f"{what}: {found!r} instead of {wanted!r}")


class Writer:
    """One client that goes from node to node; a node that does not answer is left alone."""

    def __init__(self, number: int, nodes: list[str], diary: Diary) -> None:
        self._random = random.Random(number)  # noqa: S311 - a repeatable choice, no secret
        self._nodes = nodes
        self._diary = diary
        self._own = f"own-{number}"
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, headers=FULL_ANSWER)

    def run(self) -> None:
        with self._client:
            for round_ in range(ROUNDS):
                self._shared_schema(round_)
                self._own_version(round_)
                self._own_config(round_)
                self._delete_own(round_)

    def ask(self, method: str, path: str, **body: object) -> httpx.Response | None:
        """Return the answer of one node, None when that node broke off: the outcome is unknown."""
        node = self._random.choice(self._nodes)
        try:
            return self._client.request(method, f"{node}{path}", json=body or None)
        except httpx.TransportError:
            with self._diary.lock:
                self._diary.unanswered += 1
            return None

    def read(self, path: str) -> httpx.Response:
        """Ask until some node answers: what is read does not change by asking again."""
        answer = self.ask("GET", path)
        return self.read(path) if answer is None else answer

    def register(self, subject: str, text: str) -> dict[str, Any] | None:
        answer = self.ask("POST", f"/subjects/{subject}/versions", schema=text)
        if answer is None:
            return None
        if answer.status_code != httpx.codes.OK:
            self._diary.expect(answer.text, "a registration", f"POST {subject}")
            return None
        told: dict[str, Any] = answer.json()
        self._diary.note_registered(subject, told, text)
        return told

    def _shared_schema(self, round_: int) -> None:
        """Everybody posts the same schema under the same subjects."""
        subject = self._random.choice(SHARED)
        told = self.register(subject, schema("Shared", f"f{round_}"))
        if told is not None:
            seen = self.read(f"/subjects/{subject}/versions/{told['version']}")
            self._diary.expect(seen.status_code, 200, f"read of {subject} {told['version']}")

    def _own_version(self, round_: int) -> None:
        """What was acknowledged is there for the next read, on whatever node."""
        text = schema("Own", self._own.replace("-", "_"), f"f{round_}")
        told = self.register(self._own, text)
        if told is not None:
            seen = self.read(f"/schemas/ids/{told['id']}").json()
            self._diary.expect(seen.get("schema"), text, f"id {told['id']}")
            latest = self.read(f"/subjects/{self._own}/versions/latest").json()
            self._diary.expect(latest.get("version"), told["version"], f"latest of {self._own}")

    def _own_config(self, round_: int) -> None:
        level = ["NONE", "FULL", "BACKWARD"][round_ % 3]
        answer = self.ask("PUT", f"/config/{self._own}", compatibility=level)
        if answer is not None:
            seen = self.read(f"/config/{self._own}").json()
            self._diary.expect(seen, {"compatibilityLevel": level}, f"config of {self._own}")

    def _delete_own(self, round_: int) -> None:
        """A version of a subject of its own is deleted softly, then for good."""
        subject = f"{self._own}-gone"
        text = schema("Gone", self._own.replace("-", "_"), f"g{round_}")
        told = self.register(subject, text)
        if told is None:
            return
        self.read(f"/schemas/ids/{told['id']}")
        path = f"/subjects/{subject}/versions/{told['version']}"
        if not self._deleted(path):
            return
        self._diary.expect(self.read(path).status_code, NOT_FOUND, f"soft-deleted {path}")
        by_id = self.read(f"/schemas/ids/{told['id']}").json()
        self._diary.expect(by_id.get("deleted"), True, f"soft-deleted id {told['id']}")  # noqa: FBT003 - a JSON value
        if self._deleted(f"{path}?permanent=true"):
            gone = self.read(f"/schemas/ids/{told['id']}")
            self._diary.expect(gone.status_code, NOT_FOUND, f"deleted id {told['id']}")
            with self._diary.lock:
                del self._diary.registered[subject, told["version"]]

    def _deleted(self, path: str) -> bool:
        """Delete until a node says so; one that broke off may have done it already."""
        answer = self.ask("DELETE", path)
        if answer is None:
            return self._deleted(path)
        return answer.status_code in (httpx.codes.OK, NOT_FOUND)


def run_writers(nodes: list[str], kill: Callable[[], None]) -> Diary:
    """Let all writers run, and kill a node while they do."""
    diary = Diary()
    with ThreadPoolExecutor(WRITERS) as pool:
        runs = [pool.submit(Writer(n, nodes, diary).run) for n in range(WRITERS)]
        eventually(lambda: len(diary.registered) > 2 * WRITERS)
        kill()
        for run in runs:
            run.result()
    return diary


def check_end(url: str, diary: Diary) -> None:
    """Compare what a node shows at the end with all that was ever told."""
    assert diary.broken == []
    with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS) as client:
        shown = client.get("/schemas", params={"deleted": "true", "limit": 1000}).json()
        offset = 1000
        while len(shown) == offset:
            shown += client.get("/schemas", params={"deleted": "true", "offset": offset}).json()
            offset += 1000
        there = {(one["subject"], one["version"]): (one["id"], one["schema"]) for one in shown}
        lost = {key: told for key, told in diary.registered.items() if there.get(key) != told}
        assert lost == {}, "acknowledged, but not there"
        for subject in [*SHARED, *(f"own-{n}" for n in range(WRITERS))]:
            versions = [version for name, version in there if name == subject]
            assert sorted(versions) == list(range(1, len(versions) + 1)), f"gap in {subject}"
            texts = [text for (name, _), (_, text) in there.items() if name == subject]
            assert len(texts) == len(set(texts)), f"one schema twice in {subject}"
    assert all(len(texts) == 1 for texts in diary.ids.values()), "one id for several schemas"
    owners: dict[str, set[int]] = {}
    for schema_id, text in there.values():
        owners.setdefault(text, set()).add(schema_id)
    assert all(len(ids) == 1 for ids in owners.values()), "several ids for one schema"
    assert len(diary.registered) > 2 * WRITERS


@contextmanager
def nodes_over(url: str, folder: Path, count: int) -> Iterator[list[Service]]:
    services = []
    for number in range(count):
        home = folder / f"node-{number}"
        home.mkdir()
        services.append(begin(home, "--database-url", url))
    try:
        yield [await_ready(service) for service in services]
    finally:
        for service in services:
            end(service)


@pytest.mark.race
def test_three_nodes_over_postgresql(postgres_url: str, tmp_path: Path) -> None:
    with nodes_over(postgres_url, tmp_path, 3) as services:
        urls = [service.url for service in services]
        diary = run_writers(urls, services[0].process.kill)
        for url in urls[1:]:
            check_end(url, diary)
    assert diary.unanswered, "the kill was not noticed by anybody"


@pytest.mark.race
def test_four_workers_over_sqlite(tmp_path: Path) -> None:
    service = begin(tmp_path, "--workers", "4")
    try:
        await_ready(service)
        diary = run_writers([service.url], lambda: kill_one_worker(service))
        check_end(service.url, diary)
    finally:
        end(service)


def kill_one_worker(service: Service) -> None:
    """Kill one of the processes that answer requests."""
    workers = {line["pid"] for line in eventually(lambda: service.logged("worker started"))}
    os.kill(min(workers), signal.SIGKILL)
    time.sleep(0.1)
