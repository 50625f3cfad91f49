"""Bring a database to the revision this code works with, once, however many servers start.

All revisions run in one transaction, so a failure leaves the database as it was. On SQLite that
transaction is exclusive from its start. On PostgreSQL it locks the row with the revision, and the
first ever creates that row's table: of two that try, one waits and then fails, and finds the work
done when it looks again.
"""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from registry.errors import StorageUnavailable
from registry.storage.sql.engine import create_migration_engine, reason_of
from registry.storage.sql.tables import REVISION, VERSION_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

PATIENCE_SECONDS = 600
ATTEMPTS = 3
MIGRATION_START = {
    # Tables are rebuilt by some revisions, which foreign keys must not notice.
    "sqlite": (
        f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000}",
        "PRAGMA foreign_keys = OFF",
        "BEGIN EXCLUSIVE",
    ),
    "postgresql": (
        f"SET lock_timeout = '{PATIENCE_SECONDS}s'",
        "SET statement_timeout = 0",
        "BEGIN",
    ),
}
_NUMBER: sa.ColumnClause[str] = sa.column("version_num")
REVISION_FOUND = sa.select(_NUMBER).select_from(sa.table(VERSION_TABLE))
REVISION_LOCKED = REVISION_FOUND.with_for_update()
SHIPPED = Path(__file__).parents[2] / "_migrations"
CHECKED_OUT = Path(__file__).parents[3] / "migrations"


class MigrationError(Exception):
    """The database cannot be used by this version of Accord."""


class SchemaVersionError(MigrationError):
    """A newer Accord has migrated the database."""

    def __init__(self, *, found: str, expected: str) -> None:
        super().__init__(
            f"The database is at revision {found}; this version of Accord knows revisions up to "
            f"{expected}. Start the newer version of Accord again, or restore a backup from before "
            "the upgrade."
        )
        self.found = found
        self.expected = expected


class MigrationFailedError(MigrationError):
    """A revision could not be applied, and was taken back."""

    def __init__(self, reason: BaseException | None) -> None:
        super().__init__(f"The database could not be migrated and is as it was: {reason}")


class ForeignDatabaseError(MigrationError):
    """The database holds something else."""

    def __init__(self) -> None:
        super().__init__(
            "The database is not one of Accord's and is not empty. "
            "Give Accord a database, or a PostgreSQL schema, of its own."
        )


def check(url: sa.URL) -> str | None:
    """Return the revision of the database, None when it is empty.

    Raises SchemaVersionError, ForeignDatabaseError, StorageUnavailable.
    """
    with _engine(url) as engine, engine.connect() as connection:
        return _revision(connection)


def migrate(url: sa.URL) -> None:
    """Bring the database to the newest revision.

    Raises SchemaVersionError, ForeignDatabaseError, MigrationFailedError, StorageUnavailable.
    """
    with _engine(url) as engine:
        for attempt in range(1, ATTEMPTS + 1):
            with engine.connect() as connection:
                if _revision(connection) == REVISION:
                    return
            try:
                _upgrade(engine)
            except sa.exc.DBAPIError as error:
                if attempt == ATTEMPTS:
                    raise MigrationFailedError(error.orig) from error


@contextmanager
def _engine(url: sa.URL) -> Iterator[sa.Engine]:
    engine = create_migration_engine(url)
    try:
        yield engine
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlite_errorname", None) == "SQLITE_NOTADB":
            raise ForeignDatabaseError from error
        raise StorageUnavailable(reason_of(error.orig)) from error
    finally:
        engine.dispose()


def _revision(connection: Connection, *, is_locked: bool = False) -> str | None:
    tables = sa.inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if tables:
            raise ForeignDatabaseError
        return None
    found = connection.scalar(REVISION_LOCKED if is_locked else REVISION_FOUND)
    if found is None or found > REVISION:
        raise SchemaVersionError(found=str(found), expected=REVISION)
    return str(found)


def _upgrade(engine: sa.Engine) -> None:
    with engine.connect() as connection, connection.begin():
        for statement in MIGRATION_START[engine.dialect.name]:
            connection.exec_driver_sql(statement)
        if _revision(connection, is_locked=True) != REVISION:
            _run_revisions(connection)


def _run_revisions(connection: Connection) -> None:
    # Imported here: a start that has nothing to migrate need not wait for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    scripts = SHIPPED if SHIPPED.is_dir() else CHECKED_OUT
    config = Config(stdout=io.StringIO(), attributes={"connection": connection})
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    try:
        with _silenced(logging.getLogger("alembic")):
            command.upgrade(config, "head")
    except CommandError as error:
        # No script leads on from the revision found: it is of a version that never was released.
        raise MigrationFailedError(error) from error


@contextmanager
def _silenced(logger: logging.Logger) -> Iterator[None]:
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
