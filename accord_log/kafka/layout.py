"""A message as it stands in one version: the notation of `fields` with the versions resolved."""

from __future__ import annotations

import dataclasses
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from accord_log.kafka.fields import STRING, ArrayKind, Kind, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.kafka.fields import Message


@dataclass(frozen=True, slots=True)
class Array:
    """A sequence in one version."""

    of: Kind | Structure


@dataclass(frozen=True, slots=True)
class Structure:
    """A class in one version. Fields that are not on the wire keep their defaults."""

    made: type
    fields: tuple[Field, ...]
    tagged: tuple[Field, ...]
    absent: tuple[Field, ...]
    flexible: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field in one version; its default is a Python expression."""

    name: str
    form: Form
    nullable: bool
    tag: int | None
    default: str


Form: TypeAlias = Kind | Array | Structure


def layout(message: type[Message], version: int) -> Structure:
    """Return the layout of a request or a response. Raises ValueError for other versions."""
    if version not in message.versions:
        raise ValueError(f"{message.__name__} has no version {version}")
    return _structure(message, version, flexible=version >= message.flexible)


def least(form: Form, *, flexible: bool) -> int:
    """Return how many bytes a form takes at least."""
    if isinstance(form, Structure):
        fields = sum(least(field.form, flexible=flexible) for field in form.fields)
        return fields + flexible
    if isinstance(form, Kind) and form.code is not None:
        return struct.calcsize(f">{form.code}")
    return struct.calcsize(f">{length_code(form, flexible=flexible)}")


def length_code(form: Kind | Array, *, flexible: bool) -> str:
    """Return how `struct` calls a length; of a varint, the first byte."""
    if flexible:
        return "B"
    return "h" if form is STRING else "i"


def _structure(made: type, version: int, *, flexible: bool) -> Structure:
    all_fields = list(_fields(made, version, flexible=flexible))
    present = [field for field, is_present in all_fields if is_present]
    return Structure(
        made,
        tuple(field for field in present if field.tag is None),
        tuple(sorted((f for f in present if f.tag is not None), key=lambda f: f.tag or 0)),
        tuple(field for field, is_present in all_fields if not is_present),
        flexible,
    )


def _fields(made: type, version: int, *, flexible: bool) -> Iterator[tuple[Field, bool]]:
    """Yield each field, and whether it is on the wire."""
    for declared in dataclasses.fields(made):
        wire: Wire = declared.metadata["wire"]
        has_default = declared.default is not dataclasses.MISSING
        yield (
            Field(
                declared.name,
                _form(wire.kind, version, flexible=flexible),
                nullable=wire.null is not None and version >= wire.null,
                tag=wire.tag,
                default=repr(declared.default) if has_default else "[]",
            ),
            version >= wire.since and (wire.until is None or version <= wire.until),
        )


def _form(kind: Kind | ArrayKind | type, version: int, *, flexible: bool) -> Form:
    if isinstance(kind, Kind):
        return kind
    if isinstance(kind, ArrayKind):
        of = kind.of
        return Array(of if isinstance(of, Kind) else _structure(of, version, flexible=flexible))
    return _structure(kind, version, flexible=flexible)
