"""What a partition remembers of one producer."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

REMEMBERED_BATCHES = 5  # as many as a producer may have in flight
NO_EPOCH = -1
NO_SEQUENCE = -1
NO_TIMESTAMP = -1


class SentBatch(NamedTuple):
    """A batch as its producer would send it again, and where it stands."""

    base_sequence: int
    last_sequence: int
    base_offset: int


class ProducerState:
    """One producer; `first_offset` is where his open transaction begins, if there is one."""

    __slots__ = ("batches", "coordinator_epoch", "epoch", "first_offset", "last_timestamp")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.coordinator_epoch = -1
        self.last_timestamp = NO_TIMESTAMP
        self.first_offset: int | None = None
        self.batches: deque[SentBatch] = deque(maxlen=REMEMBERED_BATCHES)

    @property
    def last_sequence(self) -> int:
        return self.batches[-1].last_sequence if self.batches else NO_SEQUENCE

    def offset_of(self, *, base_sequence: int, last_sequence: int) -> int | None:
        """Return the base offset under which this very batch stands already."""
        for batch in self.batches:
            if batch.base_sequence == base_sequence and batch.last_sequence == last_sequence:
                return batch.base_offset
        return None

    def enter(self, epoch: int) -> None:
        """Go on in an epoch; in a new one the sequences start anew."""
        if epoch != self.epoch:
            self.epoch = epoch
            self.batches.clear()
