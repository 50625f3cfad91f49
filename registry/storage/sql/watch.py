"""How a node's cache learns of writes, its own and those of others.

SQLite, exactly: every process over the file counts its commits in memory that all of them share
(`registry.storage.sql.marks`), before it makes them. `unchanged` compares that count with the one
read just before the journal was last read. Once in CHECK_SECONDS it also asks SQLite, whose
`PRAGMA data_version` differs as soon as any other connection has committed, counted or not.

PostgreSQL, by leases. A refresh notes the time, then reads the journal, which shows every write
acknowledged before that time; for LEASE_SECONDS from that time on, and no longer, `unchanged` is
True. A write that makes cached answers wrong is acknowledged only after `settle`, two leases after
its commit. So when the acknowledgement arrives, every lease that was taken before the commit, on
any node, has run out, and every later refresh has read the change. Nodes compare no clocks: each
measures its own lease, and the second lease covers clocks of different speed and answers already
on their way. Writes committed through the same store end its leases at once, settled or not.

In both, what was learned is dropped from the cache before `unchanged` can say True again.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING

from registry.storage.sql.engine import LOOSE, Session
from registry.storage.sql.reader import SqlReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.model import Change
    from registry.storage.port import Drop
    from registry.storage.sql.engine import Database
    from registry.storage.sql.marks import Marks

LEASE_SECONDS = 0.05
# For commits of programs that do not count them, such as a shell on the file.
CHECK_SECONDS = 1.0
# More changes than this are not listed one by one.
MAX_CHANGES = 1000


class _JournalWatch:
    """What both kinds share: read the journal, drop, and only then take the mark for valid."""

    def __init__(self, database: Database, drop: Drop) -> None:
        self._database = database
        self._drop = drop
        self._refreshing = threading.Lock()
        self._sequence = -1

    @property
    def sequence(self) -> int:
        return self._sequence

    def _learn(self) -> None:
        """Read the journal from where it was left, and drop what it says."""
        with Session(self._database, LOOSE) as session:
            reader = SqlReader(session)
            changes = None if self._sequence < 0 else self._changes(reader)
            if changes is None:
                reached = reader.sequence()
            else:
                reached = changes[-1].sequence if changes else self._sequence
        if changes is not None and not changes:
            return
        self._sequence = reached
        try:
            self._drop(changes)
        except BaseException:
            # What was half dropped must all go next time.
            self._sequence = -1
            raise

    def _changes(self, reader: SqlReader) -> list[Change] | None:
        changes = reader.changes(after=self._sequence, limit=MAX_CHANGES + 1)
        return None if len(changes) > MAX_CHANGES else changes


class FileWatch(_JournalWatch):
    def __init__(self, database: Database, drop: Drop, marks: Marks) -> None:
        super().__init__(database, drop)
        self._connection = database.keep()
        self._asking = threading.Lock()
        self._marks = marks
        self._mark: int | None = None
        self._seen: int | None = None
        self._asked = 0.0

    def unchanged(self) -> bool:
        if self._marks.begun != self._mark:
            return False
        now = time.monotonic()
        if now - self._asked < CHECK_SECONDS:
            return True
        try:
            is_same = self._data_version() == self._seen
        except sqlite3.Error:
            return False
        if is_same:
            self._asked = now
        return is_same

    def refresh(self) -> None:
        with self._refreshing:
            if self.unchanged():
                return
            now, mark = time.monotonic(), self._marks.settled()
            try:
                seen = self._data_version()
            except sqlite3.Error as error:
                raise self._database.failure(error) from error
            self._learn()
            self._mark, self._seen, self._asked = mark, seen, now

    def close(self) -> None:
        with self._asking:
            self._connection.close()

    def _data_version(self) -> int:
        with self._asking:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)


class LeaseWatch(_JournalWatch):
    def __init__(self, database: Database, drop: Drop, commits: Callable[[], int]) -> None:
        super().__init__(database, drop)
        self._commits = commits
        # End of the lease, and the count of the store's commits when it was taken.
        self._lease = (0.0, -1)

    def unchanged(self) -> bool:
        until, commits = self._lease
        return time.monotonic() < until and commits == self._commits()

    def refresh(self) -> None:
        with self._refreshing:
            if self.unchanged():
                return
            lease = (time.monotonic() + LEASE_SECONDS, self._commits())
            self._learn()
            self._lease = lease
