"""The features in force at a place: what the syntax or edition says, and what options change.

Edition defaults are those of protobuf's `descriptor.proto`; proto2 and proto3 are editions of their
own there, and so they are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from compat.protobuf.syntax import Aggregate, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compat.protobuf.syntax import File, Option, Value


class Features(NamedTuple):
    """The features that change what data or generated code look like, spelt as in a text."""

    field_presence: str
    enum_type: str
    repeated_field_encoding: str
    utf8_validation: str
    message_encoding: str
    json_format: str

    def under(self, options: Sequence[Option]) -> Features:
        """Return the features below an element with these options."""
        if not options:
            return self
        changed = {name: text for name, text in set_features(options) if name in self._fields}
        return self._replace(**changed) if changed else self


PROTO2: Final = Features(
    "EXPLICIT", "CLOSED", "EXPANDED", "NONE", "LENGTH_PREFIXED", "LEGACY_BEST_EFFORT"
)
PROTO3: Final = Features("IMPLICIT", "OPEN", "PACKED", "VERIFY", "LENGTH_PREFIXED", "ALLOW")
EDITIONS: Final = PROTO3._replace(field_presence="EXPLICIT")
_BY_SYNTAX: Final[Mapping[str | None, Features]] = {
    None: PROTO2,
    "proto2": PROTO2,
    "proto3": PROTO3,
}


def defaults_of(file: File) -> Features:
    """Return the features a file begins with."""
    return EDITIONS if file.edition is not None else _BY_SYNTAX[file.syntax]


def set_features(options: Sequence[Option]) -> Iterator[tuple[str, str]]:
    """Yield what options set: `features.a = B`, or `features = { a: B }`."""
    for option in options:
        head, *rest = option.name
        if head.name != "features" or head.is_extension:
            continue
        if not rest:
            yield from _entries(option.value)
        elif len(rest) == 1 and not rest[0].is_extension and isinstance(option.value, Scalar):
            yield rest[0].name, option.value.text


def _entries(value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, Aggregate):
        for entry in value.entries:
            if isinstance(entry.value, Scalar):
                yield entry.name, entry.value.text
