"""Connections: how each database is opened, how a transaction begins, and what a failure means.

SQLite: one file, WAL, every commit synced. PostgreSQL, and what speaks its protocol: nothing
beyond plain transactions and row locks is asked of it.
"""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Self

import sqlalchemy as sa

from registry.errors import StorageUnavailable
from registry.storage.port import Conflict, UnstorableText
from registry.storage.sql.statement import are_storable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.pool import PoolProxiedConnection

    from registry.storage.sql.rows import Row
    from registry.storage.sql.statement import Statement, Value

Observe = Callable[[str, float], None]

POOL_SIZE = 16
CONNECT_SECONDS = 5
LOCK_SECONDS = 10
STATEMENT_SECONDS = 60
# A node that hangs inside a write transaction must not hold the others up for ever.
IDLE_SECONDS = 30
RETRY_SECONDS = 0.01

READ: Final = "read"
WRITE: Final = "write"
LOOSE: Final = "loose"
BEGIN = {
    ("sqlite", LOOSE): None,
    ("postgresql", LOOSE): None,
    ("sqlite", READ): "BEGIN",
    ("sqlite", WRITE): "BEGIN IMMEDIATE",
    ("postgresql", READ): "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    ("postgresql", WRITE): "BEGIN ISOLATION LEVEL READ COMMITTED",
}
# What the statements of a transaction are observed as, together.
OPERATIONS = {READ: "read", LOOSE: "read", WRITE: "write"}
DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}

SQLITE_PRAGMAS = ("PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")
SQLITE_ARGUMENTS: dict[str, Any] = {
    "isolation_level": None,
    "check_same_thread": False,
    "timeout": LOCK_SECONDS,
    "cached_statements": 256,
}
POSTGRESQL_ARGUMENTS: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": IDLE_SECONDS,
    "tcp_user_timeout": STATEMENT_SECONDS * 1000,
    "application_name": "accord",
}
POSTGRESQL_SETTINGS = (
    f"SET lock_timeout = '{LOCK_SECONDS}s'",
    f"SET statement_timeout = '{STATEMENT_SECONDS}s'",
    f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'",
)

UNAVAILABLE = "The database cannot be reached"
FULL = "The database has no space left"
BUSY = "Another transaction holds the database for too long"
READ_ONLY = "The database may only be read"
BROKEN = "The disk of the database reports an error"
CROWDED = "The database takes no more connections"
# By SQLSTATE, by the primary one of SQLite's result codes, or by the system's own code.
REASONS = {
    "SQLITE_FULL": FULL,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_IOERR": BROKEN,
    "EACCES": READ_ONLY,
    "EROFS": READ_ONLY,
    "ENOSPC": FULL,
    "25006": READ_ONLY,
    "53100": FULL,
    "53300": CROWDED,
    "55P03": BUSY,
    "57014": BUSY,
    "58030": BROKEN,
}


def parse_url(text: str) -> sa.URL:
    """Read a database URL; raises ValueError for a database that Accord does not know."""
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        raise ValueError("A database URL is sqlite:///FILE or postgresql://HOST/NAME") from error
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    if url.drivername not in DRIVERS.values():
        raise ValueError(f"Accord runs on SQLite and PostgreSQL, not on {url.drivername}")
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ValueError("An SQLite database of Accord is a file: sqlite:///FILE")
    return url


def create_engine(url: sa.URL, *, pool_size: int = POOL_SIZE) -> sa.Engine:
    """Return an engine whose connections commit every statement outside BEGIN by itself."""
    is_sqlite = url.get_backend_name() == "sqlite"
    arguments = SQLITE_ARGUMENTS if is_sqlite else POSTGRESQL_ARGUMENTS
    engine = sa.create_engine(
        url,
        connect_args=_defaults(arguments, url),
        paramstyle="named" if is_sqlite else "pyformat",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=LOCK_SECONDS,
        pool_use_lifo=True,
        pool_reset_on_return=None,
    )
    sa.event.listen(engine, "connect", _open_sqlite if is_sqlite else _open_postgresql)
    return engine


def create_migration_engine(url: sa.URL) -> sa.Engine:
    """Return an engine that changes nothing in a database by opening it."""
    is_sqlite = url.get_backend_name() == "sqlite"
    arguments = SQLITE_ARGUMENTS if is_sqlite else POSTGRESQL_ARGUMENTS
    engine = sa.create_engine(url, connect_args=_defaults(arguments, url), poolclass=sa.NullPool)
    if not is_sqlite:
        sa.event.listen(engine, "connect", _commit_by_hand)
    return engine


def _defaults(arguments: dict[str, Any], url: sa.URL) -> dict[str, Any]:
    return {key: arguments[key] for key in arguments if key not in url.query}


def _open_sqlite(connection: sqlite3.Connection, _: object) -> None:
    _write_ahead(connection)
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL, which SQLite refuses without waiting while others use the file."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)
        else:
            return


def _commit_by_hand(connection: Any, _: object) -> None:  # noqa: ANN401  psycopg.Connection
    connection.autocommit = True


def _open_postgresql(connection: Any, _: object) -> None:  # noqa: ANN401  psycopg.Connection
    connection.autocommit = True
    connection.execute("; ".join(POSTGRESQL_SETTINGS))


def reason_of(error: BaseException | None) -> str:
    """Say what is wrong with the database, without its own words: they name hosts and users."""
    if isinstance(error, OSError):
        return REASONS.get(errno.errorcode.get(error.errno or 0, ""), UNAVAILABLE)
    code: str = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or ""
    # SQLITE_IOERR_WRITE is a kind of SQLITE_IOERR.
    return REASONS.get("_".join(code.split("_")[:2]), UNAVAILABLE)


class Database:
    """An engine, and what its driver's exceptions mean."""

    def __init__(self, engine: sa.Engine, observe: Observe | None = None) -> None:
        self.engine = engine
        self.dialect = engine.dialect
        self.observe = observe
        self.failures: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._integrity: type[Exception] = engine.dialect.loaded_dbapi.IntegrityError

    @property
    def is_sqlite(self) -> bool:
        return self.dialect.name == "sqlite"

    def connect(self) -> PoolProxiedConnection:
        """Take a connection from the pool; raises StorageUnavailable."""
        try:
            return self.engine.raw_connection()
        except sa.exc.TimeoutError as error:
            raise StorageUnavailable(BUSY) from error
        except self.failures as error:
            raise self.failure(error) from error

    def keep(self) -> Any:  # noqa: ANN401  the driver's connection
        """Return a connection that is no part of the pool; the caller closes it."""
        connection = self.connect()
        connection.detach()
        return connection.dbapi_connection

    def failure(self, error: Exception) -> StorageUnavailable:
        """Return what a failure of the driver means to the service."""
        state: str = getattr(error, "sqlstate", None) or ""
        if isinstance(error, self._integrity) or state.startswith("40"):
            return Conflict("Another transaction came first")
        return StorageUnavailable(reason_of(error))

    def has_lost(self, connection: PoolProxiedConnection, error: Any) -> bool:  # noqa: ANN401  the driver's own class
        return self.dialect.is_disconnect(error, connection, None)

    def forget_connections(self) -> None:
        """Drop every idle connection: when one is dead, the others usually are."""
        self.engine.dispose()


class Session:
    """One transaction on one connection of the pool, begun with its first statement.

    A LOOSE one has no transaction: every statement stands for itself. A connection found dead at
    the start is replaced once. After any failure the transaction can only be rolled back.
    """

    def __init__(self, database: Database, kind: str) -> None:
        self._database = database
        self._begin = BEGIN[database.dialect.name, kind]
        self._connection: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._has_failed = False
        self._operation = OPERATIONS[kind]
        self._seconds = 0.0
        # A snapshot answers the same question the same way, until something is written into it.
        self._known: dict[object, list[Row]] | None = None if kind == LOOSE else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connection back; what was not committed is rolled back."""
        if self._connection is None:
            return
        try:
            self._driver.rollback()
        except self._database.failures:
            self._connection.invalidate()
        self._connection.close()
        self._connection = None
        self._observe(self._operation, self._seconds)

    def rows(self, statement: Statement, /, **values: Value) -> list[Row]:
        """Return what a SELECT finds; a value that no database can hold finds nothing."""
        if not are_storable(values.values()):
            return []
        if self._known is None:
            return self._execute(statement, values)
        question = (statement, *values.items())
        if question not in self._known:
            self._known[question] = self._execute(statement, values)
        return self._known[question]

    def row(self, statement: Statement, /, **values: Value) -> Row | None:
        found = self.rows(statement, **values)
        return found[0] if found else None

    def value(self, statement: Statement, /, **values: Value) -> Any:  # noqa: ANN401  a column
        """Return the first column of the first row, None when there is none."""
        found = self.rows(statement, **values)
        return found[0][0] if found else None

    def run(self, statement: Statement, /, **values: Value) -> None:
        """Insert, update or delete; raises UnstorableText, Conflict, StorageUnavailable."""
        if not are_storable(values.values()):
            raise UnstorableText
        if self._known:
            self._known.clear()
        self._execute(statement, values)

    def commit(self) -> None:
        """Make the transaction durable; after an exception it may or may not have been."""
        self._refuse_after_failure()
        started = time.perf_counter()
        try:
            self._driver.commit()
        except self._database.failures as error:
            raise self._database.failure(error) from error
        finally:
            self._observe("commit", time.perf_counter() - started)

    def _refuse_after_failure(self) -> None:
        if self._has_failed:
            raise Conflict("The transaction has failed before")

    def _execute(self, statement: Statement, values: Mapping[str, Value]) -> list[Row]:
        self._refuse_after_failure()
        started = time.perf_counter()
        sql, bound = statement.rendered(self._database.dialect, values)
        try:
            if self._connection is None:
                return self._start(sql, bound)
            return self._fetch(sql, bound)
        except self._database.failures as error:
            self._has_failed = True
            raise self._database.failure(error) from error
        finally:
            self._seconds += time.perf_counter() - started

    def _start(self, sql: str, bound: Mapping[str, Value]) -> list[Row]:
        connection = self._take()
        try:
            return self._begin_with(sql, bound)
        except self._database.failures as error:
            if not self._database.has_lost(connection, error):
                raise
        connection.invalidate()
        self._database.forget_connections()
        self._take()
        return self._begin_with(sql, bound)

    def _take(self) -> PoolProxiedConnection:
        self._connection = self._database.connect()
        self._driver = self._connection.dbapi_connection
        return self._connection

    def _begin_with(self, sql: str, bound: Mapping[str, Value]) -> list[Row]:
        if self._begin is not None:
            self._driver.execute(self._begin)
        return self._fetch(sql, bound)

    def _fetch(self, sql: str, bound: Mapping[str, Value]) -> list[Row]:
        cursor = self._driver.execute(sql, bound)
        rows: list[Row] = [] if cursor.description is None else cursor.fetchall()
        return rows

    def _observe(self, operation: str, seconds: float) -> None:
        if self._database.observe is not None:
            self._database.observe(operation, seconds)
