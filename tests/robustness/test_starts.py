"""Many nodes that start at once over one empty database; databases of other versions."""

from __future__ import annotations

import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest
import sqlalchemy as sa
from node import STRING
from service import ACCORD, PATIENCE_SECONDS, await_ready, bare_environment, begin, end

from registry.storage.sql.tables import REVISION, VERSION_TABLE

if TYPE_CHECKING:
    from pathlib import Path

NODES = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'accord.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ACCORD, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env=bare_environment(),
    )


def test_nodes_that_start_at_once_migrate_once(url: str, tmp_path: Path) -> None:
    services = [begin(tmp_path, "--database-url", url) for _ in range(NODES)]
    try:
        with ThreadPoolExecutor(2) as pool:
            migrations = list(pool.map(lambda _: run("migrate", "--database-url", url), range(2)))
        for service in services:
            await_ready(service)
        assert [one.returncode for one in migrations] == [0, 0], migrations
        answers = [
            httpx.post(f"{service.url}/subjects/s{number}/versions", json=schema(number))
            for number, service in enumerate(services)
        ]
        assert [answer.json() for answer in answers] == [{"id": n + 1} for n in range(NODES)]
        for service in services:
            listed = httpx.get(f"{service.url}/subjects").json()
            assert listed == [f"s{number}" for number in range(NODES)]
        assert [service.stop() for service in services] == [0] * NODES
    finally:
        for service in services:
            end(service)
    assert revisions(url) == [REVISION]


def schema(number: int) -> dict[str, str]:
    return {"schema": f'{{"type":"fixed","name":"F{number}","size":1}}'}


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def revisions(url: str) -> list[str]:
    engine = engine_of(url)
    with engine.connect() as connection:
        found = connection.scalars(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).all()  # noqa: S608 - our own table
    engine.dispose()
    return list(found)


def set_revision(url: str, revision: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'"))  # noqa: S608 - our own table
    engine.dispose()


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_database_of_a_newer_version_is_told(url: str, command: str) -> None:
    assert run("migrate", "--database-url", url).returncode == 0
    set_revision(url, "9999")
    options = ["--port", "0"] if command == "serve" else []
    ended = run(command, *options, "--database-url", url)
    assert ended.returncode == 1
    told = [line for line in ended.stderr.splitlines() if line]
    assert len(told) == 1, ended.stderr
    assert "revision 9999" in told[0]
    assert REVISION in told[0]
    assert revisions(url) == ["9999"]


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_database_of_an_unknown_older_version_is_told(url: str, command: str) -> None:
    """A revision that no script leads on from: there never was one below the first."""
    assert run("migrate", "--database-url", url).returncode == 0
    set_revision(url, "0000")
    options = ["--port", "0"] if command == "serve" else []
    ended = run(command, *options, "--database-url", url)
    assert ended.returncode == 1, (ended.stdout, ended.stderr)
    assert "Traceback" not in ended.stderr
    told = [line for line in ended.stderr.splitlines() if line.startswith("accord: ")]
    assert len(told) == 1, ended.stderr
    assert "0000" in told[0]
    assert revisions(url) == ["0000"]


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_database_half_made_is_told(url: str, command: str) -> None:
    """The table of revisions is there, and empty: whoever made it died, or restored half."""
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32))"))
    engine.dispose()
    options = ["--port", "0"] if command == "serve" else []
    ended = run(command, *options, "--database-url", url)
    assert ended.returncode == 1, (ended.stdout, ended.stderr)
    assert "Traceback" not in ended.stderr
    assert "accord: " in ended.stderr
    assert revisions(url) == []


def test_a_file_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "accord.db"
    assert run("migrate", "--data", str(tmp_path)).returncode == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    path.write_bytes(path.read_bytes()[:5000])
    ended = run("serve", "--port", "0", "--data", str(tmp_path))
    assert ended.returncode == 1, (ended.stdout, ended.stderr)
    assert "Traceback" not in ended.stderr
    assert "malformed" in ended.stderr


def test_what_an_older_database_holds_is_there_after_the_migration(
    url: str, tmp_path: Path
) -> None:
    """With one revision there is nothing to bring forward yet; the second will meet this test."""
    first = await_ready(begin(tmp_path, "--database-url", url))
    try:
        registered = httpx.post(f"{first.url}/subjects/old/versions", json=STRING)
        assert registered.json() == {"id": 1}
        assert first.stop() == 0
    finally:
        end(first)
    assert run("migrate", "--database-url", url).returncode == 0
    second = await_ready(begin(tmp_path, "--database-url", url))
    try:
        assert httpx.get(f"{second.url}/subjects").json() == ["old"]
    finally:
        end(second)
