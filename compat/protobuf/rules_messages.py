"""Rules of our own for two messages, the fields that both have aside."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from compat.protobuf.differ_oneofs import place
from compat.protobuf.findings import one
from compat.protobuf.kinds import Kind
from compat.protobuf.rules_fields import is_required
from compat.protobuf.rules_options import changed_options
from compat.protobuf.rules_reserved import Reservations, Used, reservations
from compat.protobuf.rules_visibility import visibility
from compat.protobuf.spots import differing, spot
from compat.protobuf.syntax import MAX_FIELD_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from compat.finding import Finding
    from compat.protobuf.declarations import Field, Message

    Rule = Callable[[Message, Message, str], Iterator[Finding]]

# The options of messages that change the bytes or the generated code.
OPTIONS: Final[Mapping[str, Kind]] = {
    "message_set_wire_format": Kind.MESSAGE_SET_CHANGED,
    "no_standard_descriptor_accessor": Kind.MESSAGE_OPTION_CHANGED,
}


def messages(reader: Message, writer: Message, path: str) -> Iterator[Finding]:
    """Yield what the rules find."""
    for rule in RULES:
        yield from rule(reader, writer, path)


def _reservations(message: Message) -> Reservations:
    statements = message.node.reserved
    return Reservations(statements, greatest=MAX_FIELD_NUMBER, inside=message.full_name)


def _removed(reader: Message, writer: Message, path: str) -> Iterator[Finding]:
    """Judge the fields that the reader has no longer: a number and a name that may come back."""
    gone = [field for number, field in writer.members.items() if number not in reader.members]
    if not gone:
        return
    kept = _reservations(reader)
    names = {field.name: field for field in reader.members.values()}
    for field in gone:
        at = place(path, field)
        moved = names.get(field.name)
        if moved is not None:
            detail = f"{field.number} to {moved.number}"
            yield differing(
                Kind.FIELD_NUMBER_CHANGED, at, reader=moved, writer=field, detail=detail
            )
        for kind in _unreserved(field, kept, is_moved=moved is not None):
            yield one(kind, at, writer=spot(field), detail=field.name)


def _unreserved(field: Field, kept: Reservations, *, is_moved: bool) -> Iterator[Kind]:
    if not kept.holds(field.number):
        yield Kind.FIELD_NUMBER_NOT_RESERVED
    if not is_moved and field.name not in kept.names:
        yield Kind.FIELD_NAME_NOT_RESERVED
    if is_required(field) and field.label != "required":
        yield Kind.FIELD_NO_LONGER_REQUIRED


def _added(reader: Message, writer: Message, path: str) -> Iterator[Finding]:
    """Find required fields that Confluent does not see: groups, and those of editions."""
    for number, field in reader.members.items():
        if number in writer.members or not is_required(field):
            continue
        if field.is_group or field.label != "required":
            yield one(Kind.FIELD_MADE_REQUIRED, place(path, field), reader=spot(field))


def _oneofs(reader: Message, writer: Message, path: str) -> Iterator[Finding]:
    """Find the fields whose company has changed; a oneof that is only renamed is no change."""
    if not (reader.node.oneofs or writer.node.oneofs):
        return
    shared = [
        (new, writer.members[number])
        for number, new in reader.members.items()
        if number in writer.members
    ]
    together = {(_oneof(new), _oneof(old)) for new, old in shared}
    news = Counter(new for new, _ in together)
    olds = Counter(old for _, old in together)
    for new, old in shared:
        here, there = _oneof(new), _oneof(old)
        if here == there or (here and there and news[here] == olds[there] == 1):
            continue
        kind = Kind.FIELD_ONEOF_CHANGED
        yield differing(kind, place(path, new), reader=new, writer=old, detail=there)


def _oneof(field: Field) -> str:
    return "" if field.oneof is None else field.oneof.name


def _reserved(reader: Message, writer: Message, path: str) -> Iterator[Finding]:
    if not writer.node.reserved:
        return
    members = reader.members.values()
    used = Used(
        {field.number: spot(field) for field in members},
        {field.name: spot(field) for field in members},
    )
    yield from reservations(_reservations(reader), _reservations(writer), used, path)


def _extensions(reader: Message, writer: Message, path: str) -> Iterator[Finding]:
    old = _extension_ranges(writer)
    for span in old.without(_extension_ranges(reader)):
        at = old.spot(span.first)
        yield one(Kind.EXTENSION_RANGE_REMOVED, path, writer=at, detail=str(span))


def _extension_ranges(message: Message) -> Reservations:
    """Return the extension ranges, which are counted as reserved ones are."""
    statements = message.node.extensions
    return Reservations(statements, greatest=MAX_FIELD_NUMBER, inside=message.full_name)


def _options(reader: Message, writer: Message, path: str) -> Iterator[Finding]:
    if not (reader.node.options or writer.node.options):
        return
    for name in changed_options(reader.node.options, writer.node.options, {}):
        kind = OPTIONS.get(name)
        if kind is not None:
            yield differing(kind, path, reader=reader, writer=writer, detail=name)


def _json_format(reader: Message, writer: Message, path: str) -> Iterator[Finding]:
    new, old = reader.features.json_format, writer.features.json_format
    if new != old == "ALLOW":
        yield differing(Kind.JSON_FORMAT_CHANGED, path, reader=reader, writer=writer, detail=new)


RULES: Final[Sequence[Rule]] = (
    _removed,
    _added,
    _oneofs,
    _reserved,
    _extensions,
    _options,
    _json_format,
    visibility,
)
