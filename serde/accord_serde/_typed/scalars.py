"""The table of scalars: one row per type a value without parts can have."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from accord_serde._typed.markers import Encoding
from accord_serde._typed.shapes import Encoded, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accord_serde._typed.markers import Digits, Fixed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOCAL_EPOCH = EPOCH.replace(tzinfo=None)
MICROSECOND = timedelta(microseconds=1)
MILLISECOND = timedelta(milliseconds=1)
DURATION = re.compile(
    r"(-?)P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]{1,6}))?S)?)?"
)
CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?"
DIGITS = "^-?[0-9]+(\\.[0-9]+)?$"


def aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(
            f"{value.isoformat()} has no time zone: give it one, or annotate LocalTimestamp"
        )
    return value


def local(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError(f"{value.isoformat()} has a time zone, which LocalTimestamp leaves out")
    return value


def zoneless(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError(f"{value.isoformat()} has a time zone, which no format keeps")
    return value


def instant_text(value: datetime) -> str:
    return aware(value).astimezone(UTC).isoformat()


def micros(value: timedelta) -> int:
    return value // MICROSECOND


def duration_text(value: timedelta) -> str:
    """Return ISO 8601's text: days and seconds, to the microsecond."""
    sign, span = ("-", -value) if value < timedelta(0) else ("", value)
    return f"{sign}P{span.days}DT{span.seconds}.{span.microseconds:06d}S"


def duration_of(text: str) -> timedelta:
    found = DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no duration of days, hours, minutes and seconds")
    sign, days, hours, minutes, seconds, fraction = found.groups(default="0")
    span = timedelta(
        days=int(days),
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds),
        microseconds=int(fraction.ljust(6, "0")),
    )
    return -span if sign == "-" else span


def decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no number")
    return format(value, "f")


def decimal_of(text: object) -> Decimal:
    """Return a decimal of its text; a number has lost digits on its way, or may have."""
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text of a decimal")
    return Decimal(text)


def unscaled(value: Decimal, digits: Digits) -> bytes:
    """Return the two's complement of a decimal, as Avro's `decimal` has it.

    Raises ValueError for one that needs more digits.
    """
    scaled = value.scaleb(digits.scale) if value.is_finite() else value
    if not scaled.is_finite() or scaled != int(scaled) or abs(scaled) >= 10**digits.precision:
        raise ValueError(f"{value} needs other digits than {digits}")
    number = int(scaled)
    return number.to_bytes((number.bit_length() + 8) // 8, "big", signed=True)


def scaled_by(digits: Digits) -> Callable[[object], Decimal]:
    """Return the reader of a decimal that comes as bytes, or as a default's text."""

    def decimal(value: object) -> Decimal:
        if isinstance(value, str):
            value = value.encode("latin-1")
        if not isinstance(value, bytes):
            raise TypeError(f"{value!r} is no decimal")
        return Decimal(int.from_bytes(value, "big", signed=True)).scaleb(-digits.scale)

    return decimal


def latin(value: object) -> str:
    assert isinstance(value, bytes)
    return value.decode("latin-1")


def date_of(value: date | int) -> date:
    return EPOCH.date() + timedelta(days=value) if isinstance(value, int) else value


def instant_of(value: datetime | int, unit: timedelta = MICROSECOND) -> datetime:
    return EPOCH + value * unit if isinstance(value, int) else aware(value)


def local_of(value: datetime | int) -> datetime:
    return LOCAL_EPOCH + value * MICROSECOND if isinstance(value, int) else value


def time_of(value: time | int, unit: timedelta = MICROSECOND) -> time:
    return (EPOCH + value * unit).time() if isinstance(value, int) else value


def whole(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no int")
    return value


def finite(value: object) -> float:
    """Return a number JSON has."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no float")
    if not -float("inf") < value < float("inf"):
        raise ValueError(f"{value} has no place in JSON")
    return float(value)


def checked(cls: type, raw: Callable[..., object] | None = None) -> Callable[[object], object]:
    """Return `raw` for values of `cls` only."""

    def default(value: object) -> object:
        if not isinstance(value, cls):
            raise TypeError(f"{value!r} is no {cls.__name__}")
        return raw(value) if raw else value

    return default


ENVIRONMENT: Mapping[str, object] = {
    "Decimal": Decimal,
    "MILLISECOND": MILLISECOND,
    "MICROSECOND": MICROSECOND,
    "UUID": UUID,
    "aware": aware,
    "b64decode": b64decode,
    "b64encode": b64encode,
    "date": date,
    "date_of": date_of,
    "datetime": datetime,
    "decimal_of": decimal_of,
    "decimal_text": decimal_text,
    "duration_of": duration_of,
    "duration_text": duration_text,
    "instant_of": instant_of,
    "instant_text": instant_text,
    "local": local,
    "local_of": local_of,
    "micros": micros,
    "time": time,
    "time_of": time_of,
    "timedelta": timedelta,
    "zoneless": zoneless,
}

_GUARDED_AWARE = "{x} if {first}.tzinfo is not None else aware({x})"
_GUARDED_LOCAL = "{x} if {first}.tzinfo is None else local({x})"
_GUARDED_TIME = "{x} if {first}.tzinfo is None else zoneless({x})"
_FROM_LATIN = "{x} if {first}.__class__ is bytes else {x}.encode('latin-1')"


def _same(name: str, seen: type) -> Encoded:
    return Encoded(name, seen)


def _avro(
    primitive: str, logical: str, cls: type, *, read: str, write: str | None = None
) -> Encoded:
    schema: dict[str, object] = {"type": primitive, "logicalType": logical}
    return Encoded(schema, cls, write, read)


def _text(write: str, read: str, **keywords: object) -> Encoded:
    return Encoded({"type": "string", **keywords}, str, write, read)


NULL = Scalar(
    "None", (type(None),), _same("null", type(None)), _same("null", type(None)), lambda _: None
)
BOOLEAN = Scalar("bool", (bool,), _same("boolean", bool), _same("boolean", bool), checked(bool))
STRING = Scalar("str", (str,), _same("string", str), _same("string", str), checked(str))
INT64 = Scalar("int", (int,), _same("long", int), _same("integer", int), whole)
INT32 = Scalar(
    "Int32",
    (int,),
    _same("int", int),
    Encoded({"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}, int),
    whole,
)
_NUMBER = Encoded(
    "number", float, read="{x} if {first}.__class__ is float else float({x})", also=int
)
FLOAT64 = Scalar("float", (float,), _same("double", float), _NUMBER, finite)
FLOAT32 = Scalar("Float32", (float,), _same("float", float), _NUMBER, finite)
BYTES = Scalar(
    "bytes",
    (bytes,),
    Encoded("bytes", bytes, read=_FROM_LATIN),
    _text("b64encode({x}).decode()", "b64decode({x}, validate=True)", contentEncoding="base64"),
    checked(bytes, latin),
)
UUIDS = Scalar(
    "UUID",
    (UUID,),
    _avro("string", "uuid", UUID, read="{x} if {first}.__class__ is UUID else UUID({x})"),
    _text("str({x})", "UUID({x})", format="uuid"),
    checked(UUID, str),
    fleeting=True,
)
DATE = Scalar(
    "date",
    (date,),
    _avro("int", "date", date, read="{x} if {first}.__class__ is date else date_of({x})"),
    _text("{x}.isoformat()", "date.fromisoformat({x})", format="date"),
    checked(date, lambda value: value.toordinal() - EPOCH.toordinal()),
    fleeting=True,
)
_INSTANT_TEXT = _text("instant_text({x})", "aware(datetime.fromisoformat({x}))", format="date-time")
TIMESTAMP = Scalar(
    "datetime",
    (datetime,),
    _avro(
        "long",
        "timestamp-micros",
        datetime,
        write=_GUARDED_AWARE,
        read="{x} if {first}.__class__ is datetime else instant_of({x})",
    ),
    _INSTANT_TEXT,
    checked(datetime, lambda value: (aware(value) - EPOCH) // MICROSECOND),
    fleeting=True,
)
TIMESTAMP_MILLIS = Scalar(
    "TimestampMillis",
    (datetime,),
    _avro(
        "long",
        "timestamp-millis",
        datetime,
        write=_GUARDED_AWARE,
        read="{x} if {first}.__class__ is datetime else instant_of({x}, MILLISECOND)",
    ),
    _INSTANT_TEXT,
    checked(datetime, lambda value: (aware(value) - EPOCH) // MILLISECOND),
    fleeting=True,
)
LOCAL_TIMESTAMP = Scalar(
    "LocalTimestamp",
    (datetime,),
    _avro(
        "long",
        "local-timestamp-micros",
        datetime,
        write=_GUARDED_LOCAL,
        read="{x} if {first}.__class__ is datetime else local_of({x})",
    ),
    _text(
        "local({x}).isoformat()",
        "local(datetime.fromisoformat({x}))",
        pattern=f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}$",
    ),
    checked(datetime, lambda value: (local(value) - LOCAL_EPOCH) // MICROSECOND),
    fleeting=True,
)


def _since_midnight(value: time, unit: timedelta) -> int:
    return (datetime.combine(EPOCH, zoneless(value), UTC) - EPOCH) // unit


_TIME_TEXT = _text("zoneless({x}).isoformat()", "time.fromisoformat({x})", pattern=f"^{CLOCK}$")
TIME = Scalar(
    "time",
    (time,),
    _avro(
        "long",
        "time-micros",
        time,
        write=_GUARDED_TIME,
        read="{x} if {first}.__class__ is time else time_of({x})",
    ),
    _TIME_TEXT,
    checked(time, lambda value: _since_midnight(value, MICROSECOND)),
    fleeting=True,
)
TIME_MILLIS = Scalar(
    "TimeMillis",
    (time,),
    _avro(
        "int",
        "time-millis",
        time,
        write=_GUARDED_TIME,
        read="{x} if {first}.__class__ is time else time_of({x}, MILLISECOND)",
    ),
    _TIME_TEXT,
    checked(time, lambda value: _since_midnight(value, MILLISECOND)),
    fleeting=True,
)
DURATIONS = Scalar(
    "timedelta",
    (timedelta,),
    # Avro's own duration has months and no microseconds, and no library reads it.
    Encoded("long", int, "micros({x})", "timedelta(microseconds={x})"),
    _text("duration_text({x})", "duration_of({x})", format="duration"),
    checked(timedelta, micros),
)
ANY_DECIMAL = Scalar(
    "Decimal",
    (Decimal,),
    "a Decimal needs its digits: Annotated[Decimal, Digits(precision=10, scale=2)]",
    _text("decimal_text({x})", "decimal_of({x})", pattern=DIGITS),
    checked(Decimal),
)


def decimal(digits: Digits) -> Scalar:
    return Scalar(
        "Decimal",
        (Decimal,),
        Encoded(
            {
                "type": "bytes",
                "logicalType": "decimal",
                "precision": digits.precision,
                "scale": digits.scale,
            },
            Decimal,
            read="{x} if {first}.__class__ is Decimal else {bound}({x})",
            bound=scaled_by(digits),
        ),
        ANY_DECIMAL.json,
        checked(Decimal, lambda value: latin(unscaled(value, digits))),
    )


def fixed(mark: Fixed) -> Scalar:
    text = 4 * ((mark.size + 2) // 3)

    def raw(value: object) -> str:
        if not isinstance(value, bytes) or len(value) != mark.size:
            raise TypeError(f"{value!r} is not {mark.size} bytes")
        return latin(value)

    return Scalar(
        "bytes",
        (bytes,),
        Encoded(
            {"type": "fixed", "name": mark.name or f"Fixed{mark.size}", "size": mark.size},
            bytes,
            read=_FROM_LATIN,
        ),
        replace(
            BYTES.json,
            schema={
                "type": "string",
                "contentEncoding": "base64",
                "minLength": text,
                "maxLength": text,
            },
        ),
        raw,
    )


PLAIN: Mapping[object, Scalar] = {
    None: NULL,
    type(None): NULL,
    bool: BOOLEAN,
    int: INT64,
    float: FLOAT64,
    str: STRING,
    bytes: BYTES,
    UUID: UUIDS,
    date: DATE,
    datetime: TIMESTAMP,
    time: TIME,
    timedelta: DURATIONS,
    Decimal: ANY_DECIMAL,
}
MARKED: Mapping[tuple[type, Encoding], Scalar] = {
    (int, Encoding.INT32): INT32,
    (float, Encoding.FLOAT32): FLOAT32,
    (datetime, Encoding.MILLIS): TIMESTAMP_MILLIS,
    (datetime, Encoding.LOCAL): LOCAL_TIMESTAMP,
    (time, Encoding.MILLIS): TIME_MILLIS,
}
# Classes that pydantic puts in annotations for what is a datetime when the program runs.
FOREIGN: Mapping[str, Scalar] = {
    "pydantic.types.AwareDatetime": TIMESTAMP,
    "pydantic.types.NaiveDatetime": LOCAL_TIMESTAMP,
}
