"""Where in a file a fault lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.errors import InvalidSchema
from compat.protobuf.syntax import NOWHERE

if TYPE_CHECKING:
    from compat.protobuf.syntax import File


def fault(file: File, message: str, *, at: int = NOWHERE, path: str = "") -> InvalidSchema:
    """Return the error for a place in a file and the full name of what is wrong."""
    line, column = file.place(at) or (None, None)
    return InvalidSchema(message, line=line, column=column, path=path or None)
