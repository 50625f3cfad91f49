"""The servers that are measured: Accord's log, Apache Kafka and Redis, each a process of its own.

Apache Kafka is the broker of the tests, with the whole of its compiler: what makes it start sooner
there makes it slower here. It leaves syncing to the system, as Accord does with durability none.
Redis keeps everything in memory and writes nothing.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import redis

from benchmarks.servers import ROOT
from benchmarks.startup import environment_in
from tests.support.apache_kafka import Unavailable, shared_node

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCORD = (
    *(sys.executable, "-c", "from registry.cli.main import main; main()"),
    *("serve", "--only", "log", "--kafka-port", "0"),
)
JAVA_OPTIONS = "-Xmx512m -XX:TieredStopAtLevel=4"
PATIENCE_SECONDS = 20
CPU_CLOCK = 2  # of clock_getcpuclockid(3): user and system, in nanoseconds
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that is ready."""

    pid: int
    address: str

    @property
    def host(self) -> str:
        return self.address.rpartition(":")[0]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its threads, also of those that have ended."""
        return time.clock_gettime((~self.pid << 3) | CPU_CLOCK)

    def resident_mb(self) -> float:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE / 1e6


@contextmanager
def accord(directory: Path, durability: str) -> Iterator[Peer]:
    """Start `accord serve --only log`; stop it cleanly, unless it was killed meanwhile."""
    kept = environment_in(str(directory.parent))
    environment = {k: v for k, v in kept.items() if not k.startswith("ACCORD_")}
    directory.mkdir(exist_ok=True)
    with (
        (directory / "output").open("ab") as output,
        subprocess.Popen(
            [*ACCORD, "--data", str(directory), "--log-durability", durability],
            stdout=subprocess.PIPE,
            stderr=output,
            env=environment,
            cwd=ROOT,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "ready at" in line, (directory / "output").read_text()
        try:
            yield Peer(process.pid, line.partition("ready at ")[2].split()[0])
        finally:
            process.terminate()


@contextmanager
def apache_kafka(directory: Path) -> Iterator[Peer]:
    """Start Apache Kafka. Raises Unavailable."""
    home = directory / "apache-kafka"
    with patch.dict(os.environ, {"_JAVA_OPTIONS": JAVA_OPTIONS}), shared_node(home) as address:
        yield Peer(_pid_of(home), address)


def _pid_of(home: Path) -> int:
    wanted = f"kafka.Kafka\0{home / 'server.properties'}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "cmdline").read_bytes():
                return int(process.name)
        except OSError:
            continue  # it has ended
    raise AssertionError(f"no broker runs over {home}")


@contextmanager
def redis_server(directory: Path) -> Iterator[Peer]:
    """Start Redis on a free port. Raises Unavailable."""
    if shutil.which("redis-server") is None:
        raise Unavailable("redis-server is not installed")
    port = _free_port()
    arguments = ("--port", str(port), "--save", "", "--appendonly", "no")
    with subprocess.Popen(
        ["redis-server", *arguments], stdout=subprocess.DEVNULL, cwd=directory
    ) as process:
        try:
            _await_redis(port)
            yield Peer(process.pid, f"127.0.0.1:{port}")
        finally:
            process.terminate()


def _await_redis(port: int) -> None:
    client = redis.Redis(port=port)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.02)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
