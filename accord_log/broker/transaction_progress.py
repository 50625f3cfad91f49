"""How a transaction goes on: what is written down, who is told, what happens by itself.

Everything here is called with the broker's lock held, and takes it where it is called back.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from accord_log.broker.transaction_completion import (
    RETRY_MS,
    Completion,
    marker_step,
    offsets_step,
)
from accord_log.broker.transaction_record import write_transaction
from accord_log.broker.transaction_state import TransactionState
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from accord_log.broker.services import Services
    from accord_log.broker.timers import Timer
    from accord_log.broker.transaction_parties import Partitions, StagedOffsets
    from accord_log.broker.transaction_state import (
        ProducerIdentity,
        TopicPartition,
        Transaction,
    )
    from accord_log.log.ledger import Ledger

    Saved: TypeAlias = Callable[[KafkaError | None], None]
    Waiter: TypeAlias = Callable[[bool], None]


class Entry:
    """One transactional id.

    `pending` is what it will be once that is durable, `is_taking` says that it waits for an id;
    `waiter` is told when the transaction is complete (True), or that it takes longer (False).
    """

    __slots__ = ("is_taking", "name", "number", "pending", "timer", "transaction", "waiter")

    def __init__(self, name: str, transaction: Transaction) -> None:
        self.name = name
        self.transaction = transaction
        self.pending: Transaction | None = None
        self.is_taking = False
        self.number = 0  # of its transactions since the start of the broker
        self.timer: Timer | None = None
        self.waiter: Waiter | None = None

    @property
    def is_busy(self) -> bool:
        """Tell whether something is made durable that nothing else may overtake."""
        return self.is_taking or self.pending is not None

    @property
    def is_undecided(self) -> bool:
        return self.transaction.state is TransactionState.ONGOING

    @property
    def is_ending(self) -> bool:
        """Tell whether the outcome is being made durable, or is."""
        latest = self.pending or self.transaction
        return latest.state.is_prepared

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is open, and nothing left to be done."""
        return not self.is_undecided and not self.transaction.state.is_prepared

    def cancel_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def wake(self, *, is_complete: bool) -> None:
        waiter, self.waiter = self.waiter, None
        if waiter is not None:
            waiter(is_complete)


class Progress:
    """Moves entries on."""

    def __init__(
        self,
        services: Services,
        ledger: Ledger,
        partitions: Partitions,
        offsets: StagedOffsets,
    ) -> None:
        self._services = services
        self._ledger = ledger
        self._partitions = partitions
        self._offsets = offsets

    # writing down

    def save(self, entry: Entry, transaction: Transaction, saved: Saved) -> None:
        """Let it be so once it is durable; the entry is busy until then."""
        entry.pending = transaction

        def settled(error: Exception | None) -> None:
            with self._services.lock:
                entry.pending = None
                if error is None:
                    entry.transaction = transaction
                saved(None if error is None else unavailable(error))

        try:
            self._write(entry, transaction, settled)
        except KafkaError as error:
            settled(error)

    def note(self, entry: Entry, transaction: Transaction) -> None:
        """Let it be so at once, and durable some time. Raises KafkaError."""
        self._write(entry, transaction, None)
        entry.transaction = transaction

    def _write(
        self,
        entry: Entry,
        transaction: Transaction,
        settled: Callable[[Exception | None], None] | None,
    ) -> None:
        self._ledger.put_many({entry.name.encode(): write_transaction(transaction)}, settled)

    # the ongoing transaction

    def extend(self, entry: Entry, after: Transaction, saved: Saved) -> None:
        """Let more partitions and groups take part."""
        before = entry.transaction

        def settled(error: KafkaError | None) -> None:
            if error is None:
                self.admit(after.partitions - before.partitions, after.producer)
                if before.state is not TransactionState.ONGOING:
                    entry.number += 1
                    self.arm(entry, after.timeout_ms)
            saved(error)

        self.save(entry, after, settled)

    def admit(self, places: Iterable[TopicPartition], producer: ProducerIdentity) -> None:
        """Let the producer write to partitions until his transaction ends there."""
        for where in places:
            partition = self._partitions.partition(*where)
            if partition is not None:
                with partition.lock:
                    partition.log.producers.admit(producer.producer_id, producer.epoch)

    def arm(self, entry: Entry, delay_ms: int) -> None:
        """Abort the transaction after a time, unless it has ended by then."""
        action = partial(self._time_out, entry, entry.number)
        entry.timer = self._services.timers.call_in(delay_ms, action)

    def _time_out(self, entry: Entry, number: int) -> None:
        with self._services.lock:
            # Another transaction may have begun while this waited for the lock.
            if entry.number != number or not entry.is_undecided:
                return
            if entry.is_busy:
                self.arm(entry, RETRY_MS)
                return
            self.cut_short(entry)

    def cut_short(self, entry: Entry) -> None:
        """Abort the transaction, whose producer does not know of it."""

        def saved(error: KafkaError | None) -> None:
            if error is not None:
                self.arm(entry, RETRY_MS)

        aborted = entry.transaction.cut_short(None, now_ms=self._services.clock())
        self.end(entry, aborted, saved)

    # its end

    def end(
        self, entry: Entry, decided: Transaction, saved: Saved, waiter: Waiter | None = None
    ) -> None:
        """Make the outcome durable, call `saved`, and carry it out."""

        def settled(error: KafkaError | None) -> None:
            if error is None:
                entry.cancel_timer()
                entry.waiter = waiter
            saved(error)
            if error is None:
                self.complete(entry)

        self.save(entry, decided, settled)

    def complete(self, entry: Entry) -> None:
        """Carry out what is decided, and tell who waits."""
        transaction = entry.transaction
        commit = transaction.state.is_commit
        producer = transaction.producer
        steps = [
            marker_step(self._services, self._partitions, where, producer, commit=commit)
            for where in sorted(transaction.partitions)
        ]
        if transaction.groups:
            groups, producer_id = transaction.groups, producer.producer_id
            steps.append(offsets_step(self._offsets, groups, producer_id, commit=commit))
        Completion(
            self._services,
            steps,
            done=partial(self._completed, entry),
            stuck=partial(entry.wake, is_complete=False),
        ).start()

    def _completed(self, entry: Entry) -> None:
        """Note it; a crash before that is durable only means that all is carried out again."""
        with self._services.lock:
            try:
                self.note(entry, entry.transaction.completed(now_ms=self._services.clock()))
            except KafkaError:
                self._services.timers.call_in(RETRY_MS, partial(self._completed, entry))
                entry.wake(is_complete=False)
            else:
                entry.wake(is_complete=True)


def unavailable(error: Exception) -> KafkaError:
    """Return what a client is told when the ledger could not be written: to ask again."""
    return KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, str(error))
