"""Nodes to text: the canonical form that is stored and served, and the normal form.

attribute   record  field  enum  fixed  array  map
---------   ------  -----  ----  -----  -----  ---
1           type    name   type  type   type   type
2           name    type   name  name   items  values
3           namespace      namespace
4           doc     doc    doc   doc
5           fields  default  symbols  size
6           props   order  default  props  props  props
7           aliases aliases  props  aliases
8                   props  aliases
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.avro.defaults import Defaults, coerced
from compat.avro.document import MAX_DEPTH, write
from compat.avro.logical import logical_type
from compat.avro.model import (
    ABSENT,
    NAMED,
    PLAIN,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Order,
    Primitive,
    Record,
    Union,
    Unresolved,
)
from compat.errors import TooComplex
from compat.json_text import quoted, sorted_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from compat.avro.model import Named, Node
    from compat.avro.names import Name
    from compat.json_text import JsonValue

# The primitives without properties are the same few nodes in all schemas.
PLAIN_TEXTS: Mapping[Node, str] = {node: f'"{name}"' for name, node in PLAIN.items()}
TOO_DEEP = f"the schema nests deeper than {MAX_DEPTH} levels once its names are filled in"


def canonical(root: Node, known: Iterable[str] = ()) -> str:
    """Return the canonical text; the types of known full names are named, never spelt out."""
    return Printer(known).text(root, None)


def normal(root: Node, known: Iterable[str] = ()) -> str:
    """Return the canonical text of the normal form."""
    return NormalPrinter(known).text(root, None)


def inlined(node: Node) -> str:
    """Return the canonical text of a type by itself, or its name if that is too deep a text."""
    try:
        return canonical(node)
    except TooComplex:
        return quoted(node.name.full if isinstance(node, Record) else node.type)


class Printer:
    """Write one text; a named type is spelt out where it is met first."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = set(known)
        self._depth = 0

    def text(self, node: Node, space: str | None) -> str:
        plain = PLAIN_TEXTS.get(node)
        if plain is not None:
            return plain
        if isinstance(node, Primitive):
            return f'{{"type":"{node.type}",{",".join(self._props(node))}}}'
        if isinstance(node, NAMED):
            return self._named(node, space)
        assert not isinstance(node, Unresolved), f"{node.name.full} was never resolved"
        self._enter()
        text = self._unnamed(node, space)
        self._depth -= 1
        return text

    def _unnamed(self, node: Array | Map | Union, space: str | None) -> str:
        match node:
            case Union():
                return f"[{','.join([self.text(each, space) for each in node.branches])}]"
            case Array():
                items = self.text(node.items, space)
                return f'{{"type":"array","items":{items}{self._rest(node)}}}'
            case Map():
                values = self.text(node.values, space)
                return f'{{"type":"map","values":{values}{self._rest(node)}}}'

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooComplex(TOO_DEEP)

    def _rest(self, node: Array | Map) -> str:
        return "".join([f",{prop}" for prop in self._props(node)])

    def _named(self, node: Named, space: str | None) -> str:
        if node.name.full in self._known:
            return quoted(node.name.seen_from(space))
        self._known.add(node.name.full)
        self._enter()
        text = self.whole(node, space)
        self._depth -= 1
        return text

    def whole(self, node: Named, space: str | None) -> str:
        """Return a named type spelt out."""
        return f"{{{','.join(self._members(node, space))}}}"

    def _members(self, node: Named, space: str | None) -> Iterator[str]:
        yield f'"type":"{self._word(node)}"'
        yield from head(node.name, space)
        doc = self._doc(node)
        if doc is not None:
            yield f'"doc":{quoted(doc)}'
        yield from self._body(node)
        yield from self._props(node)
        if node.aliases:
            aliases = [quoted(alias_text(each, node.name)) for each in self._aliases(node)]
            yield f'"aliases":[{",".join(aliases)}]'

    def _body(self, node: Named) -> Iterator[str]:
        match node:
            case Record():
                self._enter()
                fields = [self.field(field, node.name.space) for field in node.fields]
                self._depth -= 1
                yield f'"fields":[{",".join(fields)}]'
            case Enum():
                yield f'"symbols":[{",".join([quoted(each) for each in node.symbols])}]'
                if node.default is not None:
                    yield f'"default":{quoted(node.default)}'
            case Fixed():
                yield f'"size":{node.size}'

    def field(self, field: Field, space: str | None) -> str:
        self._enter()
        # The name is an identifier: letters, digits and underscores need no escapes.
        text = f'{{"name":"{field.name}","type":{self.text(field.type, space)}'
        self._depth -= 1
        if field.doc is not None:
            text += f',"doc":{quoted(field.doc)}'
        if field.default is not ABSENT:
            text += f',"default":{self._default(field.type, field.default)}'
        if field.order is not Order.ASCENDING:
            text += f',"order":"{field.order}"'
        if field.aliases:
            text += f',"aliases":[{",".join(map(quoted, self._field_aliases(field)))}]'
        if field.props:
            text += "," + ",".join(self._props(field))
        return text + "}"

    # What the normal form does differently.

    def _word(self, node: Named) -> str:
        return "error" if isinstance(node, Record) and node.is_error else node.type

    def _doc(self, node: Named) -> str | None:
        return node.doc

    def _aliases(self, node: Named) -> Iterable[Name]:
        return node.aliases

    def _field_aliases(self, field: Field) -> Iterable[str]:
        return field.aliases

    def _default(self, _: Node, value: JsonValue) -> str:
        return write(value)

    def _props(self, node: Primitive | Array | Map | Field | Named) -> list[str]:
        return [f"{quoted(key)}:{write(value)}" for key, value in node.props.items()]


class NormalPrinter(Printer):
    """Write the text that schemas differing only in what has no meaning have in common."""

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__(known)
        self._defaults = Defaults()

    def _word(self, node: Named) -> str:
        return node.type

    def _doc(self, node: Named) -> str | None:
        return node.doc or None

    def _aliases(self, node: Named) -> Iterable[Name]:
        by_name = {alias.full: alias for alias in node.aliases}
        return [by_name[full] for full in sorted_keys(dict.fromkeys(by_name))]

    def _field_aliases(self, field: Field) -> Iterable[str]:
        return sorted_keys(dict.fromkeys(field.aliases))

    def _default(self, node: Node, value: JsonValue) -> str:
        return write(coerced(node, value, self._defaults), sort_keys=True)

    def _props(self, node: Primitive | Array | Map | Field | Named) -> list[str]:
        keys = dict.fromkeys([*leading(node), *sorted_keys(node.props)])
        return [f"{quoted(key)}:{write(node.props[key], sort_keys=True)}" for key in keys]


def leading(node: Primitive | Array | Map | Field | Named) -> list[str]:
    """Return the properties that stand before the sorted ones: a logical type in force."""
    if isinstance(node, Field):
        return []
    logical = logical_type(node)
    if logical is None:
        return []
    if logical.name != "decimal":
        return ["logicalType"]
    return ["logicalType", "precision", *(["scale"] if logical.scale else [])]


def head(name: Name, space: str | None) -> Iterator[str]:
    yield f'"name":{quoted(name.simple)}'
    if name.space != space:
        yield f'"namespace":{quoted(name.space or "")}'


def alias_text(alias: Name, owner: Name) -> str:
    """Return an alias as its type's text spells it; a leading dot means the null namespace."""
    if alias.space is None and owner.space is not None:
        return f".{alias.simple}"
    return alias.seen_from(owner.space)


def shown(field: Field, index: int) -> str:
    """Return a field as Avro Java's messages show it."""
    return f"{field.name} type:{field.type.type.upper()} pos:{index}"
