"""The log is killed at random moments under load, and nothing that was promised is broken.

ACCORD_LONG_RUN is the number of kills; without it there are a few.
"""

from __future__ import annotations

import os
import secrets
from random import Random
from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("confluent_log", "crash_groups", "crash_verdicts", "crash_world")
from crash_world import World  # noqa: E402  # after it is known that its asserts are tests
from crashing_log import CrashingLog  # noqa: E402  # likewise

if TYPE_CHECKING:
    from pathlib import Path

LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
KILLS = LONG_RUN or 4


@pytest.mark.parametrize("durability", ["none", "commit"])
def test_whatever_was_promised_holds(tmp_path: Path, durability: str) -> None:
    seed = secrets.randbelow(10**6) if LONG_RUN else 1
    print(f"seed {seed}")  # noqa: T201 - a failure shows it
    random = Random(seed)  # noqa: S311 - nothing is guarded by it
    log = CrashingLog(tmp_path, durability, random)
    log.begin()
    log.await_ready()
    try:
        world = World(log, seed)
        world.begin()
        log.kill()
        for _ in range(KILLS):
            log.crash(random, world.await_work)
            world.check_alive()
        log.begin()
        log.await_ready()
        world.end()
        print(durability, world.judge())  # noqa: T201 - the figures of a long run
    finally:
        log.kill()
    assert log.errors() == ""
