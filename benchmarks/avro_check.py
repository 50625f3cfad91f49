"""Compare two Avro records of 100 fields, against fastavro reading both of them.

The check compares schemas that are parsed already, as the service keeps them; what parsing adds is
shown beside it.

    python -m benchmarks.avro_check --rounds 30
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import fastavro

from benchmarks.rounds import Claim, cpu_costs, main, ratio
from compat.check import check
from compat.formats import parse
from compat.level import Level
from compat.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH = 3.0
SECONDS = 0.02
FIELDS = 100
TYPES = ["string", "long", "double", "boolean", ["null", "string"]]
FLOOR = "fastavro.parse_schema of both texts"


def schema(name: str) -> str:
    """Return a record of 100 fields whose last one has the name given, and a default."""
    fields = [{"name": f"field{n}", "type": TYPES[n % len(TYPES)]} for n in range(FIELDS - 1)]
    last = {"name": name, "type": ["null", "string"], "default": None}
    return json.dumps({"type": "record", "name": "Wide", "fields": [*fields, last]})


def claims(rounds: int) -> Iterator[Claim]:
    old_text, new_text = schema("old"), schema("new")
    old, new = parse(SchemaType.AVRO, old_text), parse(SchemaType.AVRO, new_text)
    assert check(Level.FULL, new=new, previous=[old]) == ()

    def read() -> None:
        for text in (old_text, new_text):
            fastavro.parse_schema(json.loads(text))

    def compare() -> None:
        check(Level.BACKWARD, new=new, previous=[old])

    def parse_and_compare() -> None:
        texts = [parse(SchemaType.AVRO, text) for text in (old_text, new_text)]
        check(Level.BACKWARD, new=texts[1], previous=[texts[0]])

    cases = {"floor": read, "check": compare, "parse and check": parse_and_compare}
    costs = cpu_costs(cases, rounds, SECONDS)
    what = "compatibility check of a 100-field Avro record"
    yield ratio(what, FLOOR, costs, reach=REACH, of=("check", "floor"))
    yield ratio(f"{what}, parsing both first", FLOOR, costs, of=("parse and check", "floor"))


if __name__ == "__main__":
    main(claims, rounds=30)
