"""The syntax tree of a .proto file.

A node's `at` is the number of its first token in the source text, or NOWHERE when the tree was not
read from text; it takes no part in comparisons. `File.place` turns it into a line and a column: a
token number is free to record, a position is only worth computing for an error. A tree is never
changed once the function that built it has returned: whoever needs another tree builds one.

Option values take one form that protoc refuses and Confluent's clients write: a list,
`option (m).tags = ["a", "b"]`, which stands for the option being given once per item.

Lists keep the order of the text within one kind of node; `in_source_order` restores the order
between kinds, which decides the indexes of nested types and the order of fields in a descriptor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from compat.protobuf.tokens import place

if TYPE_CHECKING:
    from collections.abc import Iterable

NOWHERE: Final = -1
MAX_FIELD_NUMBER: Final = 536_870_911

Label: TypeAlias = Literal["optional", "required", "repeated"]
Visibility: TypeAlias = Literal["export", "local"]
ImportKind: TypeAlias = Literal["plain", "public", "weak", "option"]


class LiteralKind(Enum):
    """How a scalar was written."""

    IDENTIFIER = "identifier"  # also true, false, and inf and nan without a sign
    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"  # also -inf and -nan


@dataclass(slots=True)
class Scalar:
    """A scalar of an option or an aggregate.

    `text` of a string is its value, escapes undone and neighbours joined: UTF-8, where bytes that
    are no UTF-8 appear as lone surrogates (encode with "surrogateescape" to have the bytes). Of
    anything else it is the source text; a minus sign leads it, without a space.
    """

    kind: LiteralKind
    text: str
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Entry:
    """One field of an aggregate; `name` is "a", "[pkg.ext]" or "[type.googleapis.com/pkg.M]"."""

    name: str
    value: Value
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Aggregate:
    """A message in text format: `{ a: 1 }`."""

    entries: list[Entry]
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class ListValue:
    """A list in text format: `[1, 2]`."""

    items: list[Value]
    at: int = field(default=NOWHERE, compare=False, repr=False)


Value: TypeAlias = Scalar | Aggregate | ListValue


@dataclass(slots=True, frozen=True)
class NamePart:
    """One part of an option's name; `(a.b).c` has the parts (a.b) and c."""

    name: str
    is_extension: bool = False

    def __str__(self) -> str:
        return f"({self.name})" if self.is_extension else self.name


@dataclass(slots=True)
class Option:
    """`name = value`, in a statement or between brackets.

    `default` and `json_name` of fields are options too, and so are the declarations of an
    extension range.
    """

    name: tuple[NamePart, ...]
    value: Value
    at: int = field(default=NOWHERE, compare=False, repr=False)

    @property
    def dotted(self) -> str:
        """Return the whole name as it is written: `(a.b).c`."""
        return ".".join(map(str, self.name))


@dataclass(slots=True, frozen=True)
class MapType:
    """`map<key, value>`."""

    key: str
    value: str


@dataclass(slots=True)
class Field:
    """A field of a message, a oneof or an extend block.

    A type name is spelt as in the text: a scalar, a relative name, or `.pkg.M`. Options hold
    `default` and `json_name`.
    """

    label: Label | None
    type: str | MapType
    name: str
    number: int
    options: list[Option] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)  # the name
    type_at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Group:
    """`group Name = 1 { … }`: a field and its message in one; `body.name` is `name`."""

    label: Label | None
    name: str
    number: int
    body: Message
    options: list[Option] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class OneOf:
    """A oneof with its members."""

    name: str
    fields: list[Field] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Range:
    """Numbers from `start` to `end`, both included; `end` None is a single number."""

    start: int
    end: int | Literal["max"] | None = None
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Reserved:
    """One `reserved` statement: either ranges or names."""

    ranges: list[Range] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Extensions:
    """One `extensions` statement."""

    ranges: list[Range]
    options: list[Option] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Extend:
    """`extend M { … }`."""

    extendee: str
    fields: list[Field] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class EnumValue:
    """A constant of an enum."""

    name: str
    number: int
    options: list[Option] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class EnumType:
    """`enum E { … }`."""

    name: str
    values: list[EnumValue] = field(default_factory=list)
    reserved: list[Reserved] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    visibility: Visibility | None = None
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Message:
    """`message M { … }`, and the body of a group."""

    name: str
    fields: list[Field] = field(default_factory=list)
    oneofs: list[OneOf] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    enums: list[EnumType] = field(default_factory=list)
    extends: list[Extend] = field(default_factory=list)
    extensions: list[Extensions] = field(default_factory=list)
    reserved: list[Reserved] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    visibility: Visibility | None = None
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Rpc:
    """A method of a service."""

    name: str
    request: str
    response: str
    request_streaming: bool = False
    response_streaming: bool = False
    options: list[Option] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Service:
    """`service S { … }`."""

    name: str
    rpcs: list[Rpc] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class Import:
    """An import; `option` imports exist from edition 2024 on."""

    path: str
    kind: ImportKind = "plain"
    at: int = field(default=NOWHERE, compare=False, repr=False)


@dataclass(slots=True)
class File:
    """A whole file; at most one of `syntax` and `edition` is set."""

    syntax: Literal["proto2", "proto3"] | None = None
    edition: str | None = None
    package: str | None = None
    imports: list[Import] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    enums: list[EnumType] = field(default_factory=list)
    extends: list[Extend] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    source: str = field(default="", compare=False, repr=False)

    def place(self, at: int) -> tuple[int, int] | None:
        """Return the line and the column of a node's `at`, counted from 1; None for NOWHERE."""
        return None if at == NOWHERE else place(self.source, at)


Positioned: TypeAlias = (
    Field | Group | OneOf | Message | EnumType | Extend | Extensions | Reserved | Service | Option
)


def in_source_order(*kinds: Iterable[Positioned]) -> list[Positioned]:
    """Merge lists of nodes by their `at`; nodes without one keep the order given."""
    return sorted((node for kind in kinds for node in kind), key=lambda node: node.at)
