"""Bounded memory of answers."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from accord_serde._bundle import Bundle
from accord_serde._call import Forget, Memory, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

PAST = float("-inf")
WATCHED = 1.0  # seconds by which an answer may be used longer than it is kept


class Shelf:
    """Keeps the answers used last, each of them fresh for `ttl` seconds.

    A reader takes `generation` before it asks the registry and hands it to `put`: an answer that
    was under way while its subject was dropped is then not kept. Old answers stay, for when no
    node answers; a shelf where nothing is ever fresh keeps nothing unless it `keeps_old` ones.
    """

    def __init__(
        self,
        capacity: int,
        *,
        ttl: float = float("inf"),
        keeps_old: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity if ttl > 0 or keeps_old else 0
        self._ttl = ttl
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Slot, tuple[float, Any]] = OrderedDict()
        self.generation = 0

    @property
    def is_bare(self) -> bool:
        """Tell whether nothing here may be even a moment old."""
        return self._ttl <= 0

    def watch(self) -> Callable[[], bool]:
        """Return a function that says no once something was dropped, or soon enough by itself."""
        generation, clock = self.generation, self._clock
        deadline = clock() + min(self._ttl, WATCHED)
        return lambda: self.generation == generation and clock() < deadline

    def get(self, slot: Slot) -> Any:
        """Return what is kept and fresh, or None."""
        with self._lock:
            found = self._kept.get(slot)
            if found is None or found[0] <= self._clock():
                return None
            self._kept.move_to_end(slot)
            return found[1]

    def old(self, slot: Slot) -> Any:
        """Return what is kept, however old, or None."""
        with self._lock:
            found = self._kept.get(slot)
            if found is None:
                return None
            self._kept.move_to_end(slot)
            return found[1]

    def put(self, slot: Slot, value: object, generation: int) -> None:
        with self._lock:
            if generation == self.generation:
                self._keep(slot, value, self._clock() + self._ttl)

    def put_old(self, slot: Slot, value: object) -> None:
        """Keep an answer that is old already, unless there is a better one."""
        with self._lock:
            if slot not in self._kept:
                self._keep(slot, value, PAST)

    def _keep(self, slot: Slot, value: object, deadline: float) -> None:
        if self._capacity <= 0:
            return
        self._kept[slot] = (deadline, value)
        self._kept.move_to_end(slot)
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    def drop(self, subject: str | None) -> None:
        """Forget what belongs to a subject; None stands for everything."""
        with self._lock:
            self.generation += 1
            for slot in self._of(subject):
                del self._kept[slot]

    def age(self, subject: str | None) -> None:
        """Take what belongs to a subject for old; None stands for everything."""
        with self._lock:
            self.generation += 1
            for slot in self._of(subject):
                self._kept[slot] = (PAST, self._kept[slot][1])

    def _of(self, subject: str | None) -> list[Slot]:
        return [slot for slot in self._kept if subject is None or slot.subject == subject]

    def answers(self) -> dict[Slot, Any]:
        with self._lock:
            return {slot: value for slot, (_, value) in self._kept.items()}


class Memories:
    """What a client remembers, and the bundle it was given to start with."""

    def __init__(self, capacity: int, *, latest_ttl: float, bundle: Bundle = Bundle.EMPTY) -> None:
        self._shelves = {
            Memory.CONTENT: Shelf(capacity),
            Memory.PLACE: Shelf(capacity),
            Memory.LATEST: Shelf(capacity, ttl=latest_ttl),
            Memory.ASSOCIATION: Shelf(capacity, ttl=0, keeps_old=True),
        }
        self._bundle = bundle
        self._disproved: set[tuple[Memory, str | None]] = set()

    def shelf(self, slot: Slot) -> Shelf:
        return self._shelves[slot.memory]

    def old(self, slot: Slot) -> Any:
        """Return what to say while no node answers, or None."""
        shelf = self._shelves[slot.memory]
        found = shelf.old(slot)
        if found is None and self._is_believed(slot):
            found = self._bundle.answer(slot)
            if found is not None:
                shelf.put_old(slot, found)
        return found

    def _is_believed(self, slot: Slot) -> bool:
        """Tell whether nothing was done since that makes the bundle wrong."""
        return self._disproved.isdisjoint([(slot.memory, slot.subject), (slot.memory, None)])

    def note(self, change: Forget, *, is_in_doubt: bool = False) -> None:
        """Forget what a change makes wrong; keep it as old where nobody answered the request."""
        for memory in change.memories:
            if is_in_doubt:
                self._shelves[memory].age(change.subject)
                continue
            self._shelves[memory].drop(change.subject)
            if self._bundle.answers:
                self._disproved.add((memory, change.subject))

    def watch_latest(self) -> Callable[[], bool]:
        """Return a function that tells whether what is known of latest versions still holds."""
        return self._shelves[Memory.LATEST].watch()

    def clear_latest(self) -> None:
        self._shelves[Memory.LATEST].drop(None)

    def clear(self) -> None:
        for shelf in self._shelves.values():
            shelf.drop(None)

    def answers(self) -> dict[Slot, Any]:
        """Return all that is known, the bundle's part of it included."""
        known = {slot: self._bundle.answers[slot] for slot in self._bundle.answers}
        known = {slot: answer for slot, answer in known.items() if self._is_believed(slot)}
        for shelf in self._shelves.values():
            known |= shelf.answers()
        return known
