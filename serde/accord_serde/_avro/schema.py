"""Avro schemas as text and references, parsed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from fastavro.schema import parse_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = Any

NAMED = frozenset({"record", "error", "enum", "fixed"})


@dataclass(frozen=True, slots=True, eq=False)
class AvroSchema:
    """A schema whose references are resolved.

    `parsed` is fastavro's form of it, `raw` the JSON as it was written, `name` the full name of a
    named type, else the type; a union has none.
    """

    raw: Json
    parsed: Json
    name: str | None


def load(schema_str: str, named: Mapping[str, object]) -> AvroSchema:
    """Parse a schema; `named` has the JSON of what it refers to, by full name.

    Raises what fastavro raises for an invalid schema, and ValueError for what is no JSON.
    """
    raw = _json(schema_str.strip())
    parsed = parse_schema(_References(named).inlined(raw, namespace=""))
    return AvroSchema(raw=raw, parsed=parsed, name=_name(parsed))


def _json(text: str) -> Json:
    return text if _is_bare_word(text) else json.loads(text)


def _is_bare_word(text: str) -> bool:
    return text.replace(".", "_").isidentifier()


def _name(parsed: Json) -> str | None:
    match parsed:
        case {"name": str(name)} | {"type": str(name)}:
            return name
        case str():
            return parsed
        case _:
            return None


class _References:
    """Puts every type that is referred to in the place where it is met first.

    fastavro's own loader of references does not come back from two that refer to each other.
    """

    def __init__(self, named: Mapping[str, object]) -> None:
        self._named = named
        self._defined: set[str] = set()

    def inlined(self, node: Json, *, namespace: str) -> Json:
        match node:
            case str():
                return self._reference(node, namespace)
            case list():
                return [self.inlined(branch, namespace=namespace) for branch in node]
            case {"type": "array", "items": inner}:
                return node | {"items": self.inlined(inner, namespace=namespace)}
            case {"type": "map", "values": inner}:
                return node | {"values": self.inlined(inner, namespace=namespace)}
            case {"type": str(kind), "name": str()} if kind in NAMED:
                return self._definition(node, namespace)
            case _:
                return node

    def _reference(self, name: str, namespace: str) -> Json:
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        definition = self._named.get(full)
        if full in self._defined or not isinstance(definition, dict):
            return name
        # Without a namespace of its own it would take that of the place it is put in.
        return self.inlined({"namespace": ""} | definition, namespace="")

    def _definition(self, node: dict[str, Json], namespace: str) -> dict[str, Json]:
        name = node["name"]
        if "." in name:
            namespace, full = name.rpartition(".")[0], name
        else:
            namespace = node.get("namespace", namespace)
            full = f"{namespace}.{name}" if namespace else name
        self._defined.add(full)
        fields = node.get("fields")
        if not isinstance(fields, list):
            return node
        return node | {"fields": [self._field(field, namespace) for field in fields]}

    def _field(self, field: Json, namespace: str) -> Json:
        match field:
            case {"type": inner}:
                return field | {"type": self.inlined(inner, namespace=namespace)}
            case _:
                return field
