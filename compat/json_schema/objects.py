"""Objects, in the order of Confluent 8.3: required, properties, dependencies, the rest, bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat import java_order
from compat.json_schema import rests
from compat.json_schema.kinds import Kind
from compat.json_schema.model import Anything, Nothing
from compat.json_schema.outcomes import FINE, Outcome, side
from compat.json_schema.scalars import bounds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from compat.json_schema.differ import Differ
    from compat.json_schema.model import Object
    from compat.json_schema.outcomes import Walk
    from compat.json_schema.reading import Subschema

OBJECT_BOUNDS = ("maxProperties", "minProperties")


def both(differ: Differ, outcome: Outcome, *, reader: Object, writer: Object) -> Walk:
    differ.spend(len(reader.required) + len(writer.required))
    if reader.required != writer.required:
        required(outcome, reader=reader, writer=writer)
    yield from properties(differ, outcome, reader=reader, writer=writer)
    dependent_names(differ, outcome, reader=reader, writer=writer)
    yield from dependent_schemas(differ, outcome, reader=reader, writer=writer)
    for kinds, mine, other in (
        (rests.ADDITIONAL_PROPERTIES, reader.additional, writer.additional),
        (rests.UNEVALUATED_PROPERTIES, reader.unevaluated, writer.unevaluated),
    ):
        sides = rests.Sides(reader, writer, mine, other)
        yield from rests.both(differ, outcome, kinds, sides)
    bounds(outcome, OBJECT_BOUNDS, reader=reader, writer=writer)


def required(outcome: Outcome, *, reader: Object, writer: Object) -> None:
    """Compare what is required of the properties both sides know."""
    changed = reader.required ^ writer.required
    common = [name for name in writer.properties if name in changed and name in reader.properties]
    order = java_order.of_map(writer.properties) if len(common) > 1 else common
    for name in order:
        if name not in changed or name not in reader.properties:
            continue
        if name in writer.required:
            kind = Kind.REQUIRED_ATTRIBUTE_REMOVED
        elif reader.properties[name].has_default:
            kind = Kind.REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED
        else:
            kind = Kind.REQUIRED_ATTRIBUTE_ADDED
        sides = {"reader": side(reader, "required"), "writer": side(writer, "required")}
        outcome.add(kind, "required", name, **sides)


def properties(differ: Differ, outcome: Outcome, *, reader: Object, writer: Object) -> Walk:
    found: dict[str, Outcome] = {}
    for name, theirs in writer.properties.items():
        ours = reader.properties.get(name)
        single = found[name] = Outcome()
        if ours is None:
            yield from removed(differ, single, name, reader=reader, schema=theirs)
        else:
            pair = differ.pair(ours, theirs)
            if not pair.is_known:
                yield pair
            single.include(pair, "properties", name)
    for name in reader.properties:
        if name not in writer.properties:
            single = found[name] = Outcome()
            yield from added(differ, single, name, reader=reader, writer=writer)
    join(outcome, found, writer.properties, reader.properties)


def join(
    outcome: Outcome,
    found: Mapping[str, Outcome],
    first: Collection[str],
    second: Collection[str],
) -> None:
    """Add what was found about single names, in the order Confluent 8.3 has of them."""
    telling = [name for name, single in found.items() if single.parts or single.level]
    order = java_order.of_union(first, second) if len(telling) > 1 else telling
    for name in order:
        if name in found:
            outcome.join(found[name])


def covering(differ: Differ, model: Object, name: str) -> Subschema | None:
    """Return what a partially open object says of a property it does not name."""
    for pattern, schema in model.patterns.items():
        if differ.patterns.matches(pattern, name):
            return schema
    return model.additional.schema or model.unevaluated.schema


def removed(
    differ: Differ, outcome: Outcome, name: str, *, reader: Object, schema: Subschema
) -> Walk:
    """Compare a property only the writer names with what the reader says of all others."""
    at = ("properties", name)
    if reader.is_open:
        outcome.add(Kind.PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL, *at, writer=side(schema))
        return
    cover = covering(differ, reader, name)
    if cover is None:
        kind = Kind.PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL
        if isinstance(schema.node, Nothing):
            kind = Kind.PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL
        outcome.add(kind, *at, reader=side(reader), writer=side(schema))
        return
    pair = differ.pair(cover, schema)
    if not pair.is_known:
        yield pair
    outcome.include(pair, *at)
    kind = Kind.PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
    if pair.level > FINE:
        kind = Kind.PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
    outcome.add(kind, *at, reader=side(cover), writer=side(schema))


def added(differ: Differ, outcome: Outcome, name: str, *, reader: Object, writer: Object) -> Walk:
    """Compare a property only the reader names with what the writer says of all others."""
    schema = reader.properties[name]
    at = ("properties", name)
    if writer.is_open:
        kind = added_to_open(reader, name)
        outcome.add(kind, *at, reader=side(schema), writer=side(writer))
        return
    cover = covering(differ, writer, name)
    if cover is not None:
        pair = differ.pair(schema, cover)
        if not pair.is_known:
            yield pair
        outcome.include(pair, *at)
        kind = Kind.PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
        if pair.level > FINE:
            kind = Kind.PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
        outcome.add(kind, *at, reader=side(schema), writer=side(cover))
    kind = added_to_unopen(reader, name)
    outcome.add(kind, *at, reader=side(schema), writer=side(writer))


def added_to_open(reader: Object, name: str) -> Kind:
    schema = reader.properties[name]
    if isinstance(schema.node, Anything):
        return Kind.PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL
    if name not in reader.required:
        return Kind.OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL
    if schema.has_default:
        return Kind.REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL
    return Kind.REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL


def added_to_unopen(reader: Object, name: str) -> Kind:
    if name not in reader.required:
        return Kind.OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL
    if reader.properties[name].has_default:
        return Kind.REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL
    return Kind.REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL


def dependent_names(differ: Differ, outcome: Outcome, *, reader: Object, writer: Object) -> None:
    found: dict[str, Outcome] = {}
    for name in {**writer.needed_names, **reader.needed_names}:
        new, old = reader.needed_names.get(name), writer.needed_names.get(name)
        differ.spend(len(new or ()) + len(old or ()) + 1)
        if new != old:
            sides = {"reader": side(reader), "writer": side(writer)}
            single = found[name] = Outcome()
            single.add(change_of_names(new, old), "dependencies", name, **sides)
    join(outcome, found, writer.needed_names, reader.needed_names)


def change_of_names(new: frozenset[str] | None, old: frozenset[str] | None) -> Kind:
    if old is None:
        return Kind.DEPENDENCY_ARRAY_ADDED
    if new is None:
        return Kind.DEPENDENCY_ARRAY_REMOVED
    if new > old:
        return Kind.DEPENDENCY_ARRAY_EXTENDED
    return Kind.DEPENDENCY_ARRAY_NARROWED if new < old else Kind.DEPENDENCY_ARRAY_CHANGED


def dependent_schemas(differ: Differ, outcome: Outcome, *, reader: Object, writer: Object) -> Walk:
    found: dict[str, Outcome] = {}
    for name in {**writer.needed_schemas, **reader.needed_schemas}:
        new, old = reader.needed_schemas.get(name), writer.needed_schemas.get(name)
        single = found[name] = Outcome()
        at = ("dependencies", name)
        if new is None and old is not None:
            single.add(Kind.DEPENDENCY_SCHEMA_REMOVED, *at, writer=side(old))
        elif old is None and new is not None:
            single.add(Kind.DEPENDENCY_SCHEMA_ADDED, *at, reader=side(new))
        elif new is not None and old is not None:
            pair = differ.pair(new, old)
            if not pair.is_known:
                yield pair
            single.include(pair, *at)
    join(outcome, found, writer.needed_schemas, reader.needed_schemas)
