"""Reads messages, enums, extend blocks and what is inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from compat.protobuf import parser_options as options
from compat.protobuf.parser_cursor import MAX_MESSAGE_DEPTH, is_small
from compat.protobuf.syntax import (
    EnumType,
    EnumValue,
    Extend,
    Extensions,
    Field,
    Group,
    MapType,
    Message,
    OneOf,
    Range,
    Reserved,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compat.protobuf.parser_cursor import Cursor
    from compat.protobuf.syntax import Label, Visibility

T = TypeVar("T")

_LABELS: Mapping[str, Label] = {
    "optional": "optional",
    "required": "required",
    "repeated": "repeated",
}
_VISIBILITIES: Mapping[str, Visibility] = {"export": "export", "local": "local"}
SCALARS = frozenset(
    (
        *("double", "float", "bool", "string", "bytes", "int32", "int64", "uint32", "uint64"),
        *("sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64"),
    )
)
FIRST_EDITION_WITH_VISIBILITY = "2024"


def message(cursor: Cursor, visibility: Visibility | None = None) -> Message:
    """Read `message M { … }`."""
    at = cursor.index
    cursor.index += 1
    found = Message(cursor.identifier("the name of a message"), visibility=visibility, at=at)
    _body(cursor, found)
    return found


def enum(cursor: Cursor, visibility: Visibility | None = None) -> EnumType:
    """Read `enum E { … }`."""
    at = cursor.index
    cursor.index += 1
    found = EnumType(cursor.identifier("the name of an enum"), visibility=visibility, at=at)
    cursor.symbol("{")
    while not cursor.accept("}"):
        match cursor.tokens[cursor.index]:
            case ";":
                cursor.index += 1
            case "option":
                found.options.append(options.statement(cursor))
            case "reserved":
                found.reserved.append(_reserved(cursor, signed=True))
            case _:
                found.values.append(_constant(cursor))
    return found


def extend(cursor: Cursor) -> Extend:
    """Read `extend M { … }`."""
    at = cursor.index
    cursor.index += 1
    found = Extend(message_name(cursor), at=at)
    cursor.symbol("{")
    if cursor.lenient and cursor.accept("}"):
        return found
    while True:
        _append(found, _not_a_map(cursor, _labelled(cursor)))
        if cursor.accept("}"):
            return found


def message_name(cursor: Cursor) -> str:
    """Read a name where a scalar makes no sense."""
    at = cursor.index
    name = cursor.dotted("the name of a message")
    if name in SCALARS or name == "group":
        cursor.fail(f"expected the name of a message but found '{name}'", at)
    return name


def visible(cursor: Cursor, owner_messages: list[Message], owner_enums: list[EnumType]) -> None:
    """Read a message or an enum that `export` or `local` leads."""
    visibility = _VISIBILITIES[cursor.tokens[cursor.index]]
    cursor.index += 1
    match cursor.tokens[cursor.index]:
        case "message":
            owner_messages.append(message(cursor, visibility))
        case "enum":
            owner_enums.append(enum(cursor, visibility))
        case _:
            cursor.expected("'message' or 'enum'")


def _body(cursor: Cursor, owner: Message) -> None:
    cursor.symbol("{")
    cursor.deeper(MAX_MESSAGE_DEPTH)
    tokens = cursor.tokens
    while (token := tokens[cursor.index]) != "}":
        read = _STATEMENTS.get(token)
        if read is not None:
            read(cursor, owner)
        elif token in _VISIBILITIES and cursor.edition == FIRST_EDITION_WITH_VISIBILITY:
            visible(cursor, owner.messages, owner.enums)
        else:
            _append(owner, _labelled(cursor))
    cursor.index += 1
    cursor.depth -= 1


def _append(owner: Message | OneOf | Extend, member: Field | Group) -> None:
    if isinstance(member, Field):
        owner.fields.append(member)
    else:
        owner.groups.append(member)


def _not_a_map(cursor: Cursor, member: Field | Group) -> Field | Group:
    if isinstance(member, Field) and isinstance(member.type, MapType):
        cursor.fail("a map can neither be in a oneof nor extend a message", member.type_at)
    return member


def _labelled(cursor: Cursor) -> Field | Group:
    """Read a field that may, or in proto2 must, have a label."""
    at = cursor.index
    label = _LABELS.get(cursor.tokens[at])
    if label is not None:
        cursor.index += 1
        _check_label(cursor, label, at)
    found = _member(cursor, label)
    if isinstance(found, Field) and isinstance(found.type, MapType):
        if label is not None:
            cursor.fail("a map has no label", at)
    elif label is None and cursor.needs_labels:
        cursor.fail("expected 'required', 'optional' or 'repeated'", at)
    return found


def _check_label(cursor: Cursor, label: Label, at: int) -> None:
    if cursor.edition is not None and label != "repeated":
        cursor.fail(f"editions have no '{label}', but features.field_presence", at)
    if cursor.proto3 and label == "required":
        cursor.fail("proto3 has no required fields", at)


def _unlabelled(cursor: Cursor) -> Field | Group:
    """Read a member of a oneof."""
    if cursor.tokens[cursor.index] in _LABELS:
        cursor.fail("a field in a oneof has no label")
    return _member(cursor, None)


def _member(cursor: Cursor, label: Label | None) -> Field | Group:
    tokens = cursor.tokens
    type_at = cursor.index
    if tokens[type_at + 4 : type_at + 5] == [";"]:
        # nine fields in ten, and most of the time a file takes
        plain, name, equals, tag = tokens[type_at : type_at + 4]
        if (
            equals == "="
            and plain.isidentifier()
            and name.isidentifier()
            and is_small(tag)
            and plain != "group"
        ):
            cursor.index += 5
            return Field(label, plain, name, int(tag), [], type_at + 1, type_at)
    if tokens[type_at] == "group":
        return _group(cursor, label)
    field_type: str | MapType
    if tokens[type_at] == "map" and tokens[type_at + 1] == "<":
        field_type = _map(cursor)
    else:
        field_type = _type(cursor, "the type of a field")
    at = cursor.index
    name = cursor.identifier("the name of a field")
    cursor.symbol("=")
    number = cursor.integer("the number of a field")
    found = options.bracketed(cursor)
    cursor.symbol(";")
    return Field(label, field_type, name, number, found, at, type_at)


def _map(cursor: Cursor) -> MapType:
    cursor.index += 2
    key = _type(cursor, "the type of a map's keys")
    cursor.symbol(",")
    value = _type(cursor, "the type of a map's values")
    cursor.symbol(">")
    return MapType(key, value)


def _type(cursor: Cursor, what: str) -> str:
    token = cursor.tokens[cursor.index]
    if token in SCALARS:
        cursor.index += 1
        return token
    return cursor.dotted(what)


def _group(cursor: Cursor, label: Label | None) -> Group:
    at = cursor.index
    if cursor.edition is not None or cursor.proto3:
        cursor.fail("only proto2 has groups")
    cursor.index += 1
    if not cursor.tokens[cursor.index][:1].isupper():
        cursor.expected("the name of a group, which starts with a capital letter,")
    name = cursor.identifier("the name of a group")
    cursor.symbol("=")
    number = cursor.integer("the number of a field")
    found = options.bracketed(cursor)
    body = Message(name, at=at)
    _body(cursor, body)
    return Group(label, name, number, body, found, at)


def _oneof(cursor: Cursor, owner: Message) -> None:
    at = cursor.index
    cursor.index += 1
    found = OneOf(cursor.identifier("the name of a oneof"), at=at)
    owner.oneofs.append(found)
    cursor.symbol("{")
    if cursor.lenient and cursor.accept("}"):
        return
    while True:
        if cursor.tokens[cursor.index] == "option":
            found.options.append(options.statement(cursor))
        else:
            _append(found, _not_a_map(cursor, _unlabelled(cursor)))
        if cursor.accept("}"):
            return


def _constant(cursor: Cursor) -> EnumValue:
    at = cursor.index
    name = cursor.identifier("the name of a constant")
    cursor.symbol("=")
    number = cursor.signed("the number of a constant")
    found = options.bracketed(cursor)
    cursor.symbol(";")
    return EnumValue(name, number, found, at)


def _reserved(cursor: Cursor, *, signed: bool) -> Reserved:
    found = Reserved(at=cursor.index)
    cursor.index += 1
    while True:
        first = cursor.tokens[cursor.index]
        if first[:1] in {'"', "'"} or first.isidentifier():
            found.names.append(_reserved_name(cursor, after=found))
        elif found.names and not cursor.lenient:
            cursor.expected("a reserved name")
        else:
            found.ranges.append(_range(cursor, signed=signed))
        if not cursor.accept(","):
            break
    cursor.symbol(";")
    return found


def _reserved_name(cursor: Cursor, *, after: Reserved) -> str:
    is_quoted = not cursor.tokens[cursor.index].isidentifier()
    if after.ranges and not cursor.lenient:
        cursor.expected("a number, or a range of numbers,")
    if is_quoted and cursor.edition is not None:
        cursor.fail("editions reserve names without quotes")
    if not is_quoted and cursor.edition is None:
        cursor.fail("a reserved name stands in quotes")
    what = "a reserved name"
    return cursor.string(what).text if is_quoted else cursor.identifier(what)


def _extensions(cursor: Cursor) -> Extensions:
    at = cursor.index
    if cursor.proto3:
        cursor.fail("proto3 has no extension ranges")
    cursor.index += 1
    ranges = _listed(cursor, lambda: _range(cursor, signed=False))
    found = options.bracketed(cursor)
    cursor.symbol(";")
    return Extensions(ranges, found, at)


def _range(cursor: Cursor, *, signed: bool) -> Range:
    at = cursor.index
    start = _bound(cursor, "a number, or a range of numbers,", signed=signed)
    if not cursor.accept("to"):
        return Range(start, None, at)
    if cursor.accept("max"):
        return Range(start, "max", at)
    return Range(start, _bound(cursor, "the end of a range", signed=signed), at)


def _bound(cursor: Cursor, what: str, *, signed: bool) -> int:
    return cursor.signed(what) if signed else cursor.integer(what)


def _listed(cursor: Cursor, read: Callable[[], T]) -> list[T]:
    found = [read()]
    while cursor.accept(","):
        found.append(read())
    return found


def _skip(cursor: Cursor, _: Message) -> None:
    cursor.index += 1


def _unclosed(cursor: Cursor, _: Message) -> None:
    cursor.expected("'}'")


# What may stand in the body of a message, by its first word; everything else is a field.
_STATEMENTS: Mapping[str, Callable[[Cursor, Message], None]] = {
    "message": lambda cursor, owner: owner.messages.append(message(cursor)),
    "enum": lambda cursor, owner: owner.enums.append(enum(cursor)),
    "extend": lambda cursor, owner: owner.extends.append(extend(cursor)),
    "extensions": lambda cursor, owner: owner.extensions.append(_extensions(cursor)),
    "reserved": lambda cursor, owner: owner.reserved.append(_reserved(cursor, signed=False)),
    "option": lambda cursor, owner: owner.options.append(options.statement(cursor)),
    "oneof": _oneof,
    ";": _skip,
    "": _unclosed,
}
