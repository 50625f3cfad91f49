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
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_SECONDS = 60
ACCORD = Path(sys.executable).with_name("accord")
READY = re.compile(r"accord is ready at (?P<url>\S+) \((?P<workers>\d+) workers?, (?P<db>.+)\)")


def eventually(look: Callable[[], object]) -> Any:  # noqa: ANN401 - whatever `look` finds
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

    def refuses(self) -> bool:
        """Tell whether nobody listens any more."""
        try:
            httpx.get(f"{self.url}/subjects", timeout=PATIENCE_SECONDS)
        except httpx.ConnectError:
            return True
        except httpx.TransportError:
            return False
        return False


@pytest.fixture(name="eventually")
def eventually_() -> Callable[[Callable[[], object]], Any]:
    """Wait until a function gives something true, and return that."""
    return eventually


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment without the settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ACCORD_")}


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Callable[..., Service]]:
    """Start `accord serve` on a free port, without waiting."""
    services: list[Service] = []

    def begin(*options: str, **variables: str) -> Service:
        number = len(services)
        out, err = tmp_path / f"out-{number}", tmp_path / f"err-{number}"
        with out.open("w") as out_file, err.open("w") as err_file:
            process = subprocess.Popen(
                [ACCORD, "serve", "--port", "0", "--data", tmp_path / "data", *options],
                stdout=out_file,
                stderr=err_file,
                text=True,
                env={**environment, "ACCORD_LOG_FORMAT": "json", **variables},
            )
        services.append(Service(process, out, err))
        return services[-1]

    yield begin
    for service in services:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()


@pytest.fixture
def serve(start: Callable[..., Service]) -> Callable[..., Service]:
    """Start `accord serve` and wait until it is ready."""

    def begin(*options: str, **variables: str) -> Service:
        service = start(*options, **variables)
        ready = eventually(lambda: service.ready() or service.process.poll() is not None)
        assert isinstance(ready, re.Match), service.err.read_text()
        service.url = ready["url"]
        return service

    return begin


@pytest.fixture
def accord(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `accord` to its end."""

    def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ACCORD, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
            env={**environment, **variables},
        )

    return run
