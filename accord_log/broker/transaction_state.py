"""One transactional id: whose it is, and how far its transaction has got.

    Empty, CompleteCommit, CompleteAbort --add--> Ongoing --end--> PrepareCommit --> CompleteCommit
                                                    |  `----end--> PrepareAbort ---> CompleteAbort
                                                    `--time-out, or another producer--^

Whoever asks for a producer id under the name is given the next epoch, and all earlier ones are
fenced. A transaction that is cut short is aborted in an epoch of its own, which nobody was given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, TypeAlias

TopicPartition: TypeAlias = tuple[str, int]

# Epochs are int16; the last is given to nobody, and fences whoever has the one before.
FENCING_EPOCH = 2**15 - 1
LAST_EPOCH = FENCING_EPOCH - 1
NO_TIME = -1


class TransactionState(StrEnum):
    """States by the names in which they are listed."""

    EMPTY = "Empty"
    ONGOING = "Ongoing"
    PREPARE_COMMIT = "PrepareCommit"
    PREPARE_ABORT = "PrepareAbort"
    COMPLETE_COMMIT = "CompleteCommit"
    COMPLETE_ABORT = "CompleteAbort"

    @property
    def is_prepared(self) -> bool:
        """Tell whether the outcome is certain, and not yet known everywhere."""
        return self in {TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT}

    @property
    def is_commit(self) -> bool:
        return self in {TransactionState.PREPARE_COMMIT, TransactionState.COMPLETE_COMMIT}


class ProducerIdentity(NamedTuple):
    """A producer id in one of its epochs."""

    producer_id: int
    epoch: int


NOBODY = ProducerIdentity(-1, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What is known of a transactional id; times in milliseconds since 1970, -1 for none.

    `previous` is whom `producer` was before, if he was given his identity for naming that one: a
    repetition of the request for which the answer was lost names it again.
    """

    producer: ProducerIdentity
    previous: ProducerIdentity = NOBODY
    timeout_ms: int
    state: TransactionState = TransactionState.EMPTY
    partitions: frozenset[TopicPartition] = frozenset()
    groups: frozenset[str] = frozenset()
    started_ms: int = NO_TIME
    updated_ms: int

    @property
    def is_exhausted(self) -> bool:
        """Tell whether there is no further epoch to be given under this producer id."""
        return self.producer.epoch >= LAST_EPOCH

    def is_known(self, claimed: ProducerIdentity | None) -> bool:
        """Tell whether one who claims to be the producer is the latest; None claims nothing."""
        if claimed is None or self.producer in {NOBODY, claimed}:
            return True
        is_repetition = claimed == self.previous and claimed != NOBODY
        return is_repetition and self.state is not TransactionState.ONGOING

    def with_parties(
        self,
        partitions: frozenset[TopicPartition] = frozenset(),
        groups: frozenset[str] = frozenset(),
        *,
        now_ms: int,
    ) -> Transaction:
        """Return the ongoing transaction with more in it, or itself when it has all that."""
        if self.state is not TransactionState.ONGOING:
            return replace(
                self,
                state=TransactionState.ONGOING,
                partitions=partitions,
                groups=groups,
                started_ms=now_ms,
                updated_ms=now_ms,
            )
        if partitions <= self.partitions and groups <= self.groups:
            return self
        return replace(
            self,
            partitions=self.partitions | partitions,
            groups=self.groups | groups,
            updated_ms=now_ms,
        )

    def decided(self, *, commit: bool, now_ms: int) -> Transaction:
        """Return it with its outcome certain."""
        state = TransactionState.PREPARE_COMMIT if commit else TransactionState.PREPARE_ABORT
        return replace(self, state=state, updated_ms=now_ms)

    def cut_short(self, claimed: ProducerIdentity | None, *, now_ms: int) -> Transaction:
        """Return it aborted in an epoch that fences all but the one who claims to be the latest."""
        fence = self.producer._replace(epoch=self.producer.epoch + 1)
        aborted = self.decided(commit=False, now_ms=now_ms)
        return replace(aborted, producer=fence, previous=claimed or NOBODY)

    def completed(self, *, now_ms: int) -> Transaction:
        """Return it with its outcome known everywhere."""
        states = TransactionState
        state = states.COMPLETE_COMMIT if self.state.is_commit else states.COMPLETE_ABORT
        return replace(
            self, state=state, partitions=frozenset(), groups=frozenset(), updated_ms=now_ms
        )
