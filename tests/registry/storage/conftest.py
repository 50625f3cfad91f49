"""Every test of the contract runs on both databases."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from registry.storage.sql import tables
from registry.storage.sql.migrate import migrate
from registry.storage.sql.store import SqlStore, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from registry.model import Content, Version
    from registry.names import Subject
    from registry.storage.port import Writer

    Register = Callable[..., Version]

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database where nothing has been migrated."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(sa.make_url(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(
    postgres_server: str, temporary_postgres: Callable[..., Iterator[str]]
) -> Iterator[str]:
    with temporary_postgres(postgres_server) as url:
        migrate(sa.make_url(url))
        yield url


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with tables and no data."""
    if request.param == "sqlite":
        path = tmp_path / "accord.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgres")
    _empty(url)
    return url


def _empty(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(tables.contexts.insert(), {"name": ".", "last_id": 0})
        connection.execute(tables.journal_head.insert(), {"id": 1, "sequence": 0})
    engine.dispose()


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def register() -> Register:
    """Append a content to a subject as the service does: next version, known or next id."""

    def append(
        writer: Writer, subject: Subject, content: Content, *, schema_id: int | None = None
    ) -> Version:
        context, guid = subject.context, content.guid()
        writer.add_context(context)
        known = writer.primary_id(context, guid) if schema_id is None else None
        given = known or schema_id or writer.next_id(context)
        if known is None:
            writer.claim_id(context, given)
            writer.add_schema(context, given, content, guid)
        versions = writer.versions(subject)
        number = versions[-1].version + 1 if versions else 1
        return writer.add_version(subject, number, given, guid)

    return append
