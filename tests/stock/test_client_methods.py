"""Every public method of both stock clients, over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    SchemaRegistryClient,
    SchemaRegistryError,
)
from confluent_kafka.schema_registry.rules.encryption.dek_registry.dek_registry_client import (
    DekRegistryClient,
)
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


NO_DEK_REGISTRY = "Accord keeps no encryption keys: /dek-registry/v1 is not there"
NOT_THERE: dict[str, tuple[tuple[Any, ...], str]] = {
    "get_dek": (("kek", "s"), NO_DEK_REGISTRY),
    "get_kek": (("kek",), NO_DEK_REGISTRY),
    "register_dek": (("kek", "s", "material"), NO_DEK_REGISTRY),
    "register_kek": (("kek", "local-kms", "id"), NO_DEK_REGISTRY),
}
NO_CALLS = {"config", "new_client"}


@pytest.mark.parametrize("method", NOT_THERE)
def test_what_is_not_there_is_an_unknown_path(url: str, method: str) -> None:
    arguments, _ = NOT_THERE[method]
    client = DekRegistryClient({"url": url, "max.retries": 0, "ssl.ca.location": False})
    with pytest.raises(SchemaRegistryError, match="HTTP 404 Not Found") as caught:
        getattr(client, method)(*arguments)
    client._rest_client.session.close()  # noqa: SLF001 - it has no close of its own
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 404)


def test_every_method_about_keys_is_listed() -> None:
    public = {name for name in vars(DekRegistryClient) if name[0] != "_"}
    assert public - NO_CALLS == set(NOT_THERE)
