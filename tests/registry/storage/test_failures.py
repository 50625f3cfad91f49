"""When the database fails, nothing is half written and the error says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from registry.errors import StorageUnavailable
from registry.model import Content, Mode
from registry.names import Subject
from registry.storage.sql import engine as engine_module
from registry.storage.sql import store as store_module
from registry.storage.sql.store import SqlStore, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.model import Version

    Register = Callable[..., Version]

FOO = Subject(".", "foo")
IMPATIENT = "SET lock_timeout = '50ms'"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores opened from here on wait for nothing."""
    monkeypatch.setattr(engine_module, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.05)
    monkeypatch.setitem(engine_module.SQLITE_ARGUMENTS, "timeout", 0.05)
    monkeypatch.setattr(engine_module, "POSTGRESQL_SETTINGS", (IMPATIENT,))


@pytest.fixture
def opened(database_url: str) -> Iterator[Callable[..., SqlStore]]:
    stores: list[SqlStore] = []

    def open_one(**options: int) -> SqlStore:
        stores.append(open_store(database_url, **options))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


def write(store: SqlStore) -> None:
    with store.write() as writer:
        writer.set_mode(FOO, Mode.IMPORT)


@pytest.mark.usefixtures("impatient")
def test_a_writer_gives_up_when_another_node_writes_for_too_long(
    opened: Callable[..., SqlStore],
) -> None:
    store, other = opened(), opened()
    with other.write(), pytest.raises(StorageUnavailable, match="for too long"):
        write(store)
    write(store)


@pytest.mark.usefixtures("impatient")
def test_a_writer_gives_up_when_its_own_node_writes_for_too_long(
    opened: Callable[..., SqlStore],
) -> None:
    store = opened()
    with store.write(), pytest.raises(StorageUnavailable, match="for too long"):
        write(store)
    write(store)


@pytest.mark.usefixtures("impatient")
def test_a_reader_gives_up_when_no_connection_is_free(opened: Callable[..., SqlStore]) -> None:
    store = opened(pool_size=1)
    with store.read() as reader:
        reader.sequence()
        with pytest.raises(StorageUnavailable, match="for too long"):
            store.ping()
    store.ping()


def test_readers_do_not_wait_for_a_writer(opened: Callable[..., SqlStore]) -> None:
    store = opened()
    with store.write() as writer:
        writer.set_mode(FOO, Mode.IMPORT)
        with store.read() as reader:
            assert reader.mode(FOO) is None


def test_time_is_observed(database_url: str) -> None:
    seen: list[tuple[str, float]] = []
    store = open_store(database_url, observe=lambda *call: seen.append(call))
    write(store)
    with store.read() as reader:
        reader.contexts()
        reader.sequence()
    store.close()
    assert [operation for operation, _ in seen] == ["lock", "commit", "write", "read"]
    assert all(seconds >= 0 for _, seconds in seen)


# SQLite


@pytest.fixture
def bounded(tmp_path: object) -> Iterator[str]:
    """The URL of a file on a disk with room for some hundred pages."""

    def bound(connection: object, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 200")  # type: ignore[attr-defined]  # sqlite3

    sa.event.listen(sa.Pool, "connect", bound)
    yield f"sqlite:///{tmp_path}/bounded.db"
    sa.event.remove(sa.Pool, "connect", bound)


def test_a_full_disk_takes_nothing_half(bounded: str, register: Register) -> None:
    store = open_store(bounded)
    written = 0

    def fill() -> None:
        nonlocal written
        for number in range(1000):
            with store.write() as writer:
                register(writer, FOO, Content("AVRO", f"{number:010000}"))
            written += 1

    with pytest.raises(StorageUnavailable, match="no space left"):
        fill()
    with store.read() as reader:
        assert written > 1
        assert [row.version for row in reader.versions(FOO)] == list(range(1, written + 1))
        assert reader.sequence() == written
        assert reader.last_id(".") == written
    with store.write() as writer:
        writer.delete_versions(FOO, [1])
    store.close()


# PostgreSQL


@pytest.fixture
def served(postgres_url: str) -> Iterator[SqlStore]:
    store = open_store(postgres_url, pool_size=2)
    yield store
    store.close()


KILL = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"


def execute(url: str, statement: str, **values: object) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement), values)
    engine.dispose()


def kill_connections(url: str) -> None:
    name = sa.make_url(url).database
    server = sa.make_url(url).set(database="postgres").render_as_string(hide_password=False)
    execute(server, KILL, name=name)


def test_connections_that_died_in_the_pool_are_replaced(
    served: SqlStore, postgres_url: str
) -> None:
    with served.read() as first, served.read() as second:
        assert first.sequence() == second.sequence() == 0
    for number in (1, 2, 3):
        kill_connections(postgres_url)
        write(served)
        kill_connections(postgres_url)
        served.ping()
        kill_connections(postgres_url)
        with served.read() as reader:
            assert reader.sequence() == number


def test_a_connection_that_dies_inside_a_read_fails_it(served: SqlStore, postgres_url: str) -> None:
    def read() -> None:
        with served.read() as reader:
            reader.sequence()
            kill_connections(postgres_url)
            reader.contexts()

    with pytest.raises(StorageUnavailable, match="cannot be reached"):
        read()
    served.ping()


@pytest.mark.parametrize("at", ["statement", "commit"])
def test_a_connection_that_dies_inside_a_write_takes_it_back(
    served: SqlStore, postgres_url: str, at: str
) -> None:
    def write_and_die() -> None:
        with served.write() as writer:
            writer.set_mode(FOO, Mode.IMPORT)
            kill_connections(postgres_url)
            if at == "statement":
                writer.set_mode(FOO, Mode.READONLY)

    with pytest.raises(StorageUnavailable, match="cannot be reached"):
        write_and_die()
    with served.write() as writer:
        assert writer.mode(FOO) is None
        assert writer.sequence() == 0


def test_a_database_that_is_away_comes_back(
    served: SqlStore, postgres_url: str, postgres_server: str
) -> None:
    name = sa.make_url(postgres_url).database
    watch = served.watch(lambda _: None)
    execute(postgres_server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    kill_connections(postgres_url)
    for call in (served.ping, watch.refresh, lambda: write(served)):
        with pytest.raises(StorageUnavailable):
            call()
    execute(postgres_server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    write(served)
    watch.refresh()
    assert watch.sequence == 1
