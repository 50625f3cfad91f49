"""Bounded memory of answers."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from accord_serde._call import Forget, Memory, Slot

if TYPE_CHECKING:
    from collections.abc import Callable


class Shelf:
    """Keeps the answers used last, each for at most `ttl` seconds.

    A reader takes `generation` before it asks the registry and hands it to `put`: an answer that
    was under way while its subject was dropped is then not kept.
    """

    def __init__(
        self,
        capacity: int,
        *,
        ttl: float = float("inf"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._ttl = ttl
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Slot, tuple[float, Any]] = OrderedDict()
        self.generation = 0

    @property
    def is_bare(self) -> bool:
        """Tell whether nothing here may be even a moment old."""
        return self._ttl <= 0

    def get(self, slot: Slot) -> Any:  # noqa: ANN401 - the slot's call knows the type
        """Return what is kept, or None."""
        with self._lock:
            found = self._kept.get(slot)
            if found is None:
                return None
            deadline, value = found
            if deadline <= self._clock():
                del self._kept[slot]
                return None
            self._kept.move_to_end(slot)
            return value

    def put(self, slot: Slot, value: object, generation: int) -> None:
        with self._lock:
            if generation != self.generation or self._capacity <= 0 or self._ttl <= 0:
                return
            self._kept[slot] = (self._clock() + self._ttl, value)
            self._kept.move_to_end(slot)
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)

    def drop(self, subject: str) -> None:
        with self._lock:
            self.generation += 1
            for slot in [slot for slot in self._kept if slot.subject == subject]:
                del self._kept[slot]

    def clear(self) -> None:
        with self._lock:
            self.generation += 1
            self._kept.clear()


class Memories:
    """The three shelves of a client."""

    def __init__(self, capacity: int, *, latest_ttl: float) -> None:
        self._shelves = {
            Memory.CONTENT: Shelf(capacity),
            Memory.PLACE: Shelf(capacity),
            Memory.LATEST: Shelf(capacity, ttl=latest_ttl),
        }

    def shelf(self, slot: Slot) -> Shelf:
        return self._shelves[slot.memory]

    def forget(self, change: Forget) -> None:
        for memory in change.memories:
            self._shelves[memory].drop(change.subject)

    def clear_latest(self) -> None:
        self._shelves[Memory.LATEST].clear()

    def clear(self) -> None:
        for shelf in self._shelves.values():
            shelf.clear()
