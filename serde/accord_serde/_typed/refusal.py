"""The error of a class that cannot be derived, which names the field."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_serde._typed.shapes import Field, Record


class Refusal(TypeError):
    """Name the class, the field and what to do."""


@contextmanager
def at(record: Record, field: Field) -> Iterator[None]:
    """Add class and field to a TypeError that does not name them yet."""
    try:
        yield
    except Refusal:
        raise
    except TypeError as error:
        raise Refusal(f"{record.name}.{field.attribute}: {error}") from error
