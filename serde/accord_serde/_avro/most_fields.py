"""Which of the records of a union fastavro takes: the valid one with the most fields in common."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from accord_serde._avro.schema_types import kind, logical, parts
from accord_serde._avro.varint import Odd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accord_serde._avro.schema import Json

# Where one of these is in the way of a value of another type, fastavro raises instead of going on
# to the next record.
TOUCHY = frozenset({"int-date", "bytes-decimal", "fixed-decimal"})
TOUCHING = (str, Decimal, list, dict)


class Candidate(NamedTuple):
    """A record by its branch; `touchy` has defaults by field."""

    branch: int
    fields: frozenset[str]
    touchy: dict[str, Json]


def most_fields(
    branches: list[Json], named: Mapping[str, Json]
) -> Callable[[dict[str, object]], int]:
    """Make what finds the first of the records that have the most fields of a datum."""
    candidates = [
        Candidate(index, frozenset(field["name"] for field in branch["fields"]), {})
        for index, branch in enumerate(branches)
        if kind(branch) == "record"
    ]
    for candidate in candidates:
        for field in branches[candidate.branch]["fields"]:
            if _is_touchy(field["type"], named):
                candidate.touchy[field["name"]] = field.get("default")
    touchy = [candidate for candidate in candidates if candidate.touchy]

    def pick(datum: dict[str, object]) -> int:
        best, most = -1, -1
        for branch, fields, _ in candidates:
            common = len(fields.intersection(datum))
            if common > most:
                best, most = branch, common
        for candidate in touchy:
            if candidate.branch != best:
                _keep_away(candidate, datum)
        return best

    return pick


def _keep_away(candidate: Candidate, datum: dict[str, object]) -> None:
    for name, default in candidate.touchy.items():
        if isinstance(datum.get(name, default), TOUCHING):
            raise Odd


def _is_touchy(node: Json, named: Mapping[str, Json]) -> bool:
    waiting, seen = [node], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if part in seen or part not in named:
                continue
            seen.add(part)
            part = named[part]
        definition = logical(part)
        if definition is not None and definition.key in TOUCHY:
            return True
        waiting += parts(part)
    return False
