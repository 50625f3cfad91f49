"""JSON to nodes, with the verdicts and messages of Avro Java 1.12."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from compat.avro.defaults import Defaults
from compat.avro.document import read, write
from compat.avro.equality import equal
from compat.avro.model import (
    ABSENT,
    NO_PROPS,
    PLAIN,
    PRIMITIVE_NAMES,
    Absent,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Order,
    Primitive,
    Record,
    TypeName,
    Union,
    Unresolved,
)
from compat.avro.names import Name, identifier_fault, resolved, space_fault
from compat.avro.printer import inlined, shown
from compat.errors import InvalidSchema, TooComplex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compat.avro.model import Named, Node, Props
    from compat.json_text import JsonValue

    Object = dict[str, JsonValue]
    Owner = Field | Array | Map | Union

# Ten records of ten thousand fields; beyond it a check would take seconds.
MAX_NODES = 200_000

MAX_FIXED_SIZE = 2**31 - 1 - 8  # the largest array of a JVM

NAMED_RESERVED = {"doc", "fields", "name", "namespace", "size", "symbols", "type", "aliases"}
SCHEMA_RESERVED = frozenset({"items", "values", *NAMED_RESERVED})
ENUM_RESERVED = frozenset({"default", *SCHEMA_RESERVED})
FIELD_RESERVED = frozenset({"default", "doc", "name", "order", "type", "aliases"})

# Double.parseDouble, hexadecimal floats left out.
JAVA_DOUBLE = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?[fFdD]?)"
)


class Builder:
    """Read texts one after the other into one table of names, as one Avro parser does.

    With `new`, defaults and namespaces are checked as well; identifiers always are.
    """

    def __init__(self) -> None:
        self.named: dict[str, Named] = {}
        self._complex: Mapping[str, Callable[[Object, str | None], Node]] = {
            "record": self._record,
            "error": self._record,
            "enum": self._enum,
            "array": self._array,
            "map": self._map,
            "fixed": self._fixed,
        }
        self._new = True
        self._size = 0
        self._path: list[str] = []
        self._pending: list[Owner] = []
        self._again: list[tuple[Named, str]] = []
        self._defaults: list[tuple[Field, str]] = []
        self.looked_ahead = False

    def add(self, text: str, *, new: bool) -> Node:
        """Read a text and return its type; raises InvalidSchema."""
        self._new = new
        root = self._settled(self._node(read(text), None))
        for owner in self._pending:
            self._settle(owner)
        self.looked_ahead = self.looked_ahead or bool(self._pending)
        self._check_redefinitions()
        self._check_defaults()
        self._pending, self._again, self._defaults = [], [], []
        return root

    # What a JSON value stands for.

    def _node(self, raw: JsonValue, space: str | None) -> Node:
        self._size += 1
        if self._size > MAX_NODES:
            raise TooComplex(f"the schema has more than {MAX_NODES} parts")
        if isinstance(raw, str):
            return self._lookup(raw, space)
        if isinstance(raw, dict):
            return self._object(raw, space)
        if isinstance(raw, list):
            return self._union(raw, space)
        raise self._refused(f"Schema not yet supported: {write(raw)}")

    def _lookup(self, name: str, space: str | None) -> Node:
        plain = PLAIN.get(name)
        if plain is not None:
            return plain
        wanted = resolved(name, space)
        found = self.named.get(wanted.full) or self.named.get(name)
        return found if found is not None else Unresolved(wanted, self._place())

    def _object(self, raw: Object, space: str | None) -> Node:
        kind = raw.get("type")
        if not isinstance(kind, str):
            raise self._refused(f"No type: {write(raw)}")
        if kind in PRIMITIVE_NAMES:
            props = own_props(raw, SCHEMA_RESERVED)
            return Primitive(TypeName(kind), props) if props else PLAIN[kind]
        build = self._complex.get(kind)
        return self._lookup(kind, space) if build is None else build(raw, space)

    def _union(self, raw: list[JsonValue], space: str | None) -> Node:
        branches = tuple(self._child(str(i), branch, space) for i, branch in enumerate(raw))
        union = Union(branches)
        seen: set[str] = set()
        for branch in branches:
            if isinstance(branch, Union):
                raise self._refused(f"Nested union: {write(raw)}")
            name = full_name(branch)
            if name in seen:
                raise self._refused(f"Duplicate in union:{name}")
            seen.add(name)
        self._remember(union, *branches)
        return union

    def _array(self, raw: Object, space: str | None) -> Node:
        if "items" not in raw:
            raise self._refused(f"Array has no items type: {write(raw)}")
        items = self._child("items", raw["items"], space)
        array = Array(items, own_props(raw, SCHEMA_RESERVED))
        self._remember(array, items)
        return array

    def _map(self, raw: Object, space: str | None) -> Node:
        if "values" not in raw:
            raise self._refused(f"Map has no values type: {write(raw)}")
        values = self._child("values", raw["values"], space)
        node = Map(values, own_props(raw, SCHEMA_RESERVED))
        self._remember(node, values)
        return node

    def _child(self, step: str, raw: JsonValue, space: str | None) -> Node:
        self._path.append(step)
        node = self._node(raw, space)
        self._path.pop()
        return node

    # Named types.

    def _record(self, raw: Object, space: str | None) -> Node:
        name = self._name(raw, space)
        listed = raw.get("fields")
        if not isinstance(listed, list):
            raise self._refused(f"Record has no fields: {write(raw)}")
        by_name: dict[str, Field] = {}
        self._path += ("fields", "")
        for index, each in enumerate(listed):
            self._path[-1] = str(index)
            field = self._field(each, name.space)
            if field.name in by_name:
                raise self._refused(duplicate_field(field, index, by_name, name))
            by_name[field.name] = field
        del self._path[-2:]
        return self._define(
            Record(
                name=name,
                doc=optional_text(raw, "doc"),
                fields=tuple(by_name.values()),
                by_name=by_name,
                is_error=raw["type"] == "error",
                aliases=self._type_aliases(raw, name),
                props=own_props(raw, SCHEMA_RESERVED),
            )
        )

    def _field(self, raw: JsonValue, space: str | None) -> Field:
        if not isinstance(raw, dict) or not isinstance(name := raw.get("name"), str):
            raise self._refused(f"No field name: {write(raw)}")
        if "type" not in raw:
            raise self._refused(f"No field type: {write(raw)}")
        self._check_identifier(name)
        node = self._child("type", raw["type"], space)
        field = Field(
            name=name,
            type=node,
            doc=optional_text(raw, "doc"),
            default=self._default(raw, node),
            order=self._order(raw),
            aliases=self._aliases(raw),
            props=own_props(raw, FIELD_RESERVED),
        )
        self._remember(field, node)
        if field.default is not ABSENT:
            self._defaults.append((field, self._place()))
        return field

    def _default(self, raw: Object, node: Node) -> JsonValue | Absent:
        default = raw.get("default", ABSENT)
        if isinstance(default, str) and node.type in (TypeName.FLOAT, TypeName.DOUBLE):
            return self._double(default)
        return default

    def _double(self, text: str) -> float:
        digits = text.strip()
        if not JAVA_DOUBLE.fullmatch(digits):
            raise self._refused(f'For input string: "{text}"')
        return float(digits if digits[-1] in "Ny" else digits.rstrip("fFdD"))

    def _order(self, raw: Object) -> Order:
        if "order" not in raw:
            return Order.ASCENDING
        word = raw["order"]
        try:
            return Order(str(word).lower())
        except ValueError as error:
            message = f"No enum constant org.apache.avro.Schema.Field.Order.{str(word).upper()}"
            raise self._refused(message) from error

    def _enum(self, raw: Object, space: str | None) -> Node:
        name = self._name(raw, space)
        listed = raw.get("symbols")
        if not isinstance(listed, list):
            raise self._refused(f"Enum has no symbols: {write(raw)}")
        symbols = dict.fromkeys(self._symbols(listed))
        default = optional_text(raw, "default")
        if default is not None and default not in symbols:
            listing = ", ".join(symbols)
            raise self._refused(
                f"The Enum Default: {default} is not in the enum symbol set: [{listing}]"
            )
        return self._define(
            Enum(
                name=name,
                doc=optional_text(raw, "doc"),
                symbols=tuple(symbols),
                default=default,
                aliases=self._type_aliases(raw, name),
                props=own_props(raw, ENUM_RESERVED),
            )
        )

    def _symbols(self, listed: list[JsonValue]) -> list[str]:
        symbols: list[str] = []
        seen: set[str] = set()
        for symbol in listed:
            text = symbol if isinstance(symbol, str) else None
            self._check_identifier(text)
            assert text is not None, "None is no identifier"
            if text in seen:
                raise self._refused(f"Duplicate enum symbol: {text}")
            seen.add(text)
            symbols.append(text)
        return symbols

    def _fixed(self, raw: Object, space: str | None) -> Node:
        name = self._name(raw, space)
        size = raw.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size >= 2**31:
            raise self._refused(f"Invalid or no size: {write(raw)}")
        if size < 0:
            raise self._refused(f"Malformed data. Length is negative: {size}")
        if size > MAX_FIXED_SIZE:
            raise self._refused(f"Cannot read arrays longer than {MAX_FIXED_SIZE} bytes")
        return self._define(
            Fixed(
                name=name,
                doc=optional_text(raw, "doc"),
                size=size,
                aliases=self._type_aliases(raw, name),
                props=own_props(raw, SCHEMA_RESERVED),
            )
        )

    def _name(self, raw: Object, space: str | None) -> Name:
        own_space = raw.get("namespace")
        name = raw.get("name")
        if not isinstance(name, str):
            raise self._refused(f"No name in schema: {write(raw)}")
        found = resolved(name, own_space if isinstance(own_space, str) else space)
        self._check_identifier(found.simple)
        fault = space_fault(found.space) if self._new and found.space is not None else None
        if fault is not None:
            raise self._refused(fault)
        if found.full in PRIMITIVE_NAMES:
            raise self._refused(f"Schemas may not be named after primitives: {found.full}")
        return found

    def _type_aliases(self, raw: Object, name: Name) -> tuple[Name, ...]:
        if "aliases" not in raw:
            return ()
        found = [resolved(alias, name.space) for alias in self._aliases(raw)]
        for alias in found:
            self._check_identifier(alias.simple)
        return tuple(dict.fromkeys(found))

    def _aliases(self, raw: Object) -> tuple[str, ...]:
        if "aliases" not in raw:
            return ()
        listed = raw["aliases"]
        if not isinstance(listed, list):
            raise self._refused(f"aliases not an array: {write(raw)}")
        aliases: dict[str, None] = {}
        for alias in listed:
            if not isinstance(alias, str):
                raise self._refused(f"alias not a string: {write(alias)}")
            aliases[alias] = None
        return tuple(aliases)

    def _check_identifier(self, name: str | None) -> None:
        fault = identifier_fault(name)
        if fault is not None:
            raise self._refused(fault)

    def _define(self, node: Named) -> Named:
        if self.named.setdefault(node.name.full, node) is not node:
            self._again.append((node, self._place()))
        return node

    # What can be told only when all names are known.

    def _remember(self, owner: Owner, *children: Node) -> None:
        if any(type(child) is Unresolved for child in children):
            self._pending.append(owner)

    def _settle(self, owner: Owner) -> None:
        match owner:
            case Field():
                bind(owner, "type", self._settled(owner.type))
            case Array():
                bind(owner, "items", self._settled(owner.items))
            case Map():
                bind(owner, "values", self._settled(owner.values))
            case Union():
                bind(owner, "branches", tuple(map(self._settled, owner.branches)))

    def _settled(self, node: Node) -> Node:
        if not isinstance(node, Unresolved):
            return node
        found = self.named.get(node.name.full)
        if found is None:
            raise InvalidSchema(f"Undefined schema: {node.name.full}", path=node.path)
        return found

    def _check_redefinitions(self) -> None:
        for node, path in self._again:
            if not equal(self.named[node.name.full], node, documented=False):
                raise InvalidSchema(f"Can't redefine: {node.name.full}", path=path)

    def _check_defaults(self) -> None:
        # Confluent validates defaults while it parses, so the stage of this fault is "parse".
        if not self._new:
            return
        valid = Defaults().is_valid
        for field, path in self._defaults:
            assert field.default is not ABSENT, "only fields with a default were kept"
            if not valid(field.type, field.default):
                shown = f"{write(field.default)} not a {inlined(field.type)}"
                message = f"Invalid default for field {field.name}: {shown}"
                raise InvalidSchema(message, path=f"{path}/default")

    def _place(self) -> str:
        return "/" + "/".join(self._path)

    def _refused(self, message: str) -> InvalidSchema:
        return InvalidSchema(message, path=self._place())


def bind(owner: Owner, attribute: str, value: object) -> None:
    """Tie a knot that could not be tied when the node was made; nobody has seen the node yet."""
    object.__setattr__(owner, attribute, value)


def own_props(raw: Object, reserved: frozenset[str]) -> Props:
    if raw.keys() <= reserved:
        return NO_PROPS
    return {key: value for key, value in raw.items() if key not in reserved}


def optional_text(raw: Object, key: str) -> str | None:
    value = raw.get(key)
    return value if isinstance(value, str) else None


def full_name(node: Node) -> str:
    """Return what makes a branch of a union unique: the full name, or the word for the type."""
    return node.name.full if isinstance(node, Record | Enum | Fixed | Unresolved) else node.type


def duplicate_field(field: Field, index: int, known: Mapping[str, Field], record: Name) -> str:
    first = list(known).index(field.name)
    return (
        f"Duplicate field {field.name} in record {record.full}: "
        f"{shown(field, index)} and {shown(known[field.name], first)}."
    )
