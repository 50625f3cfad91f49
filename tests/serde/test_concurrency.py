"""Many threads, tasks, loops and processes over one client."""

from __future__ import annotations

import asyncio
import os
import select
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from accord_serde import AsyncSchemaRegistryClient, Schema, SchemaRegistryClient

if TYPE_CHECKING:
    from collections.abc import Callable

URL = {"url": "http://one", "max.retries": 0}
CROWD = 8


class Held:
    """Answers every request once it is let go, and counts them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.came = threading.Event()
        self.go = threading.Event()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        self.came.set()
        assert self.go.wait(10)
        return httpx.Response(200, json={"id": len(self.asked), "schema": '"int"'})

    async def awaited(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        await asyncio.sleep(0.01)
        return httpx.Response(200, json={"id": len(self.asked), "schema": '"int"'})


ASKS: list[Callable[[Any], Any]] = [
    lambda client: client.get_schema(1),
    lambda client: client.get_schema_by_guid("g"),
    lambda client: client.get_latest_version("s"),
    lambda client: client.get_version("s", 1),
    lambda client: client.register_schema("s", Schema('"int"')),
    lambda client: client.lookup_schema("s", Schema('"int"')),
]


@pytest.mark.parametrize("ask", ASKS)
def test_threads_send_one_request_among_them(ask: Callable[[Any], Any]) -> None:
    held = Held()
    client = SchemaRegistryClient(URL, transport=httpx.MockTransport(held))
    with ThreadPoolExecutor(CROWD) as pool:
        ready = threading.Barrier(CROWD + 1)

        def join() -> object:
            ready.wait(10)
            return ask(client)

        answers = [pool.submit(join) for _ in range(CROWD)]
        ready.wait(10)
        assert held.came.wait(10)
        with pytest.raises(TimeoutError):  # while one waits for the registry, nobody is done
            answers[0].result(0.1)
        held.go.set()
        assert len({str(answer.result(10)) for answer in answers}) == 1
    assert len(held.asked) == 1


@pytest.mark.parametrize("ask", ASKS)
def test_tasks_send_one_request_among_them(ask: Callable[[Any], Any]) -> None:
    held = Held()

    async def main() -> list[object]:
        transport = httpx.MockTransport(held.awaited)
        async with AsyncSchemaRegistryClient(URL, transport=transport) as client:
            return await asyncio.gather(*(ask(client) for _ in range(CROWD)))

    assert len({str(answer) for answer in asyncio.run(main())}) == 1
    assert len(held.asked) == 1


def test_a_reader_after_a_write_does_not_join_a_reader_before_it() -> None:
    held = Held()
    client = SchemaRegistryClient(URL, transport=httpx.MockTransport(held))
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(client.get_latest_version, "s")
        assert held.came.wait(10)
        slow, held.go = held.go, threading.Event()
        held.go.set()
        client.register_schema("s", Schema('"int"'))
        assert client.get_latest_version("s").schema_id == 3
        slow.set()
        before.result(10)
    assert client.get_latest_version("s").schema_id == 3
    assert len(held.asked) == 3


def test_a_task_after_a_write_does_not_join_a_task_before_it() -> None:
    held = Held()

    async def main() -> list[int | None]:
        slow, came = asyncio.Event(), asyncio.Event()

        async def answer(request: httpx.Request) -> httpx.Response:
            if not held.asked:
                held.asked.append("slow")
                came.set()
                await slow.wait()
                return httpx.Response(200, json={"id": 1, "schema": '"int"'})
            return await held.awaited(request)

        transport = httpx.MockTransport(answer)
        async with AsyncSchemaRegistryClient(URL, transport=transport) as client:
            before = asyncio.create_task(client.get_latest_version("s"))
            await came.wait()
            await client.register_schema("s", Schema('"int"'))
            after = await asyncio.wait_for(client.get_latest_version("s"), 10)
            slow.set()
            await before
            return [after.schema_id, (await client.get_latest_version("s")).schema_id]

    assert asyncio.run(main()) == [3, 3]


def test_a_cancelled_task_leaves_the_answer_to_the_others() -> None:
    held = Held()

    async def main() -> list[object]:
        transport = httpx.MockTransport(held.awaited)
        async with AsyncSchemaRegistryClient(URL, transport=transport) as client:
            tasks = [asyncio.create_task(client.get_schema(1)) for _ in range(3)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            tasks[0].cancel()
            return await asyncio.gather(*tasks, return_exceptions=True)

    first, *others = asyncio.run(main())
    assert isinstance(first, asyncio.CancelledError)
    assert [str(other) for other in others] == [str(Schema('"int"'))] * 2


def test_one_client_serves_one_loop_after_another(recorder: Any) -> None:
    recorder.always(["s"])
    client = AsyncSchemaRegistryClient({"url": recorder.url, "max.retries": 0})
    assert [asyncio.run(client.get_subjects()) for _ in range(3)] == [["s"]] * 3
    asyncio.run(client.aclose())
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(client.get_subjects())


def test_one_client_serves_loops_side_by_side() -> None:
    held = Held()
    client = AsyncSchemaRegistryClient(URL, transport=httpx.MockTransport(held.awaited))

    def run(number: int) -> str | None:
        return asyncio.run(client.get_schema(number % 2)).schema_str

    with ThreadPoolExecutor(CROWD) as pool:
        assert set(pool.map(run, range(CROWD))) == {'"int"'}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the point of the test
def test_a_forked_child_does_not_wait_for_its_parents_threads() -> None:
    parent, came, go = os.getpid(), threading.Event(), threading.Event()

    def answer(_: httpx.Request) -> httpx.Response:
        if os.getpid() == parent:
            came.set()
            assert go.wait(20)
        return httpx.Response(200, json={"schema": '"int"'})

    client = SchemaRegistryClient(URL, transport=httpx.MockTransport(answer))
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(client.get_schema, 1)
        assert came.wait(10)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(writing, (client.get_schema(1).schema_str or "").encode())
            finally:
                os._exit(0)
        os.close(writing)
        ready, _, _ = select.select([reading], [], [], 10)
        if not ready:
            os.kill(child, 9)
        told = os.read(reading, 100) if ready else b""
        os.waitpid(child, 0)
        os.close(reading)
        go.set()
        assert told == b'"int"'
        assert under_way.result(10).schema_str == '"int"'
