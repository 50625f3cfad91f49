"""Avro schemas, next versions of them and data, out of a source of choices.

The source is hypothesis, which makes failures small, or a seed, which makes many pairs quickly.
Names are full everywhere: fastavro takes a name without a namespace for one of the namespace
around it.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

NAMED = ("record", "enum", "fixed")
SPACES = ("n", "n", "n", "m")
FIELD_NAMES = ("a", "b", "c", "d")
SYMBOLS = ("X", "Y", "Z")
PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "string", "bytes")
WIDER = {
    "int": ("long", "float", "double"),
    "long": ("float", "double", "int"),
    "float": ("double", "long"),
    "string": ("bytes",),
    "bytes": ("string",),
}
LOGICAL = {
    "int": ({"logicalType": "date"}, {"logicalType": "time-millis"}),
    "long": ({"logicalType": "timestamp-millis"}, {"logicalType": "timestamp-micros"}),
    "string": ({"logicalType": "uuid"},),
    "bytes": (
        {"logicalType": "decimal", "precision": 4, "scale": 2},
        {"logicalType": "decimal", "precision": 6},
    ),
}
MAX_DEPTH = 3
MAX_DATA_DEPTH = 6


class Choices:
    """Where everything arbitrary comes from."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self.below = below

    def one_in(self, number: int) -> bool:
        return self.below(number) == number - 1

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def some(self, options: Sequence[T]) -> list[T]:
        return [each for each in options if self.below(2)]


def drawn(draw: st.DrawFn) -> Choices:
    return Choices(lambda number: draw(st.integers(0, number - 1)))


def seeded(seed: int) -> Choices:
    return Choices(random.Random(seed).randrange)  # noqa: S311 - it has to repeat itself


class Author:
    """Write schemas; the named types are A, B, C in the order they are met, so that two agree."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._unused = list("HGFEDCBA")
        self._open: list[str] = []
        self._closed: list[str] = []

    def schema(self) -> Any:
        """Return mostly a record, as most schemas are."""
        return self._any(MAX_DEPTH) if self._choices.one_in(5) else self._record(MAX_DEPTH)

    def _any(self, depth: int) -> Any:
        kinds = list(PRIMITIVES[1:])
        if depth:
            kinds += ["array", "map", "union", "union", "record", "record", "enum", "fixed"]
        if self._closed:
            kinds.append("again")
        return self._of(self._choices.pick(kinds), depth - 1)

    def _of(self, kind: str, depth: int) -> Any:
        match kind:
            case "again":
                return self._choices.pick(self._closed)
            case "array" | "map":
                inside = "items" if kind == "array" else "values"
                return {"type": kind, inside: self._any(depth)}
            case "union":
                return self._union(depth)
            case "record":
                return self._record(depth)
            case "enum" | "fixed":
                return self._leaf(kind)
            case _:
                return self._primitive(kind)

    def _leaf(self, kind: str) -> dict[str, Any]:
        if kind == "fixed":
            return self._named({"type": kind, "size": 1 + self._choices.below(2)})
        return self._named({"type": kind, "symbols": self._choices.some(SYMBOLS) or ["X"]})

    def _primitive(self, kind: str) -> Any:
        if kind in LOGICAL and self._choices.one_in(6):
            return {"type": kind} | self._choices.pick(LOGICAL[kind])
        return kind

    def _union(self, depth: int) -> list[Any]:
        branches = [self._any(depth) for _ in range(1 + self._choices.below(3))]
        if self._choices.below(2):
            branches.insert(0, "null")
        if self._open and self._choices.one_in(3):
            branches.append(self._choices.pick(self._open))
        return distinct(branches)

    def _name(self) -> str:
        simple = self._unused.pop() if self._unused else "Z"
        return f"{self._choices.pick(SPACES)}.{simple}"

    def _named(self, node: dict[str, Any]) -> dict[str, Any]:
        node["name"] = self._name()
        self._closed.append(node["name"])
        return node

    def _record(self, depth: int) -> dict[str, Any]:
        name = self._name()
        self._open.append(name)
        names = FIELD_NAMES[: self._choices.below(5)]
        fields = [{"name": each, "type": self._any(depth)} for each in names]
        if self._choices.one_in(4):
            fields.append({"name": "next", "type": ["null", self._choices.pick(self._open)]})
        self._open.remove(name)
        self._closed.append(name)
        return {"type": "record", "name": name, "fields": fields}


def label(node: Any) -> str:
    """Return what may occur once in a union."""
    if isinstance(node, dict):
        return node["name"] if node["type"] in NAMED else node["type"]
    return "union" if isinstance(node, list) else node


def distinct(branches: list[Any]) -> list[Any]:
    flat = [each for node in branches for each in (node if isinstance(node, list) else [node])]
    return list({label(node): node for node in flat}.values())


class Editor:
    """Turn a schema into a next version of it, readable or not."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._names: dict[str, str] = {}

    def edited(self, node: Any) -> Any:
        choice = self._choices.below(24)
        if choice == 0:
            return distinct(["null", node, "string"][self._choices.below(2) :])
        if choice == 1:
            return self._choices.pick(PRIMITIVES)
        return self._within(node)

    def _within(self, node: Any) -> Any:
        match node:
            case str():
                return self._text(node)
            case list():
                return self._union(node)
            case {"items": inner} | {"values": inner}:
                return node | {"items" if "items" in node else "values": self.edited(inner)}
            case {"name": _}:
                return self._named(node)
            case _:
                return self._logical(node)

    def _text(self, name: str) -> Any:
        if name not in PRIMITIVES:
            return self._names.get(name, name)
        if self._choices.below(3):
            return name
        wider = self._choices.pick(WIDER.get(name, (name,)))
        return wider if self._choices.below(4) or name not in LOGICAL else self._logical(name)

    def _logical(self, node: Any) -> Any:
        kind = node["type"] if isinstance(node, dict) else node
        match self._choices.below(3):
            case 0:
                return node
            case 1:
                return kind
            case _:
                return {"type": kind} | self._choices.pick(LOGICAL[kind])

    def _union(self, branches: list[Any]) -> Any:
        kept = [each for each in branches if self._choices.below(8)] or branches
        changed = [self.edited(each) for each in kept]
        if self._choices.one_in(4):
            changed.append(self._choices.pick(PRIMITIVES))
        if self._choices.one_in(6):
            changed.reverse()
        return changed[0] if self._choices.one_in(12) else distinct(changed)

    def _named(self, node: dict[str, Any]) -> dict[str, Any]:
        named = self._renamed(node)
        match node["type"]:
            case "enum":
                return self._enum(named)
            case "fixed":
                size = 1 + self._choices.below(2) if self._choices.one_in(8) else node["size"]
                return named | {"size": size}
            case _:
                fields = [self._field(each) for each in node["fields"] if self._choices.below(8)]
                if self._choices.one_in(8):
                    fields.reverse()
                return named | {"fields": fields + self._added()}

    def _renamed(self, node: dict[str, Any]) -> dict[str, Any]:
        old = node["name"]
        space, _, simple = old.partition(".")
        match self._choices.below(16):
            case 0:
                new = {"name": f"{space}.{simple}2", "aliases": [old]}
            case 1:
                new = {"name": f"{space}.{simple}2"}
            case 2:
                new = {"name": f"o.{simple}"}
            case _:
                new = {}
        self._names[old] = new.get("name", old)
        return node | new

    def _enum(self, node: dict[str, Any]) -> dict[str, Any]:
        if self._choices.below(3):
            return node
        symbols = self._choices.some(SYMBOLS) or ["Z"]
        if self._choices.one_in(4):
            symbols.reverse()
        default = {"default": symbols[0]} if self._choices.below(2) else {}
        return node | {"symbols": symbols} | default

    def _field(self, field: dict[str, Any]) -> dict[str, Any]:
        changed = {"name": field["name"], "type": self.edited(field["type"])}
        match self._choices.below(16):
            case 0:
                return changed | {"name": f"{field['name']}2", "aliases": [field["name"]]}
            case 1:
                return changed | {"name": f"{field['name']}2"}
            case 2 if self._choices.one_in(4):
                return changed | {"aliases": ["a"]}
            case _:
                return changed

    def _added(self) -> list[dict[str, Any]]:
        if self._choices.below(4):
            return []
        kind, default = self._choices.pick(
            [("int", 0), ("string", ""), (["null", "n.A"], None), ("boolean", False)]
        )
        if isinstance(kind, list) and "n.A" not in self._names.values():
            kind = ["null", "long"]
        field = {"name": "added", "type": kind}
        return [field | {"default": default} if self._choices.below(3) else field]


def pair(choices: Choices) -> tuple[Any, Any]:
    """Return a writer and a reader: the reader mostly a next version, sometimes a stranger."""
    writer = Author(choices).schema()
    if choices.one_in(12):
        return writer, Author(choices).schema()
    return writer, Editor(choices).edited(writer)


class Data:
    """Write data of one schema, as fastavro takes it: a union's value with the branch's name."""

    def __init__(self, choices: Choices, schema: Any) -> None:
        self._choices = choices
        self._schema = schema
        self._known: dict[str, Any] = {}
        self._learn(schema)

    def _learn(self, node: Any) -> None:
        match node:
            case list():
                for each in node:
                    self._learn(each)
            case {"type": "array", "items": inner} | {"type": "map", "values": inner}:
                self._learn(inner)
            case {"type": kind, "name": name} if kind in NAMED:
                self._known[name] = node
                for field in node.get("fields", ()):
                    self._learn(field["type"])

    def datum(self) -> Any:
        return self._of(self._schema, MAX_DATA_DEPTH)

    def _of(self, node: Any, depth: int) -> Any:
        match node:
            case list():
                branch = self._branch(node, depth)
                return label(branch), self._of(branch, depth)
            case {"items": inner}:
                return [self._of(inner, depth - 1) for _ in range(self._count(depth))]
            case {"values": inner}:
                return {key: self._of(inner, depth - 1) for key in "kl"[: self._count(depth)]}
            case {"fields": fields}:
                return {each["name"]: self._of(each["type"], depth - 1) for each in fields}
            case str() if node in self._known:
                return self._of(self._known[node], depth)
            case _:
                return self._scalar(node)

    def _scalar(self, node: Any) -> Any:
        match node:
            case {"symbols": symbols}:
                return self._choices.pick(symbols)
            case {"size": size}:
                return b"\x01" * size
            case {"type": kind} | kind:
                return self._choices.pick(VALUES[kind])

    def _count(self, depth: int) -> int:
        return self._choices.below(3) if depth > 0 else 0

    def _branch(self, branches: list[Any], depth: int) -> Any:
        if depth > 0:
            return self._choices.pick(branches)
        # What is spelt out here ends; what is only named here may contain this union.
        return min(branches, key=lambda each: (each in self._known) if isinstance(each, str) else 0)


VALUES: dict[str, Sequence[Any]] = {
    "null": (None,),
    "boolean": (False, True),
    "int": (0, -1, 2**31 - 1, -(2**31)),
    "long": (0, -1, 2**63 - 1, -(2**63)),
    "float": (0.0, 1.5, float("inf")),
    "double": (0.0, 1e300, float("-inf")),
    "string": ("", "a", "\u00e9\U0001f600"),
    "bytes": (b"", b"a", b"\xff"),
}


def without_logical(node: Any) -> Any:
    """Return the types that are read: fastavro would make dates of any number."""
    match node:
        case list():
            return [without_logical(each) for each in node]
        case {"type": "array"}:
            return node | {"items": without_logical(node["items"])}
        case {"type": "map"}:
            return node | {"values": without_logical(node["values"])}
        case {"type": "record"}:
            fields = [each | {"type": without_logical(each["type"])} for each in node["fields"]]
            return node | {"fields": fields}
        case {"logicalType": _}:
            return node["type"]
        case _:
            return node
