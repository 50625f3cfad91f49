"""Who is given which producer id.

A partition tells producers apart by their ids for as long as it remembers them, and answers a
batch that it takes for one it has already without writing it. So no id is ever given twice: a
block of them is written down before the first of it is given, and none that any partition has seen
is given again although the ledger were lost.
"""

from __future__ import annotations

import struct
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from accord_log.broker.promise import Promise
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from accord_log.broker.services import Services
    from accord_log.broker.transaction_parties import Partitions
    from accord_log.log.ledger import Ledger

BLOCK = 1000
RESERVED = b"reserved"  # all ids below may have been given

_NUMBER = struct.Struct(">q")

TakenId: TypeAlias = int | KafkaError


class ProducerIds:
    """Gives ids. Every method may be called by any thread."""

    def __init__(self, services: Services, ledger: Ledger, partitions: Partitions) -> None:
        self._lock = services.lock
        self._ledger = ledger
        self._is_reserving = False
        self._waiting: deque[Promise[TakenId]] = deque()
        stored = ledger.get(RESERVED)
        self._next = self._end = 0 if stored is None else _NUMBER.unpack(stored)[0]
        for partition in partitions.partitions():
            self.skip(partition.log.producers.largest_producer_id)

    def skip(self, seen: int) -> None:
        """Never give an id that has been seen, nor one that may have been given with it."""
        with self._lock:
            if seen >= self._end:
                self._next = self._end = (seen // BLOCK + 1) * BLOCK

    def take(self) -> Promise[TakenId]:
        """Return an id that nobody has, or KafkaError COORDINATOR_NOT_AVAILABLE."""
        promise: Promise[TakenId] = Promise()
        with self._lock:
            self._waiting.append(promise)
            self._serve()
        return promise

    def _serve(self) -> None:
        while self._waiting and self._next < self._end:
            producer_id = self._next
            self._next += 1
            self._waiting.popleft().resolve(producer_id)
        if self._waiting and not self._is_reserving:
            self._reserve(self._end + BLOCK)

    def _reserve(self, end: int) -> None:
        self._is_reserving = True
        try:
            self._ledger.put_many({RESERVED: _NUMBER.pack(end)}, partial(self._reserved, end))
        except KafkaError as error:
            self._reserved(end, error)

    def _reserved(self, end: int, error: Exception | None) -> None:
        with self._lock:
            self._is_reserving = False
            if error is None:
                self._end = end
                self._serve()
                return
            refusal = KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, str(error))
            waiting, self._waiting = self._waiting, deque()
            for promise in waiting:
                promise.resolve(refusal)
