"""Measure the event log, all of it or the parts that are named.

python -m benchmarks.log
python -m benchmarks.log latency crowd --rounds 20
python -m benchmarks.log --sustained 10    (gigabytes, which are written for it)
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from benchmarks.log import crowd, in_process, latency, sustained, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.rounds import Claim

# With the rounds that a few minutes allow.
CASES: dict[str, tuple[Callable[[int], Iterator[Claim]], int]] = {
    "wire": (wire.claims, 8),
    "latency": (latency.claims, 10),
    "in_process": (in_process.claims, 15),
    "crowd": (crowd.claims, 3),
}


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}")
    parser.add_argument("--rounds", type=int, help="instead of each part's own")
    parser.add_argument("--sustained", type=int, metavar="GB", help="write so much as well")
    options = parser.parse_args()
    if unknown := set(options.names) - set(CASES):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    chosen = options.names or ([] if options.sustained else list(CASES))
    for name in chosen:
        claims, rounds = CASES[name]
        for claim in claims(options.rounds or rounds):
            print(claim, flush=True)
    for claim in sustained.claims(options.sustained) if options.sustained else ():
        print(claim, flush=True)


if __name__ == "__main__":
    run()
