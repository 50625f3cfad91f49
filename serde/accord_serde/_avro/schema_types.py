"""What fastavro's form of a schema says about its types."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

from fastavro.schema import parse_schema

from accord_serde._avro.source import MAX_PARTS, Uncompilable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from accord_serde._avro.schema import Json

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
COMPLEX = frozenset({"record", "enum", "fixed", "array", "map", "union"})
# Names that fastavro takes for types wherever it meets them, though a schema may define them.
RESERVED = COMPLEX | {"error", "error_union", "request"}
# A type of more parts than this is written once and called wherever it is used again.
LARGE = 24


class Logical(NamedTuple):
    """A logical type; `key` is what fastavro's tables of conversions have it under."""

    key: str
    schema: dict[str, Json]


class Types:
    """The named types of a schema, and how they are used."""

    def __init__(self, parsed: Json) -> None:
        self.named: dict[str, Json] = {}
        self.root: Json = parse_schema(parsed, self.named)
        self.recursive: set[str] = set()
        self.logical: set[str] = set()
        self._uses: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._open: set[str] = set()
        self.size = self._measured(self.root)

    def resolved(self, node: Json) -> Json:
        """Return the definition of a name, anything else as it is."""
        if isinstance(node, str) and node not in PRIMITIVES:
            if node in RESERVED:
                raise Uncompilable
            return self.named[node]
        return node

    def is_function(self, name: str) -> bool:
        """Tell whether a record is written as a function of its own."""
        return name in self.recursive or (
            self._uses.get(name, 0) > 1 and self._sizes.get(name, 0) > LARGE
        )

    def _measured(self, node: Json) -> int:
        definition = self.resolved(node)
        if kind(definition) not in PRIMITIVES | COMPLEX:
            raise Uncompilable
        named = logical(definition)
        if named is not None:
            self.logical.add(named.key)
        if kind(definition) == "record":
            return self._measured_record(definition)
        size = 1 + sum(map(self._measured, parts(definition)))
        if size > MAX_PARTS:
            raise Uncompilable
        return size

    def _measured_record(self, record: Json) -> int:
        name = record["name"]
        self._uses[name] = self._uses.get(name, 0) + 1
        if name in self._open:
            self.recursive.add(name)
            return 1
        if name not in self._sizes:
            self._open.add(name)
            size = 1 + sum(map(self._measured, parts(record)))
            self._open.remove(name)
            if size > MAX_PARTS:
                raise Uncompilable
            self._sizes[name] = size
            return size
        return 1 if self.is_function(name) else self._sizes[name]


def kind(node: Json) -> str:
    if isinstance(node, list):
        return "union"
    found: str = node["type"] if isinstance(node, dict) else node
    return found


def logical(node: Json) -> Logical | None:
    if not isinstance(node, dict) or not node.get("logicalType"):
        return None
    return Logical(f"{node['type']}-{node['logicalType']}", node)


def parts(node: Json) -> Iterator[Json]:
    """Iterate over the types that a definition is made of."""
    match node:
        case list():
            yield from node
        case {"type": "record", "fields": fields}:
            for field in fields:
                yield field["type"]
        case {"type": "array", "items": inner} | {"type": "map", "values": inner}:
            yield inner
        case _:
            pass


def nodes(parsed: Json) -> Iterator[Json]:
    """Iterate over all types of a schema, with the names that are only referred to."""
    waiting = [parsed]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += parts(node)


def is_bytes(parsed: Json) -> bool:
    """Tell whether the whole message is bytes, which are framed without their length."""
    return kind(parsed) == "bytes"


def is_recursive(parsed: Json) -> bool:
    """Tell whether a type has parts of its own type, however deep."""
    graph = {name: set(_names_in(definition)) for name, definition in _named(parsed).items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False


def _named(parsed: Json) -> dict[str, Json]:
    return {
        node["name"]: node for node in nodes(parsed) if isinstance(node, dict) and "name" in node
    }


def _names_in(definition: Json) -> Iterator[str]:
    waiting = list(parts(definition))
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and "name" in node:
            yield node["name"]
        elif isinstance(node, str) and node not in PRIMITIVES:
            yield node
        else:
            waiting += parts(node)


def is_empty(node: Json) -> bool:
    """Tell whether values of a scalar type take no bytes."""
    return kind(node) == "null" or (kind(node) == "fixed" and node["size"] == 0)


def is_blind(node: Json) -> bool:
    """Tell whether fastavro skips values of a scalar type even where the data have ended."""
    return kind(node) in {"null", "boolean", "float", "double", "fixed"}


def has_items(parsed: Json, is_such: Callable[[Json], bool]) -> bool:
    """Tell whether there is an array whose items are made of such scalars only."""
    named = _named(parsed)
    return any(
        consists_of(node["items"], named, is_such)
        for node in nodes(parsed)
        if isinstance(node, dict) and kind(node) == "array"
    )


def consists_of(
    node: Json,
    named: Mapping[str, Json],
    is_such: Callable[[Json], bool],
    inside: frozenset[str] = frozenset(),
) -> bool:
    """Tell whether a type is such a scalar, or a record of nothing else."""
    definition = named.get(node) if isinstance(node, str) and node not in PRIMITIVES else node
    if definition is None or kind(definition) != "record":
        return definition is not None and is_such(definition)
    name = definition["name"]
    return name not in inside and all(
        consists_of(field["type"], named, is_such, inside | {name})
        for field in definition["fields"]
    )
