"""Fixtures: a fresh and empty registry, and event log, for every test that asks for one.

Loading this costs nothing: what the fixtures need is imported when the first test asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.embedded import EmbeddedLog, EmbeddedRegistry


@pytest.fixture(scope="session")
def _accord_registry() -> Iterator[EmbeddedRegistry]:
    from registry.embedded.registry import EmbeddedRegistry  # noqa: PLC0415 - see above

    with EmbeddedRegistry() as registry:
        registry.stop()
        yield registry


@pytest.fixture
def accord_registry(_accord_registry: EmbeddedRegistry) -> Iterator[EmbeddedRegistry]:
    """A real schema registry in this process, empty, of this test alone.

    `client()` and `async_client()` are clients of it, `transport` and `async_transport` connect
    others, `listen()` opens a socket; `stop()` and `start()` make an outage.
    """
    _accord_registry.reset()
    yield _accord_registry
    _accord_registry.stop()


@pytest.fixture
def accord_registry_url(accord_registry: EmbeddedRegistry) -> str:
    """The URL of `accord_registry` on a socket of this machine, for clients of any kind."""
    return accord_registry.listen()


@pytest.fixture
def accord_kafka(request: pytest.FixtureRequest) -> Iterator[EmbeddedLog]:
    """A real event log in this process, empty, of this test alone, for Kafka's clients.

    `bootstrap_servers` is its address; `stop()` and `start()` make an outage. In a test that has
    `accord_registry` too, the two are a pair.
    """
    from registry.embedded.log import EmbeddedLog  # noqa: PLC0415 - see above

    is_pair = "accord_registry" in request.fixturenames
    registry = request.getfixturevalue("accord_registry") if is_pair else None
    with EmbeddedLog(registry=registry) as log:
        yield log


@pytest.fixture
def accord_bootstrap_servers(accord_kafka: EmbeddedLog) -> str:
    """The address of `accord_kafka`, as clients want it."""
    return accord_kafka.bootstrap_servers
