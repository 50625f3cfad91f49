"""JSON text to Python values and back, with nothing lost on the way.

What Jackson's tree keeps is kept: the order of keys, the last of duplicate keys in the place of
the first, integers of any length, and decimals with the digits they were written with (`1.0`,
`1.00` and `1` stay three different numbers). A JSON value here is None, bool, int, Decimal, str,
list or dict; a float is only ever NaN or an infinity, where the caller allows them.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from compat.errors import InvalidSchema, TooComplex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

JsonValue: TypeAlias = (
    bool | int | Decimal | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
)

# A schema of a million characters is the most a Kafka broker takes in one record by default, and
# the registries that keep their schemas in a topic never stored a larger one. Twice as long a text
# is read in about a second, whatever it holds.
MAX_LENGTH = 2 * 1024 * 1024

# Each empty object costs two characters of text and sixty bytes of memory.
MAX_NODES = 500_000

# The standard library's scanner recurses in C against the interpreter's limit of 1000 frames,
# which it shares with whoever called us.
MAX_DEPTH = 400

# Jackson refuses longer numbers too (StreamReadConstraints, maximum number length).
MAX_NUMBER_LENGTH = 1000

# `1E+999999999` is a short text and a number nobody can add one to.
MAX_EXPONENT = 10_000

BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def read(
    text: str,
    *,
    max_depth: int = MAX_DEPTH,
    max_length: int = MAX_LENGTH,
    allow_non_finite: bool = False,
) -> JsonValue:
    """Return the value of a JSON text; raises InvalidSchema with line and column, or TooComplex."""
    if len(text) > max_length:
        raise TooComplex(f"the text is longer than {max_length} characters")
    brackets = text.count("[") + text.count("{")
    if brackets + text.count(",") > MAX_NODES:
        raise TooComplex(f"the text has more than {MAX_NODES} values")
    if brackets > max_depth:
        check_depth(text, max_depth)
    decoder = LENIENT if allow_non_finite else STRICT
    try:
        value: JsonValue = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidSchema(
            f"not JSON: {error.msg}", line=error.lineno, column=error.colno
        ) from error
    check_surrogates(text, value)
    return value


def check_depth(text: str, max_depth: int) -> None:
    """Raise TooComplex where brackets first nest deeper than allowed."""
    depth = 0
    for match in BRACKET.finditer(text):
        bracket = match[0]
        if bracket in {"[", "{"}:
            depth += 1
            if depth > max_depth:
                line, column = position(text, match.start())
                message = f"nested deeper than {max_depth} levels"
                raise TooComplex(message, line=line, column=column)
        elif bracket in {"]", "}"}:
            depth -= 1


def check_surrogates(text: str, value: JsonValue) -> None:
    """Raise InvalidSchema for half a surrogate pair: no UTF-8 can carry it to a client."""
    try:
        text.encode()
        if SURROGATE_ESCAPE.search(text):
            write(value).encode()
    except UnicodeEncodeError as error:
        raise InvalidSchema("not JSON: a surrogate stands without its other half") from error


def position(text: str, index: int) -> tuple[int, int]:
    """Return line and column, both from 1, of a place in the text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise TooComplex(f"a number has more than {MAX_NUMBER_LENGTH} digits")
    return int(digits)


def decimal(digits: str) -> Decimal:
    """Return the number as java.math.BigDecimal holds it, which has no negative zero."""
    if len(digits) > MAX_NUMBER_LENGTH:
        raise TooComplex(f"a number has more than {MAX_NUMBER_LENGTH} digits")
    _, _, exponent = digits.lower().partition("e")
    if exponent and abs(int(exponent)) > MAX_EXPONENT:
        raise TooComplex(f"a number has an exponent beyond {MAX_EXPONENT}")
    number = Decimal(digits)
    return number or number.copy_abs()


def refuse_constant(name: str) -> NoReturn:
    raise InvalidSchema(f"not JSON: {name} is not a number")


STRICT = json.JSONDecoder(parse_float=decimal, parse_int=integer, parse_constant=refuse_constant)
LENIENT = json.JSONDecoder(parse_float=decimal, parse_int=integer)


def write(value: JsonValue, *, sort_keys: bool = False) -> str:
    """Return the compact text of a value, spelt as Jackson spells it.

    Numbers as BigDecimal.toString, control characters as upper-case `\\u001F`, everything beyond
    ASCII raw, NaN and the infinities as strings. Sorted keys are in the order of their UTF-16
    units, as a Java TreeMap has them.
    """
    scalar = SCALARS.get(type(value))
    if scalar is not None:
        return scalar(value)
    parts: list[str] = []
    stack = [opened(value, parts, sort_keys=sort_keys)]
    while stack:
        members, closer = stack[-1]
        for prefix, child in members:
            parts.append(prefix)
            scalar = SCALARS.get(type(child))
            if scalar is None:
                stack.append(opened(child, parts, sort_keys=sort_keys))
                break
            parts.append(scalar(child))
        else:
            parts.append(closer)
            stack.pop()
    return "".join(parts)


def opened(
    value: JsonValue, parts: list[str], *, sort_keys: bool
) -> tuple[Iterator[tuple[str, JsonValue]], str]:
    """Write the opening bracket; return the members with their separators, and the closing one."""
    if isinstance(value, dict):
        parts.append("{")
        return members_of(value, sort_keys=sort_keys), "}"
    assert isinstance(value, list), f"{type(value).__name__} is not a JSON value"
    parts.append("[")
    return items_of(value), "]"


def members_of(value: dict[str, JsonValue], *, sort_keys: bool) -> Iterator[tuple[str, JsonValue]]:
    separator = ""
    for key in sorted_keys(value) if sort_keys else value:
        yield f"{separator}{quoted(key)}:", value[key]
        separator = ","


def items_of(value: list[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    separator = ""
    for item in value:
        yield separator, item
        separator = ","


def sorted_keys(value: Mapping[str, JsonValue]) -> list[str]:
    """Return the keys in the order of their UTF-16 units, which differs from code points' order."""
    if "".join(value).isascii():
        return sorted(value)
    return sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))


def quoted(text: str) -> str:
    escaped = encode_basestring(text)
    if "\\u" not in escaped:
        return escaped
    return escaped if text.isprintable() else upper_controls(text)


def upper_controls(text: str) -> str:
    """Quote a text with control characters: `\\u001f` of the standard library is `\\u001F` here."""
    return '"' + "".join(escaped_character(character) for character in text) + '"'


def escaped_character(character: str) -> str:
    if character < " ":
        return SHORT_ESCAPES.get(character) or f"\\u{ord(character):04X}"
    return encode_basestring(character)[1:-1]


SHORT_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def constant(value: float) -> str:
    """Spell NaN and the infinities as Java does, quoted: they are no JSON numbers."""
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return '"NaN"'
    return '"Infinity"' if value > 0 else '"-Infinity"'


SCALARS: dict[type, Callable[..., str]] = {
    str: quoted,
    int: str,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    Decimal: str,
    float: constant,
}
