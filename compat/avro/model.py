"""Avro types as nodes, equal by identity: a named type may contain itself.

Nobody changes a node once the builder has returned it. That is not enforced: a frozen dataclass
takes four times as long to make, and making nodes is what reading a schema costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum as PythonEnum
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.avro.names import Name
    from compat.json_text import JsonValue


class TypeName(StrEnum):
    """The types, spelt as a schema spells them."""

    NULL = "null"
    BOOLEAN = "boolean"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    BYTES = "bytes"
    STRING = "string"
    RECORD = "record"
    ENUM = "enum"
    ARRAY = "array"
    MAP = "map"
    UNION = "union"
    FIXED = "fixed"


class Order(StrEnum):
    """How a field takes part in sorting records."""

    ASCENDING = "ascending"
    DESCENDING = "descending"
    IGNORE = "ignore"


class Absent(PythonEnum):
    """The default of a field that has none; `null` is a default like any other."""

    TOKEN = 0


ABSENT: Final = Absent.TOKEN

Props: TypeAlias = "Mapping[str, JsonValue]"

NO_PROPS: Props = MappingProxyType({})


@dataclass(slots=True, eq=False)
class Primitive:
    type: TypeName
    props: Props


@dataclass(slots=True, eq=False)
class Array:
    type: ClassVar[TypeName] = TypeName.ARRAY
    items: Node
    props: Props


@dataclass(slots=True, eq=False)
class Map:
    type: ClassVar[TypeName] = TypeName.MAP
    values: Node
    props: Props


@dataclass(slots=True, eq=False)
class Union:
    type: ClassVar[TypeName] = TypeName.UNION
    branches: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Field:
    name: str
    type: Node = field(repr=False)
    doc: str | None
    default: JsonValue | Absent
    order: Order
    aliases: tuple[str, ...]
    props: Props

    @property
    def has_default(self) -> bool:
        return self.default is not ABSENT


@dataclass(slots=True, eq=False)
class Record:
    type: ClassVar[TypeName] = TypeName.RECORD
    name: Name
    doc: str | None
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field] = field(repr=False)
    is_error: bool
    aliases: tuple[Name, ...]
    props: Props


@dataclass(slots=True, eq=False)
class Enum:
    type: ClassVar[TypeName] = TypeName.ENUM
    name: Name
    doc: str | None
    symbols: tuple[str, ...]
    default: str | None
    aliases: tuple[Name, ...]
    props: Props


@dataclass(slots=True, eq=False)
class Fixed:
    type: ClassVar[TypeName] = TypeName.FIXED
    name: Name
    doc: str | None
    size: int
    aliases: tuple[Name, ...]
    props: Props


@dataclass(slots=True, eq=False)
class Unresolved:
    """A name whose type comes later in the text; never part of a finished schema."""

    type: ClassVar[TypeName] = TypeName.RECORD
    name: Name
    path: str


NAMED = (Record, Enum, Fixed)
Named: TypeAlias = "Record | Enum | Fixed"
Node: TypeAlias = "Primitive | Array | Map | Union | Named | Unresolved"

PRIMITIVE_NAMES = frozenset(
    {
        TypeName.NULL,
        TypeName.BOOLEAN,
        TypeName.INT,
        TypeName.LONG,
        TypeName.FLOAT,
        TypeName.DOUBLE,
        TypeName.BYTES,
        TypeName.STRING,
    }
)

PLAIN: Mapping[str, Primitive] = {name: Primitive(name, NO_PROPS) for name in PRIMITIVE_NAMES}
