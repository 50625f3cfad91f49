"""Fixtures: a fresh and empty registry for every test that asks for one.

Loading this costs nothing: what the fixtures need is imported when the first test asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.embedded import EmbeddedRegistry


@pytest.fixture(scope="session")
def _accord_registry() -> Iterator[EmbeddedRegistry]:
    from registry.embedded import EmbeddedRegistry  # noqa: PLC0415 - see above

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
