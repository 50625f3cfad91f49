"""From a record to its JSON Schema.

Objects are closed: a registry then lets a field with a default be added, and one that nobody
reads be removed, which it refuses of objects that take any key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import quote

from accord_serde._typed.defaults import json_default
from accord_serde._typed.refusal import at
from accord_serde._typed.shapes import (
    Choice,
    Either,
    Entries,
    Field,
    Items,
    Node,
    Record,
    Scalar,
)
from accord_serde._typed.unions import json_branches

Dialect: TypeAlias = Literal["draft-07", "2020-12"]
DIALECTS: dict[Dialect, tuple[str, str]] = {
    "draft-07": ("http://json-schema.org/draft-07/schema#", "definitions"),
    "2020-12": ("https://json-schema.org/draft/2020-12/schema", "$defs"),
}
JSON_TYPES = {str: "string", int: "integer", bool: "boolean"}


def schema_text(record: Record, dialect: Dialect) -> str:
    """Return the schema as JSON text: the same class gives the same text."""
    uri, keyword = DIALECTS[dialect]
    schema = _Definitions(record, keyword).schema(uri)
    return json.dumps(schema, separators=(",", ":"), ensure_ascii=False)


def check(record: Record) -> None:
    """Raise the TypeError that the schema would."""
    schema_text(record, "draft-07")


@dataclass(slots=True)
class _Definitions:
    root: Record
    keyword: str
    _names: dict[str, object] = field(default_factory=dict)
    _definitions: dict[str, object] = field(default_factory=dict)

    def schema(self, uri: str) -> dict[str, object]:
        root = {"$schema": uri, **self._object(self.root)}
        return root | ({self.keyword: self._definitions} if self._definitions else {})

    def _node(self, node: Node) -> dict[str, object]:
        match node:
            case Scalar():
                schema = node.json.schema
                typed = {"type": schema} if isinstance(schema, str) else schema
                return {**typed, **node.constraints}
            case Record():
                return {"$ref": "#"} if node is self.root else self._defined(node)
            case Choice():
                return _choice(node) if node.cls is None else self._defined(node)
            case Items():
                return self._array(node)
            case Entries():
                values = self._node(node.value)
                return {"type": "object", "additionalProperties": values, **node.constraints}
            case Either():
                return self._union(node)

    def _defined(self, node: Record | Choice) -> dict[str, object]:
        name = f"{node.namespace}.{node.name}" if node.namespace else node.name
        if name not in self._names:
            self._names[name] = node if isinstance(node, Record) else node.cls
            self._definitions[name] = None  # keeps the place while what is inside is defined
            made = self._object(node) if isinstance(node, Record) else _choice(node)
            self._definitions[name] = made
        elif self._names[name] is not (node if isinstance(node, Record) else node.cls):
            raise TypeError(
                f"two types are called {name}; decorate one with named(...), with another name"
            )
        pointer = quote(name.replace("~", "~0").replace("/", "~1"))
        return {"$ref": f"#/{self.keyword}/{pointer}"}

    def _array(self, node: Items) -> dict[str, object]:
        schema: dict[str, object] = {"type": "array", "items": self._node(node.item)}
        if node.build in (set, frozenset):
            schema["uniqueItems"] = True
        if node.length is not None:
            schema |= {"minItems": node.length, "maxItems": node.length}
        return {**schema, **node.constraints}

    def _union(self, node: Either) -> dict[str, object]:
        branches = [self._node(each) for each in json_branches(node)]
        null: list[dict[str, object]] = [{"type": "null"}] if node.nullable else []
        return {"anyOf": [*branches, *null]}

    def _object(self, record: Record) -> dict[str, object]:
        schema: dict[str, object] = {"title": record.name, "type": "object"}
        if record.doc:
            schema["description"] = record.doc
        schema["properties"] = {each.name: self._property(record, each) for each in record.fields}
        required = [each.name for each in record.fields if each.is_required]
        if required:
            schema["required"] = required
        return {**schema, "additionalProperties": False}

    def _property(self, record: Record, each: Field) -> dict[str, object]:
        with at(record, each):
            schema = self._node(each.node)
            beside = json_default(each)
            if each.doc:
                beside = {"description": each.doc, **beside}
        if beside and "$ref" in schema:
            return {"allOf": [schema], **beside}  # draft-07 ignores what stands beside a $ref
        return {**schema, **beside}


def _choice(node: Choice) -> dict[str, object]:
    values = [each.json for each in node.symbols]
    schema: dict[str, object] = {"type": JSON_TYPES[type(values[0])], "enum": values}
    return {"title": node.name, **schema} if node.cls is not None else schema
