"""Data of an Avro type: the smallest there is, as fastavro takes it and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from compat.avro.document import write
from compat.avro.logical import logical_type
from compat.avro.model import NAMED, Array, Enum, Fixed, Map, Primitive, Record, TypeName, Union

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.avro.model import Node
    from compat.avro.names import Name
    from compat.json_text import JsonValue

# None, bool, int, float, str, bytes, lists and dicts of them; a value of a union is the pair of
# the branch's name and the value there.
Datum: TypeAlias = object

# A person has to read it.
MAX_VALUES = 2000
# fastavro writes and reads by recursion.
MAX_DEPTH = 60
MAX_TYPES = 5000
# fastavro looks through all the records of a union, and shows all of them when it fails.
MAX_NAMED_TYPES = 1000
# Each round carries finite values one step further through types that contain themselves.
MAX_ROUNDS = 100
BYTES_PER_VALUE = 8

SMALLEST: Mapping[TypeName, Datum] = {
    TypeName.NULL: None,
    TypeName.BOOLEAN: False,
    TypeName.INT: 0,
    TypeName.LONG: 0,
    TypeName.FLOAT: 0.0,
    TypeName.DOUBLE: 0.0,
    TypeName.BYTES: b"",
    TypeName.STRING: "",
    TypeName.ARRAY: [],
    TypeName.MAP: {},
}

# Of the logical types whose programs do not take every value.
SMALLEST_LOGICAL: Mapping[str, Datum] = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "decimal": b"\0",
    "big-decimal": b"\2\0\0",
}


class NoMessage(Exception):
    """Say why there is no message to show."""


class Extent(NamedTuple):
    """How many values the smallest value of a type consists of, and how deep they nest."""

    size: int
    depth: int


ONE = Extent(1, 1)


class Smallest:
    """The smallest values of the types that a type leads to; raises NoMessage beyond a limit."""

    def __init__(self, root: Node) -> None:
        self._extents: dict[int, Extent | None] = {}
        self._measure(within(root))

    def _measure(self, nodes: list[Node]) -> None:
        """Grow to the least fixpoint; what contains itself in every value stays without one."""
        for _ in range(MAX_ROUNDS):
            changed = False
            for node in reversed(nodes):
                extent = self._measured(node)
                if extent != self._extents.get(id(node)):
                    self._extents[id(node)] = extent
                    changed = True
            if not changed:
                return

    def _measured(self, node: Node) -> Extent | None:
        match node:
            case Union():
                return self._least(node)
            case Record():
                return self._sum(node)
            case Enum():
                return ONE if node.symbols else None
            case Fixed():
                return Extent(1 + node.size // BYTES_PER_VALUE, 1)
            case _:
                return ONE

    def _least(self, union: Union) -> Extent | None:
        found = (self.extent(each) for each in union.branches)
        return min((extent for extent in found if extent is not None), default=None)

    def _sum(self, record: Record) -> Extent | None:
        size, depth = 1, 1
        for field in record.fields:
            extent = self.extent(field.type)
            if extent is None:
                return None
            size, depth = size + extent.size, max(depth, 1 + extent.depth)
        # The sum doubles with every level of records that hold the next one twice.
        return Extent(min(size, MAX_VALUES + 1), depth)

    def extent(self, node: Node) -> Extent | None:
        """Return None for a type that has no finite value."""
        return ONE if isinstance(node, Primitive) else self._extents.get(id(node))

    def value(self, node: Node) -> Datum:
        extent = self.extent(node)
        if extent is None:
            raise NoMessage("a type on the way contains itself without end, so it has no values")
        if extent.size > MAX_VALUES or extent.depth > MAX_DEPTH:
            raise NoMessage("the smallest message that gets there is too large to be shown")
        return self._value(node)

    def _value(self, node: Node) -> Datum:
        match node:
            case Record():
                return {field.name: self._value(field.type) for field in node.fields}
            case Union():
                extents = [(self.extent(each), each) for each in node.branches]
                finite = [(extent, each) for extent, each in extents if extent is not None]
                _, branch = min(finite, key=lambda pair: pair[0])
                return branch_name(branch), self._value(branch)
            case Enum():
                return node.symbols[0]
            case Fixed():
                return bytes(node.size)
            case _:
                logical = logical_type(node)
                plain = SMALLEST[node.type]
                return plain if logical is None else SMALLEST_LOGICAL.get(logical.name, plain)


def within(root: Node) -> list[Node]:
    """Return the types that a type leads to, itself first, primitives left out."""
    found: dict[int, Node] = {}
    named = 0
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Primitive) or id(node) in found:
            continue
        named += isinstance(node, NAMED)
        if len(found) >= MAX_TYPES or named > MAX_NAMED_TYPES:
            raise NoMessage("the schema is too large to look for a message")
        found[id(node)] = node
        stack += parts(node)
    return list(found.values())


def parts(node: Node) -> list[Node]:
    match node:
        case Record():
            return [field.type for field in node.fields]
        case Union():
            return list(node.branches)
        case Array():
            return [node.items]
        case Map():
            return [node.values]
        case _:
            return []


def spelt(name: Name) -> str:
    """Return a full name in which fastavro sees no other: it has no null namespace."""
    return name.full if name.space is not None else f"_.{name.simple}"


def branch_name(branch: Node) -> str:
    """Return the name by which fastavro is told the branch of a union."""
    return spelt(branch.name) if isinstance(branch, NAMED) else branch.type


def json_text(node: Node, value: Datum) -> str:
    """Return a value as Avro's JSON encoding has it."""
    return write(as_json(node, value))


def as_json(node: Node, value: Datum) -> JsonValue:
    match node, value:
        case Union(), (str() as name, inner):
            branch = next(each for each in node.branches if branch_name(each) == name)
            return in_union(branch, inner)
        case Record(), dict():
            return {field.name: as_json(field.type, value[field.name]) for field in node.fields}
        case Array(), list():
            return [as_json(node.items, each) for each in value]
        case Map(), dict():
            return {key: as_json(node.values, each) for key, each in value.items()}
        case _:
            return scalar(value)


def in_union(branch: Node, value: Datum) -> JsonValue:
    if branch.type is TypeName.NULL:
        return None
    word = branch.name.full if isinstance(branch, NAMED) else str(branch.type)
    return {word: as_json(branch, value)}


def scalar(value: Datum) -> JsonValue:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    assert value is None or isinstance(value, bool | int | float | str), "the value has no parts"
    return value
