"""What is to be done later."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Cancelled timers stay in the heap until they are due, unless they are more than the others.
FEW = 256
LONGEST_WAIT_SECONDS = 3600.0


def wall_clock() -> int:
    """Return the time in milliseconds since 1970, as the protocol counts it."""
    return time.time_ns() // 1_000_000


def steady_clock() -> int:
    """Return milliseconds that never go back."""
    return time.monotonic_ns() // 1_000_000


class Timer:
    """A call to come, unless it is cancelled."""

    __slots__ = ("_action", "_timers", "at_ms", "is_cancelled")

    def __init__(self, timers: Timers, at_ms: int, action: Callable[[], object]) -> None:
        self._timers = timers
        self._action: Callable[[], object] | None = action
        self.at_ms = at_ms
        self.is_cancelled = False

    def cancel(self) -> None:
        """Let it not happen; has no effect on a call that has begun."""
        if not self.is_cancelled:
            self.is_cancelled = True
            self._action = None
            self._timers.note_cancelled()

    def fire(self) -> None:
        action = self._action
        if action is not None:
            action()


class Timers:
    """Calls actions when they are due, each outside of any lock of its own.

    `clock` gives milliseconds; production has one that never goes back. `run` drives it in a
    thread; who has a clock of his own calls `run_due`.
    """

    def __init__(self, clock: Callable[[], int] = steady_clock) -> None:
        self._clock = clock
        self._condition = threading.Condition()
        self._heap: list[tuple[int, int, Timer]] = []
        self._numbers = itertools.count()
        self._cancelled = 0
        self._is_stopped = False

    def now_ms(self) -> int:
        """Return the time by which timers are set."""
        return self._clock()

    @property
    def size(self) -> int:
        """Return how many timers are kept, cancelled ones included."""
        return len(self._heap)

    def call_at(self, at_ms: int, action: Callable[[], object]) -> Timer:
        """Have the action called at a time of `now_ms`."""
        timer = Timer(self, at_ms, action)
        with self._condition:
            heapq.heappush(self._heap, (at_ms, next(self._numbers), timer))
            if self._heap[0][2] is timer:
                self._condition.notify()
        return timer

    def call_in(self, delay_ms: int, action: Callable[[], object]) -> Timer:
        """Have the action called after a time."""
        return self.call_at(self._clock() + delay_ms, action)

    def note_cancelled(self) -> None:
        with self._condition:
            self._cancelled += 1
            if self._cancelled > FEW and self._cancelled * 2 > len(self._heap):
                self._heap = [entry for entry in self._heap if not entry[2].is_cancelled]
                heapq.heapify(self._heap)
                self._cancelled = 0

    def run_due(self) -> int:
        """Call what is due now; return how many calls were made."""
        count = 0
        while (timer := self._take_due()) is not None:
            timer.fire()
            count += 1
        return count

    def _take_due(self) -> Timer | None:
        with self._condition:
            while self._heap and (self._heap[0][2].is_cancelled or self._is_due()):
                _, _, timer = heapq.heappop(self._heap)
                if not timer.is_cancelled:
                    return timer
                self._cancelled = max(0, self._cancelled - 1)
            return None

    def _is_due(self) -> bool:
        return self._heap[0][0] <= self._clock()

    def run(self) -> None:
        """Call what becomes due, until `stop`."""
        while not self._is_stopped:
            self.run_due()
            with self._condition:
                self._condition.wait(self._seconds_to_next())

    def _seconds_to_next(self) -> float:
        if self._is_stopped:
            return 0
        if not self._heap:
            return LONGEST_WAIT_SECONDS
        return min(LONGEST_WAIT_SECONDS, max(0, self._heap[0][0] - self._clock()) / 1000)

    def stop(self) -> None:
        """Let `run` return; what was still to come is forgotten."""
        with self._condition:
            self._is_stopped = True
            self._heap.clear()
            self._condition.notify_all()
