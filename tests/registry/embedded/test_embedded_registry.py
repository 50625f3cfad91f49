"""The service in this process: started, asked, stopped, emptied, and gone without a trace."""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pydantic
import pytest
import structlog

from accord_serde import Schema, SchemaRegistryError
from registry.embedded import EmbeddedRegistry
from registry.storage.sql.migrate import ForeignDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INT, LONG = Schema('"int"'), Schema('"long"')


@pytest.fixture
def registry() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as started:
        yield started


def test_it_is_the_real_service(registry: EmbeddedRegistry) -> None:
    with registry.client() as client:
        assert client.register_schema("s", INT) == 1
        assert client.get_latest_version("s").version == 1
        with pytest.raises(SchemaRegistryError) as caught:
            client.register_schema("s", Schema('"string"'))
        assert caught.value.error_code == 40901
    with httpx.Client(transport=registry.transport, base_url=registry.url) as client:
        assert client.get("/health/ready").json() == {"status": "ready"}
        assert client.get("/accord/v1/openapi.json").json()["info"]["title"] == "Accord"


def test_asyncio_clients_use_it_from_any_loop(registry: EmbeddedRegistry) -> None:
    async def main() -> list[int]:
        async with registry.async_client() as client:
            asked = (client.register_schema(f"s{n}", INT) for n in range(10))
            return await asyncio.gather(*asked)

    with ThreadPoolExecutor(3) as pool:
        found = [pool.submit(asyncio.run, main()) for _ in range(3)]
        assert [each.result(30) for each in found] == [[1] * 10] * 3


def test_threads_share_it(registry: EmbeddedRegistry) -> None:
    client = registry.client()
    with ThreadPoolExecutor(8) as pool:
        ids = pool.map(lambda n: client.register_schema(f"s{n}", INT), range(40))
        assert set(ids) == {1}
    assert len(client.get_subjects()) == 40


def test_a_client_takes_a_conf(registry: EmbeddedRegistry) -> None:
    assert registry.client({"cache.capacity": 0}).config()["cache.capacity"] == 0
    assert registry.async_client({"cache.capacity": 0}).config()["url"] == registry.url


def test_answers_come_as_they_were_sent(registry: EmbeddedRegistry) -> None:
    text = '{"type": "enum", "name": "E", "symbols": [%s]}'
    symbols = ", ".join(f'"S{n}"' for n in range(2000))
    registry.client().register_schema("s", Schema(text % symbols))
    with httpx.Client(transport=registry.transport, base_url=registry.url) as client:
        packed = client.get("/schemas/ids/1", headers={"accept-encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "S1999" in packed.json()["schema"]
        assert client.head("/schemas/ids/1").content == b""
        assert client.get("/none").status_code == 404


def test_being_away_is_no_connection_and_loses_nothing(registry: EmbeddedRegistry) -> None:
    client = registry.client({"max.retries": 0})
    url = registry.listen()
    client.register_schema("s", INT)
    registry.stop()
    registry.stop()
    with pytest.raises(httpx.ConnectError, match="does not run"):
        client.get_subjects()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)

    async def ask() -> None:
        await registry.async_client({"max.retries": 0}).get_subjects()

    with pytest.raises(httpx.ConnectError, match="does not run"):
        asyncio.run(ask())
    registry.start()
    registry.start()
    assert client.get_subjects() == ["s"]
    assert httpx.get(f"{url}/subjects").json() == ["s"]


def test_after_a_reset_nothing_is_left(registry: EmbeddedRegistry) -> None:
    before = registry.client({"max.retries": 0})
    url = registry.listen()
    before.register_schema("s", INT)
    before.register_schema("t", LONG)
    before.set_compatibility(level="FULL")
    before.get_schema(1)
    registry.reset()
    after = registry.client()
    assert after.get_subjects(deleted=True) == []
    assert after.get_compatibility() == "BACKWARD"
    with pytest.raises(SchemaRegistryError):
        after.get_schema(1)
    assert after.register_schema("t", LONG) == 1
    assert after.get_schema(1) == LONG
    with pytest.raises(httpx.ConnectError):
        before.get_subjects()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_answers_from_memory_do_not_outlive_a_reset(registry: EmbeddedRegistry) -> None:
    for text in ('"int"', '"long"', '"string"'):
        registry.client().register_schema("s", Schema(text))
        with httpx.Client(transport=registry.transport, base_url=registry.url) as client:
            for _ in range(3):
                assert client.get("/schemas/ids/1").json()["schema"] == text
        registry.reset()


def test_any_client_comes_through_the_socket(registry: EmbeddedRegistry) -> None:
    url = registry.listen()
    assert registry.listen() == url
    with httpx.Client(base_url=url) as client:
        answer = client.post("/subjects/s/versions", json={"schema": '"int"'})
        assert answer.json() == {"id": 1}
        assert client.get("/schemas/ids/1").json()["schema"] == '"int"'
    assert registry.client().get_subjects() == ["s"]


def test_the_port_may_be_chosen(registry: EmbeddedRegistry) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="use"):
            registry.listen(port)
    assert registry.listen(port) == f"http://127.0.0.1:{port}"


def test_a_data_directory_is_kept(tmp_path: Path) -> None:
    data = tmp_path / "some" / "data"
    with EmbeddedRegistry(data) as registry:
        registry.client().register_schema("s", INT)
        with pytest.raises(ValueError, match="was given to be kept"):
            registry.reset()
    with EmbeddedRegistry(data) as registry:
        assert registry.client().get_subjects() == ["s"]


def test_settings_are_the_services_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_COMPATIBILITY_LEVEL", "FULL")
    monkeypatch.setenv("ACCORD_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with EmbeddedRegistry() as registry:
        assert registry.client().get_compatibility() == "BACKWARD"
    with EmbeddedRegistry(compatibility_level="NONE") as registry:
        assert registry.client().get_compatibility() == "NONE"
    with pytest.raises(pydantic.ValidationError):
        EmbeddedRegistry(no_such_setting=1)


def threads() -> set[threading.Thread]:
    return set(threading.enumerate())


def folders() -> set[Path]:
    return {each for each in Path(tempfile.gettempdir()).glob("accord-*") if each.is_dir()}


def eventually(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that no other test fills."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_nothing_is_left_behind(own_temporary: Path) -> None:
    before = threads()
    with EmbeddedRegistry() as registry:
        registry.listen()
        registry.client().register_schema("s", INT)
        registry.reset()
        registry.client().register_schema("s", INT)
        assert folders()
    registry.close()
    assert list(own_temporary.iterdir()) == []
    eventually(lambda: threads() <= before)
    with pytest.raises(httpx.ConnectError):
        registry.client({"max.retries": 0}).get_subjects()
    for act in (registry.start, registry.listen):
        with pytest.raises(RuntimeError, match="closed for good"):
            act()


def test_a_failed_start_leaves_nothing_behind_either(own_temporary: Path) -> None:
    before = threads()
    (own_temporary / "accord.db").write_bytes(b"something else" * 100)
    with pytest.raises(ForeignDatabaseError):
        EmbeddedRegistry(own_temporary)
    with pytest.raises(pydantic.ValidationError):
        EmbeddedRegistry(port=-1)
    assert [each.name for each in own_temporary.iterdir()] == ["accord.db"]
    eventually(lambda: threads() <= before)


def test_registries_side_by_side_are_strangers(registry: EmbeddedRegistry) -> None:
    with EmbeddedRegistry() as other:
        registry.client().register_schema("s", INT)
        assert other.client().get_subjects() == []
        other.client().register_schema("t", LONG)
    assert registry.client().get_subjects() == ["s"]


@pytest.fixture
def unconfigured() -> Iterator[None]:
    """Take back what other tests have told structlog, for the length of the test."""
    before = structlog.get_config() if structlog.is_configured() else None
    structlog.reset_defaults()
    yield
    if before is not None:
        structlog.configure(**before)


@pytest.mark.usefixtures("unconfigured")
def test_log_lines_go_where_those_of_libraries_go(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    assert not structlog.is_configured()
    with EmbeddedRegistry() as registry:
        registry.client().get_subjects()
    assert not structlog.is_configured()
    assert "registry.api" in {record.name for record in caplog.records}
    assert capfd.readouterr() == ("", "")


def test_a_request_may_be_given_up(registry: EmbeddedRegistry) -> None:
    with httpx.Client(transport=registry.transport, base_url=registry.url) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get("/subjects", timeout=httpx.Timeout(5, read=0))
        assert client.get("/subjects").json() == []

    async def ask() -> None:
        transport = registry.async_transport
        async with httpx.AsyncClient(transport=transport, base_url=registry.url) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/subjects", timeout=httpx.Timeout(5, read=0))
            assert (await client.get("/subjects")).json() == []

    asyncio.run(ask())


def test_what_is_under_way_is_finished_before_a_stop(registry: EmbeddedRegistry) -> None:
    client = registry.client({"max.retries": 0})
    url = registry.listen()
    with ThreadPoolExecutor(8) as pool:
        inside = [pool.submit(client.register_schema, f"s{n}", INT) for n in range(20)]
        outside = [pool.submit(httpx.get, f"{url}/subjects") for _ in range(5)]
        registry.stop()
        outcomes = [each.exception(30) for each in [*inside, *outside]]
    refused = (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)
    assert [each for each in outcomes if not isinstance(each, (type(None), *refused))] == []
    registry.start()
    done = [n for n, each in enumerate(inside) if each.exception() is None]
    assert {f"s{n}" for n in done} <= set(client.get_subjects())
    assert urlsplit(registry.listen()).port == urlsplit(url).port
