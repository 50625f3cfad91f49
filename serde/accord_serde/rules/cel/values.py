"""Values between Python and CEL."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from accord_serde.rules.cel.library import CELEvalError, celtypes

_EPOCH = date(1970, 1, 1).toordinal()


def to_cel(value: Any) -> Any:
    """Return what CEL sees of a value; what it has no type for is passed as it is.

    A date is the number of days since 1970, as Avro's logical type has it.
    """
    convert = _FROM_PYTHON.get(type(value))
    if convert is None:
        convert = next(
            (make for kind, make in _FROM_PYTHON.items() if isinstance(value, kind)), None
        )
    if convert is not None:
        return convert(value)
    if hasattr(value, "DESCRIPTOR"):
        from accord_serde.rules.cel import protobuf_values  # noqa: PLC0415 - an extra of its own

        return protobuf_values.message_to_cel(value)
    return value


def _map(value: Mapping[Any, Any]) -> celtypes.MapType:
    made = celtypes.MapType()
    for key, inner in value.items():
        made[key] = to_cel(inner)
    return made


# Subclasses before their parents: bool before int, datetime before date.
_FROM_PYTHON: dict[type, Callable[[Any], Any]] = {
    str: celtypes.StringType,
    bool: celtypes.BoolType,
    int: celtypes.IntType,
    float: celtypes.DoubleType,
    dict: _map,
    list: lambda value: celtypes.ListType([to_cel(inner) for inner in value]),
    bytes: celtypes.BytesType,
    datetime: celtypes.TimestampType,
    timedelta: celtypes.DurationType,
    date: lambda value: celtypes.IntType(value.toordinal() - _EPOCH),
    uuid.UUID: lambda value: celtypes.StringType(str(value)),
}


def to_python(value: Any) -> Any:
    """Return a result as plain Python values; tuples stay tuples, which name a union's branch.

    Raises the CELEvalError that the library leaves inside of lists and maps.
    """
    convert = _FROM_CEL.get(type(value))
    if convert is not None:
        return convert(value)
    if isinstance(value, Mapping):
        return {str(key): to_python(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(to_python(inner) for inner in value)
    if isinstance(value, list):
        return [to_python(inner) for inner in value]
    if isinstance(value, CELEvalError):
        raise value
    return value


def _datetime(value: datetime) -> datetime:
    return datetime.combine(value.date(), value.timetz())


def _timedelta(value: timedelta) -> timedelta:
    return timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)


_FROM_CEL: dict[type, Callable[[Any], Any]] = {
    celtypes.StringType: str,
    celtypes.BoolType: bool,
    celtypes.IntType: int,
    celtypes.UintType: int,
    celtypes.DoubleType: float,
    celtypes.BytesType: bytes,
    celtypes.TimestampType: _datetime,
    celtypes.DurationType: _timedelta,
}
