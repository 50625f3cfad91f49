"""The function `timestamp` of CEL.

call                          | gives
------------------------------|--------------------------------------------------
`timestamp("2026-01-31T…")`   | RFC 3339, by the library
`timestamp(1700000000)`       | seconds since 1970
`timestamp(value, precision)` | since 1970, in units of 10^-precision seconds: 0, 3, 6 or 9
`timestamp(year, month, …)`   | the parts of a date, by the library

Below a microsecond nothing is kept.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from accord_serde.rules.cel.library import CELEvalError, base_functions, celtypes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_LIBRARY: Any = base_functions.get("timestamp", celtypes.TimestampType)
_NANOSECONDS = {0: 1_000_000_000, 3: 1_000_000, 6: 1_000, 9: 1}


def _timestamp(*arguments: Any) -> Any:
    match arguments:
        case [value]:
            return _of(value)
        case [value, precision]:
            return from_epoch(_integer(value, "epoch value"), _integer(precision, "precision"))
        case _:
            return _LIBRARY(*arguments)


def from_epoch(value: int, precision: int) -> celtypes.TimestampType:
    """Return the moment that many units after 1970."""
    unit = _NANOSECONDS.get(precision)
    if unit is None:
        raise CELEvalError(
            f"timestamp: unknown precision {precision}; expected 0 (seconds), 3 (millis), "
            "6 (micros) or 9 (nanos)"
        )
    try:
        moment = EPOCH + timedelta(microseconds=value * unit // 1_000)
    except OverflowError as error:
        raise CELEvalError(f"timestamp: epoch value out of range: {value}") from error
    return celtypes.TimestampType(moment)


def _of(value: Any) -> Any:
    if value is None or isinstance(value, bool | celtypes.BoolType):
        kind = "null" if value is None else "bool"
        raise CELEvalError(f"timestamp: cannot convert {kind} to Timestamp")
    if isinstance(value, celtypes.TimestampType):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise CELEvalError("timestamp: naive datetime (no timezone) cannot be converted")
        return celtypes.TimestampType(value)
    if isinstance(value, int):
        return from_epoch(_integer(value, "epoch"), 0)
    return _LIBRARY(value)


def _integer(value: Any, what: str) -> int:
    # uint and bool are subclasses of int, and other types in CEL.
    is_other = isinstance(value, bool | celtypes.BoolType | celtypes.UintType)
    if is_other or not isinstance(value, int):
        raise CELEvalError(f"timestamp: {what} must be int, got {type(value).__name__}")
    return int(value)


def timestamp_text(moment: datetime) -> str:
    """Return RFC 3339 in UTC, with milliseconds or microseconds where there are any."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    unit = "microseconds" if utc.microsecond % 1000 else "milliseconds"
    return utc.isoformat(timespec=unit if utc.microsecond else "seconds") + "Z"


TIMESTAMP_FUNCTIONS = {"timestamp": _timestamp}
