"""Functions that write the values of logical types, as fastavro prepares them.

Each takes a value and returns all its bytes, or raises for what fastavro has to look at.
"""

from __future__ import annotations

from binascii import hexlify
from datetime import UTC, date, datetime, time
from decimal import Decimal
from struct import Struct
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from fastavro.write import LOGICAL_WRITERS

from accord_serde._avro.source import Uncompilable
from accord_serde._avro.varint import Odd, integer_writers

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._avro.schema import Json
    from accord_serde._avro.schema_types import Logical

Writer: TypeAlias = "Callable[[object], bytes]"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
UUID_LENGTH = b"\x48"  # 36 characters
uuid_groups = Struct("8s4s4s4s12s").unpack
# `str` writes these digits out, with an exponent it would not.
MAX_SCALE = 32


def logical_writer(logical: Logical) -> Writer | None:
    """Return the function for a logical type; None when fastavro writes what is below it."""
    prepare = LOGICAL_WRITERS.get(logical.key)
    if prepare is None:
        return None
    make = WRITERS.get(logical.key)
    if make is None or not is_fastavros_own(prepare):
        raise Uncompilable
    return make(logical.schema, prepare)


def is_fastavros_own(function: object) -> bool:
    return str(getattr(function, "__module__", "")).startswith("fastavro._logical_")


def _timestamp(units: int) -> Callable[[Json, Json], Writer]:
    """Make writers of timestamps that have so many microseconds in one of their units."""
    second = 1000000 // units

    def make(_: Json, prepare: Json) -> Writer:
        long = integer_writers().long

        def write(value: Json) -> bytes:
            if type(value) is datetime and value.tzinfo is not None:
                since = value - EPOCH
                seconds = since.days * 86400 + since.seconds
                return long(seconds * second + since.microseconds // units)
            return long(prepare(value, None))

        return write

    return make


def _date(_schema: Json, _prepare: Json) -> Writer:
    long, int32 = integer_writers().long, integer_writers().int

    def write(value: Json) -> bytes:
        if type(value) is date or type(value) is datetime:
            return long(value.toordinal() - EPOCH_ORDINAL)
        return int32(value)

    return write


def _prepared(accepted: type) -> Callable[[Json, Json], Writer]:
    """Make writers that leave the conversion to fastavro."""

    def make(_: Json, prepare: Json) -> Writer:
        integers = integer_writers()

        def write(value: Json) -> bytes:
            if type(value) is accepted:
                return integers.long(prepare(value, None))
            return integers.long(value)

        return write

    return make


def _time_millis(_: Json, prepare: Json) -> Writer:
    integers = integer_writers()

    def write(value: Json) -> bytes:
        return integers.int(prepare(value, None) if type(value) is time else value)

    return write


def _uuid(_schema: Json, _prepare: Json) -> Writer:
    long = integer_writers().long

    def write(value: Json) -> bytes:
        if type(value) is UUID:
            digits = hexlify(value.int.to_bytes(16, "big"))
            return UUID_LENGTH + b"-".join(uuid_groups(digits))
        if type(value) is not str:
            raise Odd
        text = value.encode()
        return long(len(text)) + text

    return write


def _unscaled(schema: Json) -> Callable[[Decimal], int | None]:
    """Make what returns the digits of a number with just the scale of the schema, else None."""
    scale, precision = schema.get("scale", 0), schema.get("precision")
    if type(scale) is not int or type(precision) is not int or not 0 <= scale <= MAX_SCALE:
        raise Uncompilable
    limit = 10**precision if precision <= 4 * MAX_SCALE else 10 ** (4 * MAX_SCALE)
    point, point_end = -scale - 1, -scale

    def digits(number: Decimal) -> int | None:
        text = str(number)
        if scale:
            if text[point:point_end] != ".":
                return None
            text = text.replace(".", "")
        try:
            unscaled = int(text)
        except ValueError:
            return None
        return unscaled if -limit < unscaled < limit else None

    return digits


def _decimal_bytes(schema: Json, prepare: Json) -> Writer:
    integers = integer_writers()
    long, small = integers.long, integers.small
    unscaled = _unscaled(schema)

    def write(value: Json) -> bytes:
        if type(value) is Decimal:
            number = unscaled(value)
            if number is not None:
                length = number.bit_length() // 8 + 1
                return small[length] + number.to_bytes(length, "big", signed=True)
            value = prepare(value, schema)
        if type(value) is not bytes:
            raise Odd
        return long(len(value)) + value

    return write


def _decimal_fixed(schema: Json, _prepare: Json) -> Writer:
    unscaled = _unscaled(schema)
    size = schema["size"]

    def write(value: Json) -> bytes:
        if type(value) is Decimal:
            # fastavro writes -2 for a negative zero.
            number = unscaled(value)
            if number is None or (number == 0 and value.is_signed()):
                raise Odd
            return number.to_bytes(size, "big", signed=True)
        if type(value) is bytes and len(value) == size:
            return value
        raise Odd

    return write


WRITERS: dict[str, Callable[[Json, Json], Writer]] = {
    "long-timestamp-millis": _timestamp(1000),
    "long-timestamp-micros": _timestamp(1),
    "long-local-timestamp-millis": _prepared(datetime),
    "long-local-timestamp-micros": _prepared(datetime),
    "long-time-micros": _prepared(time),
    "int-time-millis": _time_millis,
    "int-date": _date,
    "string-uuid": _uuid,
    "bytes-decimal": _decimal_bytes,
    "fixed-decimal": _decimal_fixed,
}
