"""Every public method of both stock clients, over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from confluent_kafka.schema_registry import AsyncSchemaRegistryClient, SchemaRegistryClient
from stock_scenarios import SCENARIOS, World

if TYPE_CHECKING:
    from stock_face import Face

SPELLINGS = {"aclose": "close"}


@pytest.fixture
def world(face: Face, url: str, name: str) -> World:
    return World(face, url, f".{name}")


@pytest.mark.parametrize("method", SCENARIOS)
def test_a_method_gives_what_it_gives_with_confluents_registry(world: World, method: str) -> None:
    SCENARIOS[method](world)


@pytest.mark.parametrize("client", [SchemaRegistryClient, AsyncSchemaRegistryClient])
def test_every_public_method_has_a_scenario(client: type) -> None:
    public = {name for cls in client.__mro__[:-1] for name in vars(cls) if name[0] != "_"}
    assert {SPELLINGS.get(name, name) for name in public} == set(SCENARIOS)
