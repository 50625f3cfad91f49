"""The whole service in this process: real routes, real frame, real SQLite file.

One service for all cases with the same settings, emptied between them: making one costs more than
a case.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import structlog
from contract.coverage import report
from inprocess import serving

from registry.app import create_app
from registry.settings import DATABASE_FILE, Settings
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    import httpx
    from contract.case import Ask, Case

# Children before their parents. The last statement is a change that says nothing of what it
# touched, so that the service forgets every answer it kept.
EMPTY = """
BEGIN IMMEDIATE;
DELETE FROM schema_references;
DELETE FROM versions;
DELETE FROM schemas;
DELETE FROM subjects;
DELETE FROM associations;
DELETE FROM configs;
DELETE FROM modes;
DELETE FROM contexts WHERE name <> '.';
UPDATE contexts SET last_id = 0;
DELETE FROM changes;
UPDATE journal_head SET sequence = sequence + 1;
INSERT INTO changes (sequence, at_ms, principal, kind, key)
    SELECT sequence, 0, '', 'CONFIG_SET', '{}' FROM journal_head;
COMMIT;
"""


class Service:
    """A service with certain settings, and its database seen from outside."""

    def __init__(self, send: Callable[..., httpx.Response], database: sqlite3.Connection) -> None:
        self._send = send
        self._database = database

    def __call__(self, question: Ask) -> httpx.Response:
        """Send a request and return the answer."""
        content = {"json": question.json} if question.json is not None else {}
        if question.raw is not None:
            content = {"content": question.raw}
        return self._send(question.method, question.path, headers=question.headers, **content)

    def sequence(self) -> int:
        """Return the number of the newest row of the journal."""
        (sequence,) = self._database.execute("SELECT sequence FROM journal_head").fetchone()
        return int(sequence)

    def empty(self) -> None:
        self._database.executescript(EMPTY)


class Services:
    """The services of this run, by their settings."""

    def __init__(self, empty_database: Path, folder: Path, stack: ExitStack) -> None:
        self._empty_database = empty_database
        self._folder = folder
        self._stack = stack
        self._running: dict[str, Service] = {}

    def with_settings(self, settings: dict[str, Any]) -> Service:
        key = repr(sorted(settings.items()))
        if key not in self._running:
            self._running[key] = self._start(settings)
        return self._running[key]

    def _start(self, settings: dict[str, Any]) -> Service:
        data = self._folder / str(len(self._running))
        shutil.copytree(self._empty_database, data)
        send = self._stack.enter_context(serving(create_app(Settings(data=data, **settings))))
        database = sqlite3.connect(data / DATABASE_FILE, isolation_level=None)
        self._stack.callback(database.close)
        database.execute("PRAGMA synchronous = OFF")
        return Service(send, database)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    empty = tmp_path_factory.mktemp("empty")
    open_store(Settings(data=empty).store_url).close()
    with ExitStack() as stack:
        yield Services(empty, tmp_path_factory.mktemp("services"), stack)


@pytest.fixture
def call(case: Case, services: Services) -> Iterator[Service]:
    """An empty service with the settings of the case."""
    service = services.with_settings(case.settings)
    service.empty()
    with structlog.testing.capture_logs():
        yield service


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("REST contract")
    for line in report():
        terminalreporter.write_line(line)
