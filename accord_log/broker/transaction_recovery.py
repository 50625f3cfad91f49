"""What partitions and groups know of transactions that the ledger does not.

Where every acknowledgement waits for the disk there is nothing of it. A power cut under the other
promises, or a lost ledger, may leave transactions open that nobody would ever end. Those are
aborted, and their producer is fenced: what he would commit is no longer all there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from accord_log.broker.transaction_completion import Completion, marker_step, offsets_step
from accord_log.broker.transaction_state import (
    FENCING_EPOCH,
    NOBODY,
    ProducerIdentity,
    TopicPartition,
    Transaction,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.broker.services import Services
    from accord_log.broker.transaction_completion import Step
    from accord_log.broker.transaction_parties import Partitions, StagedOffsets

Party: TypeAlias = TopicPartition | str  # a partition, or a group


@dataclass(frozen=True, slots=True)
class Survey:
    """The highest epoch of each producer id, and where it has something undecided."""

    epochs: dict[int, int] = field(default_factory=dict)
    undecided: dict[int, set[Party]] = field(default_factory=lambda: defaultdict(set))

    def disown(self, transaction: Transaction) -> None:
        """Leave to a transaction what is its own."""
        producer_id = transaction.producer.producer_id
        self.undecided[producer_id] -= {*transaction.partitions, *transaction.groups}

    def corrected(self, transaction: Transaction) -> Transaction:
        """Return the transaction, in an epoch that fences its producer if some of it was lost."""
        producer_id, epoch = transaction.producer
        seen = self.epochs.get(producer_id, epoch)
        if seen <= epoch and not self.undecided.get(producer_id):
            return transaction
        fence = min(FENCING_EPOCH, max(epoch, seen) + 1)
        self.epochs[producer_id] = fence
        return replace(transaction, producer=ProducerIdentity(producer_id, fence), previous=NOBODY)


def survey(partitions: Partitions, offsets: StagedOffsets) -> Survey:
    """Ask all partitions and groups."""
    found = Survey()
    for partition in partitions.partitions():
        where = partition.topic, partition.index
        with partition.lock:
            producers = partition.log.producers
            for producer_id, producer in producers:
                seen = found.epochs.get(producer_id, producer.epoch)
                found.epochs[producer_id] = max(seen, producer.epoch)
            for begun in producers.open_transactions():
                found.undecided[begun.producer_id].add(where)
    for producer_id, group in offsets.staged():
        found.undecided[producer_id].add(group)
    return found


def abort_orphans(
    services: Services, partitions: Partitions, offsets: StagedOffsets, orphans: Survey
) -> None:
    """Abort what is undecided; this goes on until it has been done."""
    steps = list(_steps(services, partitions, offsets, orphans))
    Completion(services, steps, done=_rest, stuck=_rest).start()


def _steps(
    services: Services, partitions: Partitions, offsets: StagedOffsets, orphans: Survey
) -> Iterator[Step]:
    for producer_id, parties in orphans.undecided.items():
        producer = ProducerIdentity(producer_id, orphans.epochs.get(producer_id, 0))
        for party in parties:
            if isinstance(party, str):
                yield offsets_step(offsets, (party,), producer_id, commit=False)
            else:
                yield marker_step(services, partitions, party, producer, commit=False)


def _rest() -> None:
    """Do nothing: nobody waits for an orphan."""
