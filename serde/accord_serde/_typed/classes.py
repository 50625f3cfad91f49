"""From a class to its record: the three kinds of classes, and nothing else, are told apart here."""

from __future__ import annotations

import dataclasses
import re
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NotRequired,
    Protocol,
    Required,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from accord_serde._typed.annotations import Place, doc_of, flattened, is_class, shape
from accord_serde._typed.markers import Name, naming_of
from accord_serde._typed.shapes import Default, Field, Node, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class ModelField(Protocol):
    """What is used of a field of a pydantic model; pydantic itself is never imported."""

    annotation: object
    metadata: list[object]
    alias: str | None
    serialization_alias: str | None
    validation_alias: object
    description: str | None
    default: object
    default_factory: Callable[..., object] | None
    exclude: bool | None

    def is_required(self) -> bool: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Stated:
    """A field as its class states it, before its annotation is understood."""

    attribute: str
    annotation: object
    markers: tuple[object, ...] = ()
    name: str | None = None
    aliases: tuple[str, ...] = ()
    doc: str | None = None
    default: Default | None = None
    may_be_absent: bool = False
    in_constructor: bool = True
    keyword_only: bool = False


def record_of(cls: object) -> Record:
    """Return the record of a class, with every class inside it; raise TypeError for no class."""
    if not is_class(cls):
        raise TypeError(f"{cls!r} is no dataclass, pydantic model or TypedDict")
    return _Derivation().record(cls)


class _Derivation:
    def __init__(self) -> None:
        self._records: dict[object, Record] = {}

    def record(self, annotation: object) -> Record:
        """Return the one record of a class, begun before its fields: a class may contain itself."""
        if annotation in self._records:
            return self._records[annotation]
        cls = cast("type", get_origin(annotation) or annotation)
        kind = kind_of(cls)
        naming = naming_of(cls)
        name = naming.name or generic_name(cls, get_args(annotation))
        record = Record(cls, kind, name, naming.namespace, naming.aliases, doc_of(cls))
        self._records[annotation] = record
        for stated in STATED[kind](cls):
            record.fields.append(self._field(record, stated, variables(annotation)))
        refuse_twins(record)
        return record

    def _field(self, record: Record, stated: Stated, variables: Mapping[object, object]) -> Field:
        enum_values = bool(getattr(record.cls, "model_config", {}).get("use_enum_values"))
        place = Place(record.name, stated.attribute, self._node, variables, enum_values)
        node = shape(stated.annotation, place, stated.markers)
        name, aliases, doc = on_the_wire(stated)
        return Field(
            stated.attribute,
            name,
            node,
            aliases,
            doc,
            stated.default,
            stated.may_be_absent,
            stated.in_constructor,
            stated.keyword_only,
        )

    def _node(self, annotation: object) -> Node:
        return self.record(annotation)


def kind_of(cls: type) -> Literal["dataclass", "model", "dict"]:
    if hasattr(cls, "__pydantic_fields__") and hasattr(cls, "model_validate"):
        return "model"
    return "dict" if issubclass(cls, dict) else "dataclass"


def generic_name(cls: type, arguments: tuple[object, ...]) -> str:
    """Return Box_int for Box[int], and for the class pydantic calls "Box[int]"."""
    parts = [
        cls.__name__,
        *(each.__name__ if type(each) is type else str(each) for each in arguments),
    ]
    return re.sub(r"\W+", "_", "_".join(parts)).strip("_")


def variables(annotation: object) -> dict[object, object]:
    """Return what the type variables of a generic class stand for, in its base classes as well."""
    cls = get_origin(annotation) or annotation
    found: dict[object, object] = dict(
        zip(getattr(cls, "__parameters__", ()), get_args(annotation), strict=False)
    )
    for base in getattr(cls, "__orig_bases__", ()):
        if is_class(base):
            inherited = variables(base)
            found |= {name: found.get(value, value) for name, value in inherited.items()}
    return found


def hints_of(cls: type) -> dict[str, object]:
    """Return the annotations of a class and its bases, resolved."""
    try:
        return get_type_hints(cls, localns={cls.__name__: cls}, include_extras=True)
    except NameError as error:
        raise TypeError(
            f"{cls.__qualname__}: {error} where its annotations are resolved; define the class "
            f"and what it names at the top of {cls.__module__}, outside `if TYPE_CHECKING`"
        ) from error


def markers_of(annotation: object) -> tuple[object, ...]:
    """Return the markers at the top of an annotation."""
    if get_origin(annotation) is not Annotated:
        return ()
    inner, *own = get_args(annotation)
    return (*markers_of(inner), *flattened(tuple(own)))


def on_the_wire(stated: Stated) -> tuple[str, tuple[str, ...], str | None]:
    """Return name, aliases and doc of a field, of which markers have the first word."""
    name, aliases, doc = stated.name, stated.aliases, stated.doc
    for marker in (*markers_of(stated.annotation), *stated.markers):
        if isinstance(marker, Name):
            name, aliases = marker.name or name, (*marker.aliases, *aliases)
        written = getattr(marker, "documentation", None) or getattr(marker, "description", None)
        doc = written if isinstance(written, str) else doc
    name = name or stated.attribute
    return name, tuple(dict.fromkeys(each for each in aliases if each != name)), doc


def refuse_twins(record: Record) -> None:
    seen: set[str] = set()
    for field in record.fields:
        for key in field.keys:
            if key in seen:
                raise TypeError(f"{record.name}.{field.attribute}: {key!r} names two fields")
            seen.add(key)


def dataclass_fields(cls: type) -> Iterator[Stated]:
    parameters = cls.__dict__.get("__dataclass_params__")
    if parameters is not None and not parameters.init:
        raise TypeError(f"{cls.__qualname__} has no generated __init__ to be rebuilt with")
    hints = hints_of(cls)
    refuse_initvars(cls, hints)
    positional = not any(isinstance(hint, dataclasses.InitVar) for hint in hints.values())
    for field in dataclasses.fields(cls):
        yield Stated(
            field.name,
            hints[field.name],
            (),
            field.metadata.get("name"),
            tuple(field.metadata.get("aliases", ())),
            field.metadata.get("doc"),
            dataclass_default(field),
            in_constructor=field.init,
            keyword_only=bool(field.kw_only) or not positional,
        )


def refuse_initvars(cls: type, hints: Mapping[str, object]) -> None:
    for name, hint in hints.items():
        if isinstance(hint, dataclasses.InitVar) and not hasattr(cls, name):
            raise TypeError(
                f"{cls.__qualname__}.{name}: an InitVar is not written, so that it needs a default"
            )


def dataclass_default(field: dataclasses.Field[Any]) -> Default | None:
    if field.default is not dataclasses.MISSING:
        value = field.default
        return Default(lambda: value, constant=True)
    if field.default_factory is not dataclasses.MISSING:
        return Default(field.default_factory, constant=False)
    return None


def model_fields(cls: type) -> Iterator[Stated]:
    model = cast("Any", cls)
    if getattr(model, "__pydantic_root_model__", False):
        raise TypeError(f"{cls.__qualname__}: a RootModel has no fields; annotate what it wraps")
    if not model.__pydantic_complete__:
        model.model_rebuild()
    fields: Mapping[str, ModelField] = model.__pydantic_fields__
    for name, field in fields.items():
        default = model_default(field)
        if field.exclude:
            if default is None:
                raise TypeError(f"{cls.__qualname__}.{name}: is excluded and has no default")
            continue
        yield Stated(
            name,
            field.annotation,
            tuple(flattened(tuple(field.metadata))),
            field.serialization_alias or field.alias,
            tuple(validation_aliases(field.validation_alias)),
            field.description,
            default,
        )


def validation_aliases(alias: object) -> Iterator[str]:
    if isinstance(alias, str):
        yield alias
    for choice in getattr(alias, "choices", ()):
        yield from validation_aliases(choice)


def model_default(field: ModelField) -> Default | None:
    if field.is_required():
        return None
    factory = field.default_factory
    if factory is None:
        value = field.default
        return Default(lambda: value, constant=True)
    if getattr(field, "default_factory_takes_validated_data", False):
        return Default(computed, constant=False)
    return Default(factory, constant=False)


def computed() -> object:
    """Stand for a default that depends on the other fields, and that no schema can state."""
    raise ValueError("depends on other fields")


def dict_fields(cls: type) -> Iterator[Stated]:
    required = cast("Any", cls).__required_keys__
    for name, hint in hints_of(cls).items():
        annotation, is_required = hint, name in required
        while (origin := get_origin(annotation)) in (Required, NotRequired) or is_read_only(origin):
            # Where annotations are texts, __required_keys__ does not know of these two.
            if origin in (Required, NotRequired):
                is_required = origin is Required
            annotation = get_args(annotation)[0]
        yield Stated(name, annotation, may_be_absent=not is_required)


def is_read_only(origin: object) -> bool:
    return getattr(origin, "_name", None) == "ReadOnly"


STATED: Mapping[str, Callable[[type], Iterator[Stated]]] = {
    "dataclass": dataclass_fields,
    "model": model_fields,
    "dict": dict_fields,
}
