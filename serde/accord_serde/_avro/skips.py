"""Statements that move behind what a reader does not want."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_serde._avro.schema_types import consists_of, is_blind, kind
from accord_serde._avro.source import Body

if TYPE_CHECKING:
    from accord_serde._avro.blocks import Blocks
    from accord_serde._avro.scalar_reads import ScalarReads
    from accord_serde._avro.schema import Json
    from accord_serde._avro.source import Source


class Skips:
    """Writes the statements.

    `is_endless` says that fastavro would skip as many items as the data say, beyond their end.
    """

    def __init__(self, source: Source, scalars: ScalarReads, blocks: Blocks) -> None:
        self._source = source
        self._scalars = scalars
        self._blocks = blocks
        self._types = blocks.writer
        self._functions: dict[str, str] = {}
        self.is_endless = False

    def skip(self, body: Body, writer: Json) -> None:
        self._source.count_part()
        definition = self._types.resolved(writer)
        if self._scalars.skip(body, definition):
            return
        match kind(definition):
            case "array":
                self._array(body, definition["items"])
            case "map":
                with self._blocks.of_entries(body, skips=True):
                    self._scalars.skip_sized(body)
                    self.skip(body, definition["values"])
            case "union":
                self._union(body, definition)
            case _:
                self._record(body, definition)

    def _array(self, body: Body, items: Json) -> None:
        with self._blocks.of_items(body, items, skips=True):
            self.skip(body, items)
            self._scalars.check_end(body)
        if consists_of(items, self._types.named, is_blind):
            self.is_endless = True

    def _union(self, body: Body, writer: Json) -> None:
        index, factor = self._blocks.index(body, writer)
        word = "if"
        for number, branch in enumerate(writer):
            with body.under(f"{word} {index} == {factor * number}"):
                self.skip(body, branch)
            word = "elif"
        with body.under("else"):
            self._scalars.refuse(body)

    def _record(self, body: Body, writer: Json) -> None:
        name = writer["name"]
        if not self._types.is_function(name):
            self._fields(body, writer)
            return
        if name not in self._functions:
            self._functions[name] = self._source.fresh("skip")
            inner = Body()
            self._fields(inner, writer)
            inner.line("return i")
            self._source.add(f"{self._functions[name]}({self._blocks.arguments})", inner)
        body.line(f"i = {self._functions[name]}({self._blocks.arguments})")

    def _fields(self, body: Body, writer: Json) -> None:
        for field in writer["fields"]:
            self.skip(body, field["type"])
