"""What a compatibility check costs per field, from ten fields to ten thousand, in each format.

The two versions differ in five fields at the end, which are optional, so all fields are compared
and nothing is found. Both are parsed, as the registry keeps those it has parsed. For Avro the
public checker of the `avro` package compares the same schemas, where it is installed: it comes with
the extra `bench`. CPU time.

    python -m benchmarks.check_fields --rounds 10
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from benchmarks.avro_check import NULLABLE, field
from benchmarks.rounds import Claim, cpu_costs, main, ratio
from compat.check import DIFFERS, check
from compat.formats import parse
from compat.level import Level
from compat.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SIZES = (10, 100, 1000, 10_000)
# Where the cost per field should be what it is everywhere.
USUAL = 100
# Beyond this a cost per field that grows would be worse than linear.
REACH = 2.0
SECONDS = 0.05
ADDED = 5
# The public checker looks through all fields for each of them: ten thousand take it a quarter of a
# minute.
PUBLIC_SIZES = (10, 100, 1000)
PUBLIC = "avro.compatibility of the package avro"


def avro_text(size: int, added: int) -> str:
    fields = [field(number) for number in range(size)]
    fields += [{"name": f"new_{n}", "type": NULLABLE, "default": None} for n in range(added)]
    return json.dumps({"type": "record", "name": "Order", "fields": fields})


JSON_TYPES: tuple[dict[str, Any], ...] = (
    {"type": "string", "maxLength": 80},
    {"type": "integer", "minimum": 0},
    {"type": "number"},
    {"type": "array", "items": {"type": "string"}},
    {"type": "object", "properties": {"id": {"type": "integer"}}, "additionalProperties": False},
)


def json_text(size: int, added: int) -> str:
    kinds = {f"field_{n}": JSON_TYPES[n % len(JSON_TYPES)] for n in range(size)}
    kinds |= {f"new_{n}": {"type": "string"} for n in range(added)}
    return json.dumps({"type": "object", "properties": kinds, "additionalProperties": False})


PROTO_TYPES = ("string", "int64", "double", "bool", "repeated string", "Part", "map<string, int64>")
# The runtime's tables for a message have no room for ten thousand.
MESSAGE_FIELDS = 1000


def proto_text(size: int, added: int) -> str:
    kinds = [PROTO_TYPES[n % len(PROTO_TYPES)] for n in range(size)] + ["string"] * added
    blocks = [kinds[n : n + MESSAGE_FIELDS] for n in range(0, len(kinds), MESSAGE_FIELDS)]
    messages = [message(f"Order{n}", block) for n, block in enumerate(blocks)]
    part = "message Part {\n  int64 id = 1;\n  string note = 2;\n}\n"
    return f'syntax = "proto3";\npackage shop;\n{part}{"".join(messages)}'


def message(name: str, kinds: list[str]) -> str:
    fields = "".join(f"  {kind} field_{n} = {n};\n" for n, kind in enumerate(kinds, 1))
    return f"message {name} {{\n{fields}}}\n"


TEXTS: Mapping[SchemaType, Callable[[int, int], str]] = {
    SchemaType.AVRO: avro_text,
    SchemaType.JSON: json_text,
    SchemaType.PROTOBUF: proto_text,
}


def ours(schema_type: SchemaType, size: int) -> Callable[[], object]:
    old, new = (parse(schema_type, TEXTS[schema_type](size, added)) for added in (0, ADDED))

    def run() -> object:
        return check(Level.BACKWARD, new=new, previous=[old])

    assert run() == (), f"the {schema_type} schemas of {size} fields are not compatible"
    return run


def public(size: int) -> Callable[[], object]:
    """Return the check of the `avro` package, which keeps what it has seen in each checker."""
    compatibility, schema = import_module("avro.compatibility"), import_module("avro.schema")
    old, new = (schema.parse(avro_text(size, added)) for added in (0, ADDED))

    def run() -> object:
        checker = compatibility.ReaderWriterCompatibilityChecker()
        return checker.get_compatibility(reader=new, writer=old)

    return run


def per_field(costs: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """Return costs by the number of fields divided by it."""
    return {size: [cost / int(size) for cost in column] for size, column in costs.items()}


def growth(schema_type: SchemaType, rounds: int) -> Iterator[Claim]:
    cases = {str(size): ours(schema_type, size) for size in SIZES}
    costs = per_field(cpu_costs(cases, rounds, SECONDS))
    against = f"the same with {USUAL}"
    for size in SIZES:
        if size != USUAL:
            what = f"{schema_type} check per field, {size} fields"
            reach = REACH if size > USUAL else None
            yield ratio(what, against, costs, reach=reach, of=(str(size), str(USUAL)))


def beside(rounds: int) -> Iterator[Claim]:
    for size in PUBLIC_SIZES:
        cases = {"accord": ours(SchemaType.AVRO, size), "avro": public(size)}
        costs = cpu_costs(cases, rounds, SECONDS)
        yield ratio(f"AVRO check of {size} fields", PUBLIC, costs, of=("accord", "avro"))


def claims(rounds: int) -> Iterator[Claim]:
    for schema_type in TEXTS:
        if schema_type in DIFFERS:
            yield from growth(schema_type, rounds)
    if find_spec("avro") is None:
        print("the package avro is not installed, so nothing is beside ours", file=sys.stderr)
        return
    yield from beside(rounds)


if __name__ == "__main__":
    main(claims, rounds=10)
