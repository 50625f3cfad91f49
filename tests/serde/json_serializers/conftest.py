from __future__ import annotations

import asyncio
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import json_schema as stock_json_schema
from serde_kits import ACCORD, STOCK, Kit

from accord_serde import json_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

PACKAGES = {"accord": (*ACCORD, json_schema), "stock": (*STOCK, stock_json_schema)}


@contextmanager
def opened(package: str, *, is_async: bool) -> Iterator[Kit]:
    with asyncio.Runner() as runner:
        kit = Kit(PACKAGES[package], runner if is_async else None)
        try:
            yield kit
        finally:
            kit.close()


@pytest.fixture(params=["blocking", "asyncio"])
def is_async(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "asyncio")


@pytest.fixture(params=PACKAGES)
def kit(request: pytest.FixtureRequest, is_async: bool) -> Iterator[Kit]:
    """Either package with either face; what holds for Confluent's has to hold for ours."""
    with opened(request.param, is_async=is_async) as made:
        yield made


@pytest.fixture
def ours(is_async: bool) -> Iterator[Kit]:
    with opened("accord", is_async=is_async) as made:
        yield made


@pytest.fixture
def both() -> Iterator[tuple[Kit, Kit]]:
    """Confluent's package and ours, blocking."""
    with opened("stock", is_async=False) as stock, opened("accord", is_async=False) as accord:
        yield stock, accord


@pytest.fixture
def name() -> str:
    """A name that no other test has used, good for a topic and a title."""
    return f"N{uuid.uuid4().hex}"


@pytest.fixture
def new_url(registry_url: str) -> Callable[[], str]:
    """Make addresses of contexts that are empty, where ids begin with 1."""
    return lambda: f"{registry_url}/contexts/.C{uuid.uuid4().hex}"


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def client(kit: Kit, url: str) -> Any:
    return kit.client(url)


WORDS = ("", "a", "bc", "defg", "Zoë ☃", 'quo"te\\', "\0\x1f\u2028", "2026-03-14")
SCALARS: dict[str, tuple[Any, ...]] = {
    "string": WORDS,
    "integer": (0, 1, 2, 3, 4, -7, 2**40, 3.0),
    "number": (0, 1.5, 2.5, 3, 4, -1e-9, 1e22),
    "boolean": (True, False),
    "null": (None,),
}
MAX_DEPTH = 6


class Sampler:
    """Makes values that mostly are valid for a schema; `random` decides."""

    def __init__(self, random: Random, definitions: dict[str, Any]) -> None:
        self._random = random
        self._definitions = definitions

    def of(self, schema: Any, depth: int = 0) -> Any:
        if not isinstance(schema, dict) or depth > MAX_DEPTH or self._random.random() < 0.02:
            return self.anything()
        if "$ref" in schema:
            return self.of(self._definitions[schema["$ref"].rpartition("/")[2]], depth + 1)
        for keyword in ("oneOf", "anyOf", "allOf"):
            if keyword in schema:
                return self.of(self._random.choice(schema[keyword]), depth + 1)
        for keyword in ("const", "enum"):
            if keyword in schema:
                return self._random.choice(
                    [schema[keyword]] if keyword == "const" else schema["enum"]
                )
        kind = schema.get("type", "null")
        return self.typed(
            self._random.choice(kind) if isinstance(kind, list) else kind, schema, depth
        )

    def typed(self, kind: str, schema: Any, depth: int) -> Any:
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            return self.array(schema, depth)
        return self._random.choice(SCALARS[kind])

    def object(self, schema: Any, depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        made = {
            name: self.of(each, depth + 1)
            for name, each in schema.get("properties", {}).items()
            if name in required or self._random.random() < 0.6
        }
        if self._random.random() < 0.1:
            made["extra"] = self.anything()
        return made

    def array(self, schema: Any, depth: int) -> list[Any]:
        items = schema.get("items", True)
        if isinstance(items, list):
            return [self.of(each, depth + 1) for each in items]
        return [self.of(items, depth + 1) for _ in range(self._random.randint(0, 3))]

    def anything(self) -> Any:
        return self._random.choice(
            (None, True, 1, 0.5, "a", [], {}, {"a": [1, None]}, [{"b": "c"}])
        )


@pytest.fixture(scope="session")
def sampler() -> type[Sampler]:
    return Sampler
