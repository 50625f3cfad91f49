"""Which rules hold for a pair of nodes.

writer        reader         rule
------------  -------------  ------------------------------------------------------------
combination   combination    combinations.both
other         combination    combinations.into: some branch takes it
combination   other          combinations.out_of: some part of it is enough
one kind      the same kind  what the kind has to say
one kind      another        unlike: fine only from Nothing and into Anything
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.json_schema import arrays, combinations, objects, scalars
from compat.json_schema.kinds import Kind
from compat.json_schema.model import (
    Array,
    Combination,
    Constant,
    Dangling,
    Enumeration,
    Negation,
    Number,
    Object,
    Plain,
    Text,
)
from compat.json_schema.outcomes import FATAL, side
from compat.json_schema.unlikeness import unlike

if TYPE_CHECKING:
    from compat.json_schema.differ import Differ
    from compat.json_schema.model import Node
    from compat.json_schema.outcomes import Outcome, Walk


def compare(differ: Differ, outcome: Outcome, *, reader: Node, writer: Node) -> Walk | None:
    """Find what there is to be found at once; return what takes knowing other pairs."""
    if isinstance(reader, Combination):
        if isinstance(writer, Combination):
            annotated(outcome, reader=reader, writer=writer)
            return combinations.both(differ, outcome, reader=reader, writer=writer)
        return combinations.into(differ, outcome, reader=reader, writer=writer)
    if isinstance(writer, Combination):
        return combinations.out_of(differ, outcome, reader=reader, writer=writer)
    if type(reader) is not type(writer):
        unlike(outcome, FATAL, reader=reader, writer=writer)
        return None
    annotated(outcome, reader=reader, writer=writer)
    return alike(differ, outcome, reader=reader, writer=writer)


def alike(differ: Differ, outcome: Outcome, *, reader: Node, writer: Node) -> Walk | None:
    """Compare two nodes of one kind."""
    match reader, writer:
        case Object(), Object():
            return objects.both(differ, outcome, reader=reader, writer=writer)
        case Array(), Array():
            return arrays.both(differ, outcome, reader=reader, writer=writer)
        case Negation(), Negation():
            return combinations.negations(differ, outcome, reader=reader, writer=writer)
        case Text(), Text():
            scalars.texts(outcome, reader=reader, writer=writer)
        case Number(), Number():
            differ.spend(scalars.weight(reader, writer))
            scalars.numbers(outcome, reader=reader, writer=writer)
        case Enumeration(), Enumeration():
            differ.spend(len(reader.values) + len(writer.values))
            scalars.enumerations(outcome, reader=reader, writer=writer)
        case Constant(), Constant() if reader.value != writer.value:
            outcome.add(
                Kind.ENUM_ARRAY_CHANGED,
                "const",
                reader=side(reader, "const"),
                writer=side(writer, "const"),
            )
        case (Plain(type=mine), Plain(type=other)) | (
            Dangling(reference=mine),
            Dangling(reference=other),
        ) if mine != other:
            unlike(outcome, FATAL, reader=reader, writer=writer)
    return None


ANNOTATIONS = (
    (Kind.ID_CHANGED, "id"),
    (Kind.TITLE_CHANGED, "title"),
    (Kind.DESCRIPTION_CHANGED, "description"),
    (Kind.DEFAULT_CHANGED, "default"),
)


def annotated(outcome: Outcome, *, reader: Node, writer: Node) -> None:
    if reader.annotations == writer.annotations:
        return
    for kind, name in ANNOTATIONS:
        if getattr(reader.annotations, name) != getattr(writer.annotations, name):
            outcome.add(kind, reader=side(reader), writer=side(writer))
