"""Two nodes of different kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.json_schema.kinds import Kind
from compat.json_schema.model import Anything, Nothing
from compat.json_schema.outcomes import side

if TYPE_CHECKING:
    from compat.json_schema.model import Node
    from compat.json_schema.outcomes import Outcome


def unlike(outcome: Outcome, level: int, *, reader: Node, writer: Node) -> None:
    """Say that the type has changed, unless that cannot matter; `level` is how bad it is."""
    if isinstance(writer, Nothing) or isinstance(reader, Anything):
        return
    if reader.is_bytes and writer.is_bytes:
        return
    outcome.add_for(Kind.TYPE_CHANGED, level, reader=side(reader), writer=side(writer))
