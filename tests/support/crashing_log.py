"""A log server that is killed and started again, at the same address."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random
    from typing import IO

PROGRAM = Path(__file__).with_name("crash_server.py")
# Below the ports that systems give to clients: one of those could take it while nobody listens.
PORTS = range(20_000, 30_000)


def free_port(random: Random) -> int:
    """Return a port that nobody listens on, and nobody is given by chance."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class CrashingLog:
    """A directory and a port, with a server most of the time."""

    def __init__(self, folder: Path, durability: str, random: Random) -> None:
        self.directory = folder / "data"
        self.port = free_port(random)
        self.kills = 0
        self._durability = durability
        self._errors = folder / "errors"
        self._process: subprocess.Popen[str] | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start a server, without waiting for it."""
        with self._errors.open("a") as errors:
            self._process = subprocess.Popen(
                [sys.executable, PROGRAM, self.directory, str(self.port), self._durability],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def await_ready(self) -> None:
        """Wait until the server listens."""
        assert self._process is not None
        assert _output(self._process).readline() == "ready\n", self.errors()

    def kill(self) -> None:
        """End the server as the kernel does it: nothing is told, nothing is finished."""
        if self._process is not None:
            assert self._process.poll() is None, f"it ended by itself: {self.errors()}"
            self._process.kill()
            self._process.wait()
            _output(self._process).close()
            self._process = None
            self.kills += 1

    def crash(self, random: Random, work: Callable[[], object]) -> None:
        """Start the server and kill it: often after some work, now and then before it listens."""
        self.begin()
        if random.random() < 0.8:
            self.await_ready()
            if random.random() < 0.5:
                work()
        time.sleep(random.choice([0.1, 1, 3]) * random.random())
        self.kill()

    def errors(self) -> str:
        """Return what the servers wrote to their error streams."""
        return self._errors.read_text() if self._errors.exists() else ""


def _output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout
