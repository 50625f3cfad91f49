"""Loops over the blocks of arrays and maps, and the index of a union."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from accord_serde._avro.schema_types import consists_of, has_items, is_empty
from accord_serde._avro.varint import TooManyItems
from accord_serde._avro.varint_reads import MORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_serde._avro.scalar_reads import ScalarReads
    from accord_serde._avro.schema import Json
    from accord_serde._avro.schema_types import Types
    from accord_serde._avro.source import Body, Source

# So many items that take no bytes may be in one message.
MAX_EMPTY_ITEMS = 1 << 20


class Blocks:
    """Writes the loops; `arguments` are those of functions that have some."""

    def __init__(self, source: Source, scalars: ScalarReads, writer: Types) -> None:
        self._source = source
        self._scalars = scalars
        self.writer = writer
        self.has_empty_items = has_items(writer.root, is_empty)
        self.arguments = "data, i, room" if self.has_empty_items else "data, i"

    def begin(self, body: Body) -> None:
        if self.has_empty_items:
            body.line(f"room = [{MAX_EMPTY_ITEMS}]")

    @contextmanager
    def of_items(self, body: Body, items: Json, *, skips: bool = False) -> Iterator[None]:
        """Write what follows in a loop over the items of an array."""
        is_bounded = not (self.has_empty_items and consists_of(items, self.writer.named, is_empty))
        with self._loop(body, is_bounded=is_bounded, skips=skips):
            yield

    @contextmanager
    def of_entries(self, body: Body, *, skips: bool = False) -> Iterator[None]:
        """Write what follows in a loop over the entries of a map."""
        with self._loop(body, is_bounded=True, skips=skips):
            yield

    @contextmanager
    def _loop(self, body: Body, *, is_bounded: bool, skips: bool) -> Iterator[None]:
        count = self._scalars.named(body, "data[i]")
        with body.loop(f"while {count}"):
            self._scalars.count(body, count)
            with body.under(f"if {count} < 0"):
                self._negative(body, count, skips=skips)
            if not is_bounded:
                self._take_room(body, count)
            with body.loop(f"for _ in range({count})"):
                yield
            body.line(f"{count} = data[i]")
        body.line("i += 1")

    def _negative(self, body: Body, count: str, *, skips: bool) -> None:
        """Write what takes the size of a block; what is skipped is skipped by it."""
        if skips:
            self._scalars.skip_sized(body)
            body.line(f"{count} = 0")
        else:
            self._scalars.skip_integer(body)
            body.line(f"{count} = -{count}")

    def _take_room(self, body: Body, count: str) -> None:
        error = self._source.constant(TooManyItems)
        body.line(f"room[0] -= {count}")
        with body.under("if room[0] < 0"):
            body.line(f"raise {error}")

    def index(self, body: Body, union: Json) -> tuple[str, int]:
        """Write what reads which branch it is; return its name, and what a branch counts for."""
        if len(union) > MORE // 2:
            return self._scalars.integer(body), 1
        index = self._scalars.named(body, "data[i]")
        body.line("i += 1")
        return index, 2
