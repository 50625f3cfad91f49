"""Answers from memory: as if they were not, only faster."""

from __future__ import annotations

import asyncio
import gzip
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import orjson
import pytest
import structlog
from fastapi import FastAPI, Request, Response

from registry.api import front
from registry.api.frame.stack import frame
from registry.api.front import depends_on
from registry.api.health import Health
from registry.api.metrics import Metrics
from registry.api.response_cache import ResponseCache, on_schema
from registry.errors import SchemaNotFound, StorageUnavailable
from registry.model import Change, ChangeKind, Content
from registry.names import Subject
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from registry.storage.port import Drop

V1 = "application/vnd.schemaregistry.v1+json"
PATH = "/schemas/ids/1"


class Ledger:
    """A journal in memory with its watch; `before_drop` can hold a refresh up."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {1: "one", 2: "two"}
        self.refreshes = 0
        self.failing = False
        self.before_drop: Callable[[], None] = lambda: None
        self._changes: list[Change] = []
        self._learned = 0
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self.drop: Drop = lambda _: None

    @property
    def sequence(self) -> int:
        return self._learned

    def write(self, schema_id: int, text: str) -> None:
        with self._lock:
            self.texts[schema_id] = text
            key = {"context": ".", "subject": "s", "version": 1}
            after = {"id": schema_id, "guid": str(schema_id)}
            number = len(self._changes) + 1
            kind = ChangeKind.SCHEMA_REGISTERED
            self._changes.append(Change(number, 0, "", kind, key, None, after))

    def unchanged(self) -> bool:
        return self._learned == len(self._changes)

    def refresh(self) -> None:
        with self._refreshing:
            self.refreshes += 1
            if self.failing:
                raise StorageUnavailable("gone")
            with self._lock:
                changes = self._changes[self._learned :]
            self.before_drop()
            self.drop(changes)
            self._learned += len(changes)


class Stage:
    """The front before an app that counts its calls and can be held up after it has read."""

    def __init__(self, ledger: Ledger, *, max_bytes: int = 1_000_000) -> None:
        self.ledger = ledger
        self.calls = 0
        self.has_read = asyncio.Event()
        self.after_read: Callable[[], asyncio.Future[None] | None] = lambda: None
        self.metrics = Metrics()
        self.cache = ResponseCache(max_bytes=max_bytes)
        ledger.drop = self.cache.drop
        health = Health()
        health.serve(lambda: None)
        self.asgi = frame(
            self._app(), cache=self.cache, watch=ledger, metrics=self.metrics, health=health
        )

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/schemas/ids/{schema_id:int}")
        async def by_id(schema_id: int, request: Request, kept: bool = True) -> Response:  # noqa: FBT002  a query parameter
            self.calls += 1
            text = self.ledger.texts.get(schema_id)
            if (held := self.after_read()) is not None:
                self.has_read.set()
                await held
            if text is None:
                raise SchemaNotFound(schema_id)
            if kept:
                depends_on(request.scope, on_schema(".", schema_id))
            return Response(orjson.dumps({"schema": text}), media_type=V1)

        return app

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            yield client

    def get(self, *paths: str, method: str = "GET", **headers: str) -> list[httpx.Response]:
        async def get_all() -> list[httpx.Response]:
            async with self.client() as client:
                given = {name.replace("_", "-"): value for name, value in headers.items()}
                return [await client.request(method, path, headers=given) for path in paths]

        return asyncio.run(get_all())


@pytest.fixture
def stage() -> Stage:
    return Stage(Ledger())


def test_the_second_answer_is_the_first_without_the_app(stage: Stage) -> None:
    first, second = stage.get(PATH, PATH)
    assert stage.calls == 1
    assert (second.status_code, second.content) == (200, first.content)
    without_id = [h for h in first.headers.multi_items() if h[0] != "x-request-id"]
    assert [h for h in second.headers.multi_items() if h[0] != "x-request-id"] == without_id


def test_an_answer_from_memory_has_its_own_request_id(stage: Stage) -> None:
    ids = [answer.headers["x-request-id"] for answer in stage.get(PATH, PATH, PATH)]
    assert len({uuid.UUID(one) for one in ids}) == 3
    (echoed,) = stage.get(PATH, X_Request_ID="r-1")
    assert echoed.headers["x-request-id"] == "r-1"
    (replaced,) = stage.get(PATH, X_Request_ID="x" * 129)
    assert uuid.UUID(replaced.headers["x-request-id"])
    assert stage.calls == 1


def test_each_type_and_coding_is_an_answer_of_its_own(stage: Stage) -> None:
    stage.ledger.texts[1] = "x" * 5_000
    for _ in range(2):
        (plain,) = stage.get(PATH, Accept="application/json", Accept_Encoding="identity")
        assert plain.headers["content-type"] == "application/json"
        assert "content-encoding" not in plain.headers
        (packed,) = stage.get(PATH, Accept="*/*", Accept_Encoding="gzip")
        assert packed.headers["content-type"] == V1
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content
    assert stage.calls == 2
    assert all(
        gzip.decompress(answer.body) == plain.content
        for answer in stage.cache._entries.values()  # noqa: SLF001  how it is stored is the point
        if (b"content-encoding", b"gzip") in answer.headers
    )


def test_equivalent_headers_share_an_answer(stage: Stage) -> None:
    for accept in (V1, f"{V1}, application/json", "*/*", "application/json;q=0.5, */*"):
        stage.get(PATH, Accept=accept)
    assert stage.calls == 1


def test_a_client_that_gets_another_form_has_answers_of_its_own(stage: Stage) -> None:
    for client in ("python/2.16.0", "python/2.17.0", "java/8.3.0", ""):
        stage.get(PATH, Confluent_Client_Version=client)
    assert stage.calls == 2


def test_another_query_is_another_answer(stage: Stage) -> None:
    stage.get(PATH, f"{PATH}?subject=s", f"{PATH}?subject=s", f"{PATH}?")
    assert stage.calls == 2


def test_head_is_served_from_the_answer_to_get(stage: Stage) -> None:
    (get,) = stage.get(PATH)
    (head,) = stage.get(PATH, method="HEAD")
    assert stage.calls == 1
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_head_alone_is_not_kept(stage: Stage) -> None:
    stage.get(PATH, method="HEAD")
    (get,) = stage.get(PATH)
    assert (stage.calls, get.json()) == (2, {"schema": "one"})


def test_a_failure_is_never_kept(stage: Stage) -> None:
    (missing,) = stage.get("/schemas/ids/3")
    stage.ledger.texts[3] = "three"
    (found,) = stage.get("/schemas/ids/3")
    assert (missing.status_code, found.json()) == (404, {"schema": "three"})


def test_an_answer_that_names_no_dependency_is_not_kept(stage: Stage) -> None:
    stage.get(f"{PATH}?kept=false", f"{PATH}?kept=false")
    assert stage.calls == 2


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"Accept": "text/html"}, 406),
        ("POST", {}, 405),
        ("OPTIONS", {}, 200),
        ("GET", {"Accept": "text/x, " * 200 + V1}, 200),
    ],
)
def test_what_the_front_does_not_know_goes_behind(
    stage: Stage, method: str, headers: dict[str, str], status: int
) -> None:
    stage.get(PATH)
    for _ in range(2):
        (answer,) = stage.get(PATH, method=method, **headers)
        assert answer.status_code == status
    assert len(stage.cache) == 1


def test_a_repeated_header_is_joined_not_overlooked(stage: Stage) -> None:
    async def ask() -> httpx.Response:
        async with stage.client() as client:
            headers = [("Accept", "text/html"), ("Accept", "application/json")]
            client.headers.pop("accept")
            return await client.get(PATH, headers=headers)

    stage.get(PATH)
    assert asyncio.run(ask()).headers["content-type"] == "application/json"


def test_a_write_is_seen_by_the_next_request(stage: Stage) -> None:
    stage.get(PATH, "/schemas/ids/2")
    stage.ledger.write(1, "one, changed")
    changed, other = stage.get(PATH, "/schemas/ids/2")
    assert changed.json() == {"schema": "one, changed"}
    assert other.json() == {"schema": "two"}
    assert stage.calls == 3


def test_requests_that_wait_share_a_refresh(stage: Stage) -> None:
    async def ask() -> list[httpx.Response]:
        async with stage.client() as client:
            await client.get(PATH)
            stage.ledger.write(2, "two, changed")
            return await asyncio.gather(*(client.get(PATH) for _ in range(10)))

    answers = asyncio.run(ask())
    assert {answer.json()["schema"] for answer in answers} == {"one"}
    assert (stage.calls, stage.ledger.refreshes) == (1, 1)


def test_an_answer_older_than_a_change_is_not_kept(stage: Stage) -> None:
    """The app reads, a change comes and is learned, and only then the app answers."""

    async def ask() -> list[str]:
        async with stage.client() as client:
            await client.get("/schemas/ids/2")
            released = asyncio.get_running_loop().create_future()
            stage.after_read = lambda: released
            slow = asyncio.create_task(client.get(PATH))
            await stage.has_read.wait()
            stage.after_read = lambda: None
            stage.ledger.write(1, "new")
            # Makes the front learn of the change while the slow answer is under way.
            await client.get("/schemas/ids/2")
            released.set_result(None)
            old = await slow
            return [old.json()["schema"], (await client.get(PATH)).json()["schema"]]

    assert asyncio.run(ask()) == ["one", "new"]
    assert stage.ledger.unchanged()


def test_an_answer_older_than_a_change_not_yet_learned_goes_with_it(stage: Stage) -> None:
    async def ask() -> list[str]:
        async with stage.client() as client:
            released = asyncio.get_running_loop().create_future()
            stage.after_read = lambda: released
            slow = asyncio.create_task(client.get(PATH))
            await stage.has_read.wait()
            stage.after_read = lambda: None
            stage.ledger.write(1, "new")
            released.set_result(None)
            old = await slow
            return [old.json()["schema"], (await client.get(PATH)).json()["schema"]]

    assert asyncio.run(ask()) == ["one", "new"]


def test_a_refresh_under_way_is_not_trusted_to_have_seen_a_later_write(stage: Stage) -> None:
    """The refresh has read the journal, then a write is acknowledged, then a request comes."""
    has_read, may_drop = threading.Event(), threading.Event()

    def hold() -> None:
        has_read.set()
        assert may_drop.wait(10)

    async def ask() -> str:
        async with stage.client() as client:
            await client.get(PATH)
            stage.ledger.write(2, "another")
            stage.ledger.before_drop = hold
            first = asyncio.create_task(client.get(PATH))
            assert await asyncio.to_thread(has_read.wait, 10)
            stage.ledger.before_drop = lambda: None
            stage.ledger.write(1, "new")
            second = asyncio.create_task(client.get(PATH))
            await asyncio.sleep(0.01)
            assert not second.done()
            may_drop.set()
            await first
            return str((await second).json()["schema"])

    assert asyncio.run(ask()) == "new"


def test_a_request_that_gives_up_does_not_stop_the_refresh(stage: Stage) -> None:
    has_read, may_drop = threading.Event(), threading.Event()

    def hold() -> None:
        has_read.set()
        assert may_drop.wait(10)

    async def ask() -> str:
        async with stage.client() as client:
            await client.get(PATH)
            stage.ledger.write(1, "new")
            stage.ledger.before_drop = hold
            first = asyncio.create_task(client.get(PATH))
            assert await asyncio.to_thread(has_read.wait, 10)
            second = asyncio.create_task(client.get(PATH))
            await asyncio.sleep(0)
            first.cancel()
            may_drop.set()
            return str((await second).json()["schema"])

    assert asyncio.run(ask()) == "new"
    assert stage.ledger.refreshes == 1


def test_a_journal_that_cannot_be_read_leaves_it_to_the_app(stage: Stage) -> None:
    stage.get(PATH)
    stage.ledger.write(2, "another")
    stage.ledger.failing = True
    with structlog.testing.capture_logs() as logs:
        (answer,) = stage.get(PATH)
    assert (answer.json(), stage.calls) == ({"schema": "one"}, 2)
    assert "journal not read" in {line["event"] for line in logs}
    stage.ledger.failing = False
    stage.get(PATH)
    assert stage.calls == 2


def test_a_bug_in_the_watch_leaves_it_to_the_app(stage: Stage) -> None:
    def stumble() -> None:
        raise ZeroDivisionError

    stage.get(PATH)
    stage.ledger.write(2, "another")
    stage.ledger.before_drop = stumble
    with structlog.testing.capture_logs() as logs:
        (answer,) = stage.get(PATH)
    assert (answer.json(), stage.calls) == ({"schema": "one"}, 2)
    assert [line["log_level"] for line in logs if line["event"] == "journal not read"] == ["error"]


def test_a_refresh_that_hangs_is_not_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "REFRESH_SECONDS", 0.01)
    may_drop = threading.Event()

    def hold() -> None:
        assert may_drop.wait(10)

    async def ask() -> list[str]:
        async with stage.client() as client:
            await client.get(PATH)
            stage.ledger.write(2, "another")
            stage.ledger.before_drop = hold
            texts = [(await client.get(PATH)).json()["schema"]]
            stage.ledger.write(1, "new")
            texts.append((await client.get(PATH)).json()["schema"])
            may_drop.set()
            texts.append((await client.get(PATH)).json()["schema"])
            return texts

    assert asyncio.run(ask()) == ["one", "new", "new"]
    assert stage.calls >= 3


def test_a_cache_without_room_serves_all_the_same() -> None:
    stage = Stage(Ledger(), max_bytes=0)
    first, second = stage.get(PATH, PATH)
    assert (first.content, stage.calls) == (second.content, 2)


def test_hits_and_misses_are_counted_and_hits_are_requests_too(stage: Stage) -> None:
    stage.get(PATH, PATH, PATH, "/schemas/ids/3")
    page = stage.metrics.rendered().decode()
    labels = 'method="GET",route="/schemas/ids/{schema_id}"'
    for line in (
        "accord_response_cache_misses_total 2.0",
        f'accord_http_requests_total{{code="200",{labels},source="memory"}} 2.0',
        f'accord_http_requests_total{{code="200",{labels},source="service"}} 1.0',
        f'accord_http_requests_total{{code="404",{labels},source="service"}} 1.0',
    ):
        assert line in page.splitlines()


def test_only_misses_are_lines_in_the_log(stage: Stage) -> None:
    with structlog.testing.capture_logs() as logs:
        stage.get(PATH, PATH, PATH)
    assert [line["event"] for line in logs] == ["request"]


WRITES = 60


def test_over_a_real_store_no_acknowledged_write_is_ever_missed(tmp_path: Path) -> None:
    """Writers and readers race: each answer has at least what was acknowledged before it."""
    store = open_store(f"sqlite:///{tmp_path / 'accord.db'}")
    subject = Subject(".", "s")
    content = Content("AVRO", '"string"')
    with store.write() as writer:
        writer.add_context(".")
        writer.add_schema(".", 1, content, content.guid())
        writer.add_version(subject, 1, 1, content.guid())
    acknowledged = 1
    cache = ResponseCache(max_bytes=1_000_000)
    app = FastAPI()

    @app.get(PATH)
    def versions(request: Request) -> Response:
        with store.read() as reader:
            newest = len(reader.versions(subject))
        depends_on(request.scope, on_schema(".", 1))
        return Response(orjson.dumps(newest), media_type=V1)

    health, metrics = Health(), Metrics()
    health.serve(store.ping)
    asgi = frame(app, cache=cache, watch=store.watch(cache.drop), metrics=metrics, health=health)

    def write_all() -> None:
        nonlocal acknowledged
        for version in range(2, WRITES):
            with store.write() as writer:
                writer.add_version(subject, version, 1, content.guid())
            acknowledged = version

    async def read_until_written(client: httpx.AsyncClient) -> None:
        while acknowledged < WRITES - 1:
            before = acknowledged
            assert (await client.get(PATH)).json() >= before

    async def race() -> None:
        transport = httpx.ASGITransport(asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            with ThreadPoolExecutor(1) as pool:
                writing = asyncio.get_running_loop().run_in_executor(pool, write_all)
                await asyncio.gather(writing, *(read_until_written(client) for _ in range(4)))
            assert (await client.get(PATH)).json() == WRITES - 1

    with structlog.testing.capture_logs():
        asyncio.run(race())
    store.close()
    assert b'source="memory"' in metrics.rendered()
