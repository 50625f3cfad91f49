"""A difference between two schemas, as data; what it means is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: its kind, its place, and the fragment of text that completes its sentence.

    `path` is a JSON pointer into the reader schema; `detail` is what the REST contract calls
    `additionalInfo` where the format has it.
    """

    kind: StrEnum
    path: str
    detail: str = ""
