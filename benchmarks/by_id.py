"""Server CPU per GET /schemas/ids/{id}: the real service against a bare ASGI app.

Both run on the same uvicorn settings, each in a process of its own, and answer the same body. The
load comes from a third process over kept-alive connections. Rounds are short and interleaved, the
order turned on every other round; the result is the median of the rounds' ratios. CPU time, not
wall time, so that other work on the machine does not decide.

    python benchmarks/by_id.py --rounds 60 --seconds 0.15 --connections 8
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import Any

GOAL = 1.15
WARM_UP = 4
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
    "GET {path} HTTP/1.1\r\nHost: localhost:8081\r\nAccept: application/"
    "vnd.schemaregistry.v1+json,application/vnd.schemaregistry+json,application/json\r\n"
    "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
    "User-Agent: python-httpx/0.28.1\r\nConfluent-Accept-Unknown-Properties: true\r\n"
    "Confluent-Client-Version: python/2.16.0\r\n\r\n"
)
SERVED_CPU, LOAD_CPU = 0, 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=0.15)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--path", default="/schemas/ids/1")
    parser.add_argument("--serve", choices=["bare", "real"], help=argparse.SUPPRESS)
    parser.add_argument("--load", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--body", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.body.encode())
    elif options.load:
        load(options)
    else:
        report(measure(options))


# the two servers


def serve(name: str, body: bytes) -> None:
    """Serve on a free port and print it."""
    from registry.process.server import make_server  # noqa: PLC0415  the load does without
    from registry.settings import Settings  # noqa: PLC0415

    pin(SERVED_CPU)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        port = listener.getsockname()[1]
        server = make_server(settings, lambda: print(port, flush=True))
        if name == "bare":
            server.config.app = bare(body)
            server.config.lifespan = "off"
        server.run(sockets=[listener])


def bare(body: bytes) -> Callable[..., Awaitable[None]]:
    """Return the least that answers at all."""
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [
            (b"content-type", b"application/vnd.schemaregistry.v1+json"),
            (b"content-length", str(len(body)).encode()),
        ],
    }
    rest = {"type": "http.response.body", "body": body}

    async def app(_scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:  # noqa: ANN401  as bare as can be
        await send(start)
        await send(rest)

    return app


# the load


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
            self._length = length_of(data)
        self._received += len(data)
        if self._received >= self._length:
            self._received -= self._length
            self.answers += 1
            self._transport.write(self._request)


def length_of(answer: bytes) -> int:
    head, separator, _ = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(head) + len(separator) + int(lengths[0].partition(b":")[2])


def load(options: argparse.Namespace) -> None:
    """Read ports, one a line; ask each for some seconds and print the number of answers."""
    pin(LOAD_CPU)
    for line in sys.stdin:
        print(uvloop.run(answered(int(line), options)), flush=True)


async def answered(port: int, options: argparse.Namespace) -> int:
    request = REQUEST.format(path=options.path).encode()
    loop = asyncio.get_running_loop()
    connections = [Connection(request) for _ in range(options.connections)]
    for connection in connections:
        await loop.create_connection(lambda connection=connection: connection, "127.0.0.1", port)
    await asyncio.sleep(options.seconds)
    return sum(connection.answers for connection in connections)


# the measurement


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Return the microseconds of server CPU per request of each round."""
    spent: dict[str, list[float]] = {"bare": [], "real": []}
    with ExitStack() as stack:
        real = stack.enter_context(started("real"))
        body = registered(real[1], options.path)
        servers = {"bare": stack.enter_context(started("bare", body)), "real": real}
        ask = stack.enter_context(loader(options))
        for number in range(-WARM_UP, options.rounds):
            for name in list(servers)[:: 1 if number % 2 else -1]:
                cost = one_round(*servers[name], ask)
                if number >= 0:
                    spent[name].append(cost)
    return spent


@contextmanager
def loader(options: argparse.Namespace) -> Iterator[Callable[[int], int]]:
    """Start the load; what asks a port and returns the number of answers."""
    command = [sys.executable, __file__, "--load", "--path", options.path]
    command += ["--seconds", str(options.seconds), "--connections", str(options.connections)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines, answers = process.stdin, process.stdout

        def ask(port: int) -> int:
            print(port, file=lines, flush=True)
            return int(answers.readline())

        yield ask


@contextmanager
def started(name: str, body: str = "") -> Iterator[tuple[int, int]]:
    """Start a server; its process id and port."""
    command = [sys.executable, __file__, "--serve", name, "--body", body]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield process.pid, port_in(process.stdout)
        finally:
            process.terminate()


def port_in(lines: Any) -> int:  # noqa: ANN401  any iterable of bytes
    """Return the port that a server prints, whatever else it logs before."""
    return next(int(line) for line in lines if line.strip().isdigit())


def registered(port: int, path: str) -> str:
    """Register the schema and return the body that is measured."""
    base = f"http://127.0.0.1:{port}"
    body = json.dumps({"schema": json.dumps(SCHEMA)}).encode()
    headers = {"Content-Type": "application/json"}
    post = urllib.request.Request(f"{base}/subjects/payments/versions", body, headers)  # noqa: S310  http, to this machine
    with urllib.request.urlopen(post) as answer:  # noqa: S310  as above
        assert json.load(answer)["id"] == 1
    with urllib.request.urlopen(f"{base}{path}") as answer:  # noqa: S310  as above
        return str(answer.read().decode())


def one_round(pid: int, port: int, ask: Callable[[int], int]) -> float:
    before = cpu_seconds(pid)
    answers = ask(port)
    # What was asked for last is answered after the load has counted: a few requests in thousands.
    time.sleep(0.01)
    return (cpu_seconds(pid) - before) / answers * 1e6


def cpu_seconds(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def pin(cpu: int) -> None:
    """Keep server and load on different cores where there are two."""
    available = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {available[cpu % len(available)]})


def report(spent: dict[str, list[float]]) -> None:
    ratios = [real / bare for real, bare in zip(spent["real"], spent["bare"], strict=True)]
    low, *_, high = statistics.quantiles(ratios, n=10)
    print("server CPU per GET by id   median us")
    for name, costs in spent.items():
        print(f"{name:24} {statistics.median(costs):11.1f}")
    ratio = statistics.median(ratios)
    print(f"ratio {ratio:.3f} [{low:.3f}-{high:.3f}], goal {GOAL}")
    medians = {f"{name}_us": round(statistics.median(costs), 2) for name, costs in spent.items()}
    line = {"benchmark": "by_id", "ratio": round(ratio, 3), "p10": round(low, 3)}
    print(json.dumps({**line, "p90": round(high, 3), "goal": GOAL, **medians}))


if __name__ == "__main__":
    main()
