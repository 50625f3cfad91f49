"""What an annotation means, whatever kind of class it stands in and whatever format is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Form: TypeAlias = Literal["avro", "json"]
FORMS: tuple[Form, ...] = ("avro", "json")


@dataclass(frozen=True, slots=True)
class Encoded:
    """One scalar in one form.

    `write` and `read` are expressions of Python in which {x} is the value, written as {first}
    where it is first evaluated, and {bound} is `bound`; None where the value stays what it is.
    `seen` is the class a reader meets, `also` one it meets where no other type of a union has it.
    A default of an Avro schema comes to a reader as the plain JSON it is, and is read as well.
    """

    schema: str | dict[str, object]
    seen: type
    write: str | None = None
    read: str | None = None
    also: type | None = None
    bound: Callable[..., object] | None = None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts: `python` are its classes, `raw` makes it a default in Avro's JSON."""

    title: str
    python: tuple[type, ...]
    avro: Encoded | str
    """How it is written, or why it cannot be."""
    json: Encoded
    raw: Callable[[object], object]
    fleeting: bool = False
    """Whether a default computed by a factory may be another one tomorrow."""
    constraints: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Symbol:
    name: str
    json: str | int | bool
    value: object


@dataclass(frozen=True, slots=True)
class Choice:
    """An Enum, or a Literal, whose `cls` is None and whose name is that of its field."""

    name: str
    symbols: tuple[Symbol, ...]
    cls: type | None
    by_value: bool = True
    """Whether JSON has its values, and not its names."""
    held_as_value: bool = False
    """Whether an instance may hold the value of a member in place of the member."""
    namespace: str | None = None
    aliases: tuple[str, ...] = ()
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple or set: `build` makes it, `python` are the classes it may be."""

    item: Node
    build: type
    python: tuple[type, ...]
    length: int | None = None
    constraints: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping from text."""

    value: Node
    constraints: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Either:
    """A union; `branches` leave out None, which `nullable` stands for."""

    branches: tuple[Branch, ...]
    nullable: bool


@dataclass(frozen=True, slots=True)
class Default:
    """What a class gives a field that got no value; `constant` when a schema may repeat it."""

    make: Callable[[], object]
    constant: bool


@dataclass(slots=True, eq=False)
class Field:
    attribute: str
    name: str
    node: Node
    aliases: tuple[str, ...] = ()
    doc: str | None = None
    default: Default | None = None
    may_be_absent: bool = False
    """Whether a TypedDict may be without the key."""
    in_constructor: bool = True
    keyword_only: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    @property
    def is_required(self) -> bool:
        return self.default is None and not self.may_be_absent


@dataclass(slots=True, eq=False)
class Record:
    """A class of the user; its fields are filled in later, for a class may contain itself."""

    cls: type
    kind: Literal["dataclass", "model", "dict"]
    name: str
    namespace: str | None = None
    aliases: tuple[str, ...] = ()
    doc: str | None = None
    fields: list[Field] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.cls.__qualname__


Branch: TypeAlias = Scalar | Choice | Items | Entries | Record
Node: TypeAlias = Branch | Either


def absent_as_null(field: Field) -> Node:
    """Return the node of a field, nullable where a TypedDict may be without the key."""
    if not field.may_be_absent:
        return field.node
    branches = field.node.branches if isinstance(field.node, Either) else (field.node,)
    return Either(branches, nullable=True)


def nested(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside `node`."""
    match node:
        case Record():
            return tuple(each.node for each in node.fields)
        case Either():
            return node.branches
        case Items():
            return (node.item,)
        case Entries():
            return (node.value,)
        case Scalar() | Choice():
            return ()


def records(root: Record) -> list[Record]:
    """Return `root` and every class inside it, in the order a schema first mentions them."""
    found: dict[Record, None] = {}
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Record):
            if node in found:
                continue
            found[node] = None
        waiting.extend(reversed(nested(node)))
    return list(found)
