"""What cannot be written, and how it is said."""

from __future__ import annotations

import re
from dataclasses import InitVar, dataclass, field, make_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypedDict, TypeVar
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, RootModel, create_model

from accord_serde.typed import (
    Digits,
    Fixed,
    LocalTimestamp,
    Name,
    avro_schema,
    from_dict,
    json_schema,
    named,
    to_dict,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")


class Bits(Flag):
    ONE = 1


class Empty(Enum):
    pass


Umlaut = Enum("Umlaut", ["GRÖSSE"])


class Color(Enum):
    RED = "red"


class Rgb(Enum):
    RED = 1


@dataclass
class One:
    x: int
    y: int = 0


@dataclass
class Two:
    x: int
    z: int = 0


@dataclass
class Box(Generic[T]):
    content: T


@dataclass
class Twin:
    x: int


OtherTwin = make_dataclass("Twin", [("x", int)])


class Loop:
    """What `type Loop = list[Loop]` is, since Python 3.12."""

    @property
    def __value__(self) -> Any:
        return list[self]  # type: ignore[valid-type]  # no type of this Python's


LOOP: Any = Loop()
AVRO = {"avro"}
JSON = {"json"}
BOTH = AVRO | JSON
REFUSED: dict[str, tuple[Any, set[str], str]] = {
    "Any": (Any, BOTH, "Any cannot be written; annotate"),
    "object": (object, BOTH, "object cannot be written; annotate"),
    "complex": (complex, BOTH, "complex cannot be written; annotate"),
    "a class without fields": (re.Pattern, BOTH, "cannot be written; annotate"),
    "bare list": (list, BOTH, "list cannot be written; say what is in it"),
    "bare dict": (dict, BOTH, "dict cannot be written; say what is in it"),
    "a type inside itself": (LOOP, BOTH, "a type that contains itself is a class with fields"),
    "generic of its own variable": (Box[list[T]], BOTH, "give the generic class its arguments"),
    "list in brackets": ([int], BOTH, "cannot be written; annotate"),
    "keys that are no text": (dict[int, str], BOTH, "the keys of a map are str"),
    "tuple of many types": (tuple[int, str], BOTH, "items of one type"),
    "empty tuple": (tuple[()], BOTH, "items of one type"),
    "flags": (Bits, BOTH, "an enum has one of its members"),
    "empty enum": (Empty, BOTH, "an enum has one of its members"),
    "enum of odd names": (Umlaut, AVRO, "'GRÖSSE' is no symbol of an Avro enum"),
    "odd Literal": (Literal["a b"], AVRO, "'a b' is no symbol of an Avro enum"),
    "Literal of bytes": (Literal[b"a"], BOTH, "values of one type"),
    "mixed Literal": (Literal["a", 1], BOTH, "values of one type"),
    "Decimal without digits": (Decimal, AVRO, "Annotated[Decimal, Digits(precision=10, scale=2)]"),
    "generic without arguments": (Box, BOTH, "give the generic class its arguments"),
    "two texts": (UUID | str, BOTH, ""),
    "two longs for Avro": (datetime | int, AVRO, "a union has long only once"),
    "two texts for JSON": (date | str, JSON, "date and str look the same to a reader of json"),
    "enum or str": (Color | str, BOTH, "Color and str look the same"),
    "two lists": (list[int] | set[str], BOTH, "list and set look the same"),
    "map or class": (dict[str, int] | One, BOTH, "dict and One look the same"),
    "classes alike": (One | Two, BOTH, 'tag them, as in kind: Literal["order"]'),
    "two fixed": (
        dict[str, Annotated[bytes, Fixed(2, "Id")] | Annotated[bytes, Fixed(3, "Id")]],
        BOTH,
        "look the same",
    ),
}


def as_dataclass(annotation: Any) -> Any:
    return make_dataclass("Row", [("value", annotation)])


def as_model(annotation: Any) -> Any:
    return create_model("Row", value=(annotation, ...))


def as_typed_dict(annotation: Any) -> Any:
    return TypedDict("Row", {"value": annotation})  # type: ignore[misc]  # a table of annotations


@pytest.mark.parametrize("kind", [as_dataclass, as_typed_dict])
@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_one_error_names_class_field_and_what_to_do(
    row: tuple[Any, set[str], str], kind: Callable[[Any], Any]
) -> None:
    annotation, refused, message = row
    cls = kind(annotation)
    calls: dict[str, list[Callable[[Any], Any]]] = {
        "avro": [avro_schema, to_dict, from_dict],
        "json": [
            json_schema,
            lambda cls: to_dict(cls, form="json"),
            lambda cls: from_dict(cls, form="json"),
        ],
    }
    for form, each in calls.items():
        for call in each:
            if form not in refused:
                call(cls)
                continue
            with pytest.raises(TypeError, match=r"^(Row\.value|Box\w*\.content): ") as caught:
                call(cls)
            assert message in str(caught.value)


def test_pydantic_fields_are_refused_alike() -> None:
    with pytest.raises(TypeError, match=r"^Row\.value: complex cannot be written"):
        avro_schema(as_model(complex))


@pytest.mark.parametrize("cls", [int, str, dict, list[int], Color, 5, None])
def test_what_has_no_fields(cls: Any) -> None:
    with pytest.raises(TypeError, match="is no dataclass, pydantic model or TypedDict"):
        avro_schema(cls)


def test_avro_has_each_type_once_in_a_union() -> None:
    with pytest.raises(TypeError, match=r"^Row\.value: a union has string only once"):
        avro_schema(as_dataclass(UUID | str))


def test_two_types_of_one_name() -> None:
    both = make_dataclass("Both", [("a", Twin), ("b", OtherTwin)])
    for schema in (avro_schema, json_schema):
        with pytest.raises(TypeError, match=r"^Both\.b: two types are called Twin; decorate one"):
            schema(both)
    sized = make_dataclass(
        "Sized",
        [("a", Annotated[bytes, Fixed(2, "Id")]), ("b", Annotated[bytes, Fixed(3, "Id")])],
    )
    with pytest.raises(TypeError, match=r"^Sized\.b: two types are called Id; give one Fixed"):
        avro_schema(sized)


@dataclass
class TwiceNamed:
    a: Annotated[int, Name("x")]
    x: int


@dataclass
class OddlyNamed:
    a: Annotated[int, Name("a-b")]


@dataclass
class Unresolved:
    path: Path


@dataclass
class Started:
    x: int
    seed: InitVar[int]


@dataclass(init=False)
class Bare:
    x: int


class Root(RootModel[int]):
    pass


class Hidden(BaseModel):
    x: int = Field(exclude=True)


@named("no name")
@dataclass
class Badly:
    x: int


@named(namespace="com.acme")
@dataclass
class Spaced:
    inner: One


@dataclass
class Around:
    spaced: Spaced


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (TwiceNamed, "TwiceNamed.x: 'x' names two fields"),
        (OddlyNamed, "OddlyNamed.a: 'a-b' is no name in Avro"),
        (Unresolved, "Unresolved: name 'Path' is not defined where its annotations are resolved"),
        (Started, "Started.seed: an InitVar is not written, so that it needs a default"),
        (Bare, "Bare has no generated __init__"),
        (Root, "a RootModel has no fields"),
        (Hidden, "Hidden.x: is excluded and has no default"),
        (Badly, "'no name' is no name in Avro"),
        (Around, "One needs a namespace, for it stands inside com.acme"),
    ],
)
def test_classes_that_cannot_be_written(cls: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        avro_schema(cls)


@dataclass
class Event:
    at: datetime
    local: LocalTimestamp
    clock: time
    color: Color
    one: One | str
    price: Annotated[Decimal, Digits(4, 2)]
    long: timedelta = timedelta(0)


AT = datetime(2020, 1, 1, tzinfo=UTC)
NAIVE = AT.replace(tzinfo=None)
GOOD = {
    "at": AT,
    "local": NAIVE,
    "clock": time(1),
    "color": Color.RED,
    "one": "x",
    "price": Decimal(1),
}


@pytest.mark.parametrize("form", ["avro", "json"])
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("at", NAIVE, "2020-01-01T00:00:00 has no time zone: give it one"),
        ("local", AT, "2020-01-01T00:00:00+00:00 has a time zone, which LocalTimestamp leaves out"),
        ("clock", time(1, tzinfo=UTC), "01:00:00+00:00 has a time zone, which no format keeps"),
        ("at", "2020-01-01", "'str' object has no attribute"),
        ("color", "red", "'str' object has no attribute"),
        ("one", 5, "5 is of no type it is annotated with"),
        ("one", Two(1), "is of no type it is annotated with"),
    ],
)
def test_a_value_that_is_not_what_was_annotated(
    name: str, value: Any, message: str, form: Literal["avro", "json"]
) -> None:
    event = Event(**(GOOD | {name: value}))
    with pytest.raises(ValueError, match=rf"^Event\.{name}: .*{re.escape(message)}"):
        to_dict(Event, form=form)(event)


def test_decimals_that_are_no_numbers_have_no_json() -> None:
    event = Event(**(GOOD | {"price": Decimal("NaN")}))
    with pytest.raises(ValueError, match=r"^Event\.price: NaN is no number"):
        to_dict(Event, form="json")(event)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("at", "yesterday", "Invalid isoformat string"),
        ("at", "2020-01-01T00:00:00", "has no time zone"),
        ("color", "green", "there is no 'green'"),
        ("price", 1.5, "1.5 is no text of a decimal"),
        ("one", 1.5, "1.5 is of no type it is annotated with"),
        ("long", "a day", "'a day' is no duration of days"),
    ],
)
def test_a_record_of_json_that_is_not_what_was_annotated(
    name: str, value: Any, message: str
) -> None:
    record = to_dict(Event, form="json")(Event(**GOOD)) | {name: value}
    with pytest.raises(ValueError, match=rf"^Event\.{name}: .*{re.escape(message)}"):
        from_dict(Event, form="json")(record)


@dataclass
class Outer:
    inner: list[Event]


def test_a_decimal_that_is_none() -> None:
    record = to_dict(Event)(Event(**GOOD)) | {"price": 1.5}
    with pytest.raises(ValueError, match=r"^Event\.price: 1\.5 is no decimal"):
        from_dict(Event)(record)
    assert from_dict(Event)(record | {"price": b"\x00\x96"}).price == Decimal("1.5")


def test_errors_inside_say_the_whole_way() -> None:
    broken = Outer([Event(**(GOOD | {"color": 1}))])
    with pytest.raises(ValueError, match=r"^Outer\.inner: Event\.color: "):
        to_dict(Outer)(broken)
    record = to_dict(Outer)(Outer([Event(**GOOD)]))
    del record["inner"][0]["at"]
    with pytest.raises(ValueError, match=r"^Outer\.inner: Event\.at: the record has no 'at'"):
        from_dict(Outer)(record)
    with pytest.raises(ValueError, match=r"^Outer: 5 is no record"):
        from_dict(Outer)(5)  # type: ignore[arg-type]  # what a union of the writer may give


def test_markers_that_mean_nothing() -> None:
    for make in (lambda: Digits(0), lambda: Digits(2, 3), lambda: Digits(2, -1), lambda: Fixed(-1)):
        with pytest.raises(ValueError, match=r"^no (decimal|value) has "):
            make()


HOSTILE = ["');raise SystemExit#", "'''\n\"\"\"{x}{first}", "{bound}", "\\", "class", "ﬁ", "__x"]


def test_names_and_defaults_never_become_code() -> None:
    for text in HOSTILE:
        annotation: Any = Annotated[str, Name(text, aliases=(text + "2",))]
        literal = Literal.__getitem__((text, "other"))
        cls: Any = dataclass(
            type(
                "Hostile",
                (),
                {
                    "__annotations__": {"a": annotation, "b": literal, "c": dict[str, str]},
                    "b": text,
                    "c": field(default_factory=lambda text=text: {text: text}),
                },
            )
        )
        value = cls(text)
        written = to_dict(cls, form="json")(value)
        assert written == {text: text, "b": text, "c": {text: text}}
        assert from_dict(cls, form="json")(written) == value
        keyed: Any = TypedDict("keyed", {text: int})  # type: ignore[misc]  # a hostile one
        assert from_dict(keyed, form="json")(to_dict(keyed, form="json")({text: 1})) == {text: 1}
        model: Any = create_model("Model", **{text: (int, ...)}) if text[0] != "_" else None
        if model:
            assert to_dict(model, form="json")(model(**{text: 1})) == {text: 1}
            assert from_dict(model, form="json")({text: 1}) == model(**{text: 1})
