"""The functions of CEL beside those of the library, and the library's where decimals matter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accord_serde.rules.cel.decimals import DECIMAL_FUNCTIONS, decimal_of, plain_text
from accord_serde.rules.cel.library import CELEvalError, base_functions, celtypes
from accord_serde.rules.cel.text_format import format_text
from accord_serde.rules.cel.text_functions import TEXT_FUNCTIONS
from accord_serde.rules.cel.timestamps import TIMESTAMP_FUNCTIONS, timestamp_text

_library: Mapping[str, Any] = base_functions


def _string(value: Any) -> celtypes.StringType:
    if isinstance(value, celtypes.TimestampType):
        return celtypes.StringType(timestamp_text(value))
    number = decimal_of(value)
    if number is not None:
        return celtypes.StringType(plain_text(number))
    if isinstance(value, bool | celtypes.BoolType):
        return celtypes.StringType("true" if value else "false")
    if isinstance(value, bytes):
        return celtypes.StringType(value.decode())
    if isinstance(value, str | int | float | timedelta):
        return celtypes.StringType(str(value))
    raise _no_overload("string", value)


def _double(value: Any) -> celtypes.DoubleType:
    number = decimal_of(value)
    if number is not None:
        return celtypes.DoubleType(float(number))
    if isinstance(value, bool | celtypes.BoolType | bytes):
        raise _no_overload("double", value)
    return celtypes.DoubleType(value)


def _no_overload(function: str, value: Any) -> CELEvalError:
    kind = "null" if value is None else type(value).__name__.removesuffix("Type").lower()
    return CELEvalError(f"found no matching overload for '{function}' applied to ({kind})")


def _holds_decimal(value: Any) -> bool:
    if isinstance(value, str | bytes | int | float) or value is None:
        return False
    if decimal_of(value) is not None:
        return True
    if isinstance(value, Mapping):
        return any(_holds_decimal(inner) for inner in value.values())
    return isinstance(value, list | tuple) and any(_holds_decimal(inner) for inner in value)


def _are_equal(left: Any, right: Any) -> bool:
    """Compare decimals as numbers: 12.34 is 12.340, and no decimal is a value of another type."""
    if not _holds_decimal(left) and not _holds_decimal(right):
        return bool(_library["_==_"](left, right))
    first, second = decimal_of(left), decimal_of(right)
    if first is not None or second is not None:
        return first is not None and second is not None and first == second
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(
            _are_equal(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_are_equal, left, right))
    return bool(_library["_==_"](left, right))


def _equal(left: Any, right: Any) -> Any:
    if _holds_decimal(left) or _holds_decimal(right):
        return celtypes.BoolType(_are_equal(left, right))
    return _library["_==_"](left, right)


def _unequal(left: Any, right: Any) -> Any:
    if _holds_decimal(left) or _holds_decimal(right):
        return celtypes.BoolType(not _are_equal(left, right))
    return _library["_!=_"](left, right)


def _contained(item: Any, container: Any) -> Any:
    is_special = _holds_decimal(item) or _holds_decimal(container)
    if is_special and isinstance(container, Mapping | list | tuple):
        return celtypes.BoolType(any(_are_equal(item, member) for member in container))
    return _library["_in_"](item, container)


FUNCTIONS: dict[str, Any] = {
    "format": format_text,
    **TEXT_FUNCTIONS,
    **TIMESTAMP_FUNCTIONS,
    **DECIMAL_FUNCTIONS,
    "string": _string,
    "double": _double,
    "_==_": _equal,
    "_!=_": _unequal,
    "_in_": _contained,
}
