"""The map that a rule gives back, as a new Protobuf message.

It is the whole message: a field that the map does not name is not set, one that is null is
cleared. Values must have the type of their field; what protobuf's JSON would coerce is an error.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from accord_serde._protobuf.leaves import set_decimal
from accord_serde._rules_engine.executors import RuleError
from accord_serde.rules.cel.library import celtypes
from accord_serde.rules.cel.protobuf_values import WRAPPERS, Field
from accord_serde.rules.cel.timestamps import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable

# The widest float, and the slack that protobuf's JSON allows above it.
_MAX_FLOAT = 3.4028234663852886e38 * (1 + 1e-6)
_MAX_INTEGER_DIGITS = 20  # of 2**64 - 1
_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)
_UINT32 = range(2**32)
_UINT64 = range(2**64)
_RANGES = {
    FieldDescriptor.TYPE_ENUM: _INT32,
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_SINT32: _INT32,
    FieldDescriptor.TYPE_SFIXED32: _INT32,
    FieldDescriptor.TYPE_UINT32: _UINT32,
    FieldDescriptor.TYPE_FIXED32: _UINT32,
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_SINT64: _INT64,
    FieldDescriptor.TYPE_SFIXED64: _INT64,
    FieldDescriptor.TYPE_UINT64: _UINT64,
    FieldDescriptor.TYPE_FIXED64: _UINT64,
}


def to_message(result: Any, kind: type[Message]) -> Any:
    """Return a message of a class, or what is no map as it is."""
    if not isinstance(result, Mapping):
        return result
    made = kind()
    _fill(made, result)
    return made


def _fill(message: Message, values: Mapping[Any, Any]) -> None:
    seen: set[str] = set()
    for key, value in values.items():
        fields = message.DESCRIPTOR
        name = str(key)
        field = fields.fields_by_name.get(name) or fields.fields_by_camelcase_name.get(name)
        if field is None:
            continue
        slots = {field.full_name}
        if field.containing_oneof is not None and value is not None:
            slots.add(field.containing_oneof.full_name)
        if seen & slots:
            raise RuleError(f"the result sets {' and '.join(sorted(seen & slots))} twice")
        if value is None:
            message.ClearField(field.name)
        else:
            seen |= slots
            _set(message, field, value)


def _set(message: Message, field: Field, value: Any) -> None:
    if not field.is_repeated:
        if field.message_type is None:
            setattr(message, field.name, _scalar(field, value))
        else:
            _set_message(getattr(message, field.name), field, value)
    elif field.message_type is not None and field.message_type.GetOptions().map_entry:
        _set_map(getattr(message, field.name), field, value)
    else:
        _set_repeated(getattr(message, field.name), field, value)


def _set_map(target: Any, field: Field, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise _mismatch(field, value)
    inner = field.message_type.fields_by_name["value"]
    for key, item in value.items():
        if item is None:
            raise _mismatch(field, item)
        if inner.message_type is None:
            target[key] = _scalar(inner, item)
        else:
            _set_message(target[key], inner, item)


def _set_repeated(target: Any, field: Field, value: Any) -> None:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise _mismatch(field, value)
    for item in value:
        if item is None:
            raise _mismatch(field, item)
        if field.message_type is None:
            target.append(_scalar(field, item))
        else:
            _set_message(target.add(), field, item)


def _set_message(target: Any, field: Field, value: Any) -> None:
    name = field.message_type.full_name
    origin = getattr(value, "msg", value)
    if isinstance(origin, Message):
        target.CopyFrom(origin)
    elif name in WRAPPERS:
        target.value = _scalar(field.message_type.fields_by_name["value"], value)
    elif name == "confluent.type.Decimal" and isinstance(value, Decimal):
        set_decimal(target, value)
    elif name == "google.protobuf.Timestamp" and isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        target.seconds, left = divmod(_microseconds(moment - EPOCH), 1_000_000)
        target.nanos = left * 1000
    elif name == "google.protobuf.Duration" and isinstance(value, timedelta):
        _set_duration(target, value)
    elif isinstance(value, Mapping):
        _fill(target, value)
    else:
        raise _mismatch(field, value)


def _microseconds(elapsed: timedelta) -> int:
    return elapsed // timedelta(microseconds=1)


def _set_duration(target: Any, value: timedelta) -> None:
    """Write both parts with the same sign, as the message has them."""
    seconds, left = divmod(abs(_microseconds(value)), 1_000_000)
    sign = -1 if value < timedelta(0) else 1
    target.seconds = sign * seconds
    target.nanos = sign * left * 1000


def _scalar(field: Field, value: Any) -> Any:
    write = _WRITERS.get(field.type, _integer)
    return write(field, value)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _mismatch(field, value)
    return str(value)


def _bytes(field: Field, value: Any) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise _mismatch(field, value)
    return bytes(value)


def _boolean(field: Field, value: Any) -> bool:
    if not isinstance(value, bool | celtypes.BoolType):
        raise _mismatch(field, value)
    return bool(value)


def _real(field: Field, value: Any) -> float:
    """Return a float; infinities only where the rule gave one."""
    is_number = isinstance(value, int | float | Decimal)
    if not is_number or isinstance(value, bool | celtypes.BoolType):
        raise _mismatch(field, value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not _is_finite(value):
        return number
    limit = _MAX_FLOAT if field.type == FieldDescriptor.TYPE_FLOAT else math.inf
    if not math.isfinite(number) or abs(number) > limit:
        raise RuleError(f"a value is out of range for field '{field.name}'")
    return number


def _integer(field: Field, value: Any) -> Any:
    """Return an int; the name of an enum's value is left for protobuf to look up."""
    if isinstance(value, bool | celtypes.BoolType):
        raise _mismatch(field, value)
    if not isinstance(value, int | float | Decimal):
        return value
    is_whole = isinstance(value, int) or (_is_finite(value) and _is_whole(value))
    if not is_whole or int(value) not in _RANGES[field.type]:
        raise RuleError(f"a value is out of range for field '{field.name}'")
    return int(value)


def _is_finite(value: float | Decimal) -> bool:
    # As a float, a wide int or decimal would be an infinity.
    return (
        value.is_finite()
        if isinstance(value, Decimal)
        else isinstance(value, int) or math.isfinite(value)
    )


def _is_whole(value: float | Decimal) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    # Before its digits are made: 1e100000000 would take minutes.
    return value.adjusted() < _MAX_INTEGER_DIGITS and value == value.to_integral_value()


def _mismatch(field: Field, value: Any) -> RuleError:
    kind = "null" if value is None else type(value).__name__
    return RuleError(f"cannot write {kind} to field '{field.name}'")


_WRITERS: dict[int, Callable[[Field, Any], Any]] = {
    FieldDescriptor.TYPE_STRING: _text,
    FieldDescriptor.TYPE_BYTES: _bytes,
    FieldDescriptor.TYPE_BOOL: _boolean,
    FieldDescriptor.TYPE_FLOAT: _real,
    FieldDescriptor.TYPE_DOUBLE: _real,
}
