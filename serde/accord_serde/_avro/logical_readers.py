"""Expressions for the values of logical types, as fastavro makes them, from what was read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID, SafeUUID

from fastavro.read import LOGICAL_READERS

from accord_serde._avro.logical_writers import EPOCH, EPOCH_ORDINAL, MAX_SCALE, is_fastavros_own
from accord_serde._avro.source import Uncompilable

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._avro.schema import Json
    from accord_serde._avro.schema_types import Logical
    from accord_serde._avro.source import Source

# Given the expression for a plain value, that of a string in its bytes, returns the expression.
Conversion: TypeAlias = "Callable[[Source, str], str]"

# Up to here a float of seconds has microseconds to spare.
EXACT_SECONDS = 1 << 31
UUID_CHARACTERS = 36
SLOTS = vars(UUID)
set_int, set_safety = SLOTS["int"].__set__, SLOTS["is_safe"].__set__


def logical_reader(logical: Logical) -> Conversion | None:
    """Return the conversion of a logical type; None when fastavro reads what is below it."""
    read = LOGICAL_READERS.get(logical.key)
    if read is None:
        return None
    make = CONVERSIONS.get(logical.key)
    if make is None or not is_fastavros_own(read):
        raise Uncompilable
    return make(logical.schema, read)


def _call(function: Callable[[Json], object]) -> Conversion:
    return lambda source, value: f"{source.constant(function)}({value})"


def _timestamp(units: int) -> Callable[[Json, Json], Conversion]:
    """Make the conversion of timestamps that have so many of their units in a second."""
    microseconds = 1000000 // units

    def other(value: int) -> datetime:
        return EPOCH + timedelta(0, 0, value * microseconds)

    def expression(source: Source, value: str) -> str:
        make, zone, far = map(source.constant, (datetime.fromtimestamp, UTC, other))
        return (
            f"({make}({value} / {units}, {zone}) if 0 <= {value} < {EXACT_SECONDS * units}"
            f" else {far}({value}))"
        )

    return lambda _schema, _read: expression


def _date(_schema: Json, _read: Json) -> Conversion:
    def expression(source: Source, value: str) -> str:
        return f"{source.constant(date.fromordinal)}({value} + {EPOCH_ORDINAL})"

    return expression


def _uuid(_schema: Json, _read: Json) -> Conversion:
    make, safety = UUID.__new__, SafeUUID.unknown

    def read(text: bytes) -> UUID:
        digits = text.replace(b"-", b"")
        if len(text) != UUID_CHARACTERS or len(digits) != UUID_CHARACTERS - 4:
            return UUID(text.decode())
        value = make(UUID)
        set_int(value, int(digits, 16))
        set_safety(value, safety)
        return value

    return _call(read)


def _decimal(schema: Json, read_any: Json) -> Conversion:
    scale, precision = schema.get("scale", 0), schema.get("precision")
    if type(scale) is not int or type(precision) is not int or scale > MAX_SCALE:
        return _left_to_fastavro(schema, read_any)
    context, limit = Context(prec=precision), 10 ** min(precision, 4 * MAX_SCALE)
    from_bytes = int.from_bytes

    def read(raw: bytes) -> Decimal:
        unscaled = from_bytes(raw, "big", signed=True)
        if -limit < unscaled < limit:
            return Decimal(unscaled).scaleb(-scale, context)
        number: Decimal = read_any(raw, schema)
        return number

    return _call(read)


def _left_to_fastavro(schema: Json, read: Json) -> Conversion:
    return _call(lambda value: read(value, schema))


CONVERSIONS: dict[str, Callable[[Json, Json], Conversion]] = {
    "long-timestamp-millis": _timestamp(1000),
    "long-timestamp-micros": _timestamp(1000000),
    "long-local-timestamp-millis": _left_to_fastavro,
    "long-local-timestamp-micros": _left_to_fastavro,
    "long-time-micros": _left_to_fastavro,
    "int-time-millis": _left_to_fastavro,
    "int-date": _date,
    "string-uuid": _uuid,
    "bytes-decimal": _decimal,
    "fixed-decimal": _decimal,
}
