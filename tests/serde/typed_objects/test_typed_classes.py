"""What each kind of class may be made of, and what it is called on the wire."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import KW_ONLY, InitVar, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    NotRequired,
    Required,
    TypedDict,
    TypeVar,
)

import fastavro
import jsonschema
import pytest
from annotated_types import Gt, MaxLen
from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as checked_dataclass
from typing_extensions import ReadOnly, TypeAliasType

from accord_serde.typed import (
    Digits,
    Doc,
    Fixed,
    Name,
    avro_schema,
    from_dict,
    json_schema,
    named,
    to_dict,
)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
T = TypeVar("T")


def fields_of(cls: Any) -> dict[str, Any]:
    """Return the fields of the Avro schema by name."""
    return {each["name"]: each for each in json.loads(avro_schema(cls))["fields"]}


def avro(cls: Any, value: Any) -> Any:
    """Write a value, and read it again."""
    parsed = fastavro.parse_schema(json.loads(avro_schema(cls)))
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parsed, to_dict(cls)(value))
    buffer.seek(0)
    return from_dict(cls)(fastavro.schemaless_reader(buffer, parsed, None))  # type: ignore[arg-type]


def through_json(cls: Any, value: Any) -> Any:
    decoded = json.loads(json.dumps(to_dict(cls, form="json")(value)))
    jsonschema.validate(decoded, json.loads(json_schema(cls)))
    return from_dict(cls, form="json")(decoded)


def assert_comes_back(cls: Any, value: Any) -> None:
    assert avro(cls, value) == value
    assert through_json(cls, value) == value


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What all have.

    And more.
    """

    id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Derived(Base):
    x: int
    _: KW_ONLY
    y: int = 2


@dataclass
class Prepared:
    kinds: ClassVar[int] = 3
    x: int
    seed: InitVar[int] = 5
    y: int = 1
    doubled: int = field(init=False)

    def __post_init__(self, seed: int) -> None:
        self.doubled = self.x * 2 + seed - 5


@dataclass
class Tree:
    value: int
    left: Tree | None = None
    right: Tree | None = None
    others: list[Tree] = field(default_factory=list)


class Model(BaseModel):
    value: int
    inner: Model | None = None
    others: list[Model] = []


class Branch(TypedDict):
    value: int
    inner: NotRequired[Branch]
    others: dict[str, Branch]


@dataclass
class Box(Generic[T]):
    content: T
    more: list[T] = field(default_factory=list)


@dataclass
class IntBox(Box[int]):
    size: int = 1


@dataclass
class Boxes:
    numbers: Box[int]
    texts: Box[str]
    trees: Box[Tree]


class Page(BaseModel, Generic[T]):
    items: list[T]


class Part(TypedDict, total=False):
    a: Required[int]
    b: str
    c: ReadOnly[datetime | None]


class Whole(Part):
    d: int


@checked_dataclass
class Checked:
    x: int


@pytest.mark.parametrize(
    ("cls", "value"),
    [
        (Derived, Derived(3, id=1)),
        (Prepared, Prepared(4, seed=7)),
        (Tree, Tree(1, Tree(2), Tree(3, None, Tree(4)), [Tree(5)])),
        (Model, Model(value=1, inner=Model(value=2), others=[Model(value=3)])),
        (Branch, {"value": 1, "inner": {"value": 2, "others": {}}, "others": {}}),
        (Branch, {"value": 1, "others": {"k": {"value": 2, "others": {}}}}),
        (Box[int], Box(1, [2])),
        (Box[Tree], Box(Tree(1))),
        (IntBox, IntBox(1, [2])),
        (Boxes, Boxes(Box(1), Box("a"), Box(Tree(1)))),
        (Page[int], Page[int](items=[1])),
        (Page[Model], Page[Model](items=[Model(value=1)])),
        (Whole, {"a": 1, "d": 2}),
        (Whole, {"a": 1, "b": "x", "c": datetime(2020, 1, 1, tzinfo=UTC), "d": 2}),
        (Checked, Checked(1)),
    ],
    ids=str,
)
def test_instances_come_back_equal(cls: Any, value: Any) -> None:
    assert_comes_back(cls, value)


def test_class_variables_and_arguments_of_the_constructor_are_not_written() -> None:
    assert list(fields_of(Prepared)) == ["x", "y", "doubled"]
    assert to_dict(Prepared)(Prepared(4, seed=7)) == {"x": 4, "y": 1, "doubled": 10}


def test_names_of_generic_classes() -> None:
    names = [each["type"]["name"] for each in fields_of(Boxes).values()]
    assert names == ["Box_int", "Box_str", "Box_Tree"]
    assert json.loads(avro_schema(Page[int]))["name"] == "Page_int"


def test_a_class_is_written_once_and_then_named() -> None:
    assert fields_of(Tree)["left"]["type"] == ["null", "Tree"]
    assert fields_of(Tree)["others"]["type"] == {"type": "array", "items": "Tree"}
    assert json.loads(json_schema(Tree))["properties"]["others"]["items"] == {"$ref": "#"}


def test_docs_are_those_somebody_wrote() -> None:
    assert json.loads(avro_schema(Base))["doc"] == "What all have.\n\nAnd more."
    assert "doc" not in json.loads(avro_schema(Derived))
    assert "doc" not in json.loads(avro_schema(Tree))
    assert "doc" not in json.loads(avro_schema(Model))
    assert json.loads(json_schema(Base))["description"] == "What all have.\n\nAnd more."


@dataclass
class NamedData:
    id: int = field(metadata={"name": "orderId", "aliases": ["number", "no"], "doc": "Ours."})
    kind: Annotated[str, Name("type"), Doc("What it is.")] = "x"


class NamedModel(BaseModel):
    id: int = Field(
        serialization_alias="orderId",
        validation_alias=AliasChoices("orderId", "number", "no"),
        description="Ours.",
    )
    kind: Annotated[str, Field(alias="type", description="What it is.")] = "x"


class NamedDict(TypedDict):
    id: Annotated[int, Name("orderId", aliases=("number", "no")), Doc("Ours.")]
    kind: Annotated[str, Name("type"), Doc("What it is.")]


NAMED: list[tuple[Any, Any]] = [
    (NamedData, NamedData(1, "y")),
    (NamedModel, NamedModel(orderId=1, type="y")),
    (NamedDict, {"id": 1, "kind": "y"}),
]


@pytest.mark.parametrize(("cls", "value"), NAMED)
def test_fields_have_the_names_they_are_given(cls: Any, value: Any) -> None:
    fields = fields_of(cls)
    assert fields["orderId"] == {
        "name": "orderId",
        "type": "long",
        "doc": "Ours.",
        "aliases": ["number", "no"],
    }
    assert fields["type"]["doc"] == "What it is."
    assert to_dict(cls)(value) == {"orderId": 1, "type": "y"}
    assert json.loads(json_schema(cls))["properties"]["orderId"]["description"] == "Ours."
    assert_comes_back(cls, value)


@pytest.mark.parametrize(("cls", "value"), NAMED)
@pytest.mark.parametrize("form", ["avro", "json"])
def test_older_names_are_read(cls: Any, value: Any, form: Literal["avro", "json"]) -> None:
    assert from_dict(cls, form=form)({"no": 1, "type": "y", "unknown": 2}) == value


def test_aliases_made_by_a_generator() -> None:
    class Camel(BaseModel):
        model_config = ConfigDict(alias_generator=to_camel)
        order_id: int

    assert to_dict(Camel)(Camel(orderId=1)) == {"orderId": 1}
    assert_comes_back(Camel, Camel(orderId=1))


@named("Purchase", namespace="com.acme", aliases=("Order",))
@dataclass
class Renamed:
    tree: Tree | None
    color: Paint


@named(namespace="com.other")
class Paint(Enum):
    RED = 1


def test_names_and_namespaces_of_classes() -> None:
    schema = json.loads(avro_schema(Renamed))
    assert (schema["name"], schema["namespace"]) == ("Purchase", "com.acme")
    assert schema["aliases"] == ["Order"]
    parsed: Any = fastavro.parse_schema(schema)
    assert parsed["name"] == "com.acme.Purchase"
    types = [each["type"] for each in parsed["fields"]]
    assert types[0][1]["name"] == "com.acme.Tree"
    assert types[1]["name"] == "com.other.Paint"
    assert_comes_back(Renamed, Renamed(Tree(1), Paint.RED))


@dataclass
class Cat:
    lives: int


@dataclass
class Dog:
    tricks: list[str]


@dataclass
class Owner:
    pet: Cat | Dog | None
    pets: list[Cat | Dog]


@pytest.mark.parametrize("namespace", [None, "com.acme"])
def test_a_union_of_classes_is_written_with_full_names(namespace: str | None) -> None:
    owner = Owner(Cat(9), [Dog(["sit"]), Cat(7)])
    written = to_dict(Owner, namespace=namespace)(owner)
    prefix = f"{namespace}." if namespace else ""
    assert written["pet"] == (f"{prefix}Cat", {"lives": 9})
    parsed = fastavro.parse_schema(json.loads(avro_schema(Owner, namespace=namespace)))
    for with_names in (True, False):
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, parsed, written)
        buffer.seek(0)
        read: Any = fastavro.schemaless_reader(buffer, parsed, None, return_record_name=with_names)
        assert from_dict(Owner)(read) == owner


@dataclass
class Small:
    id: int


@dataclass
class Large:
    id: int
    name: str
    more: str = ""
    most: str = ""


@dataclass
class Either:
    value: Small | Large


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"id": 1}, Small(1)),
        ({"id": 1, "name": "a", "more": "b", "most": "c"}, Large(1, "a", "b", "c")),
        ({"id": 1, "name": "a"}, Large(1, "a")),
        ({"id": 1, "later": 5}, Small(1)),
        ({"id": 1, "name": "a", "later": 5}, Large(1, "a")),
    ],
)
def test_older_and_newer_records_of_a_union_find_their_class(keys: Any, expected: Any) -> None:
    assert from_dict(Either)({"value": keys}) == Either(expected)


def test_a_record_that_is_none_of_the_classes() -> None:
    with pytest.raises(
        ValueError, match=r"Either\.value: a record of other is none of the classes"
    ):
        from_dict(Either)({"value": {"other": 1}})
    with pytest.raises(ValueError, match=r"Either\.value: 'x' is of no type it is annotated with"):
        from_dict(Either)({"value": "x"})


class Shown(BaseModel):
    amount: Decimal = Field(max_digits=5, decimal_places=2)
    at: AwareDatetime
    local: NaiveDatetime
    hidden: int = Field(default=3, exclude=True)

    @field_validator("amount")
    @classmethod
    def positive(cls, amount: Decimal) -> Decimal:
        if amount < 0:
            raise ValueError("must not be negative")
        return amount


SHOWN = Shown(
    amount=Decimal("1.25"),
    at=datetime(2020, 1, 1, tzinfo=UTC),
    local=datetime(2020, 1, 1),  # noqa: DTZ001  what NaiveDatetime is for
)


def test_types_of_pydantic() -> None:
    fields = fields_of(Shown)
    assert list(fields) == ["amount", "at", "local"]
    assert fields["amount"]["type"]["precision"] == 5
    assert fields["at"]["type"]["logicalType"] == "timestamp-micros"
    assert fields["local"]["type"]["logicalType"] == "local-timestamp-micros"
    assert_comes_back(Shown, SHOWN)


@pytest.mark.parametrize("form", ["avro", "json"])
def test_pydantic_validates_what_is_read(form: Literal["avro", "json"]) -> None:
    written = to_dict(Shown, form=form)(SHOWN)
    broken = {**written, "amount": Decimal(-1) if form == "avro" else "-1"}
    with pytest.raises(ValidationError, match="must not be negative"):
        from_dict(Shown, form=form)(broken)
    del written["local"]
    with pytest.raises(ValidationError, match="Field required"):
        from_dict(Shown, form=form)(written)


class Outer(BaseModel):
    inner: list[Shown]


@dataclass
class Around:
    inner: Shown


def test_the_error_of_an_inner_model_says_where() -> None:
    broken = {**to_dict(Shown)(SHOWN), "amount": Decimal(-1)}
    with pytest.raises(ValidationError) as caught:
        from_dict(Outer)({"inner": [broken]})
    assert caught.value.errors()[0]["loc"] == ("inner", 0, "amount")
    with pytest.raises(ValidationError):
        from_dict(Around)({"inner": broken})


def test_models_that_keep_the_values_of_enums() -> None:
    class Painted(BaseModel):
        model_config = ConfigDict(use_enum_values=True)
        paint: Paint
        spare: Paint = Paint.RED

    painted = Painted(paint=Paint.RED)
    assert (painted.paint, painted.spare) == (1, Paint.RED)
    assert to_dict(Painted)(painted) == {"paint": "RED", "spare": "RED"}
    assert from_dict(Painted)({"paint": "RED"}) == painted


def test_strict_models() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True, extra="forbid")
        at: datetime
        paints: set[Paint]

    value = Strict(at=datetime(2020, 1, 1, tzinfo=UTC), paints={Paint.RED})
    assert_comes_back(Strict, value)
    assert from_dict(Strict)({**to_dict(Strict)(value), "unknown": 1}) == value


def test_keys_a_typed_dict_may_be_without() -> None:
    fields = fields_of(Whole)
    assert fields["a"] == {"name": "a", "type": "long"}
    assert fields["b"] == {"name": "b", "type": ["null", "string"], "default": None}
    assert to_dict(Whole)({"a": 1, "d": 2}) == {"a": 1, "b": None, "c": None, "d": 2}
    assert to_dict(Whole, form="json")({"a": 1, "d": 2}) == {"a": 1, "d": 2}
    assert json.loads(json_schema(Whole))["required"] == ["a", "d"]


@dataclass
class Bounded:
    x: Annotated[int, Gt(0)]
    y: Annotated[list[str], MaxLen(3)]


class BoundedModel(BaseModel):
    x: int = Field(gt=0)
    y: list[str] = Field(max_length=3)
    z: str | None = Field(default=None, pattern="^a")


def test_the_bounds_of_a_field_go_into_json_schema() -> None:
    expected = {
        "x": {"type": "integer", "exclusiveMinimum": 0},
        "y": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
    }
    assert json.loads(json_schema(Bounded))["properties"] == expected
    model = json.loads(json_schema(BoundedModel))["properties"]
    assert model.pop("z")["anyOf"][0] == {"type": "string", "pattern": "^a"}
    assert model == expected


class Bought(TypedDict):
    kind: Literal["bought"]
    price: Annotated[int, Name("cents")]


class Sold(TypedDict):
    kind: Literal["sold"]
    price: Annotated[int, Name("cents")]


class Moved(TypedDict):
    place: Annotated[str, Name("where")]


class Lost(TypedDict):
    since: Annotated[int, Name("when")]


@dataclass
class Moves:
    trades: list[Bought | Sold]
    other: Moved | Lost | None
    number: float | str = 1.5


def test_typed_dicts_of_a_union_are_told_apart() -> None:
    trades: list[Bought | Sold] = [{"kind": "sold", "price": 1}, {"kind": "bought", "price": 2}]
    moves = Moves(trades, {"since": 3})
    assert to_dict(Moves)(moves)["trades"][0] == ("Sold", {"kind": "sold", "cents": 1})
    assert to_dict(Moves)(moves)["other"] == ("Lost", {"when": 3})
    assert_comes_back(Moves, moves)
    assert_comes_back(Moves, Moves([], {"place": "a"}))
    with pytest.raises(ValueError, match=r"^Moves\.trades: 'kind' is 'lost', which no class has"):
        from_dict(Moves)({"trades": [{"kind": "lost", "cents": 1}], "other": None})


def test_values_of_a_union_may_be_of_a_subclass_or_an_int_for_a_float() -> None:
    class Kitten(Cat):
        pass

    assert to_dict(Owner)(Owner(Kitten(1), []))["pet"] == ("Cat", {"lives": 1})
    assert to_dict(Moves)(Moves([], None, 2))["number"] == ("double", 2)


def test_a_model_that_names_a_later_class() -> None:
    class Early(BaseModel):
        late: Late

    class Late(BaseModel):
        x: int

    assert not Early.__pydantic_complete__
    assert_comes_back(Early, Early.model_validate({"late": {"x": 1}}))


def test_unions_in_unions_are_one() -> None:
    number = TypeAliasType("number", int | float | None)
    cls = dataclass(type("Measured", (), {"__annotations__": {"x": number | str}}))
    assert fields_of(cls)["x"]["type"] == ["null", "long", "double", "string"]
    for value in (1, 1.5, None, "a"):
        assert_comes_back(cls, cls(value))


@dataclass
class Mixture:
    """A union of what Avro names; JSON has a text for one of them."""

    value: Annotated[bytes, Fixed(2)] | dict[str, Cat] | Paint
    keys: dict[str, int] | bool = True
    both: Annotated[bytes, Fixed(2)] = b"ab"


@pytest.mark.parametrize("value", [b"ab", {"a": Cat(1)}, {}, Paint.RED])
def test_unions_of_named_types(value: Any) -> None:
    mixture = Mixture(value, {"a": 1})
    assert avro(Mixture, mixture) == mixture
    assert through_json(Mixture, mixture) == mixture
    assert fields_of(Mixture)["both"]["type"] == "Fixed2"


def test_a_named_type_of_types() -> None:
    money = TypeAliasType("money", Annotated[Decimal, Digits(5, 2)])
    cls = dataclass(type("Priced", (), {"__annotations__": {"price": money | None}}))
    assert_comes_back(cls, cls(Decimal("1.25")))


def test_pydantic_is_not_imported_for_other_classes() -> None:
    program = (
        "import sys; from dataclasses import dataclass; from accord_serde.typed import *\n"
        "@dataclass\nclass A: x: int\n"
        "avro_schema(A), json_schema(A), from_dict(A)(to_dict(A)(A(1)))\n"
        "assert not {'pydantic', 'fastavro', 'orjson'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT / "serde")


def test_callers_are_typed() -> None:
    """What users write passes mypy strict, and what they must not write does not."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file="),
            str(HERE / "typing" / "calls.py"),
        ],
        cwd=ROOT / "serde",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("", "")
