"""Both clients while no node answers: what is known is answered, and at once."""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from accord_serde import (
    AssociationCreateOrUpdateRequest,
    AsyncSchemaRegistryClient,
    Schema,
    SchemaRegistryClient,
    SchemaRegistryError,
    _outage,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("unhurried")
Connect = Any  # the fixture of tests/serde/conftest.py
SOON = 1e-9  # seconds after which a latest version is old
INT = Schema('"int"')


def version(number: int) -> dict[str, Any]:
    return {"subject": "s", "id": number, "version": number, "guid": "g", "schema": '"int"'}


class Registry:
    """Answers with a version, a list of associations, or as it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.number = 1
        self.fault: Exception | tuple[int, int] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if isinstance(self.fault, Exception):
            raise type(self.fault)(*self.fault.args)
        if self.fault is not None:
            status, code = self.fault
            return httpx.Response(status, json={"error_code": code, "message": "no"})
        if "/associations" in request.url.path:
            return httpx.Response(200, json=[{"subject": "s", "guid": str(self.number)}])
        return httpx.Response(200, json=version(self.number))


@pytest.fixture
def registry() -> Registry:
    return Registry()


AWAY = [
    httpx.ConnectError("down"),
    httpx.ConnectTimeout("late"),
    httpx.ReadError("reset"),
    (429, 42901),
    (500, 50001),
    (503, 50301),
]
ASKS: list[Callable[[Any], object]] = [
    lambda client: client.get_latest_version("s"),
    lambda client: client.get_latest_version("s", "serialized"),
    lambda client: client.get_latest_with_metadata("s", {"k": "v"}),
    lambda client: client.get_associations_by_resource_name("t", "-", "topic", ["value"]),
]


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("fault", AWAY, ids=repr)
def test_what_was_answered_once_is_answered_for_the_whole_outage(
    connect: Connect, registry: Registry, fault: Any, ask: Callable[[Any], object]
) -> None:
    client = connect(registry, cache_latest_ttl_sec=SOON, max_retries=3)
    known = ask(client)
    registry.fault = fault
    assert [ask(client) for _ in range(500)] == [known] * 500
    assert len(registry.asked) == 2  # neither retried nor asked again before the pause is over


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("status", [401, 403, 404, 422, 501])
def test_a_definite_answer_is_never_replaced(
    connect: Connect, registry: Registry, status: int, ask: Callable[[Any], object]
) -> None:
    client = connect(registry, cache_latest_ttl_sec=SOON)
    ask(client)
    registry.fault = (status, status)
    for _ in range(2):
        with pytest.raises(SchemaRegistryError) as caught:
            ask(client)
        assert caught.value.http_status_code == status


def test_what_was_never_answered_is_an_error_after_the_retries(
    connect: Connect, registry: Registry
) -> None:
    client = connect(registry, max_retries=2)
    client.get_schema(1)
    registry.fault = httpx.ConnectError("down")
    with pytest.raises(httpx.ConnectError) as caught:
        client.get_schema(2)
    assert "tried 3 times" in caught.value.__notes__[0]
    assert client.get_schema(1).schema_str == '"int"'
    assert len(registry.asked) == 4


def test_where_nothing_may_be_old_nothing_is(connect: Connect, registry: Registry) -> None:
    client = connect(registry, cache_latest_ttl_sec=0, max_retries=0)
    client.get_latest_version("s")
    registry.fault = httpx.ConnectError("down")
    with pytest.raises(httpx.ConnectError):
        client.get_latest_version("s")


def test_associations_are_asked_for_every_time(connect: Connect, registry: Registry) -> None:
    client = connect(registry)
    found = []
    for registry.number in range(1, 4):
        (association,) = client.get_associations_by_resource_name("t", "-")
        found.append(association.guid)
    assert found == ["1", "2", "3"]


def eventually(look: Callable[[], object], wanted: object) -> None:
    deadline = time.monotonic() + 30
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.01)


def test_the_end_of_an_outage_is_noticed(
    connect: Connect, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_outage, "FIRST_PAUSE_SECONDS", 0.01)
    client = connect(registry, cache_latest_ttl_sec=SOON)
    client.get_latest_version("s")
    registry.fault, registry.number = httpx.ConnectError("down"), 2
    assert client.get_latest_version("s").version == 1
    registry.fault = None
    eventually(lambda: client.get_latest_version("s").version, 2)
    registry.number = 3
    assert client.get_latest_version("s").version == 3


def test_any_answer_ends_the_outage_for_all(connect: Connect, registry: Registry) -> None:
    client = connect(registry, cache_latest_ttl_sec=SOON)
    client.get_latest_version("s")
    registry.fault, registry.number = httpx.ConnectError("down"), 2
    assert client.get_latest_version("s").version == 1
    registry.fault = None
    client.get_schema(9)
    assert client.get_latest_version("s").version == 2


def test_a_failed_write_does_not_cost_what_is_known(connect: Connect, registry: Registry) -> None:
    client = connect(registry, max_retries=0)
    client.register_schema("s", INT)
    client.get_latest_version("s")
    client.get_associations_by_resource_name("t", "-")
    registry.fault = httpx.ConnectError("down")
    writes = [
        lambda: client.register_schema("s", Schema('"long"')),
        lambda: client.delete_version("s", 1),
        lambda: client.create_association(AssociationCreateOrUpdateRequest()),
    ]
    for write in writes:
        with pytest.raises(httpx.ConnectError):
            write()
    assert client.get_latest_version("s").version == 1
    assert client.register_schema("s", INT) == 1
    assert len(client.get_associations_by_resource_name("t", "-")) == 1


def test_a_token_endpoint_that_is_away_too_changes_nothing(
    connect: Connect, registry: Registry, recorder: Any
) -> None:
    conf = {
        "bearer.auth.credentials.source": "OAUTHBEARER",
        "bearer.auth.client.id": "me",
        "bearer.auth.client.secret": "hush",
        "bearer.auth.scope": "s",
        "bearer.auth.issuer.endpoint.url": recorder.url,
        "bearer.auth.logical.cluster": "c",
    }
    recorder.always({"access_token": "T", "expires_in": 0})
    client = connect(registry, cache_latest_ttl_sec=SOON, **conf)
    known = client.get_latest_version("s")
    recorder.always({}, status=503)
    asked = len(recorder.requests)
    assert [client.get_latest_version("s") for _ in range(50)] == [known] * 50
    assert len(recorder.requests) == asked + 1


class Silent:
    """Answers once, and then not before it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = threading.Event()

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.asked > 1:
            assert self.go.wait(30)
        return httpx.Response(200, json=version(self.asked))

    async def awaited(self, request: httpx.Request) -> httpx.Response:
        while self.asked and not self.go.is_set():
            self.asked = 2
            await asyncio.sleep(0.001)
        return self(request)


@pytest.fixture
def impatient(unhurried: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - after it
    monkeypatch.setattr(_outage, "PATIENCE_SECONDS", 0.02)


CONF = {"url": "http://one", "cache.latest.ttl.sec": SOON}


@pytest.mark.usefixtures("impatient")
def test_a_registry_that_hangs_holds_nobody_up() -> None:
    silent = Silent()
    with SchemaRegistryClient(CONF, transport=httpx.MockTransport(silent)) as client:
        known = client.get_latest_version("s")
        assert [client.get_latest_version("s") for _ in range(500)] == [known] * 500
        assert silent.asked == 2
        silent.go.set()
        eventually(lambda: client.get_latest_version("s") != known, wanted=True)


@pytest.mark.usefixtures("impatient")
def test_a_registry_that_hangs_holds_no_task_up() -> None:
    silent = Silent()

    async def main() -> None:
        transport = httpx.MockTransport(silent.awaited)
        async with AsyncSchemaRegistryClient(CONF, transport=transport) as client:
            known = await client.get_latest_version("s")
            for _ in range(500):
                assert await client.get_latest_version("s") == known
            silent.go.set()
            answer = known
            while answer == known:
                answer = await client.get_latest_version("s")
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(main(), 30))


@pytest.mark.usefixtures("impatient")
def test_closing_ends_what_is_asked_behind_the_callers_back() -> None:
    silent = Silent()

    async def main() -> int:
        transport = httpx.MockTransport(silent.awaited)
        async with AsyncSchemaRegistryClient(CONF, transport=transport) as client:
            await client.get_latest_version("s")
            await client.get_latest_version("s")
        return len(asyncio.all_tasks())

    assert asyncio.run(main()) == 1


def test_a_cancelled_caller_leaves_the_answer_to_come() -> None:
    silent = Silent()

    async def main() -> int | None:
        transport = httpx.MockTransport(silent.awaited)
        async with AsyncSchemaRegistryClient(CONF, transport=transport) as client:
            await client.get_latest_version("s")
            caller = asyncio.create_task(client.get_latest_version("s"))
            await asyncio.sleep(0.01)
            caller.cancel()
            await asyncio.wait([caller])
            assert caller.cancelled()
            silent.go.set()
            return (await client.get_latest_version("s")).version

    assert asyncio.run(main()) == 3


def test_threads_ask_once_among_them_for_what_is_old() -> None:
    silent, crowd = Silent(), 8
    client = SchemaRegistryClient(CONF, transport=httpx.MockTransport(silent))
    client.get_latest_version("s")
    with ThreadPoolExecutor(crowd) as pool:
        ready = threading.Barrier(crowd + 1)

        def join() -> int | None:
            ready.wait(10)
            return client.get_latest_version("s").version

        answers = [pool.submit(join) for _ in range(crowd)]
        ready.wait(10)
        with pytest.raises(TimeoutError):
            answers[0].result(0.1)
        silent.go.set()
        versions = {answer.result(10) for answer in answers}
    assert 2 in versions
    assert silent.asked <= 1 + crowd  # a thread that comes after the landing may ask anew


def test_what_is_asked_behind_the_callers_back_has_its_context() -> None:
    trace: contextvars.ContextVar[str] = contextvars.ContextVar("trace")
    seen = []

    def answer(_: httpx.Request) -> httpx.Response:
        seen.append((trace.get(), threading.current_thread().daemon))
        return httpx.Response(200, json=version(1))

    trace.set("mine")
    client = SchemaRegistryClient(CONF, transport=httpx.MockTransport(answer))
    for _ in range(2):
        client.get_latest_version("s")
    assert seen[1] == ("mine", True)


def test_without_a_thread_to_ask_in_the_old_answer_does(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Silent()
    client = SchemaRegistryClient(CONF, transport=httpx.MockTransport(silent))
    known = client.get_latest_version("s")

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert client.get_latest_version("s") == known
    assert silent.asked == 1


def test_the_error_of_a_bug_reaches_the_caller(connect: Connect) -> None:
    answers = [json.dumps(version(1)), "[]"]
    client = connect(
        lambda _: httpx.Response(200, content=answers.pop(0)), cache_latest_ttl_sec=SOON
    )
    client.get_latest_version("s")
    with pytest.raises(SchemaRegistryError, match="Unexpected answer"):
        client.get_latest_version("s")
