"""The examples run as a reader would run them, against a broker and the real registry."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from confluent_kafka import Consumer, Producer

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
PATIENCE_SECONDS = 90
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
def kafka() -> Iterator[str]:
    """The address of the broker that librdkafka has for tests."""
    holder = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1, "log_level": 0})
    broker = next(iter(holder.list_topics(timeout=PATIENCE_SECONDS).brokers.values()))
    yield f"{broker.host}:{broker.port}"
    holder.flush(PATIENCE_SECONDS)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "ignore", **more}


@pytest.mark.parametrize("example", PRINTED)
def test_an_example_prints_what_came_back(example: str, kafka: str, registry_url: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            EXAMPLES / example,
            "--bootstrap-servers",
            kafka,
            "--registry",
            registry_url,
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [done.stdout.find(part) for part in PRINTED[example]]
    assert -1 not in found, done.stdout
    assert found == sorted(found)


def test_the_service_puts_orders_on_the_topic(kafka: str, registry_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "fastapi_orders:app", "--app-dir", EXAMPLES]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=environment(KAFKA=kafka, REGISTRY=registry_url),
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
    assert only_value(kafka, "orders-fastapi")[5:] == b"\x0e\x06Ada\x00"


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


def only_value(kafka: str, topic: str) -> bytes:
    consumer = Consumer(
        {"bootstrap.servers": kafka, "group.id": "test", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    message = consumer.poll(PATIENCE_SECONDS)
    consumer.close()
    assert message is not None
    assert message.error() is None
    value: bytes = message.value()
    return value


def test_every_example_is_run() -> None:
    programs = {path.name for path in EXAMPLES.glob("*.py")}
    assert programs == {*PRINTED, "fastapi_orders.py", "addresses.py"}
