"""Confluent's rules for two fields of one number.

kind of type   compared by
-------------  ---------------------------------------------------------------
scalar, enum   the group of scalars, then the labels where both have one
map            the keys, then the values
message        the name in its package; then what stands in it, if it is followed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from compat.protobuf import syntax
from compat.protobuf.declarations import Enum, MapOf, Message, Unknown
from compat.protobuf.kinds import Kind
from compat.protobuf.spots import differing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compat.finding import Finding
    from compat.protobuf.declarations import Field, Type
    from compat.protobuf.findings import Found

Pair: TypeAlias = "tuple[Message, Message]"  # reader, writer

NUMBER: Final = "number"
TEXT: Final = "text"
SCALAR_GROUPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "bool"), NUMBER),
    **dict.fromkeys(("sint32", "sint64"), "signed"),
    **dict.fromkeys(("string", "bytes"), TEXT),
    **dict.fromkeys(("fixed32", "sfixed32"), "fixed32"),
    **dict.fromkeys(("fixed64", "sfixed64"), "fixed64"),
    "float": "float",
    "double": "double",
}
MESSAGE: Final = "message"
MAP: Final = "map"
_KINDS: Final = frozenset({MESSAGE, MAP})


def is_plainly_same(reader: Field, writer: Field) -> bool:
    """Tell at a glance: the same words in two messages that mean the same by them."""
    new, old = reader.node, writer.node
    return (
        new == old
        and isinstance(new, syntax.Field)
        and new.type in SCALAR_GROUPS
        and _oneof(reader) == _oneof(writer)
        and reader.inherited == writer.inherited
    )


def _oneof(field: Field) -> str | None:
    return None if field.oneof is None else field.oneof.name


def renamed(reader: Field, writer: Field, path: str) -> Iterator[Finding]:
    """Say that a field has another name."""
    if reader.name != writer.name:
        yield differing(Kind.FIELD_NAME_CHANGED, path, reader=reader, writer=writer)


def compared(found: Found, reader: Field, writer: Field, path: str) -> Iterator[Pair]:
    """Add what is found in the fields themselves; yield the messages that are to be followed."""
    found.add(renamed(reader, writer, path))
    labels = {reader.label, writer.label}
    has_other_label = len(labels) > 1 and None not in labels
    for new, old in typed_pairs(reader.type, writer.type):
        kind = _difference(new, old, has_other_label=has_other_label)
        if kind is not None:
            found.add([differing(kind, path, reader=reader, writer=writer)])
        elif isinstance(new, Message) and isinstance(old, Message):
            yield new, old


def typed_pairs(reader: Type, writer: Type) -> Iterator[tuple[Type, Type]]:
    """Yield the types to compare: those of the keys and the values of two maps."""
    if isinstance(reader, MapOf) and isinstance(writer, MapOf):
        yield reader.key, writer.key
        yield reader.value, writer.value
    else:
        yield reader, writer


def _difference(reader: Type, writer: Type, *, has_other_label: bool) -> Kind | None:
    new, old = group_of(reader), group_of(writer)
    if (new in _KINDS or old in _KINDS) and new != old:
        return Kind.FIELD_KIND_CHANGED
    if new != old:
        return Kind.FIELD_SCALAR_KIND_CHANGED
    if new == MESSAGE:
        return None if is_same_name(reader, writer) else Kind.FIELD_NAMED_TYPE_CHANGED
    if not has_other_label:
        return None
    if new == TEXT:
        return Kind.FIELD_STRING_OR_BYTES_LABEL_CHANGED
    return Kind.FIELD_NUMERIC_LABEL_CHANGED


def group_of(kind: Type) -> str:
    """Return the group of scalars a type belongs to, `message` or `map`."""
    match kind:
        case str():
            return SCALAR_GROUPS[kind]
        case Enum():
            return NUMBER
        case MapOf():
            return MAP
        case _:
            return MESSAGE


def is_same_name(reader: Type, writer: Type) -> bool:
    """Tell whether two messages have one name, their packages aside."""
    if isinstance(reader, Message) and isinstance(writer, Message):
        return reader.local_name == writer.local_name
    return _written(reader) == _written(writer)


def _written(kind: Type) -> str:
    """Return a name as far as it is known; one that is not found stands as it was written."""
    if isinstance(kind, Message):
        return kind.full_name
    assert isinstance(kind, Unknown), "only messages are compared by name"
    return kind.name
