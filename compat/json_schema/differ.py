"""What stands between a writer's data and a reader, found in one walk over both schemas.

The walk is Confluent 8.3's, rule for rule, because its kinds and paths are part of the REST
contract. Each pair of nodes is compared once, on a stack of the walk's own; a pair met again
inside itself counts as fine. Where that turns out wrong, all who relied on it are compared again,
until nothing changes: the levels only ever rise, so that is soon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.errors import TooComplex
from compat.json_schema.comparison import compare
from compat.json_schema.name_patterns import NamePatterns
from compat.json_schema.outcomes import SAME, Outcome, Pair
from compat.json_schema.reading import Reading, Subschema
from compat.json_schema.reporting import findings
from compat.json_schema.shapes import Shapes

if TYPE_CHECKING:
    from compat.finding import Finding
    from compat.json_schema.model import Node
    from compat.json_schema.outcomes import Walk
    from compat.json_schema.schema import JsonSchema

# The budget bounds time (some seconds) and memory (some 100 MB) alike. A step is a glance at a
# name, a keyword or a pair that is known.
MAX_STEPS = 1_000_000
PAIR_STEPS = 3


def differences(*, reader: JsonSchema, writer: JsonSchema) -> tuple[Finding, ...]:
    """Return the findings, breaking or not; TooComplex beyond the step budget."""
    shapes = Shapes()
    sides = Reading(reader, shapes), Reading(writer, shapes)
    return findings(Differ().settled(sides[0].root, sides[1].root))


class Differ:
    """One walk and its memory."""

    def __init__(self) -> None:
        self.patterns = NamePatterns(self.spend)
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._current: Pair | None = None
        self._doubtful: dict[Pair, None] = {}
        self.steps = 0

    def spend(self, steps: int) -> None:
        """Count steps; raises TooComplex naming the place when they are too many."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            place = self._current.writer.place if self._current is not None else None
            path = None if place is None else f"{place.document.uri}#{place.location.pointer}"
            raise TooComplex(f"the comparison takes more than {MAX_STEPS} steps", path=path)

    def settled(self, reader: Subschema, writer: Subschema) -> Pair:
        """Return the pair of two schemas, compared."""
        root = self.pair(reader, writer)
        if not root.is_known:
            self._run(root)
        while self._doubtful:
            pair = next(iter(self._doubtful))
            del self._doubtful[pair]
            self._run(pair)
        return root

    def pair(self, reader: Subschema | Node, writer: Subschema | Node) -> Pair:
        """Return a pair; whoever asks has to yield it unless it is known."""
        self.spend(1)
        if isinstance(reader, Subschema):
            if isinstance(writer, Subschema) and is_same(reader, writer):
                return SAME
            reader = reader.node
        if isinstance(writer, Subschema):
            writer = writer.node
        pair = self._pairs.get((id(reader), id(writer)))
        if pair is None:
            return self._begun(reader, writer)
        return pair

    def _begun(self, reader: Node, writer: Node) -> Pair:
        """Return a new pair, known at once where there is nothing to descend into."""
        self.spend(PAIR_STEPS)
        pair = self._pairs[id(reader), id(writer)] = Pair(reader, writer)
        outcome = Outcome()
        walk = compare(self, outcome, reader=reader, writer=writer)
        if walk is None:
            settle(pair, outcome)
        else:
            pair.walk = outcome, walk
        return pair

    def _run(self, first: Pair) -> None:
        stack: list[tuple[Pair, Outcome, Walk]] = []
        asked: Pair | None = first
        while asked is not None or stack:
            if asked is not None:
                stack.append((asked, *self._walk(asked)))
            pair, outcome, walk = stack[-1]
            self._current = pair
            asked = next(walk, None)
            if asked is None:
                stack.pop()
                self._finish(pair, outcome)
        self._current = None

    def _walk(self, pair: Pair) -> tuple[Outcome, Walk]:
        """Begin a comparison, or begin it again."""
        begun, pair.walk, pair.is_known = pair.walk, None, True
        if begun is not None:
            return begun
        outcome = Outcome()
        walk = compare(self, outcome, reader=pair.reader, writer=pair.writer)
        assert walk is not None, "what has no walk is known at once"
        return outcome, walk

    def _finish(self, pair: Pair, outcome: Outcome) -> None:
        before = pair.level
        settle(pair, outcome)
        if pair.level > before:
            # They relied on less.
            self._doubtful |= pair.askers
            pair.askers = {}


def settle(pair: Pair, outcome: Outcome) -> None:
    pair.parts = outcome.parts
    pair.level = max(pair.level, outcome.level)
    pair.is_known = True
    pair.is_final = not outcome.relied
    for other in outcome.relied:
        if not other.is_final:
            other.askers[pair] = None


def is_same(reader: Subschema, writer: Subschema) -> bool:
    """Tell whether two schemas are written alike and all they mean is in what is written."""
    if reader.shape != writer.shape or reader.refers:
        return False
    return reader.place.location.draft is writer.place.location.draft
