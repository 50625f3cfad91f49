"""The function `format` of CEL: `"%s is %.2f".format([name, size])`.

verb  | takes                          | gives
------|--------------------------------|------------------------------
`%s`  | anything                       | text; bytes in hexadecimal
`%d`  | int, uint                      | decimal digits
`%f`  | double, int, uint              | fixed point, 6 digits unless `%.2f`
`%e`  | double, int, uint              | exponent, likewise
`%x`  | int, uint, string, bytes       | hexadecimal; `%X` upper case
`%o`  | int, uint                      | octal
`%b`  | int, uint, bool                | binary
`%%`  | nothing                        | a percent sign
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from accord_serde.rules.cel.library import CELEvalError, celtypes

if TYPE_CHECKING:
    from collections.abc import Callable

_VERB = re.compile(r"%(?:(?P<escaped>%)|(?:\.(?P<precision>[0-9]*))?(?P<verb>.?))", re.DOTALL)
_PRECISION = 6
_MAX_PRECISION = 1000  # no number has more digits behind the point

_INTEGERS = (celtypes.IntType, celtypes.UintType)
_ESCAPES = str.maketrans(
    {
        "\a": r"\a",
        "\b": r"\b",
        "\f": r"\f",
        "\n": r"\n",
        "\r": r"\r",
        "\t": r"\t",
        "\v": r"\v",
        "\\": r"\\",
        '"': r"\"",
    }
)


def format_text(template: Any, arguments: Any) -> Any:
    """Return the text, or the error as a value, which `||` and `&&` may then ignore."""
    if not isinstance(template, celtypes.StringType):
        return _error("requires a string as the first argument")
    if not isinstance(arguments, celtypes.ListType):
        return _error("requires a list as the second argument")
    left = iter(arguments)
    try:
        text = _VERB.sub(lambda verb: _formatted(verb, left), template)
    except CELEvalError as error:
        return error
    if any(True for _ in left):
        return _error("too many arguments for format string")
    return celtypes.StringType(text)


def _formatted(verb: re.Match[str], arguments: Any) -> str:
    if verb["escaped"]:
        return "%"
    try:
        argument = next(arguments)
    except StopIteration:
        raise _error("not enough arguments for format string") from None
    if not verb["verb"]:
        raise _error("incomplete format specifier")
    write = _VERBS.get(verb["verb"])
    if write is None:
        raise _error(f"unknown format specifier: {verb['verb']}")
    digits = _PRECISION if verb["precision"] is None else int(verb["precision"] or 0)
    if digits > _MAX_PRECISION:
        raise _error(f"more than {_MAX_PRECISION} digits")
    return write(argument, digits)


def _decimal(value: Any, _: int) -> str:
    if not isinstance(value, _INTEGERS):
        raise _error("requires an integer argument")
    return str(int(value))


def _real(verb: str) -> Callable[[Any, int], str]:
    def write(value: Any, digits: int) -> str:
        if isinstance(value, celtypes.DoubleType):
            return f"{float(value):.{digits}{verb}}"
        return _decimal(value, digits)

    return write


def _hexadecimal(value: Any, _: int) -> str:
    if isinstance(value, _INTEGERS):
        return f"{int(value):x}"
    if isinstance(value, celtypes.BytesType):
        return value.hex()
    if isinstance(value, celtypes.StringType):
        return value.encode().hex()
    raise _error("requires an integer, string, or binary argument")


def _octal(value: Any, _: int) -> str:
    if not isinstance(value, _INTEGERS):
        raise _error("requires an integer argument")
    return f"{int(value):o}"


def _binary(value: Any, _: int) -> str:
    if not isinstance(value, (*_INTEGERS, celtypes.BoolType)):
        raise _error("requires an integer argument")
    return f"{int(value):b}"


def _text(value: Any, _: int = 0) -> str:
    if isinstance(value, celtypes.BytesType):
        return value.hex()
    if isinstance(value, celtypes.ListType):
        return f"[{', '.join(_quoted(inner) for inner in value)}]"
    return str(value)


def _quoted(value: Any) -> str:
    return f'"{value.translate(_ESCAPES)}"' if isinstance(value, str) else _text(value)


_VERBS: dict[str, Callable[[Any, int], str]] = {
    "s": _text,
    "d": _decimal,
    "f": _real("f"),
    "e": _real("e"),
    "x": _hexadecimal,
    "X": lambda value, digits: _hexadecimal(value, digits).upper(),
    "o": _octal,
    "b": _binary,
}


def _error(problem: str) -> CELEvalError:
    return CELEvalError(f"format() {problem}")
