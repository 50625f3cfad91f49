"""The JSON under an Avro schema, read and written as Avro Java's Jackson does.

Numbers with a point or an exponent are doubles, all others integers of any length. Comments are
white space, a text after the schema is refused, and NaN and the infinities are written as strings.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

from compat.errors import InvalidSchema, TooComplex
from compat.json_text import check_depth, position, quoted, sorted_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compat.json_text import JsonValue

# Jackson's default limit is 1000 levels. Each level costs up to two Python frames, and the 1000
# frames of the interpreter are shared with whoever called us. 66 nested records fit.
MAX_DEPTH = 200

# Twice what a broker takes in one record by default, so twice what a registry that keeps its
# schemas in a topic can have stored; whatever such a text holds is read in about a second.
MAX_LENGTH = 2 * 1024 * 1024

# Jackson's limit (StreamReadConstraints, maximum number length).
MAX_NUMBER_LENGTH = 1000

# Double.toString writes plain decimals in this range and exponents outside.
PLAIN_FROM, PLAIN_TO = 1e-3, 1e7

BLANK = re.compile(r"[ \t\r\n]*+")
STRING_OR_COMMENT = re.compile(
    r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|//[^\r\n]*+|/\*.*?(?:\*/|\Z)', re.DOTALL
)
SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
NOT_LINE_END = re.compile(r"[^\r\n]")


def read(text: str) -> JsonValue:
    """Return the one JSON value in the text; raises InvalidSchema or TooComplex."""
    if len(text) > MAX_LENGTH:
        raise TooComplex(f"the schema is longer than {MAX_LENGTH} characters")
    try:
        return decoded(text, original=text)
    except InvalidSchema:
        if "/" not in text:
            raise
    return decoded(without_comments(text), original=text)


def decoded(text: str, *, original: str) -> JsonValue:
    if text.count("[") + text.count("{") > MAX_DEPTH:
        check_depth(text, MAX_DEPTH)
    start = blank_until(text)
    if start == len(text):
        raise InvalidSchema("Cannot parse <null> schema")
    value: JsonValue
    try:
        value, end = DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise InvalidSchema(
            f"not JSON: {error.msg}", line=error.lineno, column=error.colno
        ) from error
    check_encodable(text, value)
    dangling = original[end:].strip()
    if dangling:
        line, column = position(text, end + blank_until(original[end:]))
        message = f"dangling content after end of schema: {dangling}"
        raise InvalidSchema(message, line=line, column=column)
    return value


def check_encodable(text: str, value: JsonValue) -> None:
    """Raise InvalidSchema for half a surrogate pair: no UTF-8 can carry it to a client."""
    try:
        text.encode()
        if SURROGATE_ESCAPE.search(text):
            write(value).encode()
    except UnicodeEncodeError as error:
        raise InvalidSchema("not JSON: a surrogate stands without its other half") from error


def blank_until(text: str) -> int:
    blank = BLANK.match(text)
    assert blank is not None, "the pattern matches the empty text"
    return blank.end()


def without_comments(text: str) -> str:
    """Return the text with comments blanked out, every other character in its place."""
    return STRING_OR_COMMENT.sub(
        lambda match: match[0] if match[0][0] == '"' else NOT_LINE_END.sub(" ", match[0]), text
    )


def number_text(digits: str) -> str:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise TooComplex(f"a number has more than {MAX_NUMBER_LENGTH} digits")
    return digits


def refuse_constant(name: str) -> NoReturn:
    raise InvalidSchema(f"not JSON: {name} is not a number")


DECODER = json.JSONDecoder(
    parse_float=lambda digits: float(number_text(digits)),
    parse_int=lambda digits: int(number_text(digits)),
    parse_constant=refuse_constant,
)


def write(value: JsonValue, *, sort_keys: bool = False) -> str:
    """Return the compact text of a value; sorted keys are in the order of their UTF-16 units."""
    if isinstance(value, list):
        return f"[{','.join([write(item, sort_keys=sort_keys) for item in value])}]"
    if isinstance(value, dict):
        keys = sorted_keys(value) if sort_keys else value
        members = [f"{quoted(key)}:{write(value[key], sort_keys=sort_keys)}" for key in keys]
        return f"{{{','.join(members)}}}"
    return SCALARS[type(value)](value)


def double(value: float) -> str:
    """Return what Double.toString makes of a number; what JSON has no number for is quoted."""
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    if value == 0 or PLAIN_FROM <= abs(value) < PLAIN_TO:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int), "the number is finite"
    first, *rest = map(str, digits)
    minus = "-" if sign else ""
    return f"{minus}{first}.{''.join(rest) or '0'}E{exponent + len(rest)}"


SCALARS: Mapping[type, Callable[..., str]] = {
    str: quoted,
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: double,
}
