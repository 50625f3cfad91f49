"""JSON to nodes, with the verdicts and messages of Avro Java 1.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.avro.attributes import (
    ASCENDING,
    ENUM_RESERVED,
    FIELD_RESERVED,
    SCHEMA_RESERVED,
    aliases_of,
    check_identifier,
    default_of,
    enum_default_of,
    name_of,
    order_of,
    props_of,
    size_of,
    symbols_of,
    text_of,
    type_aliases_of,
)
from compat.avro.defaults import Defaults
from compat.avro.document import read, write
from compat.avro.equality import equal
from compat.avro.model import (
    ABSENT,
    NAMED,
    NO_PROPS,
    PLAIN,
    PRIMITIVE_NAMES,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Primitive,
    Record,
    TypeName,
    Union,
    Unresolved,
)
from compat.avro.names import resolved
from compat.avro.printer import inlined, shown
from compat.errors import InvalidSchema, TooComplex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from compat.avro.attributes import Object
    from compat.avro.model import Named, Node
    from compat.avro.names import Name
    from compat.json_text import JsonValue

    Owner: TypeAlias = Field | Array | Map | Union

# Twenty records of ten thousand fields; beyond it a comparison would take seconds.
MAX_NODES = 200_000

BARE_FIELD = 2  # a name and a type, as most fields have
WITH_NAME = (*NAMED, Unresolved)

# A full name repeats its namespace: a text of two megabytes can mean gigabytes of names.
MAX_NAMES_LENGTH = 20_000_000


class Builder:
    """Read texts one after the other into one table of names, as one Avro parser does.

    With `new`, defaults and namespaces are checked as well; identifiers always are.
    """

    def __init__(self) -> None:
        self.named: dict[str, Named] = {}
        self.looked_ahead = False
        self._new = True
        self._size = 0
        self._names_length = 0
        self._path: list[str | int] = []
        self._pending: list[Owner] = []
        self._again: list[tuple[Named, str]] = []
        self._defaults: list[tuple[Field, str]] = []

    def add(self, text: str, *, new: bool) -> Node:
        """Read a text and return its type; raises InvalidSchema."""
        self._new = new
        raw = read(text)
        try:
            root = self._node(raw, None)
        except InvalidSchema as error:
            error.path = error.path or self._place()
            raise
        root = self._settled(root)
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
        raise InvalidSchema(f"Schema not yet supported: {write(raw)}")

    def _lookup(self, name: str, space: str | None) -> Node:
        plain = PLAIN.get(name)
        if plain is not None:
            return plain
        self._count_names(1, space, own=len(name))
        wanted = resolved(name, space)
        found = self.named.get(wanted.full) or self.named.get(name)
        return found if found is not None else Unresolved(wanted, self._place())

    def _object(self, raw: Object, space: str | None) -> Node:
        kind = text_of(raw, "type")
        if kind is None:
            raise InvalidSchema(f"No type: {write(raw)}")
        if kind in PRIMITIVE_NAMES:
            props = props_of(raw, SCHEMA_RESERVED)
            return Primitive(TypeName(kind), props) if props else PLAIN[kind]
        build = self._constructor(kind)
        return self._lookup(kind, space) if build is None else build(raw, space)

    def _constructor(self, kind: str) -> Callable[[Object, str | None], Node] | None:
        match kind:
            case "record" | "error":
                return self._record
            case "enum":
                return self._enum
            case "fixed":
                return self._fixed
            case "array":
                return self._array
            case "map":
                return self._map
            case _:
                return None

    def _union(self, raw: list[JsonValue], space: str | None) -> Node:
        branches = [self._child(index, branch, space) for index, branch in enumerate(raw)]
        names = set(map(full_name, branches))
        if len(names) < len(branches) or TypeName.UNION in names:
            refuse_ambiguous(branches, raw)
        union = Union(tuple(branches))
        if Unresolved in map(type, branches):
            self._pending.append(union)
        return union

    def _array(self, raw: Object, space: str | None) -> Node:
        if "items" not in raw:
            raise InvalidSchema(f"Array has no items type: {write(raw)}")
        array = Array(self._child("items", raw["items"], space), props_of(raw, SCHEMA_RESERVED))
        if isinstance(array.items, Unresolved):
            self._pending.append(array)
        return array

    def _map(self, raw: Object, space: str | None) -> Node:
        if "values" not in raw:
            raise InvalidSchema(f"Map has no values type: {write(raw)}")
        node = Map(self._child("values", raw["values"], space), props_of(raw, SCHEMA_RESERVED))
        if isinstance(node.values, Unresolved):
            self._pending.append(node)
        return node

    def _child(self, step: str | int, raw: JsonValue, space: str | None) -> Node:
        plain = PLAIN.get(raw) if isinstance(raw, str) else None
        if plain is not None and self._size < MAX_NODES:
            self._size += 1
            return plain
        self._path.append(step)
        node = self._node(raw, space)
        self._path.pop()
        return node

    # Named types.

    def _name(self, raw: Object, space: str | None) -> Name:
        """Return the name of a type, once there is room for it and for its aliases."""
        self._count_names(1, space, own=0)
        name = name_of(raw, space, new=self._new)
        aliases = raw.get("aliases")
        names = 1 + len(aliases) if isinstance(aliases, list) else 1
        self._count_names(names, name.space, own=len(name.simple))
        return name

    def _count_names(self, names: int, space: str | None, *, own: int) -> None:
        self._names_length += names * len(space or "") + own
        if self._names_length > MAX_NAMES_LENGTH:
            raise TooComplex("the full names of the types are too long together")

    def _record(self, raw: Object, space: str | None) -> Node:
        name = self._name(raw, space)
        by_name = self._fields(raw, name)
        return self._defined(
            Record(
                name=name,
                doc=text_of(raw, "doc"),
                fields=tuple(by_name.values()),
                by_name=by_name,
                is_error=raw["type"] == "error",
                aliases=type_aliases_of(raw, name),
                props=props_of(raw, SCHEMA_RESERVED),
            )
        )

    def _fields(self, raw: Object, record: Name) -> dict[str, Field]:
        listed = raw.get("fields")
        if not isinstance(listed, list):
            raise InvalidSchema(f"Record has no fields: {write(raw)}")
        by_name: dict[str, Field] = {}
        self._path += ("fields", "")
        for index, each in enumerate(listed):
            self._path[-1] = index
            field = self._field(each, record.space)
            if field.name in by_name:
                raise InvalidSchema(duplicate_field(field, index, by_name, record))
            by_name[field.name] = field
        del self._path[-2:]
        return by_name

    def _field(self, raw: JsonValue, space: str | None) -> Field:
        if not isinstance(raw, dict) or not isinstance(name := raw.get("name"), str):
            raise InvalidSchema(f"No field name: {write(raw)}")
        if "type" not in raw:
            raise InvalidSchema(f"No field type: {write(raw)}")
        check_identifier(name)
        node = self._child("type", raw["type"], space)
        if len(raw) == BARE_FIELD:
            field = Field(name, node, None, ABSENT, ASCENDING, (), NO_PROPS)
        else:
            field = Field(
                name=name,
                type=node,
                doc=text_of(raw, "doc"),
                default=default_of(raw, node),
                order=order_of(raw),
                aliases=aliases_of(raw),
                props=props_of(raw, FIELD_RESERVED),
            )
        if isinstance(node, Unresolved):
            self._pending.append(field)
        if field.default is not ABSENT:
            self._defaults.append((field, self._place()))
        return field

    def _enum(self, raw: Object, space: str | None) -> Node:
        name = self._name(raw, space)
        symbols = symbols_of(raw)
        return self._defined(
            Enum(
                name=name,
                doc=text_of(raw, "doc"),
                symbols=symbols,
                default=enum_default_of(raw, symbols),
                aliases=type_aliases_of(raw, name),
                props=props_of(raw, ENUM_RESERVED),
            )
        )

    def _fixed(self, raw: Object, space: str | None) -> Node:
        name = self._name(raw, space)
        return self._defined(
            Fixed(
                name=name,
                doc=text_of(raw, "doc"),
                size=size_of(raw),
                aliases=type_aliases_of(raw, name),
                props=props_of(raw, SCHEMA_RESERVED),
            )
        )

    def _defined(self, node: Named) -> Named:
        first = self.named.setdefault(node.name.full, node)
        if first is not node:
            self._again.append((node, self._place()))
        return first

    def _place(self) -> str:
        return "/" + "/".join(map(str, self._path))

    # What can be told only when all names are known.

    def _settle(self, owner: Owner) -> None:
        match owner:
            case Field():
                owner.type = self._settled(owner.type)
            case Array():
                owner.items = self._settled(owner.items)
            case Map():
                owner.values = self._settled(owner.values)
            case Union():
                owner.branches = tuple(map(self._settled, owner.branches))

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
                verdict = f"{write(field.default)} not a {inlined(field.type)}"
                message = f"Invalid default for field {field.name}: {verdict}"
                raise InvalidSchema(message, path=f"{path}/default")


def refuse_ambiguous(branches: Sequence[Node], raw: list[JsonValue]) -> None:
    """Raise InvalidSchema for a union in a union, or the second branch of one name."""
    seen: set[str] = set()
    for branch in branches:
        if isinstance(branch, Union):
            raise InvalidSchema(f"Nested union: {write(raw)}")
        name = full_name(branch)
        if name in seen:
            raise InvalidSchema(f"Duplicate in union:{name}")
        seen.add(name)


def full_name(node: Node) -> str:
    """Return what makes a branch of a union unique: the full name, or the word for the type."""
    return node.name.full if isinstance(node, WITH_NAME) else node.type


def duplicate_field(field: Field, index: int, known: Mapping[str, Field], record: Name) -> str:
    first = list(known).index(field.name)
    return (
        f"Duplicate field {field.name} in record {record.full}: "
        f"{shown(field, index)} and {shown(known[field.name], first)}."
    )
