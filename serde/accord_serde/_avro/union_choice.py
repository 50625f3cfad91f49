"""Which branch of a union fastavro takes for a datum, decided by the type of the datum.

fastavro validates the datum against one branch after the other. What a branch makes of all data
of one Python type is either sure, or decided by a condition, or in doubt; the data of a type are
left to fastavro from the first doubt on.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from fastavro.write import LOGICAL_WRITERS

from accord_serde._avro.most_fields import most_fields
from accord_serde._avro.schema_types import kind, logical
from accord_serde._avro.source import Uncompilable
from accord_serde._avro.varint import integer_writers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord_serde._avro.encoder_source import EncoderSource
    from accord_serde._avro.output import Output
    from accord_serde._avro.schema import Json

SURE = "True"
DOUBTFUL = ""
MOST_FIELDS = "{picked}"

INT_RANGE = f"{-(1 << 31)} <= {{v}} <= {(1 << 31) - 1}"
LONG_RANGE = f"{-(1 << 63)} <= {{v}} <= {(1 << 63) - 1}"

PLAIN: dict[str, dict[type, str]] = {
    "null": {type(None): SURE},
    "boolean": {bool: SURE},
    "int": {int: INT_RANGE},
    "long": {int: LONG_RANGE},
    "float": {int: SURE, float: SURE},
    "double": {int: SURE, float: SURE},
    "string": {str: SURE},
    "bytes": {bytes: SURE},
    "fixed": {bytes: "len({v}) == {size}"},
    "enum": {str: "{v} in {symbols}"},
    # The bytes of bytes are integers, and fastavro takes them for items.
    "array": {list: SURE, bytes: DOUBTFUL},
    "map": {dict: SURE},
    "record": {dict: SURE},
}
LOGICAL: dict[str, dict[type, str]] = {
    "long-timestamp-millis": {datetime: SURE},
    "long-timestamp-micros": {datetime: SURE},
    "long-local-timestamp-millis": {datetime: SURE},
    "long-local-timestamp-micros": {datetime: SURE},
    "long-time-micros": {time: SURE},
    "int-time-millis": {time: SURE},
    # A text that is no date is an error, whatever branches come later.
    "int-date": {date: SURE, datetime: SURE, str: DOUBTFUL},
    "string-uuid": {UUID: SURE},
    "bytes-decimal": {Decimal: SURE},
    "fixed-decimal": {Decimal: SURE},
}


class Choice(NamedTuple):
    """A branch and the condition for it."""

    condition: str
    branch: int


class UnionWriter:
    """Writes the choice of a branch, and the branch."""

    def __init__(self, encoder: EncoderSource) -> None:
        self._encoder = encoder
        self._source = encoder.source

    def write(self, body: Output, union: Json, value: str) -> None:
        branches = [self._encoder.types.resolved(branch) for branch in union]
        if any(isinstance(branch, list) for branch in branches):
            raise Uncompilable
        if not self._write_optional(body, branches, value):
            self._write_any(body, branches, value)

    def _write_optional(self, body: Output, branches: list[Json], value: str) -> bool:
        kinds = [kind(branch) for branch in branches]
        if len(kinds) != 2 or "null" not in kinds:  # noqa: PLR2004 - null and another
            return False
        null, index = (0, 1) if kinds[0] == "null" else (1, 0)
        start = integer_writers().long(null)
        pieces = self._encoder.scalars.optional(branches[index], value, null=start, index=index)
        if pieces is not None:
            body.add(*pieces)
            return True
        name = self._named(body, value)
        with body.branch(f"if {name} is None"):
            body.add(repr(start))
        with body.branch("else"):
            self._write_branch(body, branches, index, name)
        return True

    def _write_any(self, body: Output, branches: list[Json], value: str) -> None:
        name = self._named(body, value)
        found = self._source.fresh("t")
        body.line(f"{found} = type({name})")
        word = "if"
        for types, choices in grouped(branches):
            names = [self._source.constant(each) for each in types]
            with body.under(f"{word} {' or '.join(f'{found} is {each}' for each in names)}"):
                self._write_choices(body, branches, choices, name)
            word = "elif"
        with body.under("else" if word == "elif" else "if True"):
            body.line(f"raise {self._encoder.odd}")

    def _named(self, body: Output, value: str) -> str:
        name = self._source.fresh("v")
        body.flush()
        body.line(f"{name} = {value}")
        return name

    def _write_choices(
        self, body: Output, branches: list[Json], choices: Sequence[Choice], name: str
    ) -> None:
        picked = ""
        if choices[0].condition == MOST_FIELDS:
            picked = self._source.fresh("i")
            pick = self._source.constant(most_fields(branches, self._encoder.types.named))
            body.line(f"{picked} = {pick}({name})")
        word = "if"
        for condition, index in choices:
            branch = branches[index]
            text = condition.format(
                v=name,
                picked=f"{picked} == {index}",
                size=self._size(branch),
                symbols=self._symbols(branch),
            )
            with body.branch(f"{word} {text}"):
                self._write_branch(body, branches, index, name)
            word = "elif"
        with body.under("else"):
            body.line(f"raise {self._encoder.odd}")

    def _size(self, branch: Json) -> str:
        return str(branch["size"]) if kind(branch) == "fixed" else ""

    def _symbols(self, branch: Json) -> str:
        return self._source.constant(branch["symbols"]) if kind(branch) == "enum" else ""

    def _write_branch(self, body: Output, branches: list[Json], index: int, name: str) -> None:
        body.add(repr(integer_writers().long(index)))
        self._encoder.value(body, branches[index], name, checked=True)


def grouped(branches: list[Json]) -> Iterator[tuple[list[type], tuple[Choice, ...]]]:
    """Iterate over the types that have the same choice of branches, and the choice."""
    groups: dict[tuple[Choice, ...], list[type]] = {}
    for each in dict.fromkeys(each for branch in branches for each in claims(branch)):
        choices = choices_for(each, branches)
        if choices:
            groups.setdefault(choices, []).append(each)
    for choices, types in groups.items():
        yield types, choices


def choices_for(each: type, branches: list[Json]) -> tuple[Choice, ...]:
    """Return the branches for data of a type, in the order of fastavro."""
    kinds = [kind(branch) for branch in branches]
    if each is dict:
        return _choices_for_dict(kinds)
    choices: list[Choice] = []
    for index, branch in enumerate(branches):
        condition = claims(branch).get(each)
        if condition is None:
            continue
        if condition == DOUBTFUL:
            break
        if kinds[index] == "float" and "double" in kinds[index:]:
            index = kinds.index("double", index)  # noqa: PLW2901 - what fastavro does
        choices.append(Choice(condition, index))
        if condition == SURE:
            break
    return tuple(choices)


def _choices_for_dict(kinds: list[str]) -> tuple[Choice, ...]:
    records = [index for index, name in enumerate(kinds) if name == "record"]
    if "map" not in kinds and len(records) > 1:
        return tuple(Choice(MOST_FIELDS, index) for index in records)
    if "map" in kinds and records:
        return ()
    return (Choice(SURE, records[0] if records else kinds.index("map")),)


def claims(branch: Json) -> dict[type, str]:
    """Return what data a branch takes: a condition by type."""
    found = PLAIN[kind(branch)]
    definition = logical(branch)
    if definition is None or definition.key not in LOGICAL_WRITERS:
        return found
    return found | LOGICAL[definition.key]
