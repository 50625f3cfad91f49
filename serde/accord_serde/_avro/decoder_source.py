"""The text of a decoder: one function for a pair of schemas, one for each recursive record."""

from __future__ import annotations

import struct
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from fastavro.read import LOGICAL_READERS, SchemaResolutionError

from accord_serde._avro.blocks import Blocks
from accord_serde._avro.logical_readers import logical_reader
from accord_serde._avro.reader_fields import (
    fresh,
    is_packable,
    resolved_fields,
    symbols_by_index,
)
from accord_serde._avro.resolution import KNOWN, Resolution
from accord_serde._avro.scalar_reads import ScalarReads
from accord_serde._avro.schema_types import PRIMITIVES, Types, kind, logical
from accord_serde._avro.skips import Skips
from accord_serde._avro.source import Body, Source
from accord_serde._avro.varint import Odd
from accord_serde._avro.varint_reads import MORE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accord_serde._avro.reader_fields import ReadField, ReadFields
    from accord_serde._avro.schema import Json

Decode: TypeAlias = "Callable[[bytes, int], Json]"

# CPython makes larger dicts by parts, which takes twice as long as key after key.
MAX_DISPLAY = 15
# What says that the data are not of the schema; conversions of values raise other errors.
OF_THE_FORMAT = (Odd, IndexError, TypeError, struct.error)
MISFIT = "the reader's schema has nothing for what the writer's has here"
NOT_OF_SCHEMA = "the data are not what the schema says"


class DecoderSource:
    """Writes the functions; everything they refuse is left to fastavro."""

    def __init__(self, writer: Types, reader: Types | None, *, return_record_name: bool) -> None:
        self._writer = writer
        self._reader = reader
        named = {} if reader is None else reader.named
        self._resolution = Resolution(writer=writer.named, reader=named)
        self._return_record_name = return_record_name
        self._source = Source()
        self._scalars = ScalarReads(self._source)
        self._blocks = Blocks(self._source, self._scalars, writer)
        self._skips = Skips(self._source, self._scalars, self._blocks)
        self._functions: dict[tuple[str, int], str] = {}

    def compiled(self, fallback: Decode) -> Decode:
        """Return the function for the whole message."""
        body = Body()
        name = self._source.constant(fallback)
        for key in sorted(self._writer.logical):
            self._guard_conversion(body, key, name)
        with body.under("try"):
            with body.under("if type(data) is not bytes"):
                self._scalars.refuse(body)
            body.line("i = start")
            self._blocks.begin(body)
            root = None if self._reader is None else self._reader.root
            value = self._value(body, self._writer.root, root)
            with body.under("if i <= len(data)"):
                body.line(f"return {value}")
        if self._blocks.has_empty_items or self._skips.is_endless:
            self._refuse(body)
        else:
            self._hand_over(body, name)
        self._source.add("decode(data, start)", body)
        decode: Decode = self._source.compiled("decode")
        return decode

    def _hand_over(self, body: Body, fallback: str) -> None:
        with body.under("except RecursionError"):
            body.line("raise")
        with body.under("except Exception"):
            body.line("pass")
        body.line(f"return {fallback}(data, start)")

    def _refuse(self, body: Body) -> None:
        """Write what does without fastavro, which a few bytes make go on and on."""
        unknown, misfit, misfit_text = map(
            self._source.constant, (KeyError, SchemaResolutionError, MISFIT)
        )
        with body.under(f"except {unknown}"):
            body.line(f"raise {misfit}({misfit_text}) from None")
        kinds, error, text = map(self._source.constant, (OF_THE_FORMAT, EOFError, NOT_OF_SCHEMA))
        with body.under(f"except {kinds}"):
            body.line("pass")
        body.line(f"raise {error}({text})")

    def _guard_conversion(self, body: Body, key: str, fallback: str) -> None:
        """Hand over when somebody has registered another conversion since."""
        table, name, known = map(
            self._source.constant, (LOGICAL_READERS, key, LOGICAL_READERS.get(key))
        )
        with body.under(f"if {table}.get({name}) is not {known}"):
            body.line(f"return {fallback}(data, start)")

    def _value(self, body: Body, writer: Json, reader: Json) -> str:
        """Write what reads a value; return an expression for it."""
        self._source.count_part()
        if reader:
            reader = self._resolution.matched(writer, reader)
            if reader is None:
                return self._misfit(body)
        if isinstance(writer, str) and writer not in PRIMITIVES:
            return self._reference(body, writer, reader)
        definition = logical(writer)
        convert = None if definition is None else logical_reader(definition)
        if convert is not None:
            value = self._unconverted(body, writer, reader)
            return self._scalars.named(body, convert(self._source, value))
        value = self._scalars.read(body, writer) or self._complex(body, writer, reader)
        return value if reader is None else self._promoted(body, writer, reader, value)

    def _unconverted(self, body: Body, writer: Json, reader: Json) -> str:
        if kind(writer) == "string":
            return self._scalars.text(body, "")
        return self._scalars.read(body, writer) or self._complex(body, writer, reader)

    def _misfit(self, body: Body) -> str:
        """Write what ends the reading where the reader's schema has nothing for the writer's."""
        error, text = map(self._source.constant, (SchemaResolutionError, MISFIT))
        with body.under("if True"):
            body.line(f"raise {error}({text})")
        return "None"

    def _reference(self, body: Body, writer: str, reader: Json) -> str:
        definition = self._writer.resolved(writer)
        if isinstance(reader, dict | list):
            return self._misfit(body)
        return self._value(body, definition, self._resolution.reader.get(reader))

    def _promoted(self, body: Body, writer: Json, reader: Json, value: str) -> str:
        match kind(writer), kind(reader):
            case (("int" | "long"), ("float" | "double")):
                return self._scalars.named(body, f"float({value})")
            case "string", "bytes":
                return self._scalars.named(body, f"{value}.encode()")
            case "bytes", "string":
                return self._scalars.named(body, f"{value}.decode()")
            case _:
                return value

    def _complex(self, body: Body, writer: Json, reader: Json) -> str:
        match kind(writer):
            case "enum":
                return self._enum(body, writer, reader)
            case "array":
                return self._array(body, writer, reader)
            case "map":
                return self._map(body, writer, reader)
            case "union":
                return self._union(body, writer, reader)
            case _:
                return self._record_or_call(body, writer, reader)

    def _enum(self, body: Body, writer: Json, reader: Json) -> str:
        symbols = symbols_by_index(writer, reader)
        if symbols is None:
            return self._misfit(body)
        if len(writer["symbols"]) > MORE // 2:
            index = self._scalars.integer(body)
            return self._scalars.named(body, f"{self._source.constant(symbols)}[{index}]")
        table = {2 * index: symbol for index, symbol in symbols.items()}
        value = self._scalars.named(body, f"{self._source.constant(table)}[data[i]]")
        body.line("i += 1")
        return value

    def _array(self, body: Body, writer: Json, reader: Json) -> str:
        items = self._scalars.named(body, "[]")
        inner = reader["items"] if reader else None
        with self._blocks.of_items(body, writer["items"]):
            value = self._value(body, writer["items"], inner)
            body.line(f"{items}.append({value})")
        return items

    def _map(self, body: Body, writer: Json, reader: Json) -> str:
        entries = self._scalars.named(body, "{}")
        inner = reader["values"] if reader else None
        with self._blocks.of_entries(body):
            key = self._scalars.text(body, ".decode()")
            value = self._value(body, writer["values"], inner)
            body.line(f"{entries}[{key}] = {value}")
        return entries

    def _union(self, body: Body, writer: Json, reader: Json) -> str:
        value = self._source.fresh("v")
        index, factor = self._blocks.index(body, writer)
        word = "if"
        for number, branch in enumerate(writer):
            with body.under(f"{word} {index} == {factor * number}"):
                found = self._branch(body, branch, reader)
                body.line(f"{value} = {found}")
            word = "elif"
        with body.under("else"):
            self._scalars.refuse(body)
        return value

    def _branch(self, body: Body, branch: Json, reader: Json) -> str:
        """Write what reads a branch, of a reader's schema that may have others."""
        chosen = None
        if isinstance(reader, list):
            alike = (each for each in reader if self._resolution.are_alike(branch, each))
            chosen = next(alike, None)
            if reader and chosen is None:
                return self._misfit(body)
            value = self._value(body, branch, chosen)
        elif reader and not self._resolution.are_alike(branch, reader):
            return self._misfit(body)
        else:
            value = self._value(body, branch, reader)
        if not self._return_record_name:
            return value
        return self._with_name(body, branch, chosen, value)

    def _with_name(self, body: Body, branch: Json, chosen: Json, value: str) -> str:
        """Return the pair of a record's name and value, as `return_record_name` asks for."""
        if kind(branch) == "record":
            definition = chosen or branch
        elif kind(branch) in KNOWN:
            return value
        elif not chosen:
            definition = self._writer.named[branch]
        else:
            definition = self._resolution.reader.get(chosen) if isinstance(chosen, str) else None
        if not isinstance(definition, dict):
            return self._misfit(body)
        return f"({self._source.constant(definition['name'])}, {value})"

    def _record_or_call(self, body: Body, writer: Json, reader: Json) -> str:
        if not self._writer.is_function(writer["name"]):
            return self._record(body, writer, reader)
        # The part of the reader's schema lives as long as this, so that its id is its own.
        key = (writer["name"], id(reader))
        if key not in self._functions:
            self._functions[key] = self._source.fresh("read")
            inner = Body()
            value = self._record(inner, writer, reader)
            inner.line(f"return {value}, i")
            self._source.add(f"{self._functions[key]}({self._blocks.arguments})", inner)
        value = self._source.fresh("v")
        body.line(f"{value}, i = {self._functions[key]}({self._blocks.arguments})")
        return value

    def _record(self, body: Body, writer: Json, reader: Json) -> str:
        fields = resolved_fields(writer, reader)
        if fields is None:
            return self._misfit(body)
        if len(fields.read) + len(fields.defaults) > MAX_DISPLAY:
            record = self._scalars.named(body, "{}")
            for key, value in self._entries(body, fields):
                body.line(f"{record}[{key}] = {value}")
            return record
        entries = [f"{key}: {value}" for key, value in self._entries(body, fields)]
        return f"{{{', '.join(entries)}}}"

    def _entries(self, body: Body, fields: ReadFields) -> Iterator[tuple[str, str]]:
        """Write what reads one field after the other; iterate over expressions for them."""
        for is_packed, group in groupby(fields.read, key=is_packable):
            if is_packed:
                yield from self._packed(body, list(group))
                continue
            for field in group:
                if field.name is None:
                    self._skips.skip(body, field.writer)
                    continue
                value = self._value(body, field.writer, field.reader)
                yield self._source.key(field.name), value
        if fields.misfit:
            self._misfit(body)
        for name, default in fields.defaults:
            yield self._source.key(name), self._default(default)

    def _packed(self, body: Body, group: list[ReadField]) -> Iterator[tuple[str, str]]:
        """Write what reads neighbours of a fixed size at once."""
        values = self._scalars.packed(body, [field.writer for field in group])
        for field, value in zip(group, values, strict=True):
            assert field.name is not None, "what nobody wants is skipped"
            self._source.count_part()
            yield self._source.key(field.name), value

    def _default(self, default: Json) -> str:
        value = self._source.constant(default)
        if not isinstance(default, dict | list):
            return value
        return f"{self._source.constant(fresh)}({value})"
