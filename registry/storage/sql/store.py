"""The registry's state in an SQL database."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from registry.errors import StorageUnavailable
from registry.storage.sql import queries
from registry.storage.sql.engine import (
    BUSY,
    LOCK_SECONDS,
    LOOSE,
    POOL_SIZE,
    READ,
    WRITE,
    Database,
    Session,
    create_engine,
    parse_url,
    reason_of,
)
from registry.storage.sql.marks import Marks
from registry.storage.sql.migrate import migrate
from registry.storage.sql.reader import SqlReader
from registry.storage.sql.watch import LEASE_SECONDS, FileWatch, LeaseWatch
from registry.storage.sql.writer import SqlWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from registry.storage.port import Drop, Watch
    from registry.storage.sql.engine import Observe


class SqlStore:
    """One node's connections; safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Writers of one node queue here, so that they take one connection and not the whole pool.
        self._turn = threading.Lock()
        self._commits = 0
        self._marks = _marks_of(database)
        self._watches: list[FileWatch] = []

    @contextmanager
    def read(self, *, snapshot: bool = True) -> Iterator[SqlReader]:
        with Session(self._database, READ if snapshot else LOOSE) as session:
            yield SqlReader(session)

    @contextmanager
    def write(self, principal: str = "") -> Iterator[SqlWriter]:
        """Open the only write transaction; raises Conflict, StorageUnavailable."""
        started = time.perf_counter()
        if not self._turn.acquire(timeout=LOCK_SECONDS):
            raise StorageUnavailable(BUSY)
        try:
            with Session(self._database, WRITE) as session:
                head = session.value(queries.HEAD_LOCKED)
                self._observe("lock", started)
                writer = SqlWriter(session, principal=principal, head=head)
                yield writer
                is_changed = writer.finish()
                with self._counted(is_changed=is_changed):
                    session.commit()
            self._commits += is_changed
        finally:
            self._turn.release()

    def settle(self) -> None:
        """Wait until no other node can answer from a cache older than the last commit."""
        if not self._database.is_sqlite:
            time.sleep(2 * LEASE_SECONDS)

    def watch(self, drop: Drop) -> Watch:
        if self._marks is None:
            return LeaseWatch(self._database, drop, lambda: self._commits)
        watch = FileWatch(self._database, drop, self._marks)
        self._watches.append(watch)
        return watch

    def ping(self) -> None:
        """Raise StorageUnavailable when the database does not answer."""
        with self.read(snapshot=False) as reader:
            reader.sequence()

    def close(self) -> None:
        for watch in self._watches:
            watch.close()
        self._database.engine.dispose()
        if self._marks is not None:
            self._marks.close()

    def _counted(self, *, is_changed: bool) -> AbstractContextManager[None]:
        return self._marks.committing() if self._marks and is_changed else nullcontext()

    def _observe(self, operation: str, started: float) -> None:
        if self._database.observe is not None:
            self._database.observe(operation, time.perf_counter() - started)


def _marks_of(database: Database) -> Marks | None:
    """Return the numbers beside the file, None for a database that is no file."""
    if not database.is_sqlite:
        return None
    file = database.engine.url.database
    assert file is not None
    try:
        return Marks(Path(f"{file}-marks"))
    except OSError as error:
        raise StorageUnavailable(reason_of(error)) from error


def open_store(url: str, *, observe: Observe | None = None, pool_size: int = POOL_SIZE) -> SqlStore:
    """Open the database, brought to the newest revision first.

    `observe` is given the seconds of every "lock" (waiting to be the writer), of the statements of
    every "read" and "write" together, and of every "commit". Raises ValueError for a URL of another
    kind of database, StorageUnavailable, and MigrationError for a database of a newer Accord or of
    something else.
    """
    parsed = parse_url(url)
    migrate(parsed)
    return SqlStore(Database(create_engine(parsed, pool_size=pool_size), observe))
