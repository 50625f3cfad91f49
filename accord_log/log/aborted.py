"""Which transactions of a partition were aborted, and where they lie."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class AbortedTransaction(NamedTuple):
    """Records of the producer from the first offset up to the marker count for nothing.

    `stable_offset` is where the oldest transaction began that was open after the marker, or the
    offset after the marker: nothing that is aborted later begins before it.
    """

    producer_id: int
    first_offset: int
    marker_offset: int
    stable_offset: int


class AbortedIndex:
    """Aborted transactions in the order of their markers, 32 bytes each."""

    __slots__ = ("_first", "_marker", "_producer", "_stable")

    def __init__(self) -> None:
        self._producer = array("q")
        self._first = array("q")
        self._marker = array("q")
        self._stable = array("q")

    def add(self, aborted: AbortedTransaction) -> None:
        """Add a transaction whose marker comes after all others."""
        self._producer.append(aborted.producer_id)
        self._first.append(aborted.first_offset)
        self._marker.append(aborted.marker_offset)
        self._stable.append(aborted.stable_offset)

    def between(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return (producer id, first offset) of those that reach into first..last, in order."""
        found: list[tuple[int, int]] = []
        for index in range(bisect_left(self._marker, first), len(self._marker)):
            if self._first[index] <= last:
                found.append((self._producer[index], self._first[index]))
            if self._stable[index] > last:
                break
        return sorted(found, key=lambda pair: pair[1])

    def forget_before(self, offset: int) -> None:
        """Forget those whose marker lies below the offset."""
        count = bisect_left(self._marker, offset)
        for column in (self._producer, self._first, self._marker, self._stable):
            del column[:count]

    def __iter__(self) -> Iterator[AbortedTransaction]:
        rows = zip(self._producer, self._first, self._marker, self._stable, strict=True)
        return map(AbortedTransaction._make, rows)

    def __len__(self) -> int:
        return len(self._marker)
