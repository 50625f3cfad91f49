"""What is found while two schemas are compared: linked, never copied, put into words last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from compat.json_schema.documents import Document
from compat.json_schema.kinds import BREAKING, TWINS, Kind
from compat.json_schema.library import Target
from compat.json_schema.model import Anything
from compat.level import Policy

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from compat.json_schema.model import Node
    from compat.json_schema.reading import Subschema

    Steps: TypeAlias = tuple[str, ...]
    Part: TypeAlias = "Difference | Link"

# A comparison under way: it yields the pairs it has to know before it can go on.
Walk: TypeAlias = "Generator[Pair, None, None]"

# How bad a difference is.
FINE, TOLERABLE, FATAL = 0, 1, 2  # for every policy; for LENIENT; for none

LEVELS: Mapping[Kind, int] = {
    kind: (kind in BREAKING[Policy.STRICT]) + (kind in BREAKING[Policy.LENIENT]) for kind in Kind
}


class Side(NamedTuple):
    """What stands on one side: a schema, or what one of its keywords says."""

    place: Target
    keyword: str = ""


class Difference(NamedTuple):
    """One finding to be; the steps lead to it from the pair it was found in.

    If it is about the differences of another pair, it is none unless that has any.
    """

    kind: Kind
    steps: Steps
    reader: Side | None
    writer: Side | None
    about: Pair | None = None


class Link(NamedTuple):
    """The findings of another pair, the steps away."""

    pair: Pair
    steps: Steps


class Outcome:
    """What was found in one pair, and how bad that is.

    `relied` are the pairs that would make it worse if they were worse.
    """

    __slots__ = ("level", "parts", "relied")

    def __init__(self) -> None:
        self.level = FINE
        self.parts: list[Part] = []
        self.relied: list[Pair] = []

    def add(
        self, kind: Kind, *steps: str, reader: Side | None = None, writer: Side | None = None
    ) -> None:
        self.parts.append(Difference(kind, steps, reader, writer))
        self.level = max(self.level, LEVELS[kind])

    def add_for(
        self, kind: Kind, level: int, *steps: str, reader: Side | None, writer: Side | None
    ) -> None:
        """Add what is as bad as something else, which is not FINE."""
        if level == TOLERABLE:
            kind = TWINS.get(kind, kind)
        self.add(kind, *steps, reader=reader, writer=writer)

    def add_about(self, pair: Pair, kind: Kind, *steps: str, reader: Side, writer: Side) -> None:
        """Add what there is to say of another pair that is fine, if it is not simply the same."""
        if not pair.is_final or pair.parts:
            self.parts.append(Difference(kind, steps, reader, writer, pair))
            self.relied.append(pair)

    def include(self, pair: Pair, *steps: str) -> None:
        if pair.is_final and not pair.parts:
            return
        self.parts.append(Link(pair, steps))
        self.relied.append(pair)
        self.level = max(self.level, pair.level)

    def rely(self, pairs: Iterable[Pair]) -> None:
        self.relied += pairs

    def join(self, other: Outcome) -> None:
        self.parts += other.parts
        self.relied += other.relied
        self.level = max(self.level, other.level)


class Pair:
    """Two nodes under comparison.

    `level` is right in the end; until then it is at most that, so that a pair is fine inside
    itself until proved otherwise. `askers` are the pairs that relied on it.
    """

    __slots__ = ("askers", "is_final", "is_known", "level", "parts", "reader", "walk", "writer")

    def __init__(self, reader: Node, writer: Node) -> None:
        self.reader = reader
        self.writer = writer
        self.is_known = False
        self.is_final = False  # it relied on no other
        self.level = FINE
        self.parts: Sequence[Part] = ()
        self.askers: dict[Pair, None] = {}
        self.walk: tuple[Outcome, Walk] | None = None  # not yet begun


def side(part: Subschema | Node, keyword: str = "") -> Side:
    return Side(part.place, keyword)


def same() -> Pair:
    """Return the pair that stands for all that are plainly the same."""
    document = Document({})
    node = Anything(Target(document, document.root))
    pair = Pair(node, node)
    pair.is_known = pair.is_final = True
    return pair


SAME = same()
