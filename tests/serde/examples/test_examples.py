"""The examples run as a reader would run them, against the registry and the log."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from committed_messages import committed
from service import Service, await_ready, begin, end

pytest.register_assert_rewrite("example_programs")
from example_programs import (  # noqa: E402  # after it is known that its asserts are tests
    EXAMPLES,
    PATIENCE_SECONDS,
    Examples,
    environment,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parents[2]
# What programs import; nobody runs them.
SHARED = {"addresses.py", "log_topics.py"}
# What each prints, in part and in order.
PRINTED = {
    "avro_orders.py": ["Order(number=1, customer='Ada', total=Decimal('99.90')"],
    "json_readings.py": ["refused: ", "{'sensor': 'roof', 'celsius': 21.5}"],
    "protobuf_events.py": ["2026-03-14T15:09:26Z"],
    "aiokafka_orders.py": [
        "skipped: Invalid magic byte",
        "{'number': 1, 'customer': 'Ada'}",
        "{'number': 2, 'customer': 'Grace'}",
    ],
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The registry and the log, started together."""
    started = begin(tmp_path_factory.mktemp("accord"), ACCORD_ONLY="")
    try:
        yield await_ready(started)
        assert started.stop() == 0
    finally:
        end(started)


@pytest.fixture
def examples(service: Service, tmp_path: Path) -> Examples:
    return Examples(service.kafka, service.url, tmp_path)


@pytest.mark.parametrize("example", PRINTED)
def test_an_example_prints_what_came_back(example: str, examples: Examples) -> None:
    printed = examples.run(example)
    found = [printed.find(part) for part in PRINTED[example]]
    assert -1 not in found, printed
    assert found == sorted(found)


def test_the_service_puts_orders_on_the_topic(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "fastapi_orders:app", "--app-dir", EXAMPLES]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=environment(KAFKA=service.kafka, REGISTRY=service.url),
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            wait_for(client)
            order = {"number": 7, "customer": "Ada"}
            assert client.post("/orders", json=order).json() == {"offset": 0}
            assert client.post("/orders", json={"number": "many"}).status_code == 422
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
    assert [one.value()[5:] for one in committed(service.kafka, "orders-fastapi")] == [
        b"\x0e\x06Ada\x00"
    ]


def wait_for(client: httpx.Client) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            client.get("/docs")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the service does not start")


def test_every_example_is_run_and_listed() -> None:
    files = [*TESTS.glob("serde/examples/*.py"), *TESTS.glob("accord_log/examples/*.py")]
    tests, listed = "".join(map(Path.read_text, files)), (EXAMPLES / "README.md").read_text()
    programs = {path.name for path in EXAMPLES.glob("*.py")} - SHARED
    assert {name for name in programs if name.removesuffix(".py") not in tests} == set()
    assert {name for name in programs if f"[{name}]({name})" not in listed} == set()
