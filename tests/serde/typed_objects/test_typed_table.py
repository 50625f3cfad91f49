"""Every type that can be written, in each of the three kinds of classes and in both forms."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, make_dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NamedTuple, NewType
from uuid import UUID

import fastavro
import jsonschema
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, create_model
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from accord_serde import _avro
from accord_serde.typed import (
    Digits,
    Fixed,
    Float32,
    Int32,
    LocalTimestamp,
    TimeMillis,
    TimestampMillis,
    avro_schema,
    from_dict,
    json_schema,
    to_dict,
)


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Size(StrEnum):
    """How big."""

    SMALL = "s"
    LARGE = "l"


class Mixed(Enum):
    ONE = 1
    TWO = (2, 3)


@dataclass(frozen=True)
class Card:
    number: str
    holder: str | None = None


@dataclass(frozen=True)
class Cash:
    amount: int


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True)
    iban: str


class Coupon(TypedDict):
    code: str


@dataclass(frozen=True)
class Created:
    id: int
    kind: Literal["created"] = "created"


@dataclass(frozen=True)
class Deleted:
    id: int
    kind: Literal["deleted"] = "deleted"


Sku = NewType("Sku", str)

TEXT = st.text(max_size=5)
INT = st.integers(-(2**63), 2**63 - 1)
# what orjson writes and a float of JSON keeps
FLOAT = st.floats(allow_nan=False, allow_infinity=False)
UTC_TIMES = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7, minutes=30))]),
)
MONEY = st.decimals(-9999, 9999, places=2)
CARD = st.builds(Card, TEXT, st.none() | TEXT)
CASH = st.builds(Cash, INT)
COUPON = st.fixed_dictionaries({"code": TEXT})


class Row(NamedTuple):
    annotation: Any
    avro: object
    json: object
    values: st.SearchStrategy[Any]


STRING = {"type": "string"}
INSTANT = {"type": "string", "format": "date-time"}
CLOCK = "[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{6})?$"
CARD_AVRO = {
    "type": "record",
    "name": "Card",
    "fields": [
        {"name": "number", "type": "string"},
        {"name": "holder", "type": ["null", "string"], "default": None},
    ],
}
CASH_AVRO = {"type": "record", "name": "Cash", "fields": [{"name": "amount", "type": "long"}]}
CARD_JSON = {"$ref": "#/definitions/Card"}
CASH_JSON = {"$ref": "#/definitions/Cash"}
EVENTS_AVRO = [
    {
        "type": "record",
        "name": name.capitalize(),
        "fields": [
            {"name": "id", "type": "long"},
            {
                "name": "kind",
                "type": {"type": "enum", "name": f"{name.capitalize()}_kind", "symbols": [name]},
                "default": name,
            },
        ],
    }
    for name in ("created", "deleted")
]


def logical(primitive: str, name: str, **more: object) -> dict[str, object]:
    return {"type": primitive, "logicalType": name, **more}


def array(items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


def any_of(*schemas: object) -> dict[str, object]:
    return {"anyOf": list(schemas)}


NULL = {"type": "null"}
ROWS: dict[str, Row] = {
    "str": Row(str, "string", STRING, TEXT),
    "int": Row(int, "long", {"type": "integer"}, INT),
    "bool": Row(bool, "boolean", {"type": "boolean"}, st.booleans()),
    "float": Row(float, "double", {"type": "number"}, FLOAT),
    "None": Row(None, "null", NULL, st.none()),
    "int32": Row(
        Int32,
        "int",
        {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
        st.integers(-(2**31), 2**31 - 1),
    ),
    "float32": Row(
        Float32,
        "float",
        {"type": "number"},
        st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
    "bytes": Row(bytes, "bytes", {**STRING, "contentEncoding": "base64"}, st.binary(max_size=5)),
    "fixed": Row(
        Annotated[bytes, Fixed(4)],
        {"type": "fixed", "name": "Fixed4", "size": 4},
        {**STRING, "contentEncoding": "base64", "minLength": 8, "maxLength": 8},
        st.binary(min_size=4, max_size=4),
    ),
    "decimal": Row(
        Annotated[Decimal, Digits(6, 2)],
        logical("bytes", "decimal", precision=6, scale=2),
        {**STRING, "pattern": "^-?[0-9]+(\\.[0-9]+)?$"},
        MONEY,
    ),
    "date": Row(date, logical("int", "date"), {**STRING, "format": "date"}, st.dates()),
    "datetime": Row(datetime, logical("long", "timestamp-micros"), INSTANT, UTC_TIMES),
    "datetime in milliseconds": Row(
        TimestampMillis,
        logical("long", "timestamp-millis"),
        INSTANT,
        UTC_TIMES.map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)),
    ),
    "datetime without zone": Row(
        LocalTimestamp,
        logical("long", "local-timestamp-micros"),
        {**STRING, "pattern": f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}"},
        st.datetimes(),
    ),
    "time": Row(
        time, logical("long", "time-micros"), {**STRING, "pattern": f"^{CLOCK}"}, st.times()
    ),
    "time in milliseconds": Row(
        TimeMillis,
        logical("int", "time-millis"),
        {**STRING, "pattern": f"^{CLOCK}"},
        st.times().map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)),
    ),
    "timedelta": Row(
        timedelta,
        "long",
        {**STRING, "format": "duration"},
        st.timedeltas(timedelta(days=-90_000_000), timedelta(days=90_000_000)),
    ),
    "UUID": Row(UUID, logical("string", "uuid"), {**STRING, "format": "uuid"}, st.uuids()),
    "NewType": Row(Sku, "string", STRING, TEXT),
    "enum": Row(
        Color,
        {"type": "enum", "name": "Color", "symbols": ["RED", "BLUE"]},
        {"$ref": "#/definitions/Color"},
        st.sampled_from(Color),
    ),
    "int enum": Row(
        Level,
        {"type": "enum", "name": "Level", "symbols": ["LOW", "HIGH"]},
        {"$ref": "#/definitions/Level"},
        st.sampled_from(Level),
    ),
    "str enum": Row(
        Size,
        {"type": "enum", "name": "Size", "doc": "How big.", "symbols": ["SMALL", "LARGE"]},
        {"$ref": "#/definitions/Size"},
        st.sampled_from(Size),
    ),
    "enum of any values": Row(
        Mixed,
        {"type": "enum", "name": "Mixed", "symbols": ["ONE", "TWO"]},
        {"$ref": "#/definitions/Mixed"},
        st.sampled_from(Mixed),
    ),
    "Literal": Row(
        Literal["a", "b"],
        {"type": "enum", "name": "Row_value", "symbols": ["a", "b"]},
        {**STRING, "enum": ["a", "b"]},
        st.sampled_from(["a", "b"]),
    ),
    "Literal or None": Row(
        Literal["a", None],  # noqa: PYI061  what users may write
        ["null", {"type": "enum", "name": "Row_value", "symbols": ["a"]}],
        any_of({**STRING, "enum": ["a"]}, NULL),
        st.sampled_from(["a", None]),
    ),
    "list": Row(list[int], array("long"), array({"type": "integer"}), st.lists(INT, max_size=3)),
    "list of what is converted": Row(
        list[Color],
        array({"type": "enum", "name": "Color", "symbols": ["RED", "BLUE"]}),
        array({"$ref": "#/definitions/Color"}),
        st.lists(st.sampled_from(Color), max_size=3),
    ),
    "lists in a list": Row(
        list[list[date]],
        array(array(logical("int", "date"))),
        array(array({**STRING, "format": "date"})),
        st.lists(st.lists(st.dates(), max_size=2), max_size=2),
    ),
    "Sequence": Row(Sequence[str], array("string"), array(STRING), st.lists(TEXT, max_size=3)),
    "tuple": Row(
        tuple[int, ...],
        array("long"),
        array({"type": "integer"}),
        st.lists(INT, max_size=3).map(tuple),
    ),
    "pair": Row(
        tuple[UUID, UUID],
        array(logical("string", "uuid")),
        {**array({**STRING, "format": "uuid"}), "minItems": 2, "maxItems": 2},
        st.tuples(st.uuids(), st.uuids()),
    ),
    "set": Row(
        set[int],
        array("long"),
        {**array({"type": "integer"}), "uniqueItems": True},
        st.sets(INT, max_size=3),
    ),
    "set of what is converted": Row(
        set[date],
        array(logical("int", "date")),
        {**array({**STRING, "format": "date"}), "uniqueItems": True},
        st.sets(st.dates(), max_size=3),
    ),
    "frozenset": Row(
        frozenset[bytes],
        array("bytes"),
        {**array({**STRING, "contentEncoding": "base64"}), "uniqueItems": True},
        st.frozensets(st.binary(max_size=3), max_size=3),
    ),
    "Set": Row(
        AbstractSet[str],
        array("string"),
        {**array(STRING), "uniqueItems": True},
        st.frozensets(TEXT, max_size=3),
    ),
    "dict": Row(
        dict[str, float],
        {"type": "map", "values": "double"},
        {"type": "object", "additionalProperties": {"type": "number"}},
        st.dictionaries(TEXT, FLOAT, max_size=3),
    ),
    "Mapping": Row(
        Mapping[str, datetime],
        {"type": "map", "values": logical("long", "timestamp-micros")},
        {"type": "object", "additionalProperties": INSTANT},
        st.dictionaries(TEXT, UTC_TIMES, max_size=3),
    ),
    "optional": Row(str | None, ["null", "string"], any_of(STRING, NULL), st.none() | TEXT),
    "optional of what is converted": Row(
        time | None,
        ["null", logical("long", "time-micros")],
        any_of({**STRING, "pattern": f"^{CLOCK}"}, NULL),
        st.none() | st.times(),
    ),
    "optionals in a list": Row(
        list[date | None],
        array(["null", logical("int", "date")]),
        array(any_of({**STRING, "format": "date"}, NULL)),
        st.lists(st.none() | st.dates(), max_size=3),
    ),
    "union": Row(
        int | str | list[bool] | None,
        ["null", "long", "string", array("boolean")],
        any_of({"type": "integer"}, STRING, array({"type": "boolean"}), NULL),
        st.none() | INT | TEXT | st.lists(st.booleans(), max_size=2),
    ),
    "union of numbers": Row(
        int | float | bool,
        ["long", "double", "boolean"],
        any_of({"type": "integer"}, {"type": "number"}, {"type": "boolean"}),
        INT | FLOAT | st.booleans(),
    ),
    "dataclass": Row(Card, CARD_AVRO, CARD_JSON, CARD),
    "optional dataclass": Row(
        Card | None, ["null", CARD_AVRO], any_of(CARD_JSON, NULL), st.none() | CARD
    ),
    "pydantic model": Row(
        Wire,
        {"type": "record", "name": "Wire", "fields": [{"name": "iban", "type": "string"}]},
        {"$ref": "#/definitions/Wire"},
        st.builds(Wire, iban=TEXT),
    ),
    "TypedDict": Row(
        Coupon,
        {"type": "record", "name": "Coupon", "fields": [{"name": "code", "type": "string"}]},
        {"$ref": "#/definitions/Coupon"},
        COUPON,
    ),
    "a class in a map of lists": Row(
        dict[str, list[Cash]],
        {"type": "map", "values": array(CASH_AVRO)},
        {"type": "object", "additionalProperties": array(CASH_JSON)},
        st.dictionaries(TEXT, st.lists(CASH, max_size=2), max_size=2),
    ),
    "union of classes": Row(
        Card | Cash | Coupon,
        [
            CARD_AVRO,
            CASH_AVRO,
            {"type": "record", "name": "Coupon", "fields": [{"name": "code", "type": "string"}]},
        ],
        any_of(CARD_JSON, CASH_JSON, {"$ref": "#/definitions/Coupon"}),
        CARD | CASH | COUPON,
    ),
    "union of tagged classes": Row(
        list[Created | Deleted | None],
        array(["null", *EVENTS_AVRO]),
        array(any_of({"$ref": "#/definitions/Created"}, {"$ref": "#/definitions/Deleted"}, NULL)),
        st.lists(st.none() | st.builds(Created, INT) | st.builds(Deleted, INT), max_size=3),
    ),
}


def as_dataclass(**fields: Any) -> Any:
    return make_dataclass("Row", fields.items())


def as_model(**fields: Any) -> Any:
    return create_model("Row", **{name: (each, ...) for name, each in fields.items()})


def as_typed_dict(**fields: Any) -> Any:
    return TypedDict("Row", fields)


Kind = Callable[..., Any]
each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
each_kind = pytest.mark.parametrize("kind", [as_dataclass, as_model, as_typed_dict])


def avro_round_trip(cls: Any, value: Any) -> None:
    """Let fastavro and the compiled codec write and read the value: equal bytes, equal values."""
    text = avro_schema(cls)
    parsed = fastavro.parse_schema(json.loads(text))
    written = to_dict(cls)(value)
    assert from_dict(cls)(written) == value
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parsed, written)
    loaded = _avro.load(text, {})
    assert _avro.encoder(loaded)(written) == buffer.getvalue()
    read = from_dict(cls)
    for named in (False, True):
        buffer.seek(0)
        decoded: Any = fastavro.schemaless_reader(buffer, parsed, return_record_name=named)
        assert read(decoded) == value
        decode = _avro.decoder(loaded, return_record_name=named)
        assert read(decode(buffer.getvalue(), 0)) == value


def json_round_trip(cls: Any, value: Any) -> None:
    text = orjson.dumps(to_dict(cls, form="json")(value))
    decoded = orjson.loads(text)
    for dialect in ("draft-07", "2020-12"):
        schema = json.loads(json_schema(cls, dialect=dialect))
        validator = jsonschema.validators.validator_for(schema)
        validator.check_schema(schema)
        validator(schema, format_checker=validator.FORMAT_CHECKER).validate(decoded)
    assert from_dict(cls, form="json")(decoded) == value


@each_kind
@each_row
def test_the_avro_type(row: Row, kind: Kind) -> None:
    schema = json.loads(avro_schema(kind(value=row.annotation)))
    assert schema["fields"] == [{"name": "value", "type": row.avro}]


@each_kind
@each_row
def test_the_json_schema(row: Row, kind: Kind) -> None:
    schema = json.loads(json_schema(kind(value=row.annotation)))
    assert schema["properties"] == {"value": row.json}
    assert schema["required"] == ["value"]


@each_kind
@each_row
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_avro_gives_back_what_was_written(row: Row, kind: Kind, data: st.DataObject) -> None:
    cls = kind(value=row.annotation)
    avro_round_trip(cls, cls(value=data.draw(row.values)))


@each_kind
@each_row
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_json_gives_back_what_was_written(row: Row, kind: Kind, data: st.DataObject) -> None:
    cls = kind(value=row.annotation)
    json_round_trip(cls, cls(value=data.draw(row.values)))


@each_kind
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_classes_of_many_fields_come_back_equal(kind: Kind, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(list(ROWS)), min_size=2, max_size=6, unique=True))
    fields = {f"f{number}": name for number, name in enumerate(names)}
    cls = kind(**{field: ROWS[name].annotation for field, name in fields.items()})
    value = cls(**{field: data.draw(ROWS[name].values) for field, name in fields.items()})
    avro_round_trip(cls, value)
    json_round_trip(cls, value)


@each_kind
def test_the_same_class_gives_the_same_text(kind: Kind) -> None:
    def text() -> tuple[str, str]:
        cls = kind(**{f"f{index}": row.annotation for index, row in enumerate(ROWS.values())})
        return avro_schema(cls), json_schema(cls)

    assert text() == text()
