"""The service over a real SQLite file, without HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from registry.storage.sql.store import SqlStore, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A store for tests that keep to a context of their own."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('service') / 'accord.db'}")
    yield store
    store.close()
