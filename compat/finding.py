"""A difference between two schemas, as data; what it means is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from enum import StrEnum


class Spot(NamedTuple):
    """The place of a finding in one of the two schemas, and what stands there.

    `path` is a JSON pointer into the text for Avro and JSON Schema, a full name for Protobuf. In a
    referenced schema the reference's name stands before it, as in `com.example.Money#/fields/0`.
    """

    path: str
    fragment: object  # of the format's own model; its module shows it as text


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: its kind, its place, and the fragment of text that completes its sentence.

    `path` is the place as the REST contract words it; `detail` is what the contract calls
    `additionalInfo` where the format has it. A side on which nothing stands has no spot.
    """

    kind: StrEnum
    path: str
    detail: str = ""
    reader: Spot | None = field(default=None, compare=False, repr=False)
    writer: Spot | None = field(default=None, compare=False, repr=False)


class Advice(NamedTuple):
    """A finding in plain words: what a reader runs into, and the smallest change that ends it."""

    sentence: str
    fix: str


class Witness(NamedTuple):
    """A message that its writer takes and the reader does not, or reads as something else.

    `message` is a JSON text; `encoded` are the bytes, where the format has any. `failure` is what
    the reader says, or what it reads instead.
    """

    message: str
    failure: str
    encoded: bytes = b""
