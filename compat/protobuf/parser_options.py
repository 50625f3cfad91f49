"""Reads options and their values, aggregates in text format among them.

    options   = "[" option { "," option } "]"
    option    = part { "." part } "=" value       part = identifier | "(" name ")"
    value     = scalar | aggregate | list
    aggregate = "{" { key [ ":" ] value [ "," | ";" ] } "}"

Wider than protoc in two places, because Confluent's registry reads both: a value may be a list, and
a number inside an aggregate may end in `f`.
"""

from __future__ import annotations

from compat.errors import TooComplex
from compat.protobuf.parser_cursor import MAX_AGGREGATE_DEPTH, Cursor
from compat.protobuf.syntax import (
    Aggregate,
    Entry,
    ListValue,
    LiteralKind,
    NamePart,
    Option,
    Scalar,
    Value,
)
from compat.protobuf.tokens import integer, is_float, is_integer

_CLOSING = {"{": "}", "<": ">"}
_UINT64_MAX = 2**64 - 1


def statement(cursor: Cursor) -> Option:
    """Read `option name = value;`."""
    cursor.index += 1
    option = _option(cursor)
    cursor.symbol(";")
    return option


def bracketed(cursor: Cursor) -> list[Option]:
    """Read `[a = 1, b = 2]` if it stands here."""
    if not cursor.accept("["):
        return []
    options = [_option(cursor)]
    while cursor.accept(","):
        options.append(_option(cursor))
    cursor.symbol("]")
    return options


def _option(cursor: Cursor) -> Option:
    at = cursor.index
    name = _name(cursor)
    cursor.symbol("=")
    return Option(name, _value(cursor), at)


def _name(cursor: Cursor) -> tuple[NamePart, ...]:
    parts = _name_part(cursor)
    while (following := cursor.tokens[cursor.index])[:1] == ".":
        if following == ".":
            cursor.index += 1
            parts += _name_part(cursor)
        else:
            parts += _plain_parts(cursor, following[1:])
    if len(parts) > MAX_AGGREGATE_DEPTH:
        raise TooComplex(f"the name of an option has more than {MAX_AGGREGATE_DEPTH} parts")
    return tuple(parts)


def _name_part(cursor: Cursor) -> list[NamePart]:
    if not cursor.accept("("):
        return _plain_parts(cursor, cursor.tokens[cursor.index])
    name = cursor.dotted("the name of an extension")
    cursor.symbol(")")
    return [NamePart(name, is_extension=True)]


def _plain_parts(cursor: Cursor, dotted: str) -> list[NamePart]:
    names = dotted.split(".")
    if not all(name.isidentifier() for name in names):
        cursor.expected("the name of an option")
    cursor.index += 1
    return [NamePart(name) for name in names]


def _value(cursor: Cursor) -> Value:
    match cursor.tokens[cursor.index]:
        case "{":
            return _aggregate(cursor)
        case "[":
            return _list(cursor)
        case _:
            return _scalar(cursor, inside=False)


def _scalar(cursor: Cursor, *, inside: bool) -> Scalar:
    at = cursor.index
    token = cursor.tokens[at]
    if token[:1] in {'"', "'"}:
        return cursor.string("a string")
    if cursor.accept("-"):
        return _negative(cursor, inside=inside)
    if token.isidentifier():
        cursor.index += 1
        return Scalar(LiteralKind.IDENTIFIER, token, at)
    return _number(cursor, inside=inside)


def _negative(cursor: Cursor, *, inside: bool) -> Scalar:
    at = cursor.index - 1
    token = cursor.tokens[cursor.index]
    if token.lower() in {"inf", "infinity", "nan"} if inside else token in {"inf", "nan"}:
        cursor.index += 1
        return Scalar(LiteralKind.FLOAT, f"-{token}", at)
    number = _number(cursor, inside=inside)
    return Scalar(number.kind, f"-{number.text}", at)


def _number(cursor: Cursor, *, inside: bool) -> Scalar:
    at = cursor.index
    token = cursor.tokens[at]
    if is_integer(token):
        value = integer(token)
        if token[0] == "0" and (value is None or value > _UINT64_MAX):
            cursor.fail("the number is out of range")
        kind = LiteralKind.INTEGER
    elif is_float(token) and (inside or token[-1] not in "fF"):
        kind = LiteralKind.FLOAT
    else:
        cursor.expected("a value")
    cursor.index += 1
    return Scalar(kind, token, at)


def _aggregate(cursor: Cursor) -> Aggregate:
    at = cursor.index
    closing = _CLOSING[cursor.tokens[at]]
    cursor.deeper(MAX_AGGREGATE_DEPTH)
    cursor.index += 1
    entries: list[Entry] = []
    while not cursor.accept(closing):
        entries.append(_entry(cursor))
        if cursor.tokens[cursor.index] in {",", ";"}:
            cursor.index += 1
    cursor.depth -= 1
    return Aggregate(entries, at)


def _entry(cursor: Cursor) -> Entry:
    at = cursor.index
    name = _key(cursor)
    if cursor.accept(":"):
        return Entry(name, _inner(cursor), at)
    if cursor.tokens[cursor.index] == "[":
        return Entry(name, _list(cursor, only_aggregates=True), at)
    if cursor.tokens[cursor.index] not in _CLOSING:
        cursor.expected("':'")
    return Entry(name, _aggregate(cursor), at)


def _key(cursor: Cursor) -> str:
    if not cursor.accept("["):
        return cursor.identifier("the name of a field")
    name = cursor.dotted("the name of an extension")
    if cursor.accept("/"):
        name += "/" + cursor.dotted("the name of a message")
    cursor.symbol("]")
    return f"[{name}]"


def _inner(cursor: Cursor) -> Value:
    match cursor.tokens[cursor.index]:
        case "{" | "<":
            return _aggregate(cursor)
        case "[":
            return _list(cursor)
        case _:
            return _scalar(cursor, inside=True)


def _list(cursor: Cursor, *, only_aggregates: bool = False) -> ListValue:
    at = cursor.index
    cursor.index += 1
    items: list[Value] = []
    if cursor.accept("]"):
        return ListValue(items, at)
    while True:
        items.append(_item(cursor, only_aggregate=only_aggregates))
        if not cursor.accept(","):
            break
    cursor.symbol("]")
    return ListValue(items, at)


def _item(cursor: Cursor, *, only_aggregate: bool) -> Value:
    if cursor.tokens[cursor.index] in _CLOSING:
        return _aggregate(cursor)
    if only_aggregate:
        cursor.expected("'{'")
    return _scalar(cursor, inside=True)
