"""What holds for all that is not named: `additionalProperties`, `unevaluatedItems` and the like.

writer           reader           kind
---------------  ---------------  ---------
false            anything         ADDED
anything         false            REMOVED
true             a schema         NARROWED
a schema         true             EXTENDED
a schema         a schema         whatever there is between the schemas
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from compat.json_schema.kinds import Kind
from compat.json_schema.outcomes import side

if TYPE_CHECKING:
    from compat.json_schema.differ import Differ
    from compat.json_schema.model import Node, Rest
    from compat.json_schema.outcomes import Outcome, Walk


class Kinds(NamedTuple):
    """What the four changes of one keyword are called."""

    keyword: str
    added: Kind
    removed: Kind
    narrowed: Kind
    extended: Kind


class Sides(NamedTuple):
    """The two nodes, and what each of them says under the keyword."""

    reader: Node
    writer: Node
    new: Rest
    old: Rest


def kinds_of(keyword: str, name: str) -> Kinds:
    changes = ("ADDED", "REMOVED", "NARROWED", "EXTENDED")
    return Kinds(keyword, *(Kind[f"{name}_{change}"] for change in changes))


ADDITIONAL_PROPERTIES = kinds_of("additionalProperties", "ADDITIONAL_PROPERTIES")
UNEVALUATED_PROPERTIES = kinds_of("unevaluatedProperties", "UNEVALUATED_PROPERTIES")
ADDITIONAL_ITEMS = kinds_of("additionalItems", "ADDITIONAL_ITEMS")
UNEVALUATED_ITEMS = kinds_of("unevaluatedItems", "UNEVALUATED_ITEMS")


def both(differ: Differ, outcome: Outcome, kinds: Kinds, sides: Sides) -> Walk:
    new, old = sides.new, sides.old
    if new.schema is not None and old.schema is not None:
        pair = differ.pair(new.schema, old.schema)
        if not pair.is_known:
            yield pair
        outcome.include(pair, kinds.keyword)
        return
    kind: Kind | None = None
    if new.is_allowed != old.is_allowed:
        kind = kinds.added if new.is_allowed else kinds.removed
    elif new.schema is not None:
        kind = kinds.narrowed
    elif old.schema is not None:
        kind = kinds.extended
    if kind is not None:
        outcome.add(
            kind,
            kinds.keyword,
            reader=side(sides.reader, kinds.keyword),
            writer=side(sides.writer, kinds.keyword),
        )
