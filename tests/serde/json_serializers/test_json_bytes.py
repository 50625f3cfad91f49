"""The bytes of both packages are the same, and each reads the other's, over generated messages.

ACCORD_LONG_RUN is the number of schemas to try beyond those of every run.
"""

from __future__ import annotations

import asyncio
import os
from random import Random
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_schema_evolution import Author
from serde_kits import Kit, Outcome

from accord_serde import AsyncSchemaRegistryClient, json_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMAS = 60
LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
VALUES = 8
DRAFT = "http://json-schema.org/draft-07/schema#"

Pair = tuple[Kit, Kit]


class Faces:
    """Serializers and deserializers of one schema: Confluent's, ours, ours for asyncio."""

    def __init__(self, both: Pair, clients: tuple[Any, Any, Any], runner: asyncio.Runner) -> None:
        self.kits = both
        self._clients = clients
        self._runner = runner

    def of(self, text: str) -> tuple[list[Any], list[Any]]:
        stock, ours, awaited = self._clients
        packages = zip(self.kits, (stock, ours), strict=True)
        made = [
            (
                kit.JSONSerializer(text, client),
                kit.JSONDeserializer(None, schema_registry_client=client),
            )
            for kit, client in packages
        ]
        write = self._settled(json_schema.AsyncJSONSerializer(text, awaited))
        read = self._settled(json_schema.AsyncJSONDeserializer(None, None, awaited))
        writers, readers = zip(*made, strict=True)
        return [*writers, write], [*readers, read]

    def _settled(self, awaitable: Any) -> Callable[..., Any]:
        async def call(*args: Any) -> Any:
            return await face(*args)

        async def opened() -> Any:
            return await awaitable

        face = self._runner.run(opened())
        return lambda *args: self._runner.run(call(*args))


@pytest.fixture
def faces(both: Pair, url: str) -> Iterator[Faces]:
    with asyncio.Runner() as runner:
        awaited = AsyncSchemaRegistryClient({"url": url})
        yield Faces(both, (both[0].client(url), both[1].client(url), awaited), runner)
        runner.run(awaited.aclose())


def compare(faces: Faces, text: str, messages: list[Any], topic: str) -> int:
    """Write and read messages with every face, and return how many could be written."""
    writers, readers = faces.of(text)
    stock, ours = faces.kits
    contexts = [stock.value(topic), ours.value(topic), ours.value(topic)]
    kits = [stock, ours, ours]
    written: list[bytes] = []
    refused = []
    for message in messages:
        outcomes = [
            Outcome.of(kit, write, message, ctx)
            for kit, write, ctx in zip(kits, writers, contexts, strict=True)
        ]
        assert outcomes == [outcomes[0]] * 3, (text, message)
        if outcomes[0].trouble is None:
            written.append(outcomes[0].result)
        else:
            refused.append(message)
    prefixes = {each[:5] for each in written}
    for data in written + [prefix + orjson.dumps(each) for prefix in prefixes for each in refused]:
        read = [
            Outcome.of(kit, each, data, ctx)
            for kit, each, ctx in zip(kits, readers, contexts, strict=True)
        ]
        assert [repr(each) for each in read] == [repr(read[0])] * 3, (text, data)
        assert (read[0].trouble is None) == (data in written)
    return len(written)


def generated(seed: int, sampler: Any) -> tuple[str, list[Any]]:
    random = Random(seed)  # noqa: S311 - the same schemas every time
    author = Author(random)
    author.defined = ["node", "leaf"]
    schema = {"$schema": DRAFT, "title": f"S{seed}", **author.schema(0)}
    schema["definitions"] = {name: author.schema(1) for name in author.defined}
    sample = sampler(random, schema["definitions"])
    messages = [sample.of(schema) for _ in range(VALUES)]
    return orjson.dumps(schema).decode(), [each for each in messages if each is not None]


def test_the_same_bytes_both_ways(faces: Faces, sampler: Any) -> None:
    """Of generated schemas and messages, those that are not valid among them."""
    written = [
        compare(faces, *generated(seed, sampler), f"topic-{seed}") for seed in range(SCHEMAS)
    ]
    assert sum(written) > SCHEMAS * VALUES / 4


@pytest.mark.skipif(not LONG_RUN, reason="ACCORD_LONG_RUN names no number of schemas")
def test_the_same_bytes_both_ways_at_length(faces: Faces, sampler: Any) -> None:
    """Likewise of many more."""
    for seed in range(SCHEMAS, SCHEMAS + LONG_RUN):
        compare(faces, *generated(seed, sampler), f"topic-{seed}")


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(st.characters(categories=["Cs", "L"]), max_size=3),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=20,
)
OPEN = '{"title": "Anything"}'


@given(message=JSON_VALUES)
@settings(max_examples=300 + LONG_RUN, deadline=None, derandomize=not LONG_RUN)
def check_anything(write: tuple[Any, Any], kits: Pair, contexts: Any, message: Any) -> None:
    stock, ours = (
        Outcome.of(kit, each, message, ctx)
        for kit, each, ctx in zip(kits, write, contexts, strict=True)
    )
    assert ours == stock


def test_the_same_bytes_of_anything(both: Pair, url: str, name: str) -> None:
    """Numbers at their limits, text of any characters: the same bytes, or refused alike."""
    writers = tuple(kit.JSONSerializer(OPEN, kit.client(url)) for kit in both)
    check_anything(writers, both, [kit.value(name) for kit in both])
