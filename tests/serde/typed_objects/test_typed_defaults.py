"""Defaults of classes in their schemas, and records that an older class wrote."""

from __future__ import annotations

import io
import itertools
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

import fastavro
import jsonschema
import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from accord_serde import _avro
from accord_serde.typed import (
    Digits,
    Fixed,
    Float32,
    Int32,
    LocalTimestamp,
    Name,
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


class Part(TypedDict):
    code: str
    grade: NotRequired[int]


@dataclass
class Card:
    number: str
    limit: int = 5


@dataclass
class Cash:
    amount: Annotated[Decimal, Digits(6, 2)]


@dataclass
class Pair:
    first: int | str
    second: int | str = "b"


@dataclass
class Wallet:
    card: Card | None
    cash: Card | Cash = field(default_factory=lambda: Cash(Decimal(1)))


UUID_1 = UUID(int=1)
DAY = date(1970, 1, 11)
AT = datetime(1970, 1, 1, 0, 0, 1, 500, tzinfo=UTC)
DAWN = datetime(1970, 1, 1, 0, 0, 1, 2000, tzinfo=UTC)
LOCAL = datetime(1969, 12, 31, 23, 59, 59)  # noqa: DTZ001  what LocalTimestamp is for
# annotation, default of the class, default in Avro, default in JSON Schema
STATED: dict[str, tuple[Any, Any, object, object]] = {
    "str": (str, 'é"\\\n', 'é"\\\n', 'é"\\\n'),
    "int": (int, -7, -7, -7),
    "int32": (Int32, 7, 7, 7),
    "bool": (bool, True, True, True),
    "float": (float, 1, 1.0, 1.0),
    "float32": (Float32, 0.5, 0.5, 0.5),
    "bytes": (bytes, b"\x00\xff", "\x00\xff", "AP8="),
    "fixed": (Annotated[bytes, Fixed(2)], b"\x00\xff", "\x00\xff", "AP8="),
    "decimal": (Annotated[Decimal, Digits(6, 2)], Decimal("-1.5"), "\xff\x6a", "-1.5"),
    "date": (date, DAY, 10, "1970-01-11"),
    "datetime": (datetime, AT, 1_000_500, "1970-01-01T00:00:01.000500+00:00"),
    "milliseconds": (TimestampMillis, DAWN, 1002, "1970-01-01T00:00:01.002000+00:00"),
    "local": (LocalTimestamp, LOCAL, -1_000_000, "1969-12-31T23:59:59"),
    "time": (time, time(0, 0, 1), 1_000_000, "00:00:01"),
    "time in milliseconds": (TimeMillis, time(0, 0, 1), 1000, "00:00:01"),
    "timedelta": (timedelta, timedelta(days=-1), -86_400_000_000, "-P1DT0.000000S"),
    "UUID": (UUID, UUID_1, str(UUID_1), str(UUID_1)),
    "enum": (Color, Color.BLUE, "BLUE", "blue"),
    "Literal": (Literal["a", "b"], "b", "b", "b"),
    "None": (str | None, None, None, None),
    "one of a union": (int | str | None, "x", "x", "x"),
    "an optional with a value": (date | None, DAY, 10, "1970-01-11"),
}
# made by a factory, as mutable defaults are
MADE: dict[str, tuple[Any, Callable[[], Any], object, object]] = {
    "list": (list[int], lambda: [1], [1], [1]),
    "empty list": (list[Card], list, [], []),
    "set": (set[str], lambda: {"b", "a"}, ["a", "b"], ["a", "b"]),
    "dict": (dict[str, Color], lambda: {"k": Color.RED}, {"k": "RED"}, {"k": "red"}),
    "dataclass": (
        Card,
        lambda: Card("1"),
        {"number": "1", "limit": 5},
        {"number": "1", "limit": 5},
    ),
    "TypedDict": (Part, lambda: {"code": "a"}, {"code": "a", "grade": None}, {"code": "a"}),
    "one of two classes": (
        Card | Cash,
        lambda: Cash(Decimal(1)),
        {"amount": "d"},
        {"amount": "1"},
    ),
    "a class of unions": (
        Pair,
        lambda: Pair(1, "c"),
        {"first": 1, "second": "c"},
        {"first": 1, "second": "c"},
    ),
    "a class of unions of classes": (
        Wallet,
        lambda: Wallet(None),
        {"card": None, "cash": {"amount": "d"}},
        {"card": None, "cash": {"amount": "1"}},
    ),
}


def as_dataclass(annotation: Any, **how: Any) -> Any:
    if "default" in how:
        how = {"default": how["default"]}
    namespace = {"__annotations__": {"id": int, "value": annotation}, "value": field(**how)}
    return dataclass(type("New", (), namespace))


def as_model(annotation: Any, **how: Any) -> Any:
    namespace = {
        "__annotations__": {"id": int, "value": annotation},
        "value": Field(**how),
        "__module__": __name__,
    }
    return type(BaseModel)("New", (BaseModel,), namespace)


@dataclass
class Old:
    id: int


OLD = json.dumps({"type": "record", "name": "New", "fields": [{"name": "id", "type": "long"}]})
Kind = Callable[..., Any]
each_kind = pytest.mark.parametrize("kind", [as_dataclass, as_model])


def value_field(cls: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(avro_schema(cls))["fields"][1]
    return found


def assert_reads_older_records(cls: Any) -> None:
    """Read a record without the field, with the reader's schema, without it, and in JSON."""
    new = fastavro.parse_schema(json.loads(avro_schema(cls)))
    buffer = io.BytesIO()
    old: Any = fastavro.parse_schema(json.loads(OLD))
    fastavro.schemaless_writer(buffer, old, {"id": 1})
    decode = _avro.decoder(_avro.load(OLD, {}), _avro.load(avro_schema(cls), {}))
    for reader in (new, None):
        buffer.seek(0)
        read: Any = fastavro.schemaless_reader(buffer, old, reader)
        assert from_dict(cls)(read) == cls(id=1)
    assert from_dict(cls)(decode(buffer.getvalue(), 0)) == cls(id=1)
    jsonschema.validate({"id": 1}, json.loads(json_schema(cls)))
    assert from_dict(cls, form="json")({"id": 1}) == cls(id=1)


@each_kind
@pytest.mark.parametrize("row", STATED.values(), ids=STATED)
def test_a_default(row: tuple[Any, Any, object, object], kind: Kind) -> None:
    annotation, default, avro, in_json = row
    cls = kind(annotation, default=default)
    assert value_field(cls)["default"] == avro
    assert json.loads(json_schema(cls))["properties"]["value"]["default"] == in_json
    assert_reads_older_records(cls)


@each_kind
@pytest.mark.parametrize("row", MADE.values(), ids=MADE)
def test_a_default_from_a_factory(
    row: tuple[Any, Callable[[], Any], object, object], kind: Kind
) -> None:
    annotation, factory, avro, in_json = row
    cls = kind(annotation, default_factory=factory)
    assert value_field(cls)["default"] == avro
    assert json.loads(json_schema(cls))["properties"]["value"]["default"] == in_json
    assert_reads_older_records(cls)


@each_kind
@pytest.mark.parametrize(
    ("annotation", "factory"),
    [
        (datetime, lambda: datetime.now(UTC)),
        (date, lambda: datetime.now(UTC).date()),
        (UUID, uuid.uuid4),
        (list[UUID], lambda: [uuid.uuid4()]),
        (int, itertools.count().__next__),
    ],
    ids=["clock", "calendar", "lot", "lots", "count"],
)
def test_what_is_another_each_time_is_no_default(
    annotation: Any, factory: Callable[[], Any], kind: Kind
) -> None:
    cls = kind(annotation, default_factory=factory)
    assert "default" not in value_field(cls)
    assert "default" not in json.loads(json_schema(cls))["properties"]["value"]
    assert json.loads(json_schema(cls))["required"] == ["id"]
    assert from_dict(cls)({"id": 1}).id == 1


@each_kind
@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (float, float("nan")),
        (float, float("inf")),
        (list[int | str], ["the second of the union"]),
        (Wallet, Wallet(Card("1"))),
        (Pair, Pair("a")),
        (Pair, Pair(1, 2)),
        (Part, {"code": "a", "grade": 1}),
        (Annotated[Decimal, Digits(4, 2)], Decimal("1.234")),
        (date | int, DAY),
    ],
    ids=[
        "NaN",
        "infinity",
        "inner union",
        "inner null",
        "inner type",
        "inner default",
        "inner key",
        "too many digits",
        "reads as an int",
    ],
)
def test_what_avro_cannot_state_is_no_default(annotation: Any, default: Any, kind: Kind) -> None:
    cls = kind(annotation, default_factory=lambda: default)
    assert "default" not in value_field(cls)
    read = from_dict(cls)({"id": 1}).value
    assert read == default or default != default  # noqa: PLR0124  a NaN is not itself


def test_the_type_of_the_default_comes_first_in_a_union() -> None:
    assert value_field(as_dataclass(int | str | None, default="x"))["type"] == [
        "string",
        "null",
        "long",
    ]
    assert value_field(as_dataclass(int | None, default=None))["type"] == ["null", "long"]


@pytest.mark.parametrize("kind", [as_dataclass, as_model])
@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (str, None),
        (int, "1"),
        (float, "1"),
        (date | None, 5),
        (list[int], {1: 2}),
        (dict[str, int], {1: 2}),
        (Annotated[bytes, Fixed(2)], b"1"),
        (Color, "red"),
        (Card, Cash(Decimal(1))),
        (Part, {"grade": 1}),
    ],
)
def test_a_default_of_another_type(annotation: Any, default: Any, kind: Kind) -> None:
    cls = kind(annotation, default_factory=lambda: default)
    for schema in (avro_schema, json_schema):
        with pytest.raises(TypeError, match=r"^New\.value: "):
            schema(cls)


def test_a_default_that_depends_on_other_fields() -> None:
    class New(BaseModel):
        id: int
        value: int = Field(default_factory=lambda given: given["id"] + 1)

    assert "default" not in value_field(New)
    assert from_dict(New)({"id": 1}) == New(id=1, value=2)


def test_defaults_are_not_shared_by_the_instances_read() -> None:
    cls = as_dataclass(list[int], default_factory=lambda: [1])
    record = {"id": 1, "value": [1]}
    from_dict(cls)(record).value.append(2)
    assert record == {"id": 1, "value": [1]}


@dataclass
class Version1:
    id: int
    name: str
    dropped: str = ""


@dataclass
class Version2:
    id: int
    title: Annotated[str, Name(aliases=("name",))]
    color: Color = Color.RED
    cards: list[Card] = field(default_factory=lambda: [Card("1", 2)])


@pytest.mark.parametrize("with_reader", [True, False])
def test_a_record_of_an_older_class(*, with_reader: bool) -> None:
    writer = json.loads(avro_schema(Version1)) | {"name": "Version2"}
    reader = fastavro.parse_schema(json.loads(avro_schema(Version2))) if with_reader else None
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, writer, to_dict(Version1)(Version1(1, "a", "b")))
    buffer.seek(0)
    read: Any = fastavro.schemaless_reader(buffer, writer, reader)
    assert from_dict(Version2)(read) == Version2(1, "a")


def test_a_typed_dict_of_an_older_record() -> None:
    assert from_dict(Part)({"code": "a", "other": 1}) == {"code": "a"}
    with pytest.raises(ValueError, match=r"Part\.code: the record has no 'code'"):
        from_dict(Part)({"grade": 1})


@dataclass
class Chain:
    id: int
    inner: Chain | None = None
    late: int = 7


def test_every_level_of_an_older_record_is_read_once() -> None:
    """A level tried twice would try the next four times, and this would not end."""
    record: dict[str, Any] = {"id": 0}
    for number in range(1, 100):
        record = {"id": number, "inner": record}
    read = from_dict(Chain)(record)
    assert (read.late, read.inner) == (7, from_dict(Chain)(record["inner"]))


def test_every_level_of_a_broken_value_is_tried_once() -> None:
    chain, record = Chain(0, inner=5), {"id": 0, "inner": "no record", "late": 1}  # type: ignore[arg-type]
    for number in range(1, 100):
        chain, record = Chain(number, chain), {"id": number, "inner": record, "late": 1}
    with pytest.raises(ValueError, match=r"^Chain\.inner: Chain\.inner: "):
        to_dict(Chain)(chain)
    with pytest.raises(ValueError, match=r"^Chain\.inner: Chain\.inner: "):
        from_dict(Chain)(record)


def test_defaults_inside_defaults_are_looked_at_once() -> None:
    cls: Any = Card
    for number in range(40):
        annotation = cls | None
        cls = dataclass(
            type(
                f"Level{number}",
                (),
                {
                    "__annotations__": {"value": annotation},
                    "value": field(default_factory=lambda cls=cls: None if cls is Card else cls()),
                },
            )
        )
    stated = json.loads(avro_schema(cls))
    assert stated["fields"][0]["default"] == json.loads('{"value":' * 39 + "null" + "}" * 39)
    fastavro.parse_schema(stated)
    assert "default" in json.loads(json_schema(cls))["properties"]["value"]
