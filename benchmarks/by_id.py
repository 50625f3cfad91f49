"""GET /schemas/ids/{id}: server CPU against a bare ASGI app that answers the same body.

The request is the stock Python client's. The load comes from a third process over kept-alive
connections.

    python -m benchmarks.by_id --rounds 60
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvloop

from benchmarks.rounds import Claim, main, ratio, turns
from benchmarks.servers import LOAD_CPU, ROOT, pin, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.servers import Started

REACH = 1.15
SECONDS = 0.15
CONNECTIONS = 8
PATH = "/schemas/ids/1"
FLOOR = "the same body from a bare ASGI app"
# About 200 bytes of answer, as records of a small event have.
SCHEMA = {
    "type": "record",
    "name": "Payment",
    "namespace": "com.example",
    "fields": [{"name": "id", "type": "string"}, {"name": "amount", "type": "long"}],
}
HEADERS = {
    "Host": "localhost:8081",
    "Accept": "application/vnd.schemaregistry.v1+json,application/vnd.schemaregistry+json,"
    "application/json",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
    "User-Agent": "python-httpx/0.28.1",
    "Confluent-Accept-Unknown-Properties": "true",
    "Confluent-Client-Version": "python/2.16.0",
}


class Connection(asyncio.Protocol):
    """Send a request, count its answer, send the next; all answers are of one length."""

    def __init__(self, request: bytes) -> None:
        self.answers = 0
        self._request = request
        self._length = 0
        self._received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._length:
            self._length = _length_of(data)
        self._received += len(data)
        if self._received >= self._length:
            self._received -= self._length
            self.answers += 1
            self._transport.write(self._request)


def _length_of(answer: bytes) -> int:
    head, separator, _ = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(head) + len(separator) + int(lengths[0].partition(b":")[2])


async def _answered(port: int) -> int:
    """Ask for some seconds and return the number of answers."""
    lines = [f"GET {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items())]
    request = "\r\n".join([*lines, "", ""]).encode()
    loop = asyncio.get_running_loop()
    connections: list[Connection] = []
    for _ in range(CONNECTIONS):
        _, connection = await loop.create_connection(
            partial(Connection, request), "127.0.0.1", port
        )
        connections.append(connection)
    await asyncio.sleep(SECONDS)
    return sum(connection.answers for connection in connections)


def load() -> None:
    """Read ports, one a line, and print the number of answers from each."""
    pin(LOAD_CPU)
    for line in sys.stdin:
        print(uvloop.run(_answered(int(line))), flush=True)


@contextmanager
def loader() -> Iterator[Callable[[Started], float]]:
    """Start the load; what it yields asks a server and returns its CPU seconds per answer."""
    command = [sys.executable, "-m", "benchmarks.by_id", "load"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ports, counts = process.stdin, process.stdout

        def cost(server: Started) -> float:
            before = server.cpu_seconds()
            print(server.port, file=ports, flush=True)
            answers = int(counts.readline())
            assert answers, "no answer but errors"
            # What was asked for last is answered after the count: a few of hundreds.
            time.sleep(0.01)
            return (server.cpu_seconds() - before) / answers

        yield cost


def _registered(server: Started) -> str:
    """Register the schema and return the body that is measured."""
    base = f"http://127.0.0.1:{server.port}"
    body = json.dumps({"schema": json.dumps(SCHEMA)}).encode()
    headers = {"Content-Type": "application/json"}
    post = urllib.request.Request(f"{base}/subjects/payments/versions", body, headers)  # noqa: S310  http, to this machine
    with urllib.request.urlopen(post) as answer:  # noqa: S310  as above
        assert json.load(answer)["id"] == 1
    with urllib.request.urlopen(f"{base}{PATH}") as answer:  # noqa: S310  as above
        return str(answer.read().decode())


def claims(rounds: int) -> Iterator[Claim]:
    costs: dict[str, list[float]] = {"bare": [], "real": []}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as kept:
        real = kept.enter_context(started("real", Path(folder)))
        body = _registered(real)
        bare = kept.enter_context(started("bare", Path(folder), body))
        cost_of = kept.enter_context(loader())
        for name, counts in turns(costs, rounds):
            cost = cost_of(real if name == "real" else bare)
            if counts:
                costs[name].append(cost)
    yield ratio("GET by id, server CPU", FLOOR, costs, reach=REACH, of=("real", "bare"))


if __name__ == "__main__":
    if sys.argv[1:] == ["load"]:
        load()
    else:
        main(claims, rounds=60)
