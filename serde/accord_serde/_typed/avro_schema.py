"""From a record to its Avro schema, and to the names its types have there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from accord_serde._typed.defaults import avro_default
from accord_serde._typed.refusal import at
from accord_serde._typed.shapes import (
    Branch,
    Choice,
    Either,
    Encoded,
    Entries,
    Field,
    Items,
    Node,
    Record,
    Scalar,
    absent_as_null,
)
from accord_serde._typed.unions import told_apart

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FULL_NAME = re.compile(rf"{NAME.pattern}(\.{NAME.pattern})*")


def schema_text(record: Record, namespace: str | None) -> str:
    """Return the schema as JSON text: the same class gives the same text.

    Raises TypeError for what Avro cannot express.
    """
    schema = AvroNames(record, namespace).schema()
    return json.dumps(schema, separators=(",", ":"), ensure_ascii=False)


def check(record: Record) -> None:
    """Raise the TypeError that the schema would, whatever its namespace."""
    AvroNames(record, "any").schema()


def encoded(scalar: Scalar) -> Encoded:
    if isinstance(scalar.avro, str):
        raise TypeError(scalar.avro)
    return scalar.avro


@dataclass(slots=True)
class AvroNames:
    """The types of one schema by name; a class without a namespace gets that of the schema."""

    record: Record
    namespace: str | None
    _defined: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.namespace = self.namespace or self.record.namespace

    def schema(self) -> object:
        self._defined.clear()
        return self._node(self.record, "")

    def tag(self, node: Branch) -> str:
        """Return what a union calls the type: its full name, or the name of its kind."""
        match node:
            case Record() | Choice():
                return self._full_name(node.name, node.namespace)
            case Scalar():
                schema = encoded(node).schema
                if isinstance(schema, str):
                    return schema
                name = schema.get("name")
                return self._full_name(name, None) if isinstance(name, str) else str(schema["type"])
            case Items():
                return "array"
            case Entries():
                return "map"

    def _full_name(self, name: str, namespace: str | None) -> str:
        namespace = namespace or self.namespace
        full = f"{namespace}.{name}" if namespace else name
        if not FULL_NAME.fullmatch(full):
            raise TypeError(f"{full!r} is no name in Avro; decorate the class with named(...)")
        return full

    def _node(self, node: Node, inside: str) -> object:
        match node:
            case Record():
                return self._named(node, node, inside)
            case Choice():
                return self._named(node, node.cls or node, inside)
            case Scalar():
                return self._scalar(node, inside)
            case Items():
                return {"type": "array", "items": self._node(node.item, inside)}
            case Entries():
                return {"type": "map", "values": self._node(node.value, inside)}
            case Either():
                return self._union(node, inside)

    def _scalar(self, scalar: Scalar, inside: str) -> object:
        schema = encoded(scalar).schema
        if isinstance(schema, str) or "name" not in schema:
            return schema
        full = self.tag(scalar)
        if full not in self._defined:
            self._defined[full] = schema
            return {**self._heading(full, "fixed", inside), "size": schema["size"]}
        if self._defined[full] != schema:
            raise TypeError(f"two types are called {full}; give one Fixed another name")
        return full

    def _named(self, node: Record | Choice, identity: object, inside: str) -> object:
        full = self.tag(node)
        if full in self._defined:
            if self._defined[full] != identity:
                raise TypeError(
                    f"two types are called {full}; decorate one with named(...), with another name"
                )
            return full
        self._defined[full] = identity
        heading = self._heading(full, "record" if isinstance(node, Record) else "enum", inside)
        if node.doc:
            heading["doc"] = node.doc
        if node.aliases:
            heading["aliases"] = list(node.aliases)
        if isinstance(node, Choice):
            return {**heading, "symbols": symbols(node)}
        own = full.rpartition(".")[0]
        return {**heading, "fields": [self._field(node, each, own) for each in node.fields]}

    def _heading(self, full: str, kind: str, inside: str) -> dict[str, object]:
        """Return the first keys of a definition, with a namespace where it changes."""
        namespace, _, name = full.rpartition(".")
        if inside and not namespace:
            raise TypeError(f"{name} needs a namespace, for it stands inside {inside}")
        heading: dict[str, object] = {"type": kind, "name": name}
        return heading if namespace == inside else {**heading, "namespace": namespace}

    def _field(self, record: Record, field: Field, inside: str) -> object:
        with at(record, field):
            return self._stated(field, inside)

    def _stated(self, field: Field, inside: str) -> dict[str, object]:
        for key in field.keys:
            if not NAME.fullmatch(key):
                raise TypeError(f"{key!r} is no name in Avro; give the field another")
        node = absent_as_null(field)
        default = avro_default(field)
        union = self._union(node, inside, default.first) if isinstance(node, Either) else None
        schema: dict[str, object] = {
            "name": field.name,
            "type": self._node(node, inside) if union is None else union,
        }
        if field.doc:
            schema["doc"] = field.doc
        if field.aliases:
            schema["aliases"] = list(field.aliases)
        return schema | default.given

    def _union(self, node: Either, inside: str, first: int | None = None) -> list[object]:
        """Return the branches: that of the default before the others, otherwise null."""
        told_apart(node, "avro")
        tags = [self.tag(each) for each in node.branches]
        twins = {tag for tag in tags if tags.count(tag) > 1}
        if twins:
            raise TypeError(f"a union has {', '.join(sorted(twins))} only once")
        nodes = list(node.branches)
        if first is None:
            null = ["null"] if node.nullable else []
            return [*null, *(self._node(each, inside) for each in nodes)]
        ordered = [nodes.pop(first), *nodes]
        null = ["null"] if node.nullable else []
        head, *tail = [self._node(each, inside) for each in ordered]
        return [head, *null, *tail]


def symbols(choice: Choice) -> list[str]:
    for symbol in choice.symbols:
        if not NAME.fullmatch(symbol.name):
            raise TypeError(
                f"{symbol.name!r} is no symbol of an Avro enum; annotate str or an Enum"
            )
    return [symbol.name for symbol in choice.symbols]
