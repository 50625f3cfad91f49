"""A running `accord serve`, as an operator starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 60
ACCORD = Path(sys.executable).with_name("accord")
READY = re.compile(
    r"accord is ready at (?P<url>http\S+)(?: and (?P<kafka>\S+))? "
    r"\((?P<workers>\d+) workers?, (?P<db>.+)\)"
)


def eventually(look: Callable[[], object]) -> Any:
    """Return the first true value that `look` gives."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never came true: {look}")


@dataclass(slots=True)
class Service:
    """A running `accord serve`, with what it wrote to its two streams."""

    process: subprocess.Popen[str]
    out: Path
    err: Path
    url: str = ""
    kafka: str = ""

    def ready(self) -> re.Match[str] | None:
        return READY.search(self.out.read_text())

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return the log lines of one event, so far."""
        lines = self.err.read_text().splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [line for line in events if line["event"] == event]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def resident_bytes(self) -> int:
        """Return the memory that the process holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    def refuses(self) -> bool:
        """Tell whether nobody listens any more."""
        try:
            httpx.get(f"{self.url}/subjects", timeout=PATIENCE_SECONDS)
        except httpx.ConnectError:
            return True
        except httpx.TransportError:
            return False
        return False


def bare_environment() -> dict[str, str]:
    """Return the environment without the settings of whoever runs the tests.

    The registry is started alone, in one process; `ACCORD_ONLY=""` starts the log beside it.
    """
    others = {name: value for name, value in os.environ.items() if not name.startswith("ACCORD_")}
    return {**others, "ACCORD_ONLY": "registry", "ACCORD_KAFKA_PORT": "0"}


def begin(folder: Path, *options: str | Path, **variables: str) -> Service:
    """Start `accord serve` on a free port, without waiting; its output goes into the folder."""
    number = len(list(folder.glob("out-*")))
    out, err = folder / f"out-{number}", folder / f"err-{number}"
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    with out.open("w") as out_file, err.open("w") as err_file:
        process = subprocess.Popen(
            [ACCORD, "serve", "--port", "0", "--data", folder / "data", *options],
            stdout=out_file,
            stderr=err_file,
            text=True,
            env={
                **bare_environment(),
                "ACCORD_LOG_FORMAT": "json",
                "TMPDIR": str(temporary),
                **variables,
            },
        )
    return Service(process, out, err)


def await_ready(service: Service) -> Service:
    """Wait until the service answers, and note its URL."""
    ready = eventually(lambda: service.ready() or service.process.poll() is not None)
    assert isinstance(ready, re.Match), service.err.read_text()
    service.url = ready["url"]
    service.kafka = ready["kafka"] or ""
    return service


def end(service: Service) -> None:
    if service.process.poll() is None:
        service.process.kill()
        service.process.wait()
