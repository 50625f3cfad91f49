"""Defaults: whether a JSON value can stand for a type, and what the value becomes in normal form.

Avro 1.12: the default of a union may fit any of its branches (earlier versions: the first one).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from compat.avro.document import MAX_DEPTH
from compat.avro.model import Array, Enum, Fixed, Map, Primitive, Record, TypeName, Union
from compat.errors import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compat.avro.model import Absent, Node
    from compat.json_text import JsonValue

CLASSES: Mapping[TypeName, frozenset[type]] = {
    TypeName.NULL: frozenset({type(None)}),
    TypeName.BOOLEAN: frozenset({bool}),
    TypeName.INT: frozenset({int}),
    TypeName.LONG: frozenset({int}),
    TypeName.FLOAT: frozenset({int, float}),
    TypeName.DOUBLE: frozenset({int, float}),
    TypeName.BYTES: frozenset({str}),
    TypeName.STRING: frozenset({str}),
}

RANGES: Mapping[TypeName, range] = {
    TypeName.INT: range(-(2**31), 2**31),
    TypeName.LONG: range(-(2**63), 2**63),
}

# A default of a million empty objects for a record of a thousand fields is a short text. So many
# steps, each a glance at one part of a value or one branch of a union, take about half a second.
MAX_STEPS = 500_000

FLOAT_DIGITS = range(1, 10)  # nine significant digits tell any two floats apart


class Defaults:
    """Judge the defaults of one schema.

    A record takes the defaults of its fields where the value leaves them out, so the same pair of
    type and value can come up once per path: each pair is judged once. A pair that needs itself
    has no finite value and is not valid.
    """

    def __init__(self) -> None:
        self._judged: dict[tuple[int, int], bool] = {}
        self._depth = 0
        self._steps = 0

    def is_valid(self, node: Node, value: JsonValue | Absent) -> bool:
        """Tell whether the value fits; raises TooComplex beyond the limits."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooComplex(f"the defaults take more than {MAX_STEPS} steps to check")
        if isinstance(node, Primitive):
            return is_valid_primitive(node.type, value)
        if isinstance(node, Enum | Fixed):
            return isinstance(value, str)
        pair = (id(node), id(value))
        if pair not in self._judged:
            self._judged[pair] = False
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise TooComplex(f"defaults lead through more than {MAX_DEPTH} types")
            self._judged[pair] = self._fits(node, value)
            self._depth -= 1
        return self._judged[pair]

    def _fits(self, node: Node, value: JsonValue | Absent) -> bool:
        if isinstance(node, Union):
            for branch in node.branches:  # noqa: SIM110 - any() doubles the frames, which are scarce
                if self.is_valid(branch, value):
                    return True
            return False
        inside = parts(node, value)
        if inside is None:
            return False
        for inner, part in inside:  # noqa: SIM110 - so does all()
            if not self.is_valid(inner, part):
                return False
        return True


def parts(
    node: Node, value: JsonValue | Absent
) -> Iterator[tuple[Node, JsonValue | Absent]] | None:
    """Return what has to fit what for the value to fit the type, or None if it cannot.

    One at a time: often the first of many does not fit, and steps count what was looked at.
    """
    match node, value:
        case Array(), list():
            return ((node.items, item) for item in value)
        case Map(), dict():
            return ((node.values, item) for item in value.values())
        case Record(), dict():
            return ((field.type, value.get(field.name, field.default)) for field in node.fields)
        case _:
            return None


def is_valid_primitive(name: TypeName, value: JsonValue | Absent) -> bool:
    if type(value) not in CLASSES[name]:
        return False
    return name not in RANGES or value in RANGES[name]


def coerced(node: Node, value: JsonValue, defaults: Defaults) -> JsonValue:
    """Return a default as its type spells it: 1 for a double becomes 1.0.

    What does not fit the type is left alone, as is a number beyond the range of a float.
    `defaults` judges which branch of a union the value is for; raises its TooComplex.
    """
    match node, value:
        case Primitive(), int() | float() if not isinstance(value, bool):
            return as_number(node.type, value)
        case Union(), _:
            fitting = (each for each in node.branches if defaults.is_valid(each, value))
            branch = next(fitting, None)
            return value if branch is None else coerced(branch, value, defaults)
        case Array(), list():
            return [coerced(node.items, item, defaults) for item in value]
        case Map(), dict():
            return {key: coerced(node.values, item, defaults) for key, item in value.items()}
        case Record(), dict():
            types = {key: node.by_name[key].type for key in value if key in node.by_name}
            return {
                key: coerced(types[key], item, defaults) if key in types else item
                for key, item in value.items()
            }
        case _:
            return value


def as_number(name: TypeName, value: float) -> JsonValue:
    match name:
        case TypeName.FLOAT:
            return as_float(value)
        case TypeName.DOUBLE:
            return as_double(value)
        case _:
            return value


def as_double(value: float) -> JsonValue:
    try:
        return float(value)
    except OverflowError:
        return value


def as_float(value: float) -> JsonValue:
    """Return the shortest decimal that is the same 32-bit float, as Float.toString prints it."""
    try:
        packed = struct.pack(">f", value)
    except OverflowError:
        return value
    (exact,) = struct.unpack(">f", packed)
    shortest = (float(f"{exact:.{digits}g}") for digits in FLOAT_DIGITS)
    return next((each for each in shortest if struct.pack(">f", each) == packed), exact)
