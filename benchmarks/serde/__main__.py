"""Serializers beside Confluent's and beside the libraries under them, CPU time.

Both clients talk to the real service; everything they need of it is known before the clock runs.
The context of the messages is made once. Raw is the library that does the work, with the schema
parsed and five bytes put before or taken off: fastavro, orjson with jsonschema-rs, protobuf.

    python -m benchmarks.serde --rounds 20
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.rounds import Claim, cpu_costs, main, ratio
from benchmarks.serde.sides import cases
from benchmarks.servers import started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 0.02
# How many times as fast as Confluent's: writing and reading, by format and shape.
REACH = {
    ("Avro", "tiny"): (6, 20),
    ("Avro", "medium"): (3.5, 6),
    ("Avro", "large"): (2, 5),
    ("JSON", "tiny"): (50, 50),
    ("JSON", "medium"): (50, 50),
    ("JSON", "large"): (50, 50),
    ("Protobuf", "tiny"): (8, 40),
    ("Protobuf", "medium"): (8, 40),
    ("Protobuf", "large"): (8, 40),
}


def claims(rounds: int) -> Iterator[Claim]:
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        with started("real", directory) as server:
            for case in cases(f"http://127.0.0.1:{server.port}", directory):
                write, read = REACH[case.format, case.shape]
                what = f"{case.format} {case.shape}"
                yield from _compared(f"{what}, written", case.write, write, rounds)
                yield from _compared(f"{what}, read", case.read, read, rounds)


def _compared(
    what: str, sides: dict[str, Callable[[], object]], reach: float, rounds: int
) -> Iterator[Claim]:
    costs = cpu_costs(sides, rounds, SECONDS)
    compared = partial(ratio, costs=costs)
    yield compared(
        what, "Confluent's serializer", of=("confluent", "accord"), reach=reach, at_least=True
    )
    yield compared(what, "the library alone", of=("accord", "raw"))


if __name__ == "__main__":
    main(claims, rounds=20)
