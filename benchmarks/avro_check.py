"""Compare two versions of an Avro record of 100 fields, against fastavro reading both.

The check is that of a registration at level BACKWARD, of schemas that are parsed: the registry
keeps those it has parsed. Without that memory both are read first; that is shown too. fastavro is
given the JSON by orjson and writes no hints. CPU time.

    python -m benchmarks.avro_check --rounds 30
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import fastavro
import orjson

from benchmarks.rounds import Claim, cpu_costs, main, ratio
from compat.avro import parse
from compat.check import check
from compat.level import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH = 3.0
SECONDS = 0.02
FLOOR = "fastavro.parse_schema of both"
NULLABLE = ["null", "string"]
TYPES: list[Any] = ["string", "long", "double", "boolean", NULLABLE]


def record(*, added: int = 0) -> str:
    """Return the text of a record: mostly plain fields, some of every other kind, and new ones."""
    fields = [field(number) for number in range(100)]
    fields += [{"name": f"new_{n}", "type": NULLABLE, "default": None} for n in range(added)]
    return json.dumps(
        {
            "type": "record",
            "name": "Order",
            "namespace": "com.example.orders",
            "doc": "What was ordered, by whom, and what became of it.",
            "fields": fields,
        }
    )


def field(number: int) -> dict[str, Any]:
    name = f"field_{number}"
    match number % 20:
        case 17:
            kind: Any = {"type": "enum", "name": f"Kind{number}", "symbols": ["A", "B", "C"]}
        case 18:
            kind = {"type": "array", "items": {"type": "map", "values": "long"}}
        case 19:
            part = [{"name": "id", "type": "long"}, {"name": "note", "type": NULLABLE}]
            kind = {"type": "record", "name": f"Part{number}", "fields": part}
        case other:
            kind = TYPES[other % len(TYPES)]
    found = {"name": name, "type": kind}
    return found | {"default": None} if kind == NULLABLE else found


def claims(rounds: int) -> Iterator[Claim]:
    old, new = record(), record(added=5)
    parsed_old, parsed_new = parse(old), parse(new)
    backward = Level.BACKWARD

    def read_by_fastavro() -> None:
        for text in (old, new):
            fastavro.parse_schema(orjson.loads(text), _write_hint=False)

    cases = {
        "fastavro": read_by_fastavro,
        "check": lambda: check(backward, new=parsed_new, previous=[parsed_old]),
        "parse and check": lambda: check(backward, new=parse(new), previous=[parse(old)]),
    }
    assert check(backward, new=parsed_new, previous=[parsed_old]) == ()
    costs = cpu_costs(cases, rounds, SECONDS)
    what = "compatibility of two Avro records of 100 fields, parsed, CPU"
    yield ratio(what, FLOOR, costs, reach=REACH, of=("check", "fastavro"))
    yield ratio("the same, of two texts", FLOOR, costs, of=("parse and check", "fastavro"))


if __name__ == "__main__":
    main(claims, rounds=30)
