"""Confluent's rules for oneofs and their members, and ours for a field that changes its oneof.

The members of a reader's oneof that the writer has already, each from its own oneof or from none:

    origins                          finding
    -------------------------------  -----------------------------
    one oneof, or one lone field     none
    several, one lone field at most  FIELD_MOVED_TO_EXISTING_ONEOF
    several lone fields              MULTIPLE_FIELDS_MOVED_TO_ONEOF
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.protobuf.findings import one
from compat.protobuf.kinds import Kind
from compat.protobuf.spots import differing, spot, spot_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.finding import Finding, Spot
    from compat.protobuf.declarations import Field, Message
    from compat.protobuf.syntax import OneOf


def place(path: str, field: Field) -> str:
    """Return the path of a field in a message at a path."""
    return f"{path}/{field.oneof.name}/{field.number}" if field.oneof else f"{path}/{field.number}"


def left_oneof(reader: Field, writer: Field, path: str) -> Iterator[Finding]:
    """Say that a field has left its oneof and is in none now."""
    if writer.oneof is not None and reader.oneof is None:
        kind = Kind.ONEOF_FIELD_MOVED_TO_TOP_LEVEL
        yield differing(kind, path, reader=reader, writer=writer)


class Oneofs:
    """The oneofs of two messages."""

    def __init__(self, reader: Message, writer: Message) -> None:
        self._reader = reader
        self._writer = writer
        self._new = {oneof.name: oneof for oneof in reader.node.oneofs}
        self._old = {oneof.name: oneof for oneof in writer.node.oneofs}
        self.size = len(self._new) + len(self._old)
        self._dropped = frozenset(
            oneof.name
            for oneof in self._old.values()
            if oneof.name not in self._new and not self._survives(oneof)
        )

    def _survives(self, oneof: OneOf) -> bool:
        return any(field.number in self._reader.members for field in oneof.fields)

    def findings(self, path: str) -> Iterator[Finding]:
        """Yield what has come together in oneofs, then which oneofs one side lacks."""
        for oneof in self._new.values():
            kind = self._gathering(oneof)
            if kind is not None:
                reader, writer = _spot(self._reader, oneof), spot(self._writer)
                yield one(kind, f"{path}/{oneof.name}", reader=reader, writer=writer)
        for name in sorted(self._new.keys() ^ self._old.keys()):
            new = _spot(self._reader, self._new.get(name))
            old = _spot(self._writer, self._old.get(name))
            kind = Kind.ONEOF_REMOVED if new is None else Kind.ONEOF_ADDED
            yield one(kind, f"{path}/{name}", reader=new, writer=old)

    def _gathering(self, oneof: OneOf) -> Kind | None:
        known = self._writer.members
        olds = [known[field.number] for field in oneof.fields if field.number in known]
        lone = sum(old.oneof is None for old in olds if not old.is_group)
        oneofs = {old.oneof.name for old in olds if old.oneof is not None}
        if lone + len(oneofs) <= 1:
            return None
        if lone > 1:
            return Kind.MULTIPLE_FIELDS_MOVED_TO_ONEOF
        return Kind.FIELD_MOVED_TO_EXISTING_ONEOF

    def lone(self, reader: Field | None, writer: Field | None, path: str) -> Iterator[Finding]:
        """Say what it means that one side has a field; groups are not seen."""
        if reader is not None and not reader.is_group:
            yield one(_added(reader), place(path, reader), reader=spot(reader))
        if writer is not None and not writer.is_group:
            kind = self._removed(writer)
            if kind is not None:
                yield one(kind, place(path, writer), writer=spot(writer))

    def _removed(self, field: Field) -> Kind | None:
        if field.oneof is None:
            is_required = field.label == "required"
            return Kind.REQUIRED_FIELD_REMOVED if is_required else Kind.FIELD_REMOVED
        # a oneof that is gone with all its members is one finding, ONEOF_REMOVED
        return None if field.oneof.name in self._dropped else Kind.ONEOF_FIELD_REMOVED


def _added(field: Field) -> Kind:
    if field.oneof is not None:
        return Kind.ONEOF_FIELD_ADDED
    return Kind.REQUIRED_FIELD_ADDED if field.label == "required" else Kind.FIELD_ADDED


def _spot(message: Message, oneof: OneOf | None) -> Spot | None:
    if oneof is None:
        return None
    return spot_of(oneof, inside=message.full_name, name=oneof.name)
