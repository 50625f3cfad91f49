"""A database comes to the newest revision once, wholly or not at all."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from registry.errors import StorageUnavailable
from registry.storage.sql import migrate as module
from registry.storage.sql.migrate import (
    CHECKED_OUT,
    ForeignDatabaseError,
    MigrationFailedError,
    SchemaVersionError,
    check,
    migrate,
)
from registry.storage.sql.store import open_store
from registry.storage.sql.tables import REVISION, VERSION_TABLE, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine(empty_url: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(empty_url, poolclass=sa.NullPool)
    yield made
    made.dispose()


def execute(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def table_names(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def test_the_migrations_make_the_tables_the_code_knows(empty_url: str, engine: sa.Engine) -> None:
    migrate(sa.make_url(empty_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []
    assert table_names(engine) == {*metadata.tables, VERSION_TABLE}


def test_the_migrations_make_the_constraints_the_code_knows(
    empty_url: str, engine: sa.Engine
) -> None:
    migrate(sa.make_url(empty_url))
    inspector = sa.inspect(engine)
    for name, table in metadata.tables.items():
        checks = {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)}
        assert {c["name"] for c in inspector.get_check_constraints(name)} == checks
        keys = {c.name for c in table.constraints if isinstance(c, sa.ForeignKeyConstraint)}
        assert {c["name"] for c in inspector.get_foreign_keys(name)} == keys
        assert inspector.get_pk_constraint(name)["name"] == table.primary_key.name
        assert {i["name"] for i in inspector.get_indexes(name)} >= {i.name for i in table.indexes}


def test_the_reference_to_a_version_is_checked_at_commit(empty_url: str, engine: sa.Engine) -> None:
    migrate(sa.make_url(empty_url))
    (key,) = [
        key
        for key in sa.inspect(engine).get_foreign_keys("schema_references")
        if key["referred_table"] == "versions"
    ]
    assert key["options"] == {"deferrable": True, "initially": "DEFERRED"}


def test_the_revision_named_in_the_code_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(CHECKED_OUT))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [REVISION]
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert all(re.fullmatch("[0-9]{4}", revision) for revision in revisions)
    assert sorted(revisions, reverse=True) == revisions


def test_revisions_import_nothing_of_the_application() -> None:
    scripts = sorted((CHECKED_OUT / "versions").glob("*.py"))
    assert scripts
    for script in scripts:
        found = re.findall("^(?:from|import) ([a-z_]+)", script.read_text(), re.MULTILINE)
        assert set(found) <= {"__future__", "sqlalchemy", "alembic"}


def test_a_second_migration_changes_nothing(empty_url: str) -> None:
    url = sa.make_url(empty_url)
    assert check(url) is None
    migrate(url)
    migrate(url)
    assert check(url) == REVISION


def test_it_says_nothing(
    empty_url: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="alembic"):
        open_store(empty_url).close()
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name.startswith("alembic")] == []


def test_a_database_of_a_newer_version_is_refused(empty_url: str, engine: sa.Engine) -> None:
    migrate(sa.make_url(empty_url))
    execute(engine, "UPDATE accord_version SET version_num = '9999'")
    with pytest.raises(SchemaVersionError, match=f"revision 9999.*up to {REVISION}") as caught:
        open_store(empty_url)
    assert (caught.value.found, caught.value.expected) == ("9999", REVISION)


def test_a_database_of_something_else_is_refused_and_left_alone(
    empty_url: str, engine: sa.Engine
) -> None:
    execute(engine, "CREATE TABLE customers (id INTEGER)")
    with pytest.raises(ForeignDatabaseError, match="not empty"):
        open_store(empty_url)
    assert table_names(engine) == {"customers"}
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.scalar(sa.text("PRAGMA journal_mode")) == "delete"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a database. " * 100)
    with pytest.raises(ForeignDatabaseError):
        open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("Not a database.")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all/accord.db",
        "postgresql://nobody@127.0.0.1:1/none",
        "postgres://nobody@127.0.0.1:1/none",
    ],
)
def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(StorageUnavailable, match="cannot be reached"):
        open_store(url)


@pytest.mark.parametrize(
    "url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "accord.db", ""]
)
def test_urls_of_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"SQLite|sqlite"):
        open_store(url)


BROKEN_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer))
    op.execute("INSERT INTO contexts (name, last_id) VALUES ('.half', 0)")
    op.execute("INSERT INTO contexts (name, last_id) VALUES ('.half', 0)")
"""


@pytest.mark.parametrize("start", ["empty", "migrated"])
def test_a_failed_migration_leaves_nothing_behind(
    empty_url: str,
    engine: sa.Engine,
    start: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if start == "migrated":
        migrate(sa.make_url(empty_url))
    before = table_names(engine)
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for path in [*CHECKED_OUT.glob("*.*"), *CHECKED_OUT.glob("versions/*.py")]:
        target = scripts / path.relative_to(CHECKED_OUT)
        target.write_bytes(path.read_bytes())
    (scripts / "versions" / "0002_broken.py").write_text(BROKEN_REVISION)
    monkeypatch.setattr(module, "SHIPPED", scripts)
    monkeypatch.setattr(module, "REVISION", "0002")
    with pytest.raises(MigrationFailedError, match=r"is as it was: .*(?i:unique)"):
        migrate(sa.make_url(empty_url))
    assert table_names(engine) == before
    monkeypatch.undo()
    store = open_store(empty_url)
    with store.read() as reader:
        assert reader.contexts() == ["."]
    store.close()


STARTER = """
import sys
from registry.storage.sql.store import open_store
sys.stdin.readline()
store = open_store(sys.argv[1])
with store.write() as writer:
    writer.add_context("." + sys.argv[2])
store.close()
"""


def test_servers_that_start_at_once_migrate_once(empty_url: str) -> None:
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", STARTER, empty_url, str(number)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("go\n")
        server.stdin.flush()
    errors = [server.communicate(timeout=60)[1] for server in servers]
    assert errors == [""] * 4
    store = open_store(empty_url)
    with store.read() as reader:
        assert reader.contexts() == [".", ".0", ".1", ".2", ".3"]
        assert reader.sequence() == 4
    store.close()
