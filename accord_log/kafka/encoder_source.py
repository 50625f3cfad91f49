"""The text of an encoder: one function for a message in a version.

It hands the parts of the message to `put`, one after the other; what the message holds as bytes is
handed over as it is.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

from accord_log.kafka.fields import STRING, Kind
from accord_log.kafka.layout import Array, Structure, length_code
from accord_log.kafka.primitives import VARINTS, tagged_field, varint
from accord_log.kafka.source import Run, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.kafka.fields import Buffer, Message
    from accord_log.kafka.layout import Field, Form

    Put: TypeAlias = Callable[[Buffer], None]
    Encode: TypeAlias = Callable[[Message, Put], None]

CONSTANTS = {
    "pack": struct.pack,
    "struct_error": struct.error,
    "varint": varint,
    "VARINTS": VARINTS,
    "tagged_field": tagged_field,
}


class EncoderSource:
    """Writes the function."""

    def __init__(self, structure: Structure, title: str) -> None:
        self._root = structure
        self._flexible = structure.flexible
        self._source = Source(title, dict(CONSTANTS))
        self._line = self._source.line
        self._under = self._source.under
        self._fresh = self._source.fresh
        self._run = Run()
        self._put = "put"

    def compiled(self) -> Encode:
        """Return the function from a message and what takes its parts."""
        with self._under("def encode(m, put)"):
            with self._under("try"):
                self._structure(self._root, "m")
                self._flush()
            with self._under("except struct_error as error"):
                text = f"{self._source.title}: {{error}}"
                self._line(f"raise ValueError(f{text!r}) from error")
        encode: Encode = self._source.compiled("encode")
        return encode

    def _structure(self, structure: Structure, name: str) -> None:
        """Write what writes a structure. The last run is still to be written."""
        for field in structure.fields:
            self._value(field.form, f"{name}.{field.name}", nullable=field.nullable)
        if structure.tagged:
            self._flush()
            self._tags(structure.tagged, name)
        elif structure.flexible:
            self._run.add("x")  # no tagged fields: a zero

    def _value(self, form: Form, value: str, *, nullable: bool) -> None:
        if isinstance(form, Structure):
            self._structure(form, value)
        elif isinstance(form, Kind) and form.code is not None:
            self._run.add(form.code, value)
        else:
            self._sized(form, value, nullable=nullable)

    def _sized(self, form: Kind | Array, value: str, *, nullable: bool) -> None:
        """Write what writes something that has its length before it."""
        content, length = self._fresh("b"), self._fresh("n")
        self._line(f"{content} = {value}")
        if nullable:
            with self._under(f"if {content} is None"):
                self._line(f"{content} = b''")
                self._line(f"{length} = {0 if self._flexible else -1}")
            with self._under("else"):
                self._measured(form, content, length)
        else:
            name = value.partition(".")[2] or "an element"
            self._source.refuse(ValueError, f"{name} may not be null", where=f"{content} is None")
            self._measured(form, content, length)
        self._length(form, length)
        if isinstance(form, Array):
            self._elements(form.of, content)
        else:
            self._line(f"{self._put}({content})")

    def _measured(self, form: Kind | Array, content: str, length: str) -> None:
        if form is STRING:
            self._line(f"{content} = {content}.encode()")
        self._line(f"{length} = len({content}){' + 1' if self._flexible else ''}")

    def _length(self, form: Kind | Array, length: str) -> None:
        if self._flexible:
            self._flush()
            self._varint(length)
        else:
            self._run.add(length_code(form, flexible=False), length)
            self._flush()

    def _varint(self, number: str) -> None:
        self._line(
            f"{self._put}(VARINTS[{number}] if {number} < {len(VARINTS)} else varint({number}))"
        )

    def _elements(self, form: Kind | Structure, content: str) -> None:
        if isinstance(form, Kind) and form.code is not None and len(form.code) == 1:
            self._line(f"{self._put}(pack(f'>{{len({content})}}{form.code}', *{content}))")
            return
        element = self._fresh("e")
        with self._under(f"for {element} in {content}"):
            self._value(form, element, nullable=False)
            self._flush()

    def _tags(self, tagged: tuple[Field, ...], name: str) -> None:
        """Write what writes the tagged fields that are not as they are when they are absent."""
        fields = self._fresh("f")
        self._line(f"{fields} = []")
        for field in tagged:
            value = f"{name}.{field.name}"
            with self._under(f"if {self._is_told(field, value)}"):
                self._tag(field, value, fields)
        with self._under(f"if {fields}"):
            self._varint(f"len({fields})")
            self._line(f"{self._put}(b''.join({fields}))")
        with self._under("else"):
            self._line(f"{self._put}({varint(0)!r})")

    def _is_told(self, field: Field, value: str) -> str:
        if isinstance(field.form, Structure):
            return f"{value} not in (None, {self._source.constant(field.form.made())})"
        return f"{value} != {field.default}"

    def _tag(self, field: Field, value: str, fields: str) -> None:
        parts, outer = self._fresh("p"), self._put
        self._line(f"{parts} = []")
        self._put = f"{parts}.append"
        self._value(field.form, value, nullable=field.nullable)
        self._flush()
        self._put = outer
        self._line(f"{fields}.append(tagged_field({field.tag}, {parts}))")

    def _flush(self) -> None:
        """Write what writes the run."""
        run, names = self._run.take()
        if names:
            self._line(f"{self._put}({self._source.constant(run.pack)}({', '.join(names)}))")
        elif run.size:
            self._line(f"{self._put}({run.pack()!r})")
