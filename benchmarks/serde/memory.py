"""Whether memory stays flat over ten million records, each written and read.

The medium shape of each format goes through the serializers. The resident memory of this process
after a first tenth is compared with that at the end: what the first records build up (encoders,
decoders, caches) is not growth.

    python -m benchmarks.serde.memory --rounds 1
"""

from __future__ import annotations

import gc
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.rounds import Claim, main
from benchmarks.serde.sides import cases
from benchmarks.servers import started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDS = 10_000_000
REACH = 1.0  # MB
PAGE = os.sysconf("SC_PAGE_SIZE")
WHAT = "growth of memory over ten million records, written and read"


def resident_mb() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


def repeat(actions: list[Callable[[], object]], times: int) -> None:
    for _ in range(times):
        for action in actions:
            action()


def claims(rounds: int) -> Iterator[Claim]:
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        with started("real", directory) as server:
            url = f"http://127.0.0.1:{server.port}"
            medium = [case for case in cases(url, directory) if case.shape == "medium"]
            actions = [side["accord"] for case in medium for side in (case.write, case.read)]
            each = RECORDS // len(medium)
            values = []
            for _ in range(rounds):
                repeat(actions, each // 10)
                before = resident_mb()
                repeat(actions, each - each // 10)
                values.append(resident_mb() - before)
    yield Claim(WHAT, "after the first tenth", values, REACH, " MB")


if __name__ == "__main__":
    main(claims, rounds=1)
