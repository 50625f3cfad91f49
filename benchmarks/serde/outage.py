"""Whether a producer keeps its rate while the registry is away.

It writes with the latest version of its subject, and takes an answer for old after a tenth of a
second, so that it would like to ask all the time. Time by the clock.

    python -m benchmarks.serde.outage --rounds 10
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from accord_serde.avro import AvroSerializer
from accord_serde.serialization import SerializationContext
from benchmarks.rounds import Claim, main
from benchmarks.serde.shapes import SHAPES
from registry.embedded import EmbeddedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REACH = 1.2
SECONDS = 0.5
CONTEXT = SerializationContext("orders", "value")
CLIENT = {"cache.latest.ttl.sec": 0.1, "max.retries": 0}
LATEST = {"use.latest.version": True, "auto.register.schemas": False}


def per_message(write: Callable[[], object]) -> float:
    """Return the seconds a message takes, over half a second by the clock."""
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        for _ in range(100):
            write()
        count += 100
    return (time.perf_counter() - started) / count


def claims(rounds: int) -> Iterator[Claim]:
    shape = SHAPES["medium"]
    values = []
    with EmbeddedRegistry() as registry, registry.client(CLIENT) as client:
        AvroSerializer(client, shape.avro)(shape.avro_datum, CONTEXT)
        serializer = AvroSerializer(client, conf=LATEST)
        for _ in range(rounds):
            there = per_message(lambda: serializer(shape.avro_datum, CONTEXT))
            registry.stop()
            away = per_message(lambda: serializer(shape.avro_datum, CONTEXT))
            registry.start()
            values.append(away / there)
    yield Claim(
        "Avro medium, written while the registry is away", "while it is there", values, REACH
    )


if __name__ == "__main__":
    main(claims, rounds=10)
