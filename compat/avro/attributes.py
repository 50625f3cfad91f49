"""What the attributes of a JSON object say about a type or field.

Each function refuses an attribute with the message of Avro Java 1.12, and leaves it to the caller
to say where.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from compat.avro.document import write
from compat.avro.model import ABSENT, NO_PROPS, PRIMITIVE_NAMES, Order, TypeName
from compat.avro.names import identifier_fault, resolved, space_fault
from compat.errors import InvalidSchema

if TYPE_CHECKING:
    from compat.avro.model import Absent, Node, Props
    from compat.avro.names import Name
    from compat.json_text import JsonValue

Object: TypeAlias = "dict[str, JsonValue]"

NAMED_RESERVED = {"doc", "fields", "name", "namespace", "size", "symbols", "type", "aliases"}
SCHEMA_RESERVED = frozenset({"items", "values", *NAMED_RESERVED})
ENUM_RESERVED = frozenset({"default", *SCHEMA_RESERVED})
FIELD_RESERVED = frozenset({"default", "doc", "name", "order", "type", "aliases"})

FLOATING = frozenset({TypeName.FLOAT, TypeName.DOUBLE})
ASCENDING = Order.ASCENDING

INT_END = 2**31
MAX_FIXED_SIZE = INT_END - 1 - 8  # the largest array of a JVM

# Double.parseDouble, hexadecimal floats left out.
JAVA_DOUBLE = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?[fFdD]?)"
)


def name_of(raw: Object, space: str | None, *, new: bool) -> Name:
    """Return the full name of a named type; a stored one may have any namespace."""
    own_space = text_of(raw, "namespace")
    name = text_of(raw, "name")
    if name is None:
        raise InvalidSchema(f"No name in schema: {write(raw)}")
    found = resolved(name, space if own_space is None else own_space)
    check_identifier(found.simple)
    fault = space_fault(found.space) if new and found.space is not None else None
    if fault is not None:
        raise InvalidSchema(fault)
    if found.full in PRIMITIVE_NAMES:
        raise InvalidSchema(f"Schemas may not be named after primitives: {found.full}")
    return found


def check_identifier(name: str) -> None:
    fault = identifier_fault(name)
    if fault is not None:
        raise InvalidSchema(fault)


def text_of(raw: Object, key: str) -> str | None:
    """Return the text under a key; anything else counts as missing."""
    value = raw.get(key)
    return value if isinstance(value, str) else None


def props_of(raw: Object, reserved: frozenset[str]) -> Props:
    if raw.keys() <= reserved:
        return NO_PROPS
    return {key: value for key, value in raw.items() if key not in reserved}


def aliases_of(raw: Object) -> tuple[str, ...]:
    if "aliases" not in raw:
        return ()
    listed = raw["aliases"]
    if not isinstance(listed, list):
        raise InvalidSchema(f"aliases not an array: {write(raw)}")
    aliases: dict[str, None] = {}
    for alias in listed:
        if not isinstance(alias, str):
            raise InvalidSchema(f"alias not a string: {write(alias)}")
        aliases[alias] = None
    return tuple(aliases)


def type_aliases_of(raw: Object, name: Name) -> tuple[Name, ...]:
    """Return the aliases of a named type, in its namespace unless they bring their own."""
    found = [resolved(alias, name.space) for alias in aliases_of(raw)]
    for alias in found:
        check_identifier(alias.simple)
    return tuple(dict.fromkeys(found))


def default_of(raw: Object, node: Node) -> JsonValue | Absent:
    """Return the default of a field; a text for a float or double is read as a number."""
    default = raw.get("default", ABSENT)
    if isinstance(default, str) and node.type in FLOATING:
        return java_double(default)
    return default


def java_double(text: str) -> float:
    digits = text.strip()
    if not JAVA_DOUBLE.fullmatch(digits):
        raise InvalidSchema(f'For input string: "{text}"')
    return float(digits if digits[-1] in "Ny" else digits.rstrip("fFdD"))


def order_of(raw: Object) -> Order:
    if "order" not in raw:
        return ASCENDING
    word = raw["order"]
    try:
        return Order(str(word).lower())
    except ValueError as error:
        constant = f"org.apache.avro.Schema.Field.Order.{str(word).upper()}"
        raise InvalidSchema(f"No enum constant {constant}") from error


def symbols_of(raw: Object) -> tuple[str, ...]:
    listed = raw.get("symbols")
    if not isinstance(listed, list):
        raise InvalidSchema(f"Enum has no symbols: {write(raw)}")
    symbols: dict[str, None] = {}
    for symbol in listed:
        if not isinstance(symbol, str):
            raise InvalidSchema("Null name")
        check_identifier(symbol)
        if symbol in symbols:
            raise InvalidSchema(f"Duplicate enum symbol: {symbol}")
        symbols[symbol] = None
    return tuple(symbols)


def enum_default_of(raw: Object, symbols: tuple[str, ...]) -> str | None:
    default = text_of(raw, "default")
    if default is not None and default not in symbols:
        listing = ", ".join(symbols)
        raise InvalidSchema(
            f"The Enum Default: {default} is not in the enum symbol set: [{listing}]"
        )
    return default


def size_of(raw: Object) -> int:
    size = raw.get("size")
    if type(size) is not int or size >= INT_END:
        raise InvalidSchema(f"Invalid or no size: {write(raw)}")
    if size < 0:
        raise InvalidSchema(f"Malformed data. Length is negative: {size}")
    if size > MAX_FIXED_SIZE:
        raise InvalidSchema(f"Cannot read arrays longer than {MAX_FIXED_SIZE} bytes")
    return size
