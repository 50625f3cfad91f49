"""Partners for as many as possible: a maximum matching in a bipartite graph.

Edges are asked for one by one, for most are never needed. The search is breadth first from each
side that is still alone, along paths that change partners; what such a search has reached in vain
no later search needs to look at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from compat.json_schema.outcomes import Pair, Walk

# Between more pairs than this, the first who stays alone ends the search: that some stay alone is
# known then, and who the others' partners would be only adds what breaks nothing.
EXHAUSTIVE = 10_000


class Matching:
    """A search between lefts and rights, of whom the lefts are not more.

    An edge is there when the pair is at most `level`. `likely` are the partners to try first.
    """

    def __init__(
        self,
        sizes: tuple[int, int],
        pair: Callable[[int, int], Pair],
        *,
        level: int,
        likely: Mapping[int, int],
    ) -> None:
        self.lefts, self.rights = sizes
        self.pair = pair
        self.level = level
        self.likely = likely
        self.of_left: dict[int, int] = {}
        self.of_right: dict[int, int] = {}
        self.exhausted: set[int] = set()

    def search(self) -> Walk:
        """Find the partners."""
        for left, right in self.likely.items():
            if right not in self.of_right and (yield from self.has_edge(left, right)):
                self.of_left[left], self.of_right[right] = right, left
        for left in range(self.lefts):
            if left in self.of_left or (yield from self.finds_partner(left)):
                continue
            if self.lefts * self.rights > EXHAUSTIVE:
                return

    def has_edge(self, left: int, right: int) -> Generator[Pair, None, bool]:
        pair = self.pair(left, right)
        if not pair.is_known:
            yield pair
        return pair.level <= self.level

    def finds_partner(self, left: int) -> Generator[Pair, None, bool]:
        """Look for a partner, others changing theirs if need be."""
        reached: dict[int, int] = {}
        queue = [left]
        for here in queue:
            for right in self.candidates(here):
                if right in reached or right in self.exhausted:
                    continue
                if not (yield from self.has_edge(here, right)):
                    continue
                reached[right] = here
                owner = self.of_right.get(right)
                if owner is None:
                    self.change_partners(right, reached)
                    return True
                queue.append(owner)
        self.exhausted |= reached.keys()
        return False

    def candidates(self, left: int) -> Iterator[int]:
        """Yield everybody, whoever stands nearest first."""
        yield left
        for distance in range(1, self.rights):
            if left >= distance:
                yield left - distance
            if left + distance < self.rights:
                yield left + distance

    def change_partners(self, right: int, reached: Mapping[int, int]) -> None:
        """Go back the way the search came, giving each its new partner."""
        at: int | None = right
        while at is not None:
            left = reached[at]
            before = self.of_left.get(left)
            self.of_left[left], self.of_right[at] = at, left
            at = before
