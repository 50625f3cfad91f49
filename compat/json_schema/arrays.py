"""Arrays, in the order of Confluent 8.3: items, the listed ones, the rest, bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.json_schema import rests
from compat.json_schema.kinds import Kind
from compat.json_schema.model import Anything, Nothing
from compat.json_schema.outcomes import FINE, side
from compat.json_schema.scalars import bounds, changed

if TYPE_CHECKING:
    from compat.json_schema.differ import Differ
    from compat.json_schema.model import Array
    from compat.json_schema.outcomes import Outcome, Walk
    from compat.json_schema.reading import Subschema

ITEM_BOUNDS = ("maxItems", "minItems")
CONTAINS_BOUNDS = ("maxContains", "minContains")


def both(differ: Differ, outcome: Outcome, *, reader: Array, writer: Array) -> Walk:
    yield from every(differ, outcome, reader=reader, writer=writer)
    yield from listed(differ, outcome, reader=reader, writer=writer)
    for kinds, mine, other in (
        (rests.ADDITIONAL_ITEMS, reader.additional, writer.additional),
        (rests.UNEVALUATED_ITEMS, reader.unevaluated, writer.unevaluated),
    ):
        sides = rests.Sides(reader, writer, mine, other)
        yield from rests.both(differ, outcome, kinds, sides)
    bounds(outcome, ITEM_BOUNDS, reader=reader, writer=writer)
    if reader.is_unique != writer.is_unique:
        kind = Kind.UNIQUE_ITEMS_ADDED if reader.is_unique else Kind.UNIQUE_ITEMS_REMOVED
        changed(outcome, kind, "uniqueItems", reader=reader, writer=writer)
    bounds(outcome, CONTAINS_BOUNDS, reader=reader, writer=writer)


def every(differ: Differ, outcome: Outcome, *, reader: Array, writer: Array) -> Walk:
    """Compare what every item must be."""
    new, old = reader.every, writer.every
    if new is not None and old is not None:
        pair = differ.pair(new, old)
        if not pair.is_known:
            yield pair
        outcome.include(pair, "items")
    elif new is not None:
        outcome.add(Kind.SCHEMA_ADDED, "items", reader=side(new), writer=side(writer))
    elif old is not None:
        outcome.add(Kind.SCHEMA_REMOVED, "items", reader=side(reader), writer=side(old))


def listed(differ: Differ, outcome: Outcome, *, reader: Array, writer: Array) -> Walk:
    """Compare the items that are listed one by one."""
    common = min(len(reader.items), len(writer.items))
    for index in range(common):
        pair = differ.pair(reader.items[index], writer.items[index])
        if not pair.is_known:
            yield pair
        outcome.include(pair, "items", str(index))
    for index, schema in enumerate(writer.items[common:], common):
        yield from removed(differ, outcome, index, reader=reader, schema=schema)
    for index, schema in enumerate(reader.items[common:], common):
        yield from added(differ, outcome, index, schema=schema, writer=writer)


def removed(
    differ: Differ, outcome: Outcome, index: int, *, reader: Array, schema: Subschema
) -> Walk:
    """Compare an item only the writer lists with what the reader says of all others."""
    at = ("items", str(index))
    cover = reader.partial
    if reader.is_open:
        outcome.add(Kind.ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL, *at, writer=side(schema))
    elif cover is None:
        kind = Kind.ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL
        if isinstance(schema.node, Nothing):
            kind = Kind.ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL
        outcome.add(kind, *at, reader=side(reader), writer=side(schema))
    else:
        pair = differ.pair(cover, schema)
        if not pair.is_known:
            yield pair
        outcome.include(pair, *at)
        sides = {"reader": side(cover), "writer": side(schema)}
        if pair.level > FINE:
            kind = Kind.ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
            outcome.add_for(kind, pair.level, *at, **sides)
        else:
            kind = Kind.ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
            outcome.add(kind, *at, **sides)


def added(
    differ: Differ, outcome: Outcome, index: int, *, schema: Subschema, writer: Array
) -> Walk:
    """Compare an item only the reader lists with what the writer says of all others."""
    at = ("items", str(index))
    cover = writer.partial
    if writer.is_open:
        kind = Kind.ITEM_ADDED_TO_OPEN_CONTENT_MODEL
        if isinstance(schema.node, Anything):
            kind = Kind.ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL
        outcome.add(kind, *at, reader=side(schema), writer=side(writer))
    elif cover is None:
        kind = Kind.ITEM_ADDED_TO_CLOSED_CONTENT_MODEL
        outcome.add(kind, *at, reader=side(schema), writer=side(writer))
    else:
        pair = differ.pair(schema, cover)
        if not pair.is_known:
            yield pair
        outcome.include(pair, *at)
        sides = {"reader": side(schema), "writer": side(cover)}
        if pair.level > FINE:
            kind = Kind.ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
            outcome.add_for(kind, pair.level, *at, **sides)
        else:
            kind = Kind.ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
            outcome.add(kind, *at, **sides)
