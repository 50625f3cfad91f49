"""Texts, numbers, enumerations, and the bounds all types have."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from compat.json_schema.kinds import Kind
from compat.json_schema.outcomes import side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compat.json_schema.model import Bounded, Enumeration, Node, Number, Quantity, Text
    from compat.json_schema.outcomes import Outcome

# Dividing numbers of ten thousand digits takes as long as this many digits to a step.
DIGITS_PER_STEP = 20

# By keyword: what it is called when it is new, gone, larger or smaller.
CHANGES: Mapping[str, tuple[Kind, Kind, Kind, Kind]] = {
    keyword: (Kind[f"{name}_ADDED"], Kind[f"{name}_REMOVED"], Kind[more], Kind[less])
    for keyword, name in (
        ("maxLength", "MAX_LENGTH"),
        ("minLength", "MIN_LENGTH"),
        ("maximum", "MAXIMUM"),
        ("minimum", "MINIMUM"),
        ("exclusiveMaximum", "EXCLUSIVE_MAXIMUM"),
        ("exclusiveMinimum", "EXCLUSIVE_MINIMUM"),
        ("maxProperties", "MAX_PROPERTIES"),
        ("minProperties", "MIN_PROPERTIES"),
        ("maxItems", "MAX_ITEMS"),
        ("minItems", "MIN_ITEMS"),
        ("maxContains", "MAX_CONTAINS"),
        ("minContains", "MIN_CONTAINS"),
    )
    for more, less in ((f"{name}_INCREASED", f"{name}_DECREASED"),)
}


TEXT_BOUNDS = ("maxLength", "minLength")
NUMBER_BOUNDS = ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum")


def changed(outcome: Outcome, kind: Kind, keyword: str, *, reader: Node, writer: Node) -> None:
    """Add a finding about one keyword of two nodes."""
    outcome.add(kind, keyword, reader=side(reader, keyword), writer=side(writer, keyword))


def bounds(outcome: Outcome, keywords: Sequence[str], *, reader: Bounded, writer: Bounded) -> None:
    """Compare some of the limits of two nodes."""
    if reader.bounds == writer.bounds:
        return
    for keyword in keywords:
        new, old = reader.bounds.get(keyword), writer.bounds.get(keyword)
        if new == old:
            continue
        added, removed, increased, decreased = CHANGES[keyword]
        if old is None:
            kind = added
        elif new is None:
            kind = removed
        else:
            kind = increased if new > old else decreased
        changed(outcome, kind, keyword, reader=reader, writer=writer)


def texts(outcome: Outcome, *, reader: Text, writer: Text) -> None:
    bounds(outcome, TEXT_BOUNDS, reader=reader, writer=writer)
    if reader.pattern == writer.pattern:
        return
    if writer.pattern is None:
        kind = Kind.PATTERN_ADDED
    else:
        kind = Kind.PATTERN_REMOVED if reader.pattern is None else Kind.PATTERN_CHANGED
    changed(outcome, kind, "pattern", reader=reader, writer=writer)


def numbers(outcome: Outcome, *, reader: Number, writer: Number) -> None:
    bounds(outcome, NUMBER_BOUNDS, reader=reader, writer=writer)
    new, old = reader.bounds.get("multipleOf"), writer.bounds.get("multipleOf")
    if new != old:
        kind = change_of_multiple(new, old)
        changed(outcome, kind, "multipleOf", reader=reader, writer=writer)
    if reader.is_integer != writer.is_integer:
        kind = Kind.TYPE_NARROWED if reader.is_integer else Kind.TYPE_EXTENDED
        outcome.add(kind, reader=side(reader, "type"), writer=side(writer, "type"))


def change_of_multiple(new: Quantity | None, old: Quantity | None) -> Kind:
    """Name a change of `multipleOf`; every multiple of a multiple is a multiple.

    old     new     kind
    ------  ------  --------
    absent  5       ADDED
    5       absent  REMOVED
    5       10      EXPANDED
    10      5       REDUCED
    10      7       CHANGED
    """
    if old is None:
        return Kind.MULTIPLE_OF_ADDED
    if new is None:
        return Kind.MULTIPLE_OF_REMOVED
    if old and Fraction(new) % Fraction(old) == 0:
        return Kind.MULTIPLE_OF_EXPANDED
    if new and Fraction(old) % Fraction(new) == 0:
        return Kind.MULTIPLE_OF_REDUCED
    return Kind.MULTIPLE_OF_CHANGED


def weight(reader: Number, writer: Number) -> int:
    """Return the steps that dividing the multiples of two nodes is worth."""
    both = (reader.bounds.get("multipleOf"), writer.bounds.get("multipleOf"))
    if None in both or both[0] == both[1]:
        return 1
    return sum(len(str(each)) + magnitude(each) for each in both) // DIGITS_PER_STEP


def magnitude(value: Quantity | None) -> int:
    return abs(value.adjusted()) if isinstance(value, Decimal) else 0


def enumerations(outcome: Outcome, *, reader: Enumeration, writer: Enumeration) -> None:
    if reader.values == writer.values:
        return
    if reader.values > writer.values:
        kind = Kind.ENUM_ARRAY_EXTENDED
    elif reader.values < writer.values:
        kind = Kind.ENUM_ARRAY_NARROWED
    else:
        kind = Kind.ENUM_ARRAY_CHANGED
    changed(outcome, kind, "enum", reader=reader, writer=writer)
