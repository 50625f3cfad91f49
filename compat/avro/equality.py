"""When two types are the same, as Avro Java and Confluent's lookup see it.

Order of attributes, properties and aliases is no difference; order of fields, symbols and branches
is. Documentation, aliases and the default of an enum count only where `documented`: a lookup asks
for them, a repeated definition of a name need not repeat them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from compat.avro.model import Array, Enum, Field, Fixed, Map, Primitive, Record, Union

if TYPE_CHECKING:
    from compat.avro.model import Absent, Named, Node, Props
    from compat.json_text import JsonValue


def equal(left: Node, right: Node, *, documented: bool) -> bool:
    return Equality(documented=documented).of(left, right)


class Equality:
    """One comparison; a pair of named types met again is taken to be equal."""

    def __init__(self, *, documented: bool) -> None:
        self._documented = documented
        self._met: set[tuple[int, int]] = set()

    def of(self, left: Node, right: Node) -> bool:
        if left is right:
            return True
        match left, right:
            case Primitive(), Primitive():
                same = left.type == right.type and same_props(left.props, right.props)
            case Array(), Array():
                same = same_props(left.props, right.props) and self.of(left.items, right.items)
            case Map(), Map():
                same = same_props(left.props, right.props) and self.of(left.values, right.values)
            case Union(), Union():
                same = len(left.branches) == len(right.branches) and all(
                    map(self.of, left.branches, right.branches)
                )
            case ((Record() | Enum() | Fixed()), (Record() | Enum() | Fixed())):
                same = self._named(left, right)
            case _:
                same = False
        return same

    def _named(self, left: Named, right: Named) -> bool:
        pair = (id(left), id(right))
        if pair in self._met:
            return True
        self._met.add(pair)
        return self._same_head(left, right) and self._same_body(left, right)

    def _same_body(self, left: Named, right: Named) -> bool:
        match left, right:
            case Fixed(), Fixed():
                return left.size == right.size
            case Enum(), Enum():
                same_default = not self._documented or left.default == right.default
                return same_default and left.symbols == right.symbols
            case Record(), Record():
                # The names first: versions of one schema mostly differ in a field that came later.
                return list(left.by_name) == list(right.by_name) and all(
                    map(self._fields, left.fields, right.fields)
                )
            case _:
                return False

    def _same_head(self, left: Named, right: Named) -> bool:
        if left.name != right.name or not same_props(left.props, right.props):
            return False
        return not self._documented or (
            left.doc == right.doc and set(left.aliases) == set(right.aliases)
        )

    def _fields(self, left: Field, right: Field) -> bool:
        return (
            left.name == right.name
            and left.order == right.order
            and same_json(left.default, right.default)
            and same_props(left.props, right.props)
            and self._same_field_notes(left, right)
            and self.of(left.type, right.type)
        )

    def _same_field_notes(self, left: Field, right: Field) -> bool:
        return not self._documented or (
            left.doc == right.doc and set(left.aliases) == set(right.aliases)
        )


def same_props(left: Props, right: Props) -> bool:
    return left is right or same_json(dict(left), dict(right))


def same_json(left: JsonValue | Absent, right: JsonValue | Absent) -> bool:
    """Compare as Jackson's nodes compare: 1 is not 1.0, keys have no order, NaN equals NaN."""
    if left is right:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            same_json(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_json, left, right))
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and left == right
