"""From an annotation to its shape."""

from __future__ import annotations

import collections.abc as abstract
import types
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum, Flag
from inspect import cleandoc
from typing import (
    TYPE_CHECKING,
    Annotated,
    Literal,
    NewType,
    NoReturn,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from accord_serde._typed import scalars
from accord_serde._typed.markers import Digits, Encoding, Fixed, naming_of
from accord_serde._typed.refusal import Refusal
from accord_serde._typed.shapes import (
    Branch,
    Choice,
    Either,
    Entries,
    Items,
    Node,
    Scalar,
    Symbol,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ARRAYS: Mapping[object, tuple[type, tuple[type, ...]]] = {
    list: (list, (list,)),
    tuple: (tuple, (tuple,)),
    set: (set, (set,)),
    frozenset: (frozenset, (frozenset,)),
    abstract.Sequence: (list, (list, tuple)),
    abstract.MutableSequence: (list, (list,)),
    abstract.Collection: (list, (list, tuple, set, frozenset)),
    abstract.Iterable: (list, (list, tuple, set, frozenset)),
    abstract.Set: (frozenset, (set, frozenset)),
    abstract.MutableSet: (set, (set,)),
}
MAPS = frozenset({dict, abstract.Mapping, abstract.MutableMapping})
# keyword of JSON Schema by the attribute a marker of annotated-types or of pydantic has
NUMBER = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
}
TEXT = {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"}
ITEMS = {"min_length": "minItems", "max_length": "maxItems"}
ENTRIES = {"min_length": "minProperties", "max_length": "maxProperties"}
BOUNDED = {id(scalars.STRING): TEXT} | {
    id(each): NUMBER for each in (scalars.INT32, scalars.INT64, scalars.FLOAT32, scalars.FLOAT64)
}


def doc_of(cls: type) -> str | None:
    """Return the docstring somebody wrote in this class."""
    doc = vars(cls).get("__doc__")
    # dataclasses makes up "Point(x: int, y: int)" where there is none
    if not isinstance(doc, str) or doc.startswith(f"{cls.__name__}("):
        return None
    return cleandoc(doc) or None


def flattened(markers: tuple[object, ...]) -> Iterator[object]:
    """Yield the markers, and those that pydantic's Field collected from its arguments."""
    for marker in markers:
        yield marker
        yield from flattened(tuple(getattr(marker, "metadata", None) or ()))


def first_of(markers: tuple[object, ...], cls: type) -> object | None:
    return next((each for each in markers if isinstance(each, cls)), None)


def constraints(markers: tuple[object, ...], names: Mapping[str, str]) -> dict[str, object]:
    """Return the keywords of JSON Schema that the markers amount to."""
    found: dict[str, object] = {}
    for marker in markers:
        for attribute, keyword in names.items():
            value = getattr(marker, attribute, None)
            if isinstance(value, int | float | str):
                found[keyword] = value
    return found


def digits_of(markers: tuple[object, ...]) -> Digits | None:
    """Return the digits a marker gives, ours or pydantic's `max_digits` and `decimal_places`."""
    found = first_of(markers, Digits)
    if isinstance(found, Digits):
        return found
    given = {
        name: value
        for marker in markers
        for name in ("max_digits", "decimal_places")
        if isinstance(value := getattr(marker, name, None), int)
    }
    if "max_digits" not in given:
        return None
    return Digits(given["max_digits"], given.get("decimal_places", 0))


def is_class(annotation: object) -> bool:
    """Whether the annotation is a class with fields: dataclass, pydantic model or TypedDict."""
    cls = get_origin(annotation) or annotation
    return isinstance(cls, type) and bool(
        hasattr(cls, "__dataclass_fields__")
        or hasattr(cls, "__pydantic_fields__")
        or (issubclass(cls, dict) and hasattr(cls, "__required_keys__"))
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an annotation stands: what errors name, and what unnamed types are called after."""

    record: str
    attribute: str
    classes: Callable[[object], Node]
    variables: Mapping[object, object] = field(default_factory=dict)
    enum_values: bool = False
    """Whether the class keeps the value of an Enum in place of its member, as pydantic may."""
    opened: frozenset[object] = frozenset()
    """The names of types around this one, of which none may be inside itself."""

    def refuse(self, annotation: object, advice: str) -> NoReturn:
        """Raise the TypeError of this field."""
        name = getattr(annotation, "__name__", None)
        shown = name if isinstance(annotation, type) and name else repr(annotation)
        raise Refusal(f"{self.record}.{self.attribute}: {shown} cannot be written; {advice}")


def shape(annotation: object, place: Place, markers: tuple[object, ...] = ()) -> Node:
    """Return what an annotation means; raise TypeError where it means nothing on the wire."""
    origin = get_origin(annotation)
    if type(annotation).__hash__ is None:
        place.refuse(annotation, advice(None))
    if origin is Annotated:
        inner, *own = get_args(annotation)
        return shape(inner, place, (*markers, *flattened(tuple(own))))
    if origin in (Union, types.UnionType):
        return either(get_args(annotation), place, markers)
    inner = meant(annotation, place)
    if inner is not annotation:
        return shape(inner, replace(place, opened=place.opened | {annotation}), markers)
    if origin is Literal:
        return literal(annotation, place)
    return class_shape(annotation, place, markers)


def meant(annotation: object, place: Place) -> object:
    """Return what a name of a type stands for: a NewType, a type variable or a `type X = ...`."""
    if isinstance(annotation, TypeVar):
        return variable(annotation, place)
    if annotation in place.opened:
        place.refuse(annotation, "a type that contains itself is a class with fields")
    if isinstance(annotation, NewType):
        return annotation.__supertype__
    is_alias = get_origin(annotation) is None and not isinstance(annotation, type)
    return getattr(annotation, "__value__", annotation) if is_alias else annotation


def class_shape(annotation: object, place: Place, markers: tuple[object, ...]) -> Node:
    origin = get_origin(annotation)
    if is_class(annotation):
        return place.classes(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum) and origin is None:
        return enumeration(annotation, place)
    if origin in ARRAYS:
        return array(annotation, place, markers)
    if origin in MAPS:
        return entries(annotation, place, markers)
    return scalar(annotation, place, markers)


def scalar(annotation: object, place: Place, markers: tuple[object, ...]) -> Scalar:
    found = marked(annotation, markers) or plain(annotation)
    if found is None or annotation in place.opened:
        place.refuse(annotation, advice(annotation))
    names = BOUNDED.get(id(found))
    return replace(found, constraints=constraints(markers, names)) if names else found


def plain(annotation: object) -> Scalar | None:
    if annotation in scalars.PLAIN:
        return scalars.PLAIN[annotation]
    module, name = (getattr(annotation, part, "") for part in ("__module__", "__qualname__"))
    return scalars.FOREIGN.get(f"{module}.{name}")


def marked(annotation: object, markers: tuple[object, ...]) -> Scalar | None:
    size = first_of(markers, Fixed)
    if annotation is bytes and isinstance(size, Fixed):
        return scalars.fixed(size)
    digits = digits_of(markers)
    if annotation is Decimal and digits is not None:
        return scalars.decimal(digits)
    encoding = first_of(markers, Encoding)
    if isinstance(annotation, type) and isinstance(encoding, Encoding):
        return scalars.MARKED.get((annotation, encoding))
    return None


def advice(annotation: object) -> str:
    if annotation in ARRAYS or annotation in MAPS:
        return "say what is in it, as in list[int] or dict[str, int]"
    return (
        "annotate a scalar, a list, tuple, set or dict of them, an Enum, a Literal, a dataclass, "
        "a pydantic model or a TypedDict, or convert the value in a class of your own"
    )


def variable(annotation: TypeVar, place: Place) -> object:
    found: object = place.variables.get(annotation, annotation.__bound__)
    if found is None or annotation in place.opened:
        place.refuse(annotation, "give the generic class its arguments, as in Box[int]")
    return found


def either(members: tuple[object, ...], place: Place, markers: tuple[object, ...]) -> Node:
    """Return the union, of which None and unions inside are no branches."""
    branches: list[Branch] = []
    nullable = False
    for member in members:
        node = shape(member, place, markers)
        if node is scalars.NULL:
            nullable = True
        elif isinstance(node, Either):
            nullable |= node.nullable
            branches += node.branches
        else:
            branches.append(node)
    return Either(tuple(branches), nullable)


def array(annotation: object, place: Place, markers: tuple[object, ...]) -> Items:
    build, python = ARRAYS[get_origin(annotation)]
    members = get_args(annotation)
    length = None
    if build is tuple:
        length = None if members[-1:] == (...,) else len(members)
        members = tuple(dict.fromkeys(each for each in members if each is not ...))
        if len(members) != 1:
            place.refuse(annotation, "a tuple has items of one type, as in tuple[int, ...]")
    item = shape(members[0], place)
    return Items(item, build, python, length, constraints(markers, ITEMS))


def entries(annotation: object, place: Place, markers: tuple[object, ...]) -> Entries:
    key, value = get_args(annotation)
    named = shape(key, place)
    if not isinstance(named, Scalar) or named.title != scalars.STRING.title:
        place.refuse(annotation, "the keys of a map are str")
    return Entries(shape(value, place), constraints(markers, ENTRIES))


def enumeration(cls: type[Enum], place: Place) -> Choice:
    """Return an Enum: names in Avro; in JSON its values, or its names where a value is no text."""
    if issubclass(cls, Flag) or not len(cls):
        place.refuse(cls, "an enum has one of its members, and is written by name")
    naming = naming_of(cls)
    by_value = {type(each.value) for each in cls} in ({str}, {int})
    symbols = [Symbol(each.name, each.value if by_value else each.name, each) for each in cls]
    return Choice(
        naming.name or cls.__name__,
        tuple(symbols),
        cls,
        by_value,
        place.enum_values,
        naming.namespace,
        naming.aliases,
        doc_of(cls),
    )


def literal(annotation: object, place: Place) -> Node:
    given = get_args(annotation)
    values = tuple(each for each in given if each is not None)
    if {type(each) for each in values} not in ({str}, {int}, {bool}):
        place.refuse(annotation, "a Literal has values of one type: str, int or bool")
    symbols = tuple(Symbol(str(each), each, each) for each in values)
    choice = Choice(f"{place.record}_{place.attribute}", symbols, None)
    return choice if values == given else Either((choice,), nullable=True)
