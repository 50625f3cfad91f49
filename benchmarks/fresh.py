"""How long a test waits for a registry of its own, as the pytest fixtures make it.

What the first test of a run pays, imports and one migration, is left out.

    python -m benchmarks.fresh --rounds 20
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.rounds import Claim, main
from registry.embedded import EmbeddedRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH = 50.0  # ms


def claims(rounds: int) -> Iterator[Claim]:
    values = []
    with EmbeddedRegistry() as registry:
        for _ in range(rounds):
            registry.stop()
            started = time.perf_counter()
            registry.reset()
            with registry.client() as client:
                assert client.get_subjects() == []
            values.append((time.perf_counter() - started) * 1000)
    yield Claim("a fresh registry for a test, until its first answer", "", values, REACH, " ms")


if __name__ == "__main__":
    main(claims, rounds=20)
