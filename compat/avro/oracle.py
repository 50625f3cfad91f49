"""What fastavro makes of two schemas and a message: the judge of every witness.

It is told as much of the schemas as it needs to read and write: names, types, aliases, defaults.
Namespaces are spelt out, because it takes a name in the null namespace for one of the namespace
around it; and logical types are left out, because it follows the writer's, not the reader's.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import fastavro
from fastavro.read import SchemaResolutionError

from compat.avro.data import NoMessage, spelt
from compat.avro.model import ABSENT, NAMED, Array, Enum, Fixed, Map, Record, TypeName, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from compat.avro.data import Datum
    from compat.avro.model import Field, Named, Node
    from compat.json_text import JsonValue

T = TypeVar("T")

# What is left of a schema can nest deeper than its text did, once types are met in another order.
MAX_DEPTH = 80
SHOWN_LENGTH = 300
BRACE = re.compile(r"[{}]")
TYPE_SHOWN = re.compile(r"'type': '(\w+)'")
NAME_SHOWN = re.compile(r"'name': '([^']+)'")
CONTENT_SHOWN = re.compile(r"'(?:items|values)': (.*)\}$", re.DOTALL)
NAMED_WORDS = {TypeName.RECORD, TypeName.ENUM, TypeName.FIXED}
STAND_IN = re.compile(r"(?<![\w.])_\.")  # for the null namespace

# Names of the fields to keep in some records, by the records' identity.
Kept: TypeAlias = "Mapping[int, Collection[str]]"
# A schema as JSON, or as fastavro keeps it.
Schema: TypeAlias = Any


class Unreadable(Exception):
    """Say in fastavro's words why a reader cannot read a message."""


def prepared(root: Node, kept: Kept | None = None) -> Schema:
    """Return a schema as fastavro wants it, some records cut down to the fields kept."""
    return parsed(Plain(kept or {}).schema(root))


def parsed(schema: Schema) -> Schema:
    return asked(lambda: fastavro.parse_schema(schema))


def encoded(writer: Schema, message: Datum) -> bytes:
    stream = io.BytesIO()
    asked(lambda: fastavro.schemaless_writer(stream, writer, message))
    return stream.getvalue()


def decoded(data: bytes, *, writer: Schema, reader: Schema) -> object:
    """Return what the reader reads; raises Unreadable."""
    try:
        return fastavro.schemaless_reader(io.BytesIO(data), writer, reader)
    except SchemaResolutionError as error:
        raise Unreadable(cut(str(error))) from error
    except TypeError as error:
        # It stumbles over a type that is only named in the reader's union, whatever is written.
        raise NoMessage(f"fastavro cannot be asked: {cut(str(error))}") from error
    except Exception as error:
        # Namesakes of different types are taken for each other, and reading stumbles later.
        raise Unreadable(f"{type(error).__name__} while reading: {cut(str(error))}") from error


def asked(call: Callable[[], T]) -> T:
    """Return fastavro's answer; raises NoMessage when it has none."""
    try:
        return call()
    except Exception as error:  # a witness is never worth a failure
        raise NoMessage(f"fastavro cannot be asked: {cut(str(error))}") from error


def cut(text: str) -> str:
    """Return a message of fastavro with names instead of the schemas that it shows."""
    plain = STAND_IN.sub("", "".join(briefly(text)))
    return plain if len(plain) <= SHOWN_LENGTH else f"{plain[: SHOWN_LENGTH - 1]}…"


def briefly(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for brace in BRACE.finditer(text):
        if depth == 0:
            yield text[start : brace.start()]
            start = brace.start()
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            yield name_in(text[start : brace.end()])
            start = brace.end()
    yield text[start:]


def name_in(shown: str) -> str:
    """Return the name of a schema that is shown as Python shows it, or else its type."""
    word, name, content = (each.search(shown) for each in (TYPE_SHOWN, NAME_SHOWN, CONTENT_SHOWN))
    if word is None:
        return shown.strip("'")
    if word[1] in NAMED_WORDS and name is not None:
        return name[1]
    return word[1] if content is None else f"{word[1]} of {name_in(content[1])}"


class Plain:
    """Spell one schema for fastavro, each named type where it is met first."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._met: set[int] = set()
        self._depth = 0

    def schema(self, node: Node) -> JsonValue:
        match node:
            case Union():
                return [self.schema(each) for each in node.branches]
            case Array():
                return {"type": "array", "items": self._deeper(node.items)}
            case Map():
                return {"type": "map", "values": self._deeper(node.values)}
            case _ if isinstance(node, NAMED):
                return self._named(node)
            case _:
                return str(node.type)

    def _deeper(self, node: Node) -> JsonValue:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NoMessage("the types nest too deep for fastavro")
        schema = self.schema(node)
        self._depth -= 1
        return schema

    def _named(self, node: Named) -> JsonValue:
        name = spelt(node.name)
        if id(node) in self._met:
            return name
        self._met.add(id(node))
        head: dict[str, JsonValue] = {"type": str(node.type), "name": name}
        if node.aliases:
            head["aliases"] = [spelt(alias) for alias in node.aliases]
        match node:
            case Record():
                kept = self._kept.get(id(node))
                fields = [each for each in node.fields if kept is None or each.name in kept]
                return head | {"fields": [self._field(each) for each in fields]}
            case Enum():
                default = {} if node.default is None else {"default": node.default}
                return head | {"symbols": list(node.symbols)} | default
            case Fixed():
                return head | {"size": node.size}

    def _field(self, field: Field) -> JsonValue:
        schema: dict[str, JsonValue] = {"name": field.name, "type": self._deeper(field.type)}
        if field.aliases:
            schema["aliases"] = list(field.aliases)
        return schema if field.default is ABSENT else schema | {"default": field.default}
