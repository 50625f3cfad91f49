"""Expressions for the bytes of scalar values.

Each gets an expression for the value, which it evaluates first and once, and returns the
expressions of one or two pieces. `checked` is for values that a union chooses a branch for: there
the value has to be of the very type that fastavro validates, elsewhere fastavro is lenient.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from accord_serde._avro.logical_writers import logical_writer
from accord_serde._avro.schema_types import kind, logical
from accord_serde._avro.source import Uncompilable
from accord_serde._avro.varint import (
    SMALL,
    SMALL_PREFIXED,
    Odd,
    integer_writers,
    prefixed_lengths,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._avro.schema import Json
    from accord_serde._avro.source import Source

FALSE, TRUE = b"\x00", b"\x01"
SIZED = frozenset({"string", "bytes"})


def refuse(_value: object = None) -> bytes:
    raise Odd


def real_writer(pack: Callable[[float], bytes]) -> Callable[[object], bytes]:
    """Make what writes an integer where a float should be."""

    def write(value: object) -> bytes:
        if type(value) is int:
            return pack(float(value))
        raise Odd

    return write


PACK = {"float": Struct("<f").pack, "double": Struct("<d").pack}
PACK_OTHER = {name: real_writer(pack) for name, pack in PACK.items()}


class Scalars:
    """Writes the expressions of one function's scalars."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._integers = integer_writers()
        self._small = source.constant(self._integers.small)
        self._long = source.constant(self._integers.long)
        self._refuse = source.constant(refuse)

    def pieces(self, node: Json, value: str, *, checked: bool) -> list[str] | None:
        """Return the pieces of a value; None for types that are no scalars."""
        definition = logical(node)
        write = None if definition is None else logical_writer(definition)
        if write is not None:
            return [f"{self._source.constant(write)}({value})"]
        if kind(node) == "null":
            return []
        if kind(node) in SIZED:
            return self._sized(kind(node), value, checked=checked)
        piece = self._piece(node, value)
        return None if piece is None else [piece]

    def _piece(self, node: Json, value: str) -> str | None:
        match kind(node):
            case "boolean":
                return self._boolean(value)
            case "int" | "long" as name:
                return self._integer(name, value)
            case "float" | "double" as name:
                return self._real(name, value)
            case "enum":
                return self._enum(node, value)
            case "fixed":
                return self._fixed(node, value)
            case _:
                return None

    def count(self, value: str) -> str:
        """Return the expression for the number of items of a list or a dict."""
        size = self._source.fresh("n")
        return (
            f"({self._small}[{size}] if ({size} := len({value})) < {SMALL}"
            f" else {self._long}({size}))"
        )

    def optional(self, node: Json, value: str, *, null: bytes, index: int) -> list[str] | None:
        """Return the pieces of a union of null and a scalar, given the bytes of the indexes."""
        name = self._source.fresh("v")
        start = self._integers.long(index)
        if kind(node) in SIZED and logical(node) is None and index < SMALL_PREFIXED:
            return self._optional_sized(node, value, null=null, index=index)
        pieces = self.pieces(node, name, checked=True)
        if pieces is None or len(pieces) != 1:
            return None
        return [f"({null!r} if ({name} := {value}) is None else {start!r} + {pieces[0]})"]

    def _optional_sized(self, node: Json, value: str, *, null: bytes, index: int) -> list[str]:
        name, size, text = map(self._source.fresh, "vnb")
        prefixed = self._source.constant(prefixed_lengths(index))
        raw = self._raw(kind(node), name, name)
        start = (
            f"({null!r} if ({name} := {value}) is None"
            f" else {prefixed}[{size}] if ({size} := len({text} := {raw})) < {SMALL_PREFIXED}"
            f" else {self._integers.long(index)!r} + {self._long}({size}))"
        )
        return [start, f"(b'' if {name} is None else {text})"]

    def _raw(self, kind_name: str, name: str, assigned: str) -> str:
        """Return an expression for the bytes; `assigned` is the name, or its assignment."""
        accepted = {"string": (f"{name}.encode()", "str"), "bytes": (name, "bytes")}
        result, accepted_type = accepted[kind_name]
        return f"({result} if type({assigned}) is {accepted_type} else {self._refuse}())"

    def _boolean(self, value: str) -> str:
        name = self._source.fresh("v")
        return (
            f"({TRUE!r} if ({name} := {value}) is True"
            f" else {FALSE!r} if {name} is False else {self._refuse}())"
        )

    def _integer(self, kind_name: str, value: str) -> str:
        name = self._source.fresh("v")
        writers = {"int": self._integers.int, "long": self._integers.long}
        other = self._source.constant(writers[kind_name])
        return (
            f"({self._small}[{name}]"
            f" if type({name} := {value}) is int and -{SMALL} <= {name} < {SMALL}"
            f" else {other}({name}))"
        )

    def _real(self, kind_name: str, value: str) -> str:
        name = self._source.fresh("v")
        pack = self._source.constant(PACK[kind_name])
        other = self._source.constant(PACK_OTHER[kind_name])
        return f"({pack}({name}) if type({name} := {value}) is float else {other}({name}))"

    def _sized(self, kind_name: str, value: str, *, checked: bool) -> list[str]:
        name, size, text = map(self._source.fresh, "vnb")
        if kind_name == "string" and not checked:
            raw = f"{value}.encode()"
        else:
            raw = self._raw(kind_name, name, f"{name} := {value}")
        start = (
            f"({self._small}[{size}] if ({size} := len({text} := {raw})) < {SMALL}"
            f" else {self._long}({size}))"
        )
        return [start, text]

    def _enum(self, node: Json, value: str) -> str:
        name = self._source.fresh("v")
        symbols = node["symbols"]
        write = self._integers.long
        table = self._source.constant({each: write(at) for at, each in enumerate(symbols)})
        other = self._source.constant(lambda datum: write(symbols.index(datum)))
        return f"({table}[{name}] if type({name} := {value}) is str else {other}({name}))"

    def _fixed(self, node: Json, value: str) -> str:
        if type(node["size"]) is not int:
            raise Uncompilable
        name = self._source.fresh("v")
        return (
            f"({name} if type({name} := {value}) is bytes and len({name}) == {node['size']}"
            f" else {self._refuse}())"
        )
