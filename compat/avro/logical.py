"""Logical types. One that does not suit its type, or is not known, is a property and no more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from compat.avro.model import Fixed, Primitive, TypeName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.avro.model import Node

DURATION_SIZE = 12  # months, days and milliseconds, four bytes each
UUID_SIZE = 16

CARRIERS: Mapping[str, frozenset[TypeName]] = {
    "decimal": frozenset({TypeName.BYTES, TypeName.FIXED}),
    "big-decimal": frozenset({TypeName.BYTES}),
    "uuid": frozenset({TypeName.STRING, TypeName.FIXED}),
    "date": frozenset({TypeName.INT}),
    "time-millis": frozenset({TypeName.INT}),
    "time-micros": frozenset({TypeName.LONG}),
    "timestamp-millis": frozenset({TypeName.LONG}),
    "timestamp-micros": frozenset({TypeName.LONG}),
    "timestamp-nanos": frozenset({TypeName.LONG}),
    "local-timestamp-millis": frozenset({TypeName.LONG}),
    "local-timestamp-micros": frozenset({TypeName.LONG}),
    "local-timestamp-nanos": frozenset({TypeName.LONG}),
    "duration": frozenset({TypeName.FIXED}),
}

SIZES: Mapping[str, int] = {"duration": DURATION_SIZE, "uuid": UUID_SIZE}


class LogicalType(NamedTuple):
    """A logical type in force; precision and scale are 0 unless it is a decimal."""

    name: str
    precision: int = 0
    scale: int = 0


def logical_type(node: Node) -> LogicalType | None:
    """Return the logical type in force, or None."""
    if not isinstance(node, Primitive | Fixed) or not node.props:
        return None
    name = node.props.get("logicalType")
    if not isinstance(name, str) or node.type not in CARRIERS.get(name, ()):
        return None
    if name == "decimal":
        return decimal_type(node)
    if isinstance(node, Fixed) and node.size != SIZES[name]:
        return None
    return LogicalType(name)


def decimal_type(node: Primitive | Fixed) -> LogicalType | None:
    precision = node.props.get("precision")
    scale = node.props.get("scale", 0)
    if type(precision) is not int or type(scale) is not int:
        return None
    if precision <= 0 or not 0 <= scale <= precision:
        return None
    if isinstance(node, Fixed) and precision > most_digits(node.size):
        return None
    return LogicalType("decimal", precision, scale)


def most_digits(size: int) -> int:
    """Return how many decimal digits a two's-complement number of so many bytes always holds."""
    return math.floor(math.log10(2) * (8 * size - 1))
