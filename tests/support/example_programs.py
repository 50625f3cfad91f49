"""The programs of examples/, run as a reader would run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples, with the addresses that they are given."""

    kafka: str
    registry: str
    folder: Path

    def command(self, name: str, *arguments: str | Path) -> list[str | Path]:
        addresses = ["--bootstrap-servers", self.kafka, "--registry", self.registry]
        return [sys.executable, EXAMPLES / name, *addresses, *arguments]

    def run(self, name: str, *arguments: str | Path, given: str = "") -> str:
        """Run a program that ends by itself; return what it printed."""
        done = subprocess.run(
            self.command(name, *arguments),
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            env=environment(),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def running(self, name: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
        """Run a program that goes on until it is stopped; it ends well, unless it was killed."""
        errors = self.folder / f"{name}-{len(list(self.folder.iterdir()))}"
        with errors.open("w") as err:
            process = subprocess.Popen(
                self.command(name, *arguments),
                stdout=subprocess.DEVNULL,
                stderr=err,
                text=True,
                env=environment(),
            )
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) in {0, -signal.SIGKILL}, errors.read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "ignore", **more}
