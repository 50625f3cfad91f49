"""The text of a decoder: one function for a message in a version.

It walks the buffer `data` from `i` to `end`; what is left of `room` is how many more elements the
message may have. Whatever is of a fixed size, the beginnings of lengths included, is read together
with its neighbours.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

from accord_log.kafka.errors import ProtocolError
from accord_log.kafka.fields import STRING, Kind
from accord_log.kafka.layout import Array, Structure, least, length_code
from accord_log.kafka.primitives import (
    MAX_ELEMENTS,
    MORE,
    rest_of_varint,
    skip_tags,
    tag_and_end,
)
from accord_log.kafka.source import Run, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.kafka.fields import Buffer, Message
    from accord_log.kafka.layout import Field, Form

    Decode: TypeAlias = Callable[[Buffer, int], Message]

CONSTANTS = {
    "ProtocolError": ProtocolError,
    # What reading beyond the end raises, and text that is not UTF-8.
    "MALFORMED": (struct.error, IndexError, UnicodeDecodeError),
    "new": object.__new__,
    "unpack_from": struct.unpack_from,
    "rest_of_varint": rest_of_varint,
    "skip_tags": skip_tags,
    "tag_and_end": tag_and_end,
}


class DecoderSource:
    """Writes the function."""

    def __init__(self, structure: Structure, title: str) -> None:
        self._root = structure
        self._flexible = structure.flexible
        self._source = Source(title, dict(CONSTANTS))
        self._line = self._source.line
        self._under = self._source.under
        self._fresh = self._source.fresh
        self._run = Run()

    def compiled(self) -> Decode:
        """Return the function from a buffer and where the message begins to the message."""
        with self._under("def decode(data, i)"):
            self._line("end = len(data)")
            self._line("view = memoryview(data)")
            self._line(f"room = {MAX_ELEMENTS}")
            with self._under("try"):
                name = self._structure(self._root)
                self._flush()
                # As Apache Kafka does, what stands behind a request is passed over: librdkafka
                # leaves three bytes there when it asks for all topics (its issue 5049).
                if not hasattr(self._root.made, "response"):
                    self._refuse("bytes are left over", "i != end")
                self._line(f"return {name}")
            with self._under("except MALFORMED as error"):
                text = f"{self._source.title}: {{error}}"
                self._line(f"raise ProtocolError(f{text!r}) from error")
        decode: Decode = self._source.compiled("decode")
        return decode

    def _structure(self, structure: Structure) -> str:
        """Write what reads a structure; return its name. The last run is still to be written."""
        name = self._fresh("m")
        self._line(f"{name} = new({self._source.constant(structure.made)})")
        for field in (*structure.absent, *structure.tagged):
            self._line(f"{name}.{field.name} = {field.default}")
        for field in structure.fields:
            self._value(field.form, f"{name}.{field.name}", nullable=field.nullable)
        if structure.flexible:
            self._tags(structure.tagged, name)
        return name

    def _value(self, form: Form, target: str, *, nullable: bool) -> None:
        if isinstance(form, Structure):
            self._line(f"{target} = {self._structure(form)}")
        elif isinstance(form, Kind) and form.code is not None:
            self._run.add(form.code, target)
        else:
            self._sized(form, target, nullable=nullable)

    def _sized(self, form: Kind | Array, target: str, *, nullable: bool) -> None:
        """Write what reads something that has its length before it."""
        length = self._length(form)
        if not nullable:
            self._refuse(f"{_name(target)} may not be null", f"{length} < 0")
            self._content(form, target, length)
            return
        with self._under(f"if {length} < 0"):
            if not self._flexible:
                self._refuse(f"the length of {_name(target)} is negative", f"{length} != -1")
            self._line(f"{target} = None")
        with self._under("else"):
            self._content(form, target, length)

    def _length(self, form: Kind | Array) -> str:
        """Write what reads a length, -1 for null; return its name."""
        length = self._fresh("n")
        self._run.add(length_code(form, flexible=self._flexible), length)
        self._flush()
        if self._flexible:
            self._finish_varint(length)
            self._line(f"{length} -= 1")
        return length

    def _content(self, form: Kind | Array, target: str, length: str) -> None:
        if isinstance(form, Array):
            self._elements(form.of, target, length)
            return
        end = self._fresh("j")
        self._line(f"{end} = i + {length}")
        self._refuse(f"{_name(target)} goes beyond the end", f"{end} > end")
        text = f"str(data[i:{end}], 'utf-8')" if form is STRING else f"view[i:{end}]"
        self._line(f"{target} = {text}")
        self._line(f"i = {end}")

    def _elements(self, form: Kind | Structure, target: str, length: str) -> None:
        size = least(form, flexible=self._flexible)
        self._refuse(
            f"{_name(target)} has more elements than can be",
            f"{length} * {size} > end - i or {length} > room",
        )
        self._line(f"room -= {length}")
        if isinstance(form, Kind) and form.code is not None and len(form.code) == 1:
            self._line(f"{target} = [*unpack_from(f'>{{{length}}}{form.code}', data, i)]")
            self._line(f"i += {length} * {size}")
            return
        items = self._fresh("a")
        self._line(f"{items} = []")
        with self._under(f"for _ in range({length})"):
            self._line(f"{items}.append({self._element(form)})")
        self._line(f"{target} = {items}")

    def _element(self, form: Kind | Structure) -> str:
        """Write what reads an element; return its name."""
        if isinstance(form, Structure):
            name = self._structure(form)
        else:
            name = self._fresh("v")
            self._value(form, name, nullable=False)
        self._flush()
        return name

    def _tags(self, tagged: tuple[Field, ...], name: str) -> None:
        count = self._fresh("n")
        self._run.add("B", count)
        self._flush()
        with self._under(f"if {count}"):
            if not tagged:
                self._line(f"i, room = skip_tags(data, i, {count}, room)")
                return
            self._finish_varint(count)
            self._refuse("too many tagged fields", f"{count} > room")
            self._line(f"room -= {count}")
            with self._under(f"for _ in range({count})"):
                self._known_tags(tagged, name)

    def _known_tags(self, tagged: tuple[Field, ...], name: str) -> None:
        tag, end = self._fresh("t"), self._fresh("j")
        self._line(f"{tag}, {end}, i = tag_and_end(data, i)")
        word = "if"
        for field in tagged:
            with self._under(f"{word} {tag} == {field.tag}"):
                self._value(field.form, f"{name}.{field.name}", nullable=field.nullable)
                self._flush()
                self._refuse(f"{field.name} does not fill its size", f"i != {end}")
            word = "elif"
        with self._under("else"):
            self._line(f"i = {end}")

    def _finish_varint(self, name: str) -> None:
        with self._under(f"if {name} >= {MORE}"):
            self._line(f"{name}, i = rest_of_varint(data, i, {name})")

    def _refuse(self, text: str, where: str) -> None:
        self._source.refuse(ProtocolError, text, where=where)

    def _flush(self) -> None:
        """Write what reads the run."""
        run, names = self._run.take()
        if run.format == ">B":
            self._line(f"{names[0]} = data[i]")
        elif names:
            self._line(f"{', '.join(names)}, = {self._source.constant(run.unpack_from)}(data, i)")
        if names:
            self._line(f"i += {run.size}")


def _name(target: str) -> str:
    """Return how a refusal calls what is read into a variable or an attribute of one."""
    return target.partition(".")[2] or "an element"
