"""The text of an encoder: one function for the schema, one for each recursive record."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

from fastavro.write import LOGICAL_WRITERS

from accord_serde._avro.defaults import Defaults
from accord_serde._avro.output import Output
from accord_serde._avro.scalar_pieces import Scalars
from accord_serde._avro.schema_types import Types, kind, logical
from accord_serde._avro.source import Source, Uncompilable
from accord_serde._avro.union_choice import UnionWriter
from accord_serde._avro.varint import Odd

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._avro.schema import Json

Encode: TypeAlias = "Callable[[Json], bytes]"

END = b"\x00"
FLOATS = {float}
# More than so many floats are packed sooner together than one by one.
FEW_REALS = 6
REALS = {"float": "f", "double": "d"}


def packer(code: str) -> Callable[[list[float]], bytes]:
    """Make what writes the items of an array of floats."""

    def pack(items: list[float]) -> bytes:
        return struct.pack(f"<{len(items)}{code}", *items)

    return pack


PACK_ALL = {name: packer(code) for name, code in REALS.items()}


class EncoderSource:
    """Writes the functions; everything they refuse is left to fastavro."""

    def __init__(self, types: Types, *, strict: bool, strict_allow_default: bool) -> None:
        self.types = types
        self.source = Source()
        self.scalars = Scalars(self.source)
        self.odd = self.source.constant(Odd)
        self._strict = strict
        self._strict_allow_default = strict_allow_default
        self._defaults = Defaults(types, strict_allow_default=strict_allow_default)
        self._unions = UnionWriter(self)
        self._functions: dict[tuple[str, bool], str] = {}

    def compiled(self, prefix: bytes, fallback: Encode) -> Encode:
        """Return the function for the whole schema."""
        body = Output(indent=2)
        body.add(self.source.constant(prefix))
        self.value(body, self.types.root, "datum", checked=False)
        self.source.add("encode(datum)", self._guarded(body, self.source.constant(fallback)))
        encode: Encode = self.source.compiled("encode")
        return encode

    def _guarded(self, body: Output, fallback: str) -> Output:
        guarded = Output()
        for key in sorted(self.types.logical):
            self._guard_conversion(guarded, key, fallback)
        join = self.source.constant(b"".join)
        guarded.line("try:")
        if body.is_begun:
            body.flush()
            body.line(f"return {join}(out)")
        else:
            body.line(f"return {join}([{', '.join(body.pending)}])")
        guarded.lines += body.lines
        if self.types.recursive:
            # fastavro would go on until the stack of the process overflows.
            guarded.line("except RecursionError:")
            guarded.line("    raise")
        guarded.line("except Exception:")
        guarded.line("    pass")
        guarded.line(f"return {fallback}(datum)")
        return guarded

    def _guard_conversion(self, body: Output, key: str, fallback: str) -> None:
        """Hand over when somebody has registered another conversion since."""
        table, name, known = map(
            self.source.constant, (LOGICAL_WRITERS, key, LOGICAL_WRITERS.get(key))
        )
        with body.under(f"if {table}.get({name}) is not {known}"):
            body.line(f"return {fallback}(datum)")

    def value(self, body: Output, node: Json, value: str, *, checked: bool) -> None:
        """Write what appends the bytes of a value, given an expression to evaluate once."""
        self.source.count_part()
        definition = self.types.resolved(node)
        pieces = self.scalars.pieces(definition, value, checked=checked)
        if kind(definition) == "null":
            self._null(body, value, checked=checked)
        elif pieces is not None:
            body.add(*pieces)
        elif kind(definition) == "union":
            self._unions.write(body, definition, value)
        else:
            self._complex(body, definition, value, checked=checked)

    def _null(self, body: Output, value: str, *, checked: bool) -> None:
        if checked:
            self._require(body, f"{value} is None")
        else:
            body.line(value)

    def _complex(self, body: Output, node: Json, value: str, *, checked: bool) -> None:
        name = self.source.fresh("v")
        body.line(f"{name} = {value}")
        match kind(node):
            case "array":
                self._array(body, node, name, checked=checked)
            case "map":
                self._map(body, node, name, checked=checked)
            case _:
                self._record_or_call(body, node, name, checked=checked)

    def _array(self, body: Output, node: Json, name: str, *, checked: bool) -> None:
        items = self.types.resolved(node["items"])
        self._require(body, f"type({name}) is list")
        body.flush()
        with body.under(f"if {name}"):
            body.add(self.scalars.count(name))
            if kind(items) in REALS and logical(items) is None:
                self._reals(body, items, name, checked=checked)
            else:
                self._items(body, items, name, checked=checked)
        body.add(repr(END))

    def _reals(self, body: Output, items: Json, name: str, *, checked: bool) -> None:
        floats, pack = map(self.source.constant, (FLOATS, PACK_ALL[kind(items)]))
        body.flush()
        with body.branch(f"if len({name}) > {FEW_REALS} and {floats} == {{*map(type, {name})}}"):
            body.add(f"{pack}({name})")
        with body.under("else"):
            self._items(body, items, name, checked=checked)

    def _items(self, body: Output, items: Json, name: str, *, checked: bool) -> None:
        item = self.source.fresh("v")
        body.flush()
        with body.each(f"for {item} in {name}"):
            self.value(body, items, item, checked=checked)

    def _map(self, body: Output, node: Json, name: str, *, checked: bool) -> None:
        key, value = map(self.source.fresh, "kv")
        self._require(body, f"type({name}) is dict")
        body.flush()
        with body.under(f"if {name}"):
            body.add(self.scalars.count(name))
            body.flush()
            with body.each(f"for {key}, {value} in {name}.items()"):
                self.value(body, "string", key, checked=checked)
                self.value(body, node["values"], value, checked=checked)
        body.add(repr(END))

    def _require(self, body: Output, condition: str) -> None:
        with body.under(f"if not ({condition})"):
            body.line(f"raise {self.odd}")

    def _record_or_call(self, body: Output, node: Json, name: str, *, checked: bool) -> None:
        if not self.types.is_function(node["name"]):
            self._record(body, node, name, checked=checked)
            return
        key = (node["name"], checked)
        if key not in self._functions:
            self._functions[key] = self.source.fresh("write")
            inner = Output()
            inner.is_begun = True
            self._record(inner, node, "datum", checked=checked)
            inner.flush()
            self.source.add(f"{self._functions[key]}(out, datum)", inner)
        body.flush()
        body.line(f"{self._functions[key]}(out, {name})")

    def _record(self, body: Output, node: Json, name: str, *, checked: bool) -> None:
        self._require(body, self._is_record(node, name, checked=checked))
        for field in node["fields"]:
            self._field(body, field, name, checked=checked)

    def _is_record(self, node: Json, name: str, *, checked: bool) -> str:
        """Return the condition: a dict, and in the strict modes nothing else in it."""
        names = frozenset(field["name"] for field in node["fields"])
        conditions = [f"type({name}) is dict"]
        if self._strict:
            conditions.append(f"len({name}) == {len(names)}")
        elif self._strict_allow_default:
            conditions.append(f"{name}.keys() <= {self.source.constant(names)}")
        if checked:
            # It names the record that a union has to take.
            conditions.append(f"'-type' not in {name}")
        return " and ".join(conditions)

    def _field(self, body: Output, field: Json, record: str, *, checked: bool) -> None:
        name = field["name"]
        if not isinstance(name, str):
            raise Uncompilable
        node = self.types.resolved(field["type"])
        key = self.source.key(name)
        default = None
        if not self._strict:
            default = self._defaults.written(field, checked=checked)
        if default is None:
            self.value(body, node, f"{record}[{key}]", checked=checked)
        elif kind(node) == "union" and field.get("default") is None:
            self.value(body, node, f"{record}.get({key})", checked=checked)
        else:
            self._field_with_default(body, node, record, key, default=default, checked=checked)

    def _field_with_default(
        self, body: Output, node: Json, record: str, key: str, *, default: bytes, checked: bool
    ) -> None:
        given, written = f"{key} in {record}", self.source.constant(default)
        pieces = self.scalars.pieces(node, f"{record}[{key}]", checked=checked)
        if pieces:
            first, *others = pieces
            body.add(f"({first} if {given} else {written})")
            body.add(*(f"({other} if {given} else b'')" for other in others))
            return
        body.flush()
        with body.branch(f"if {given}"):
            self.value(body, node, f"{record}[{key}]", checked=checked)
        with body.branch("else"):
            body.add(written)
