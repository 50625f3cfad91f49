"""`allOf`, `anyOf`, `oneOf` and `not`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.json_schema.kinds import Kind
from compat.json_schema.matching import Matching
from compat.json_schema.outcomes import FATAL, FINE, TOLERABLE, side
from compat.json_schema.unlikeness import unlike

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from compat.json_schema.differ import Differ
    from compat.json_schema.model import Combination, Negation, Node
    from compat.json_schema.outcomes import Outcome, Pair, Walk


def into(differ: Differ, outcome: Outcome, *, reader: Combination, writer: Node) -> Walk:
    """Compare what is no combination with one: some branch has to take it."""
    pairs: list[Pair] = []
    for branch in reader.branches if reader.criterion != "allOf" or reader.only else ():
        pair = differ.pair(branch.part, writer)
        if not pair.is_known:
            yield pair
        if pair.level == FINE:
            outcome.include(pair)
            if not reader.only:
                outcome.add(Kind.SUM_TYPE_EXTENDED, reader=side(reader), writer=side(writer))
            return
        pairs.append(pair)
    unlike(outcome, least(outcome, pairs), reader=reader, writer=writer)


def out_of(differ: Differ, outcome: Outcome, *, reader: Node, writer: Combination) -> Walk:
    """Compare a combination with what is none: one of the things that all hold is enough."""
    pairs: list[Pair] = []
    for branch in writer.branches if writer.criterion == "allOf" or writer.only else ():
        pair = differ.pair(reader, branch.part)
        if not pair.is_known:
            yield pair
        if pair.level == FINE:
            outcome.include(pair)
            if not writer.only:
                outcome.add(Kind.PRODUCT_TYPE_NARROWED, reader=side(reader), writer=side(writer))
            return
        pairs.append(pair)
    unlike(outcome, least(outcome, pairs), reader=reader, writer=writer)


def least(outcome: Outcome, pairs: Sequence[Pair]) -> int:
    """Return how bad the best of some pairs is, none of which is fine."""
    tolerable = [pair for pair in pairs if pair.level < FATAL]
    outcome.rely(tolerable[:1])
    return TOLERABLE if tolerable else FATAL


def both(differ: Differ, outcome: Outcome, *, reader: Combination, writer: Combination) -> Walk:
    """Compare two combinations: the branches of the shorter one each need a partner."""
    kind = change_of_criterion(reader=reader, writer=writer)
    sides = {"reader": side(reader), "writer": side(writer)}
    if kind is not None:
        outcome.add(kind, **sides)
    if kind is Kind.COMBINED_TYPE_CHANGED:
        return
    if len(writer.branches) < len(reader.branches):
        is_product = reader.criterion == "allOf"
        outcome.add(Kind.PRODUCT_TYPE_EXTENDED if is_product else Kind.SUM_TYPE_EXTENDED, **sides)
    elif len(writer.branches) > len(reader.branches):
        is_product = writer.criterion == "allOf"
        outcome.add(Kind.PRODUCT_TYPE_NARROWED if is_product else Kind.SUM_TYPE_NARROWED, **sides)
    yield from branches(differ, outcome, reader=reader, writer=writer)


def change_of_criterion(*, reader: Combination, writer: Combination) -> Kind | None:
    """Name a change between `allOf`, `anyOf` and `oneOf`; of one branch they say the same."""
    if reader.criterion == writer.criterion:
        return None
    means_less = (
        reader.criterion == "anyOf"
        or (reader.only and writer.only)
        or (writer.only and reader.criterion == "oneOf")
        or (reader.only and writer.criterion == "allOf")
    )
    return Kind.COMBINED_TYPE_EXTENDED if means_less else Kind.COMBINED_TYPE_CHANGED


def branches(differ: Differ, outcome: Outcome, *, reader: Combination, writer: Combination) -> Walk:
    found = yield from partners(differ, FINE, reader=reader, writer=writer)
    for index, pair in found:
        outcome.include(pair, writer.criterion, str(writer.branches[index].number))
    wanted = min(len(reader.branches), len(writer.branches))
    if len(found) == wanted:
        return
    found = yield from partners(differ, TOLERABLE, reader=reader, writer=writer)
    level = FATAL
    if len(found) == wanted:
        level = TOLERABLE
        outcome.rely(pair for _, pair in found)
    kind = Kind.COMBINED_TYPE_SUBSCHEMAS_CHANGED
    outcome.add_for(kind, level, reader=side(reader), writer=side(writer))


def partners(
    differ: Differ, level: int, *, reader: Combination, writer: Combination
) -> Generator[Pair, None, list[tuple[int, Pair]]]:
    """Return pairs of branches, each used once, with the writer's index: as many as possible."""
    likely = written_alike(reader=reader, writer=writer)

    def pair(mine: int, other: int) -> Pair:
        return differ.pair(reader.branches[mine].part, writer.branches[other].part)

    if len(writer.branches) <= len(reader.branches):
        matching = Matching(
            (len(writer.branches), len(reader.branches)),
            lambda left, right: pair(right, left),
            level=level,
            likely={other: mine for mine, other in likely},
        )
        yield from matching.search()
        found = matching.of_left
    else:
        matching = Matching(
            (len(reader.branches), len(writer.branches)), pair, level=level, likely=dict(likely)
        )
        yield from matching.search()
        found = matching.of_right
    return [(other, pair(mine, other)) for other, mine in sorted(found.items())]


def written_alike(*, reader: Combination, writer: Combination) -> list[tuple[int, int]]:
    """Return the branches that stand in both, by their indexes in the reader and the writer."""
    known = {branch.shape: index for index, branch in enumerate(reader.branches)}
    return [
        (known[branch.shape], index)
        for index, branch in enumerate(writer.branches)
        if branch.shape is not None and branch.shape in known
    ]


def negations(differ: Differ, outcome: Outcome, *, reader: Negation, writer: Negation) -> Walk:
    """Compare what is excluded the other way round: who excludes less takes more."""
    pair = differ.pair(writer.excluded, reader.excluded)
    if not pair.is_known:
        yield pair
    sides = {"reader": side(reader, "not"), "writer": side(writer, "not")}
    if pair.level > FINE:
        outcome.rely([pair])
        outcome.add_for(Kind.NOT_TYPE_EXTENDED, pair.level, "not", **sides)
    else:
        outcome.add_about(pair, Kind.NOT_TYPE_NARROWED, "not", **sides)
