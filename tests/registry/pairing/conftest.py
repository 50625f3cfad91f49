"""A registry over SQLite and a broker over a directory, in the test's process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accord_log.broker.broker import Broker
from accord_log.log.flush import Durability, Flusher
from registry.service.options import Options
from registry.service.registry import Registry, open_registry
from registry.storage.sql.store import SqlStore, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    found = open_store(f"sqlite:///{tmp_path / 'accord.db'}")
    yield found
    found.close()


@pytest.fixture
def registry(store: SqlStore) -> Registry:
    return open_registry(store, Options())


@pytest.fixture
def open_broker(tmp_path: Path) -> Iterator[Callable[[], Broker]]:
    """Open the broker of the test's directory, closing the one before."""
    opened: list[Broker] = []

    def one() -> Broker:
        for before in opened:
            before.close()
        opened[:] = [Broker(tmp_path / "log", flusher=Flusher(Durability.NONE))]
        return opened[0]

    yield one
    for broker in opened:
        broker.close()


@pytest.fixture
def broker(open_broker: Callable[[], Broker]) -> Broker:
    return open_broker()
