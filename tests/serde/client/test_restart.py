"""A real `accord serve` that is killed and started again under clients that go on working."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from service import Service, await_ready, begin, end

from accord_serde import Schema, SchemaRegistryError, _outage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

INT, LONG = Schema('"int"'), Schema('"long"')
MESSAGES = 20_000
PATIENCE_SECONDS = 60


@dataclass
class Restartable:
    """A registry that keeps its data and its address from one life to the next."""

    folder: Path
    service: Service

    @property
    def url(self) -> str:
        return self.service.url

    def kill(self) -> None:
        self.service.stop(signal.SIGKILL)

    def start(self) -> None:
        port = urlsplit(self.url).port
        self.service = await_ready(begin(self.folder, "--port", str(port)))


@pytest.fixture
def restartable(tmp_path: Path) -> Iterator[Restartable]:
    registry = Restartable(tmp_path, await_ready(begin(tmp_path)))
    yield registry
    end(registry.service)


def produce(client: Any) -> int:
    """Ask what a serializer with `use.latest.version` asks for every message."""
    for _ in range(MESSAGES):
        version = client.get_latest_version("t-value").version
        client.get_schema(1, "t-value")
        client.register_schema("t-value", INT)
    found: int = version
    return found


def test_a_producer_goes_on_through_an_outage_and_sees_its_end(
    restartable: Restartable, connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_outage, "LONGEST_PAUSE_SECONDS", 0.2)
    # Known answers are old at once, so that every message would have to ask the registry.
    client = connect(None, url=restartable.url, cache_latest_ttl_sec=1e-9)
    client.register_schema("t-value", INT)
    client.get_schema(1, "t-value")
    assert client.get_latest_version("t-value").version == 1
    restartable.kill()
    assert produce(client) == 1
    with pytest.raises(httpx.ConnectError):
        client.get_schema(2)
    restartable.start()
    other = connect(None, url=restartable.url)
    other.set_compatibility("t-value", "NONE")
    other.register_schema("t-value", LONG)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while client.get_latest_version("t-value").version != 2:
        assert time.monotonic() < deadline
    assert client.get_schema(2) == LONG


def test_a_consumer_that_meets_an_unknown_id_waits_and_recovers(
    restartable: Restartable, connect: Callable[..., Any]
) -> None:
    patient = {"max_retries": 1000, "retries_wait_ms": 100, "retries_max_wait_ms": 100}
    client = connect(None, url=restartable.url, **patient)
    client.register_schema("t-value", INT)
    restartable.kill()
    repair = threading.Timer(0.5, restartable.start)
    repair.start()
    assert client.get_schema(1) == INT
    repair.join()
    with pytest.raises(SchemaRegistryError) as caught:
        client.get_schema(2)
    assert caught.value.error_code == 40403


def test_from_a_bundle_nobody_needs_the_registry_to_start(
    restartable: Restartable, connect: Callable[..., Any], tmp_path: Path
) -> None:
    warm = connect(None, url=restartable.url)
    warm.register_schema("t-value", INT)
    warm.write_bundle(tmp_path / "bundle.json", topics=["t"])
    restartable.kill()
    cold = connect(None, url=restartable.url, accord_bundle=tmp_path / "bundle.json")
    assert produce(cold) == 1
