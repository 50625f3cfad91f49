"""Who a producer is to the broker, and which numbers its batches have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.embedded.error import check
from accord_log.kafka.messages.init_producer_id import (
    InitProducerIdRequest,
    InitProducerIdResponse,
)

if TYPE_CHECKING:
    from accord_log.embedded.caller import Caller
    from accord_log.kafka.records import BatchFields

SEQUENCE_MASK = 0x7FFFFFFF
ANY_TIMEOUT_MS = 60_000


class Identity:
    """A producer id with an epoch; batches are numbered for each partition."""

    def __init__(
        self, producer_id: int, producer_epoch: int, *, transactional: bool = False
    ) -> None:
        self.producer_id = producer_id
        self.producer_epoch = producer_epoch
        self._transactional = transactional
        self._sequences: dict[tuple[str, int], int] = {}

    def fields(self, place: tuple[str, int]) -> BatchFields:
        """Return what the next batch for a partition says of its producer."""
        return {
            "producer_id": self.producer_id,
            "producer_epoch": self.producer_epoch,
            "base_sequence": self._sequences.get(place, 0),
            "transactional": self._transactional,
        }

    def note(self, place: tuple[str, int], count: int) -> None:
        """Count records that were written."""
        self._sequences[place] = (self._sequences.get(place, 0) + count) & SEQUENCE_MASK


def new_identity(caller: Caller) -> Identity:
    """Return an identity that nobody had before. Raises KafkaException."""
    request = InitProducerIdRequest(None, ANY_TIMEOUT_MS)
    answer = caller.ask(request, InitProducerIdResponse)
    check(answer.error_code)
    return Identity(answer.producer_id, answer.producer_epoch)
