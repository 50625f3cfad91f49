"""Scalar values: how a text writes them, and how a descriptor does.

A descriptor keeps a default as text: integers in decimal, floating-point numbers in the fewest of
two precisions that read back as the same number, bytes with C escapes.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from compat.protobuf.syntax import LiteralKind, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPE_NUMBERS: Final[Mapping[str, FieldDescriptorProto.Type.ValueType]] = {
    name.removeprefix("TYPE_").lower(): number
    for name, number in FieldDescriptorProto.Type.items()
    if name not in {"TYPE_GROUP", "TYPE_MESSAGE", "TYPE_ENUM"}
}
TYPE_NAMES: Final[Mapping[int, str]] = {number: name for name, number in TYPE_NUMBERS.items()}

_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)
_UINT32 = range(2**32)
_UINT64 = range(2**64)
INTEGERS: Final[Mapping[str, range]] = {
    **dict.fromkeys(("int32", "sint32", "sfixed32"), _INT32),
    **dict.fromkeys(("int64", "sint64", "sfixed64"), _INT64),
    **dict.fromkeys(("uint32", "fixed32"), _UINT32),
    **dict.fromkeys(("uint64", "fixed64"), _UINT64),
}
_BOOLEANS: Final = {"true": True, "false": False}
_INFINITE: Final = 2**1024 - 2**970  # what rounds to no finite double
_MAX_DIGITS: Final = 400  # no number that fits a double or an int64 needs more
_ESCAPES: Final = {
    ord(character): f"\\{letter}"
    for character, letter in zip("\n\r\t\"'\\", "nrt\"'\\", strict=True)
}


def integer(scalar: Scalar) -> int | None:
    """Return an integer written in decimal, octal or hexadecimal; None if it is none."""
    if scalar.kind is not LiteralKind.INTEGER or len(scalar.text) > _MAX_DIGITS:
        return None
    digits = scalar.text.removeprefix("-").lower()
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    try:
        value = int(digits, base)
    except ValueError:
        return None
    return -value if scalar.text.startswith("-") else value


def integer_of(type_name: str, scalar: Scalar) -> int | None:
    """Return an integer if it fits the scalar type."""
    value = integer(scalar)
    return value if value is not None and value in INTEGERS[type_name] else None


def floating(scalar: Scalar) -> float | None:
    """Return a number, inf or nan; None if it is neither."""
    if scalar.kind is LiteralKind.INTEGER:
        value = integer(scalar)
        if value is None:
            return None
        magnitude = float(abs(value)) if abs(value) < _INFINITE else math.inf
        return math.copysign(magnitude, -1 if scalar.text.startswith("-") else 1)
    text = scalar.text.lower()
    if scalar.kind is LiteralKind.IDENTIFIER and text not in {"inf", "nan"}:
        return None
    if scalar.kind is LiteralKind.STRING or len(text) > _MAX_DIGITS:
        return None
    try:
        return float(text if text.endswith("inf") else text.removesuffix("f"))
    except ValueError:
        return None


def boolean(scalar: Scalar) -> bool | None:
    """Return what `true` and `false` say; None for anything else."""
    return _BOOLEANS.get(scalar.text) if scalar.kind is LiteralKind.IDENTIFIER else None


def text(scalar: Scalar) -> str | None:
    """Return a string that is UTF-8; None for anything else."""
    if scalar.kind is not LiteralKind.STRING:
        return None
    try:
        scalar.text.encode()
    except UnicodeEncodeError:
        return None
    return scalar.text


def octets(scalar: Scalar) -> bytes | None:
    """Return the bytes of a string; None for anything else."""
    if scalar.kind is not LiteralKind.STRING:
        return None
    try:
        return scalar.text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None


def default_text(type_name: str, scalar: Scalar) -> str | None:
    """Return a default as a descriptor keeps it; None if it does not fit the scalar type."""
    match type_name:
        case "bool":
            return None if boolean(scalar) is None else scalar.text
        case "string":
            return text(scalar)
        case "bytes":
            content = octets(scalar)
            return None if content is None else c_escaped(content)
        case "double" | "float":
            number = floating(scalar)
            return None if number is None else number_text(number, single=type_name == "float")
        case _:
            value = integer_of(type_name, scalar)
            return None if value is None else str(value)


def number_text(value: float, *, single: bool) -> str:
    """Return a floating-point number as a descriptor keeps it."""
    if math.isnan(value):
        return "nan"
    if single:
        value = _single(value)
    short, long = ("%.6g", "%.9g") if single else ("%.15g", "%.17g")
    brief = short % value
    exact = _single(float(brief)) if single else float(brief)
    return brief if exact == value else long % value


def _single(value: float) -> float:
    """Return the nearest number of single precision."""
    try:
        (nearest,) = struct.unpack("<f", struct.pack("<f", value))
    except OverflowError:
        return math.copysign(math.inf, value)
    return float(nearest)


def c_escaped(content: bytes) -> str:
    """Return bytes with C escapes, octal ones where no letter stands for the byte."""
    return "".join(
        _ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}")  # noqa: PLR2004 - printable ASCII
        for byte in content
    )
