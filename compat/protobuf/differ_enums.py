"""Confluent's rules for the constants of two enums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.java_order import of_union
from compat.protobuf.findings import one
from compat.protobuf.kinds import Kind
from compat.protobuf.spots import spot_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.finding import Finding, Spot
    from compat.protobuf.declarations import Enum
    from compat.protobuf.syntax import EnumValue


def constants(reader: Enum, writer: Enum, path: str) -> Iterator[Finding]:
    """Yield the constants that one side lacks or names otherwise."""
    if reader.node.values == writer.node.values:
        return
    for number in of_union(writer.numbers, reader.numbers):
        new, old = reader.numbers.get(number), writer.numbers.get(number)
        kind = _kind(new, old)
        if kind is not None:
            yield one(
                kind, f"{path}/{number}", reader=_spot(reader, new), writer=_spot(writer, old)
            )


def _kind(reader: EnumValue | None, writer: EnumValue | None) -> Kind | None:
    if reader is None:
        return Kind.ENUM_CONST_REMOVED
    if writer is None:
        return Kind.ENUM_CONST_ADDED
    return None if reader.name == writer.name else Kind.ENUM_CONST_CHANGED


def _spot(enum: Enum, value: EnumValue | None) -> Spot | None:
    if value is None:
        return None
    return spot_of(value, inside=enum.full_name, name=value.name)
