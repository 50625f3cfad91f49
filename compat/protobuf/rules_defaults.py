"""The value a reader takes a field for that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.protobuf import descriptor_scalars as scalars
from compat.protobuf.declarations import Enum
from compat.protobuf.syntax import LiteralKind, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.protobuf.declarations import Field

_ZEROS: Final[Mapping[str, str]] = {"string": "", "bytes": ""}
_NUMBERS: Final[Mapping[str, str]] = {"false": "0", "true": "1", "0.0": "0"}


def default_of(field: Field) -> str:
    """Return the default as a descriptor spells it; of an enum or a truth value the
    number, of a message nothing."""
    written = next((option for option in field.node.options if option.dotted == "default"), None)
    value = None if written is None else written.value
    kind = field.type
    if isinstance(kind, Enum):
        return _number(kind, value if isinstance(value, Scalar) else None)
    if not isinstance(kind, str):
        return ""
    text = None
    if isinstance(value, Scalar):
        text = scalars.default_text(kind, value)
    if text is None:
        return _ZEROS.get(kind, "0")
    return text if kind in _ZEROS else _NUMBERS.get(text, text)


def _number(kind: Enum, value: Scalar | None) -> str:
    values = kind.node.values
    if value is not None and value.kind is LiteralKind.IDENTIFIER:
        values = [each for each in values if each.name == value.text] or values
    return str(values[0].number) if values else ""
