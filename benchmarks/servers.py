"""The servers that are measured, each in a process of its own, and what they spend.

    bare      the least that answers at all: an ASGI app with one finished answer
    floor     the same, after committing the body as a row to SQLite, synced
    real      the service

All three run on the same uvicorn with the same settings.

    python -m benchmarks.servers real DIRECTORY
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from registry.logs import configure
from registry.process.server import Server
from registry.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import Any

    App = Callable[..., Awaitable[None]]

ROOT = Path(__file__).resolve().parents[1]
SERVED_CPU, LOAD_CPU = 0, 1


@dataclass(frozen=True, slots=True)
class Started:
    """A server that is ready."""

    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its threads."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


@contextmanager
def started(name: str, directory: Path, body: str = "") -> Iterator[Started]:
    """Start a server over a directory; a bare one answers with the body."""
    command = [sys.executable, "-m", "benchmarks.servers", name, str(directory), body]
    with (
        (directory / f"{name}.log").open("wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT) as process,
    ):
        assert process.stdout is not None
        try:
            yield Started(process.pid, int(process.stdout.readline()))
        finally:
            process.terminate()


def pin(cpu: int) -> None:
    """Keep server and load on different cores where there are two."""
    available = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {available[cpu % len(available)]})


def serve(name: str, directory: Path, body: bytes) -> None:
    """Serve on a free port and print it."""
    pin(SERVED_CPU)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    settings = Settings(data=directory)
    configure(settings.log_level, settings.log_format)
    server = Server(settings, lambda: print(port, flush=True))
    if name != "real":
        server.config.app = bare(body) if name == "bare" else floor(directory)
        server.config.lifespan = "off"
        print(port, flush=True)
    server.run(sockets=[listener])


def bare(body: bytes) -> App:
    start, rest = _messages(body)

    async def app(_scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:  # noqa: ANN401  as bare as can be
        await send(start)
        await send(rest)

    return app


def floor(directory: Path) -> App:
    start, rest = _messages(b'{"id":1}')
    connection = sqlite3.connect(directory / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT)")

    async def app(
        _scope: Any,  # noqa: ANN401  as bare as can be
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        message = await receive()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO texts (text) VALUES (?)", (message["body"].decode(),))
        connection.execute("COMMIT")
        await send(start)
        await send(rest)

    return app


def _messages(body: bytes) -> tuple[dict[str, object], dict[str, object]]:
    headers = [
        (b"content-type", b"application/vnd.schemaregistry.v1+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    return start, {"type": "http.response.body", "body": body}


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]), sys.argv[3].encode())
