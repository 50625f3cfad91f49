"""Server CPU per GET /schemas/ids/{id}: the real service against a bare ASGI app.

Both run on the same uvicorn settings, each in a process of its own, and answer the same body. The
load comes from a third process over kept-alive connections.

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
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvloop

from benchmarks.rounds import Claim, main, ratio, turns
from benchmarks.servers import LOAD_CPU, ROOT, pin, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.servers import Started

REACH = 1.15
PATH = "/schemas/ids/1"
SECONDS = 0.15
CONNECTIONS = 8
# About 200 bytes of answer, as records of a small event have.
SCHEMA = {
    "type": "record",
    "name": "Payment",
    "namespace": "com.example",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "amount", "type": "long"},
    ],
}
# As the stock Python client sends it.
REQUEST = (
    f"GET {PATH} HTTP/1.1\r\nHost: localhost:8081\r\nAccept: application/"
    "vnd.schemaregistry.v1+json,application/vnd.schemaregistry+json,application/json\r\n"
    "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
    "User-Agent: python-httpx/0.28.1\r\n"
    "Confluent-Accept-Unknown-Properties: true\r\nConfluent-Client-Version: python/2.16.0\r\n\r\n"
).encode()


class Connection(asyncio.Protocol):
    """Send a request, count its answer, send the next; all answers are of one length."""

    def __init__(self) -> None:
        self.answers = 0
        self._length = 0
        self._received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        if not self._length:
            self._length = length_of(data)
        self._received += len(data)
        if self._received >= self._length:
            self._received -= self._length
            self.answers += 1
            self._transport.write(REQUEST)


def length_of(answer: bytes) -> int:
    head, separator, _ = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(head) + len(separator) + int(lengths[0].partition(b":")[2])


def load() -> None:
    """Read ports, one a line; ask each for a while and print the number of answers."""
    pin(LOAD_CPU)
    for line in sys.stdin:
        print(uvloop.run(answered(int(line))), flush=True)


async def answered(port: int) -> int:
    loop = asyncio.get_running_loop()
    connections = [Connection() for _ in range(CONNECTIONS)]
    for connection in connections:
        await loop.create_connection(lambda connection=connection: connection, "127.0.0.1", port)
    await asyncio.sleep(SECONDS)
    return sum(connection.answers for connection in connections)


@contextmanager
def loader() -> Iterator[Callable[[int], int]]:
    """Start the load; what asks a port and returns the number of answers."""
    command = [sys.executable, "-c", "from benchmarks.by_id import load; load()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines, answers = process.stdin, process.stdout

        def ask(port: int) -> int:
            print(port, file=lines, flush=True)
            return int(answers.readline())

        yield ask


def registered(server: Started) -> str:
    """Register the schema and return the body that is measured."""
    base = f"http://127.0.0.1:{server.port}"
    body = json.dumps({"schema": json.dumps(SCHEMA)}).encode()
    headers = {"Content-Type": "application/json"}
    post = urllib.request.Request(f"{base}/subjects/payments/versions", body, headers)  # noqa: S310  http, to this machine
    with urllib.request.urlopen(post) as answer:  # noqa: S310  as above
        assert json.load(answer)["id"] == 1
    with urllib.request.urlopen(base + PATH) as answer:  # noqa: S310  as above
        return str(answer.read().decode())


def cost(server: Started, ask: Callable[[int], int]) -> float:
    """Return the server's CPU seconds per request."""
    before = server.cpu_seconds()
    answers = ask(server.port)
    # What was asked for last is answered after the load has counted: a few requests in thousands.
    time.sleep(0.01)
    return (server.cpu_seconds() - before) / answers


def claims(rounds: int) -> Iterator[Claim]:
    costs: dict[str, list[float]] = {"bare": [], "real": []}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        real = stack.enter_context(started("real", Path(folder)))
        bare = stack.enter_context(started("bare", Path(folder), registered(real)))
        servers = {"bare": bare, "real": real}
        ask = stack.enter_context(loader())
        for name, counts in turns(servers, rounds):
            spent = cost(servers[name], ask)
            if counts:
                costs[name].append(spent)
    what = "GET of a schema by its id, server CPU"
    yield ratio(
        what, "a bare ASGI app with the same answer", costs, reach=REACH, of=("real", "bare")
    )


if __name__ == "__main__":
    main(claims, rounds=60)
