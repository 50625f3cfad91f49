"""Where a finding stands in one of the two schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.finding import Finding, Spot
from compat.protobuf.declarations import Enum, Field, Message
from compat.protobuf.descriptor_symbols import qualified

if TYPE_CHECKING:
    from compat.protobuf.declarations import Source
    from compat.protobuf.kinds import Kind
    from compat.protobuf.printer import Part

    Place = Source | Message | Enum | Field


def differing(kind: Kind, path: str, *, reader: Place, writer: Place, detail: str = "") -> Finding:
    """Return the finding that two declarations differ."""
    return Finding(kind, path, detail, spot(reader), spot(writer))


def spot(place: Place) -> Spot:
    """Return the spot of a declaration, or of a whole file."""
    if isinstance(place, Message | Enum | Field):
        return Spot(place.full_name, place.node)
    return Spot(place.package, place.file)


def spot_of(part: Part, *, inside: str, name: str = "") -> Spot:
    """Return the spot of a part of something; `name` is the part's own, if it has one."""
    return Spot(qualified(inside, name) if name else inside, part)
