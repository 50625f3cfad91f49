"""Rules of our own for two enums of one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.protobuf.descriptor_assembly import ENUM_MAX
from compat.protobuf.findings import one
from compat.protobuf.kinds import Kind
from compat.protobuf.rules_reserved import Reservations, Used, reservations
from compat.protobuf.rules_visibility import visibility
from compat.protobuf.spots import differing, spot, spot_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.finding import Finding
    from compat.protobuf.declarations import Enum, Source
    from compat.protobuf.syntax import EnumValue


def enums(reader: Enum, writer: Enum, path: str) -> Iterator[Finding]:
    """Yield what the rules find."""
    for kind, detail in _features(reader, writer):
        yield differing(kind, path, reader=reader, writer=writer, detail=detail)
    yield from visibility(reader, writer, path)
    if reader.node.values == writer.node.values and reader.node.reserved == writer.node.reserved:
        return
    kept = _reservations(reader)
    for value in writer.node.values:
        for kind in _lost(reader, value, kept):
            spot = spot_of(value, inside=writer.full_name, name=value.name)
            yield one(kind, f"{path}/{value.number}", writer=spot, detail=value.name)
    if writer.node.reserved:
        yield from reservations(kept, _reservations(writer), _used(reader), path)


def gone(reader: Source, writer: Enum, path: str) -> Iterator[Finding]:
    """Say of an enum that is not where it was whether the reader can still name it."""
    found = reader.known.get(writer.full_name)
    kind = Kind.ENUM_DELETED if found is None else Kind.ENUM_MOVED_TO_IMPORT
    yield one(kind, path, reader=None if found is None else spot(found), writer=spot(writer))


def _features(reader: Enum, writer: Enum) -> Iterator[tuple[Kind, str]]:
    if reader.is_closed != writer.is_closed:
        yield Kind.ENUM_CLOSED if reader.is_closed else Kind.ENUM_OPENED, ""
    if reader.features.json_format != writer.features.json_format == "ALLOW":
        yield Kind.JSON_FORMAT_CHANGED, reader.features.json_format


def _lost(reader: Enum, value: EnumValue, kept: Reservations) -> Iterator[Kind]:
    """Yield what is lost with a constant of the writer, as a number and as a name."""
    if value.number not in reader.numbers:
        if reader.is_closed:
            yield Kind.ENUM_NUMBER_UNREADABLE
        if not kept.holds(value.number):
            yield Kind.ENUM_NUMBER_NOT_RESERVED
    if (value.name, value.number) in reader.value_names:
        return
    if value.number in reader.numbers or value.name in reader.names:
        yield Kind.ENUM_NAME_CHANGED
    elif value.name not in kept.names:
        yield Kind.ENUM_NAME_NOT_RESERVED


def _reservations(enum: Enum) -> Reservations:
    return Reservations(enum.node.reserved, greatest=ENUM_MAX, inside=enum.full_name)


def _used(enum: Enum) -> Used:
    spots = [
        (value, spot_of(value, inside=enum.full_name, name=value.name))
        for value in enum.node.values
    ]
    return Used(
        {value.number: spot for value, spot in spots}, {value.name: spot for value, spot in spots}
    )
