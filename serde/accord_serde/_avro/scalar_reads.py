"""Statements that read scalar values from `data` at `i`, and move `i` behind them.

A slice may end early where the data do: the position then is behind the end of the data, which is
found out at the latest when all is read.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from accord_serde._avro.schema_types import kind
from accord_serde._avro.source import Uncompilable
from accord_serde._avro.varint import Odd
from accord_serde._avro.varint_reads import MORE, integer_readers, partial

if TYPE_CHECKING:
    from accord_serde._avro.schema import Json
    from accord_serde._avro.source import Body, Source

# What `struct` calls the values of a fixed size.
PACKED = {"boolean": "?", "double": "d", "float": "f"}
NUMBERS = {"float": Struct("<f"), "double": Struct("<d")}


class ScalarReads:
    """Writes the statements of one function's scalars, and returns the names of the values."""

    def __init__(self, source: Source) -> None:
        readers = integer_readers()
        self._source = source
        self._odd = source.constant(Odd)
        self._single = source.constant(readers.single)
        self._sizes = source.constant(readers.size)
        self._rest = source.constant(readers.rest)
        self._nonzero = source.constant(readers.nonzero)
        self._behind = source.constant(readers.behind)
        self._behind_sized = source.constant(readers.behind_sized)
        self._size_at = source.constant(readers.size_at)

    def read(self, body: Body, writer: Json) -> str | None:
        """Write what reads a value; None for types that are no plain scalars."""
        value = None
        match kind(writer):
            case "null":
                value = "None"
            case "boolean":
                value = self._boolean(body)
            case "int" | "long":
                value = self.integer(body)
            case "float" | "double" as name:
                value = self._real(body, name)
            case "string":
                value = self.text(body, ".decode()")
            case "bytes":
                value = self.text(body, "")
            case "fixed":
                value = self._fixed(body, writer)
            case _:
                pass
        return value

    def skip(self, body: Body, writer: Json) -> bool:
        """Write what moves behind a value, which fastavro does not look at; tell if it is one."""
        match kind(writer):
            case "null":
                return True
            case "boolean":
                body.line("i += 1")
            case "int" | "long" | "enum":
                self.skip_integer(body)
            case "float" | "double" as name:
                body.line(f"i += {NUMBERS[name].size}")
            case "string" | "bytes":
                self.skip_sized(body)
            case "fixed":
                body.line(f"i += {fixed_size(writer)}")
            case _:
                return False
        return True

    def named(self, body: Body, expression: str) -> str:
        name = self._source.fresh("v")
        body.line(f"{name} = {expression}")
        return name

    def refuse(self, body: Body) -> None:
        body.line(f"raise {self._odd}")

    def _boolean(self, body: Body) -> str:
        value = self.named(body, "data[i] != 0")
        body.line("i += 1")
        return value

    def integer(self, body: Body) -> str:
        """Write what reads an integer: up to three bytes here, more in a function."""
        value, second, third = map(self._source.fresh, "vvv")
        body.line(f"{value} = data[i]")
        with body.under(f"if {value} < {MORE}"):
            body.line(f"{value} = {self._single}[{value}]")
            body.line("i += 1")
        with body.under(f"elif ({second} := data[i + 1]) < {MORE}"):
            body.line(f"{second} = {partial(value, second)}")
            body.line(f"{value} = ~{second} if {value} & 1 else {second}")
            body.line("i += 2")
        with body.under(f"elif ({third} := data[i + 2]) < {MORE}"):
            body.line(f"{third} = {partial(value, second, third)}")
            body.line(f"{value} = ~{third} if {value} & 1 else {third}")
            body.line("i += 3")
        with body.under("else"):
            body.line(
                f"{value}, i = {self._rest}(data, i, {value}, {partial(value, second, third)})"
            )
        return value

    def count(self, body: Body, value: str) -> None:
        """Write what reads a number that begins with the byte in a name, and is not 0."""
        with body.under(f"if {value} < {MORE}"):
            body.line(f"{value} = {self._single}[{value}]")
            body.line("i += 1")
        with body.under("else"):
            body.line(f"{value}, i = {self._nonzero}(data, i)")

    def _real(self, body: Body, name: str) -> str:
        value = self._source.fresh("v")
        unpack = self._source.constant(NUMBERS[name].unpack_from)
        body.line(f"{value}, = {unpack}(data, i)")
        body.line(f"i += {NUMBERS[name].size}")
        return value

    def packed(self, body: Body, kinds: list[str]) -> list[str]:
        """Write what reads values of a fixed size that follow each other."""
        layout = Struct("<" + "".join(PACKED[each] for each in kinds))
        values = [self._source.fresh("v") for _ in kinds]
        unpack = self._source.constant(layout.unpack_from)
        body.line(f"{', '.join(values)}, = {unpack}(data, i)")
        body.line(f"i += {layout.size}")
        return values

    def text(self, body: Body, decoded: str) -> str:
        value, end = self._source.fresh("v"), self._end(body)
        body.line(f"{value} = data[i:{end}]{decoded}")
        body.line(f"i = {end}")
        return value

    def skip_integer(self, body: Body) -> None:
        body.line(f"i = {self._behind}(data, i)")

    def skip_sized(self, body: Body) -> None:
        body.line(f"i = {self._behind_sized}(data, i)")

    def _end(self, body: Body) -> str:
        """Write what reads a length; return the name for the end of what has it."""
        end = self.named(body, "data[i]")
        with body.under(f"if {end} < {MORE}"):
            body.line("i += 1")
            body.line(f"{end} = i + {self._sizes}[{end}]")
        with body.under("else"):
            body.line(f"{end}, i = {self._size_at}(data, i)")
        return end

    def _fixed(self, body: Body, writer: Json) -> str:
        value = self.named(body, f"data[i:i + {fixed_size(writer)}]")
        body.line(f"i += {fixed_size(writer)}")
        self.check_end(body)
        return value

    def check_end(self, body: Body) -> None:
        """Write what ends a loop over items that do not look at the data."""
        with body.under("if i > len(data)"):
            self.refuse(body)


def fixed_size(node: Json) -> int:
    size = node["size"]
    if type(size) is not int or size < 0:
        raise Uncompilable
    return size
