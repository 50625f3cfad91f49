"""Message types that rules see as one value: decimals and timestamps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from accord_serde._rules_engine.contexts import FieldType
from accord_serde._rules_engine.executors import RuleError

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

# As what Avro has them: a decimal on bytes, a timestamp on a long.
LEAVES = {
    "confluent.type.Decimal": FieldType.BYTES,
    "google.protobuf.Timestamp": FieldType.LONG,
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DIGITS = (
    4300  # CPython's limit between text and int, and what all of Confluent's clients write
)
_INT32 = range(-(2**31), 2**31)


def is_leaf(descriptor: Descriptor | None) -> bool:
    return descriptor is not None and descriptor.full_name in LEAVES


def leaf_message(descriptor: Descriptor, value: Any) -> Message:
    """Return the message for what a rule gave: that message, what holds it as `msg`, a Decimal
    or a datetime. Raises RuleError.
    """
    for given in (value, getattr(value, "msg", None)):
        if isinstance(given, Message) and given.DESCRIPTOR.full_name == descriptor.full_name:
            return given
    made: Any = GetMessageClass(descriptor)()
    match descriptor.full_name, value:
        case "confluent.type.Decimal", Decimal():
            set_decimal(made, value)
        case "google.protobuf.Timestamp", datetime():
            set_timestamp(made, value)
        case name, _:
            kind = "null" if value is None else type(value).__name__
            raise RuleError(f"cannot write {kind} to a field of type {name}")
    return made  # type: ignore[no-any-return]  # its class is made at run time


def set_decimal(target: Any, value: Decimal) -> None:
    """Write a decimal as it is, with the precision and scale it has itself. Raises RuleError."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or -exponent not in _INT32:
        raise RuleError(f"a confluent.type.Decimal cannot hold {value!r}")
    if len(digits) > _MAX_DIGITS:
        raise RuleError(f"a decimal of {len(digits)} digits is past {_MAX_DIGITS}")
    unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
    bits = (unscaled if unscaled >= 0 else ~unscaled).bit_length() + 1
    target.value = unscaled.to_bytes((bits + 7) // 8, "big", signed=True)
    target.precision = len(digits)
    target.scale = -exponent


def set_timestamp(target: Any, value: datetime) -> None:
    """Write a moment; one without a time zone is in UTC."""
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    microseconds = (moment - _EPOCH) // timedelta(microseconds=1)
    target.seconds, left = divmod(microseconds, 1_000_000)
    target.nanos = left * 1000
