"""Who reads which partitions: what the leader of a group decides.

range               of each topic, members in order get runs of partitions
roundrobin          all partitions in a row, dealt out to the members in turn
sticky              even, and everybody keeps what can be kept
cooperative-sticky  the same, but nobody is given what another one still has: it is given up in
                    one generation and given away in the next
"""

from __future__ import annotations

import heapq
from collections import Counter
from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from accord_log.embedded.consumer_protocol import Place, Subscription

    Members: TypeAlias = Mapping[str, Subscription]
    Counts: TypeAlias = Mapping[str, int]
    Assignment: TypeAlias = dict[str, set[Place]]
    Assignor: TypeAlias = Callable[[Members, Counts], Assignment]

COOPERATIVE = "cooperative-sticky"
STICKY = "sticky"
EVEN = 2  # a difference from which on moving one makes it smaller


def by_range(members: Members, counts: Counts) -> Assignment:
    """Assign runs of each topic."""
    assignment: Assignment = {member: set() for member in members}
    for topic, count in sorted(counts.items()):
        takers = _takers(members, topic)
        start = 0
        for number, member in enumerate(takers):
            share = count // len(takers) + (number < count % len(takers))
            assignment[member].update((topic, index) for index in range(start, start + share))
            start += share
    return assignment


def by_round_robin(members: Members, counts: Counts) -> Assignment:
    """Assign in turn; who does not want a topic is passed over."""
    assignment: Assignment = {member: set() for member in members}
    turns = cycle(sorted(members))
    for topic, count in sorted(counts.items()):
        takers = set(_takers(members, topic))
        for index in range(count if takers else 0):
            assignment[next(turn for turn in turns if turn in takers)].add((topic, index))
    return assignment


def by_stickiness(members: Members, counts: Counts) -> Assignment:
    """Assign evenly, with as few changes as that takes."""
    return _Sticky(members, counts).run()


def by_cooperation(members: Members, counts: Counts) -> Assignment:
    """Assign as `by_stickiness`, without what others than the assignee still have."""
    wanted = by_stickiness(members, counts)
    claims = claims_of(members)
    return {
        member: {place for place in places if claims.get(place, {member}) == {member}}
        for member, places in wanted.items()
    }


ASSIGNORS: dict[str, Assignor] = {
    "range": by_range,
    "roundrobin": by_round_robin,
    STICKY: by_stickiness,
    COOPERATIVE: by_cooperation,
}


def claims_of(members: Members) -> dict[Place, set[str]]:
    """Return who says of each partition that he has it."""
    claims: dict[Place, set[str]] = {}
    for member, subscription in members.items():
        for place in subscription.owned:
            claims.setdefault(place, set()).add(member)
    return claims


def _takers(members: Members, topic: str) -> list[str]:
    return sorted(member for member, wants in members.items() if topic in wants.topics)


class _Loads:
    """How much each member has, and who of some has least."""

    def __init__(self, members: Iterable[str]) -> None:
        self.of: Counter[str] = Counter(dict.fromkeys(members, 0))
        self._heaps: dict[tuple[str, ...], list[tuple[int, str]]] = {}

    def lightest(self, takers: tuple[str, ...]) -> str:
        """Return who has least, and of these the first by name."""
        heap = self._heaps.get(takers)
        if heap is None:
            heap = self._heaps[takers] = [(self.of[member], member) for member in takers]
            heapq.heapify(heap)
        while heap[0][0] != self.of[heap[0][1]]:
            member = heap[0][1]
            heapq.heapreplace(heap, (self.of[member], member))
        return heap[0][1]

    def change(self, member: str, by: int) -> None:
        """Note that a member has more or less."""
        self.of[member] += by
        if by < 0:
            # An entry that says too much would be found too late.
            for takers, heap in self._heaps.items():
                if member in takers:
                    heapq.heappush(heap, (self.of[member], member))


class _Sticky:
    def __init__(self, members: Members, counts: Counts) -> None:
        self._members = members
        self._takers = {topic: tuple(_takers(members, topic)) for topic in counts}
        self._places = [
            (topic, index)
            for topic, count in sorted(counts.items())
            if self._takers[topic]
            for index in range(count)
        ]
        self._loads = _Loads(members)
        self._held: dict[str, dict[Place, None]] = {member: {} for member in members}

    def run(self) -> Assignment:
        kept = self._keep()
        # Those that few may have come first: the others can make up for them.
        for place in sorted(
            (place for place in self._places if place not in kept),
            key=lambda place: (len(self._takers[place[0]]), place),
        ):
            self._give(place, self._loads.lightest(self._takers[place[0]]))
        while self._even_out():
            pass
        return {member: set(places) for member, places in self._held.items()}

    def _keep(self) -> set[Place]:
        claims = claims_of(self._members)
        kept = set()
        takers = {topic: set(members) for topic, members in self._takers.items()}
        for place in self._places:
            claimants = claims.get(place, set()) & takers[place[0]]
            if len(claims.get(place, ())) == 1 and claimants:
                self._give(place, next(iter(claimants)))
                kept.add(place)
        return kept

    def _give(self, place: Place, member: str) -> None:
        self._held[member][place] = None
        self._loads.change(member, 1)

    def _even_out(self) -> bool:
        """Move one from who has most of those that can give; the latest given goes first."""
        loads = self._loads
        for member in sorted(self._held, key=lambda name: (-loads.of[name], name)):
            for place in reversed(self._held[member]):
                lightest = loads.lightest(self._takers[place[0]])
                if loads.of[member] - loads.of[lightest] >= EVEN:
                    del self._held[member][place]
                    loads.change(member, -1)
                    self._give(place, lightest)
                    return True
        return False
