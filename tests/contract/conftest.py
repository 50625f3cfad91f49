"""The whole service in this process: real routes, real frame, real SQLite file."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from contract.coverage import report
from inprocess import serving

from registry.app import create_app
from registry.settings import Settings
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx
    from contract.case import Ask

    Call = Callable[[Ask], httpx.Response]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a migrated, empty database, to be copied."""
    data = tmp_path_factory.mktemp("empty")
    open_store(Settings(data=data).store_url).close()
    return data


@pytest.fixture
def settings(empty_database: Path, tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    shutil.copytree(empty_database, data)
    return Settings(data=data)


@pytest.fixture
def call(settings: Settings) -> Iterator[Call]:
    """Send a request to a service of its own and return the answer."""
    with serving(create_app(settings)) as send:

        def ask(question: Ask) -> httpx.Response:
            content = {"json": question.json} if question.json is not None else {}
            if question.raw is not None:
                content = {"content": question.raw}
            return send(question.method, question.path, headers=question.headers, **content)

        yield ask


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("REST contract")
    for line in report():
        terminalreporter.write_line(line)
