"""Whether memory stays flat over ten million records, each written and read.

A process of its own writes and reads the medium shape of each format through the serializers. Its
resident memory after a first tenth is compared with that at the end; what the first records build
up (encoders, decoders, caches) is not growth.

    python -m benchmarks.serde.memory --records 10000000
"""

from __future__ import annotations

import argparse
import gc
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.rounds import Claim
from benchmarks.serde.sides import cases
from benchmarks.servers import started

if TYPE_CHECKING:
    from collections.abc import Callable

REACH = 1.0  # MB
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_mb() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


def repeat(actions: list[Callable[[], object]], times: int) -> None:
    for _ in range(times):
        for action in actions:
            action()


def growth(records: int) -> Claim:
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        with started("real", directory) as server:
            url = f"http://127.0.0.1:{server.port}"
            medium = [case for case in cases(url, directory) if case.shape == "medium"]
            actions = [side["accord"] for case in medium for side in (case.write, case.read)]
            each = records // len(medium)
            repeat(actions, each // 10)
            before = resident_mb()
            repeat(actions, each - each // 10)
            return Claim(
                f"memory over {records:,} records written and read".replace(",", " "),
                "after the first tenth",
                [resident_mb() - before],
                REACH,
                " MB",
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=10_000_000)
    print(growth(parser.parse_args().records))
