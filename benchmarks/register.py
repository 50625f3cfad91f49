"""Register a new 20-field Avro schema over HTTP, on one kept-alive connection.

The floor is what nobody can do without: a bare ASGI app on the same uvicorn that commits the
request's body as one row to SQLite, synced, on the same disk, and answers. Both commit with
`synchronous = FULL`. The same request goes to both. Every schema is new and so is every subject;
in `next version` the subject has 16 before, and the schema is checked against the newest.

    python -m benchmarks.register --rounds 30
"""

from __future__ import annotations

import itertools
import json
import socket
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rounds import Claim, main, ratio, turns
from benchmarks.servers import LOAD_CPU, ROOT, pin, started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.servers import Started

REACH = 3.0
REQUESTS = 20
TYPES = ["string", "long", "double", "boolean", ["null", "string"]]
HEADERS = (
    "Host: localhost:8081\r\nAccept: application/vnd.schemaregistry.v1+json,"
    "application/vnd.schemaregistry+json,application/json\r\n"
    "Content-Type: application/vnd.schemaregistry.v1+json\r\n"
    "Confluent-Accept-Unknown-Properties: true\r\n"
)
FLOOR = "the same request to a bare ASGI app that commits one row"


def schema(number: int) -> str:
    """Return a record of 20 fields that no other number gives."""
    fields = [{"name": f"field{n}", "type": TYPES[n % len(TYPES)]} for n in range(19)]
    fields.append({"name": f"own{number}", "type": ["null", "string"], "default": None})  # type: ignore[dict-item]  # JSON
    record = {"type": "record", "name": "Event", "namespace": "com.example", "fields": fields}
    return json.dumps(record)


def request(subject: str, number: int) -> bytes:
    body = json.dumps({"schema": schema(number)}).encode()
    head = f"POST /subjects/{subject}/versions HTTP/1.1\r\n{HEADERS}Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Client:
    """One connection; a request is sent when the answer to the one before has come."""

    def __init__(self, server: Started) -> None:
        self.server = server
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, message: bytes) -> float:
        """Return the seconds that the answer took."""
        began = time.perf_counter()
        self._socket.sendall(message)
        answer = self._socket.recv(65536)
        seconds = time.perf_counter() - began
        # Headers and body may come in two pieces; the time to the first is the server's.
        while not answer.endswith(b"}"):
            answer += self._socket.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        return seconds

    def costs(self, messages: list[bytes]) -> tuple[float, float]:
        """Return the median latency and the server's CPU time per request."""
        before = self.server.cpu_seconds()
        seconds = [self.post(message) for message in messages]
        time.sleep(0.005)  # what is done after the answer, as writing the log
        return statistics.median(seconds), (self.server.cpu_seconds() - before) / len(messages)


def claims(rounds: int) -> Iterator[Claim]:
    latency: dict[str, list[float]] = {"floor": [], "real": [], "next": []}
    cpu: dict[str, list[float]] = {"floor": [], "real": [], "next": []}
    numbers = itertools.count()
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".benchmark-") as folder, ExitStack() as kept:
        pin(LOAD_CPU)
        clients = {
            name: Client(kept.enter_context(started(name, Path(folder))))
            for name in ("floor", "real")
        }
        for name, counts in turns(latency, rounds):
            client = clients["floor" if name == "floor" else "real"]
            seconds, spent = client.costs(_messages(name, numbers))
            if counts:
                latency[name].append(seconds)
                cpu[name].append(spent)
    what = "POST of a new 20-field Avro schema"
    yield ratio(f"{what}, latency (p50)", FLOOR, latency, reach=REACH, of=("real", "floor"))
    yield ratio(f"{what}, server CPU", FLOOR, cpu, of=("real", "floor"))
    later = "the same as a next version of its subject"
    yield ratio(f"{later}, latency (p50)", FLOOR, latency, of=("next", "floor"))
    yield ratio(f"{later}, server CPU", FLOOR, cpu, of=("next", "floor"))


def _messages(name: str, numbers: Iterator[int]) -> list[bytes]:
    some = list(itertools.islice(numbers, REQUESTS))
    if name == "next":
        return [request(f"subject{some[0]}-value", number) for number in some]
    return [request(f"subject{number}-value", number) for number in some]


if __name__ == "__main__":
    main(claims, rounds=30)
