"""Producers that are killed in the middle of a transaction."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crash_actor import Actor
from crash_writers import Session

if TYPE_CHECKING:
    from random import Random

PROGRAM = Path(__file__).with_name("crash_victim.py")
SOON_MS = 1500
LATE_MS = 600_000


class Killer(Actor):
    """Starts one after the other and kills it, often when its records are written.

    Half of them have a successor, whose first act ends their transaction; the others leave that
    to the time-out.
    """

    def __init__(
        self, bootstrap: str, name: str, topic: str, partitions: int, random: Random
    ) -> None:
        super().__init__(name, random)
        self.killed = 0
        self._bootstrap = bootstrap
        self._topic = topic
        self._partitions = partitions

    def turn(self) -> None:
        has_heir = self.random.random() < 0.5
        name = f"{self.name}-{self.killed}"
        timeout_ms = LATE_MS if has_heir else SOON_MS
        self._kill(name, timeout_ms)
        if has_heir:
            Session(self._bootstrap, name)
        self.killed += 1
        self.pause(5)

    def _kill(self, name: str, timeout_ms: int) -> None:
        arguments = [self._bootstrap, name, str(timeout_ms), self._topic, str(self._partitions)]
        with subprocess.Popen(
            [sys.executable, PROGRAM, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as victim:
            assert victim.stdout is not None
            if self.random.random() < 0.7:
                # One with little time may be told, instead, that it is over.
                assert victim.stdout.readline() == "open\n" or timeout_ms == SOON_MS
            else:
                self.pause(3)
            victim.kill()
