"""What became of batches: counted, and told to whom it concerns when the program asks."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord_log.embedded.error import KafkaError
    from accord_log.embedded.outbox import Batch, Told


class Deliveries:
    """Counts records until they are acknowledged, and keeps the reports until they are served."""

    def __init__(self) -> None:
        self.condition = threading.Condition(threading.Lock())
        self.added = 0  # by the sender, under a lock of its own
        self._ended = 0
        self._reports: deque[tuple[Batch, Told, int, KafkaError | None]] = deque()

    @property
    def unsettled(self) -> int:
        """Return how many records are neither acknowledged nor refused."""
        return self.added - self._ended

    def __len__(self) -> int:
        return self.unsettled + len(self._reports)

    def settle(self, batch: Batch, base_offset: int, error: KafkaError | None) -> None:
        """Note the end of a batch; may be called by any thread."""
        with self.condition:
            self._ended += len(batch)
            self._reports.extend((batch, told, base_offset, error) for told in batch.told)
            self.condition.notify_all()

    def serve(self) -> int:
        """Call back for what is there now; return for how many. Raises what callbacks raise."""
        count = 0
        for _ in range(len(self._reports)):
            try:
                batch, told, base_offset, error = self._reports.popleft()
            except IndexError:  # another thread serves too
                break
            count += 1
            told.callback(error, batch.message(told, base_offset, error))
        return count

    def wait(self, seconds: float | None, *, for_all: bool = False) -> bool:
        """Wait for a report, or until nothing is unsettled; return whether it came."""

        def is_due() -> bool:
            return bool(self._reports) or (for_all and not self.unsettled)

        with self.condition:
            return self.condition.wait_for(is_due, seconds)

    def wait_settled(self, seconds: float | None) -> bool:
        """Wait until every record is acknowledged or refused; return whether it is so."""
        with self.condition:
            return self.condition.wait_for(lambda: not self.unsettled, seconds)


class Delivery:
    """One batch, from the log's answer to its durability, which may come first."""

    def __init__(self, deliveries: Deliveries, batch: Batch) -> None:
        self._deliveries = deliveries
        self._batch = batch
        self._lock = threading.Lock()
        self._left = 2
        self._base_offset = -1
        self._error: KafkaError | None = None

    def place(self, base_offset: int) -> None:
        """Note where the batch stands."""
        self._base_offset = base_offset
        self._step()

    def settle(self, error: KafkaError | None) -> None:
        """Note that the batch is durable, or why it may not be."""
        self._error = error
        self._step()

    def fail(self, error: KafkaError) -> None:
        """Note that the batch was not written."""
        self._deliveries.settle(self._batch, -1, error)

    def _step(self) -> None:
        with self._lock:
            self._left -= 1
            is_over = not self._left
        if is_over:
            self._deliveries.settle(self._batch, self._base_offset, self._error)
