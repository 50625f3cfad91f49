"""Options that two declarations set to different values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.protobuf.syntax import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from compat.protobuf.syntax import Option, Value


def changed_options(
    reader: Iterable[Option], writer: Iterable[Option], defaults: Mapping[str, str]
) -> list[str]:
    """Return the names of the options that differ; `defaults` are the values when unset."""
    new, old = _values(reader), _values(writer)
    return [
        name
        for name in dict.fromkeys((*old, *new))
        if _shown(new.get(name), defaults.get(name)) != _shown(old.get(name), defaults.get(name))
    ]


def _values(options: Iterable[Option]) -> dict[str, Value]:
    return {option.dotted: option.value for option in options}


def _shown(value: Value | None, default: str | None) -> object:
    if value is None:
        return default
    return value.text if isinstance(value, Scalar) else repr(value)
