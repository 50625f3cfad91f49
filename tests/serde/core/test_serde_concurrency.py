"""Serializers that many threads or tasks use from the first message on."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from accord_serde import AsyncSchemaRegistryClient, SchemaRegistryClient, SchemaRegistryError
from accord_serde.avro import (
    AsyncAvroDeserializer,
    AsyncAvroSerializer,
    AvroDeserializer,
    AvroSerializer,
)
from accord_serde.serialization import SerializationContext

if TYPE_CHECKING:
    from collections.abc import Callable

USER = '{"type":"record","name":"User","fields":[{"name":"id","type":"long"}]}'
WORKERS = 8
TOPICS = [f"t{number}" for number in range(4)]


def assert_each_once(tap: Any) -> None:
    """No schema may be registered or fetched twice."""
    asked = Counter(f"{method} {path}" for method, path, _ in tap.take(query=True))
    registrations = [each for each in asked if each.startswith("POST") and "/versions" in each]
    fetches = [each for each in asked if each.startswith("GET schemas")]
    assert len(registrations) == len(fetches) == 2 * len(TOPICS)
    assert {asked[each] for each in registrations + fetches} == {1}


def contexts() -> list[SerializationContext]:
    return [SerializationContext(topic, field) for topic in TOPICS for field in ("key", "value")]


def test_threads_ask_for_everything_once(tap: Any, fresh: Callable[[], str]) -> None:
    conf = {"url": fresh(), "max.retries": 0}
    start = threading.Barrier(WORKERS)

    def work(number: int) -> list[tuple[bytes | None, Any]]:
        start.wait()
        found = []
        for _ in range(3):
            for ctx in contexts():
                message = serializer({"id": number}, ctx)
                found.append((message, deserializer(message, ctx)))
        return found

    with SchemaRegistryClient(conf) as client, SchemaRegistryClient(conf) as other:
        serializer, deserializer = AvroSerializer(client, USER), AvroDeserializer(other)
        with ThreadPoolExecutor(WORKERS) as pool:
            outcomes = list(pool.map(work, range(WORKERS)))
    for number, found in enumerate(outcomes):
        expected = (b"\x00\x00\x00\x00\x01" + bytes([number * 2]), {"id": number})
        assert found == [expected] * 6 * len(TOPICS)
    assert_each_once(tap)


def test_tasks_ask_for_everything_once(tap: Any, fresh: Callable[[], str]) -> None:
    conf = {"url": fresh(), "max.retries": 0}

    async def work(serializer: Any, deserializer: Any, number: int) -> list[Any]:
        found = []
        for _ in range(3):
            for ctx in contexts():
                message = await serializer({"id": number}, ctx)
                found.append((message, await deserializer(message, ctx)))
        return found

    async def run() -> list[Any]:
        async with AsyncSchemaRegistryClient(conf) as client:
            serializer = await AsyncAvroSerializer(client, USER)
            async with AsyncSchemaRegistryClient(conf) as other:
                deserializer = await AsyncAvroDeserializer(other)
                works = [work(serializer, deserializer, number) for number in range(WORKERS)]
                return await asyncio.gather(*works)

    for number, found in enumerate(asyncio.run(run())):
        expected = (b"\x00\x00\x00\x00\x01" + bytes([number * 2]), {"id": number})
        assert found == [expected] * 6 * len(TOPICS)
    assert_each_once(tap)


def test_a_task_that_is_cancelled_leaves_the_others_alone(
    tap: Any, fresh: Callable[[], str]
) -> None:
    conf = {"url": fresh(), "max.retries": 0}
    ctx = SerializationContext("topic", "value")

    async def run() -> list[Any]:
        async with AsyncSchemaRegistryClient(conf) as client:
            serializer = await AsyncAvroSerializer(client, USER)
            tasks = [asyncio.create_task(serializer({"id": 1}, ctx)) for _ in range(4)]
            await asyncio.sleep(0)
            tasks[0].cancel()
            return await asyncio.gather(*tasks, return_exceptions=True)

    first, *others = asyncio.run(run())
    assert isinstance(first, asyncio.CancelledError)
    assert others == [b"\x00\x00\x00\x00\x01\x02"] * 3
    assert tap.take()


def test_an_answer_that_was_an_error_is_asked_for_again(recorder: Any) -> None:
    """One failed first message must not stand in the way of the next."""
    ctx = SerializationContext("topic", "value")
    answers = [
        (404, {"error_code": 40401, "message": "no"}),  # no associations
        (500, {"error_code": 50001, "message": "not now"}),
        (200, {"id": 7}),
    ]
    recorder.answer = lambda _: answers.pop(0)
    with SchemaRegistryClient({"url": recorder.url, "max.retries": 0}) as client:
        serializer = AvroSerializer(client, USER)
        with pytest.raises(SchemaRegistryError, match="not now") as caught:
            serializer({"id": 1}, ctx)
        assert caught.value.__notes__ == ["while writing the value of a message to topic topic"]
        for _ in range(2):
            assert serializer({"id": 1}, ctx) == b"\x00\x00\x00\x00\x07\x02"
    assert answers == []
