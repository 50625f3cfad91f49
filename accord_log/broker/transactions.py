"""The coordinator of transactions: who may write under a transactional id, and what counts.

What takes part in a transaction stands in the ledger before anything is written to it, and how it
ends before the first marker is: so a transaction never ends in two ways, and none stays open.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from accord_log.broker.promise import Promise, resolved
from accord_log.broker.transaction_progress import Entry, Progress
from accord_log.broker.transaction_record import read_transaction
from accord_log.broker.transaction_recovery import abort_orphans, survey
from accord_log.broker.transaction_state import (
    NOBODY,
    ProducerIdentity,
    Transaction,
    TransactionState,
)
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from accord_log.broker.producer_ids import ProducerIds, TakenId
    from accord_log.broker.services import Services
    from accord_log.broker.transaction_parties import Partitions, StagedOffsets
    from accord_log.broker.transaction_state import TopicPartition
    from accord_log.log.ledger import Ledger

FIRST_EPOCH = 0
EXPIRY_INTERVAL_MS = 60 * 60 * 1000


class Granted(NamedTuple):
    """What InitProducerId answers."""

    code: ErrorCode
    producer: ProducerIdentity = NOBODY


class Claim(NamedTuple):
    """What InitProducerId asks for; `claimed` is who the producer says that he is already."""

    name: str
    timeout_ms: int
    claimed: ProducerIdentity | None


class Transactions:
    """All transactional ids. Every method may be called by any thread."""

    def __init__(
        self,
        services: Services,
        ledger: Ledger,
        producer_ids: ProducerIds,
        partitions: Partitions,
        offsets: StagedOffsets,
    ) -> None:
        self._services = services
        self._lock = services.lock
        self._ledger = ledger
        self._ids = producer_ids
        self._progress = Progress(services, ledger, partitions, offsets)
        self._entries: dict[str, Entry] = {}
        with self._lock:
            self._load()
            self._recover(partitions, offsets)
        self._schedule_expiry()

    # starting

    def _load(self) -> None:
        for key, value in self._ledger.items():
            name, transaction = key.decode(), read_transaction(value)
            self._ids.skip(transaction.producer.producer_id)
            self._entries[name] = Entry(name, transaction)

    def _recover(self, partitions: Partitions, offsets: StagedOffsets) -> None:
        orphans = survey(partitions, offsets)
        for entry in self._entries.values():
            orphans.disown(entry.transaction)
        for entry in self._entries.values():
            corrected = orphans.corrected(entry.transaction)
            if corrected is entry.transaction:
                self._resume(entry)
            else:
                entry.transaction = corrected
                self._abandon(entry)
        abort_orphans(self._services, partitions, offsets, orphans)

    def _resume(self, entry: Entry) -> None:
        transaction = entry.transaction
        if transaction.state.is_prepared:
            self._progress.complete(entry)
        elif entry.is_undecided:
            self._progress.admit(transaction.partitions, transaction.producer)
            spent_ms = max(0, self._services.clock() - transaction.started_ms)
            self._progress.arm(entry, max(0, transaction.timeout_ms - spent_ms))

    def _abandon(self, entry: Entry) -> None:
        """End what has lost a part of itself."""
        if entry.is_undecided:
            self._progress.cut_short(entry)
        elif entry.transaction.state.is_prepared:
            self._progress.complete(entry)
        else:
            self._progress.save(entry, entry.transaction, _ignore)

    # who may write

    def init_producer_id(
        self,
        name: str | None,
        timeout_ms: int,
        claimed: ProducerIdentity | None = None,
    ) -> Promise[Granted]:
        """Grant a producer id and an epoch, and fence who had the name before.

        Without a name it is a new id. `claimed` is who a producer of that name says that he is,
        to go on in a new epoch (KIP-360).
        """
        promise: Promise[Granted] = Promise()
        if name is None:
            self._ids.take().then(lambda taken: promise.resolve(_granted(taken)))
        else:
            with self._lock:
                self._init(Claim(name, timeout_ms, claimed), promise)
        return promise

    def _init(self, claim: Claim, promise: Promise[Granted]) -> None:
        try:
            entry = self._claimed(claim)
        except KafkaError as error:
            promise.resolve(Granted(error.code))
            return
        if entry.is_undecided:
            self._cut_short(entry, claim, promise)
        else:
            self._grant(entry, claim, promise)

    def _claimed(self, claim: Claim) -> Entry:
        """Return what goes by the name, which may be new. Raises KafkaError."""
        if not claim.name:
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        if not 0 < claim.timeout_ms <= self._services.settings.transaction_max_timeout_ms:
            raise KafkaError(ErrorCode.INVALID_TRANSACTION_TIMEOUT)
        entry = self._entries.get(claim.name)
        if entry is None:
            nothing = Transaction(producer=NOBODY, timeout_ms=claim.timeout_ms, updated_ms=0)
            entry = self._entries[claim.name] = Entry(claim.name, nothing)
        if entry.is_busy:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        if not entry.transaction.is_known(claim.claimed):
            raise KafkaError(ErrorCode.PRODUCER_FENCED)
        if entry.transaction.state.is_prepared:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        return entry

    def _cut_short(self, entry: Entry, claim: Claim, promise: Promise[Granted]) -> None:
        """Abort the ongoing transaction, and grant after that."""

        def saved(error: KafkaError | None) -> None:
            if error is not None:
                promise.resolve(Granted(error.code))

        def ended(is_complete: bool) -> None:  # noqa: FBT001 - a callback
            if is_complete:
                self._init(claim, promise)
            else:
                promise.resolve(Granted(ErrorCode.CONCURRENT_TRANSACTIONS))

        aborted = entry.transaction.cut_short(claim.claimed, now_ms=self._services.clock())
        self._progress.end(entry, aborted, saved, ended)

    def _grant(self, entry: Entry, claim: Claim, promise: Promise[Granted]) -> None:
        now = entry.transaction
        if now.is_exhausted or now.producer == NOBODY:
            entry.is_taking = True
            self._ids.take().then(partial(self._grant_new, entry, claim, promise))
        elif claim.claimed is not None and claim.claimed == now.previous != now.producer:
            self._grant_as(entry, claim, promise, now.producer)
        else:
            bumped = now.producer._replace(epoch=now.producer.epoch + 1)
            self._grant_as(entry, claim, promise, bumped)

    def _grant_new(
        self, entry: Entry, claim: Claim, promise: Promise[Granted], taken: TakenId
    ) -> None:
        with self._lock:
            entry.is_taking = False
            if isinstance(taken, KafkaError):
                self._refuse(entry, promise, taken)
            else:
                self._grant_as(entry, claim, promise, ProducerIdentity(taken, FIRST_EPOCH))

    def _grant_as(
        self, entry: Entry, claim: Claim, promise: Promise[Granted], producer: ProducerIdentity
    ) -> None:
        def saved(error: KafkaError | None) -> None:
            if error is None:
                promise.resolve(Granted(ErrorCode.NONE, producer))
            else:
                self._refuse(entry, promise, error)

        granted = Transaction(
            producer=producer,
            previous=claim.claimed or NOBODY,
            timeout_ms=claim.timeout_ms,
            updated_ms=self._services.clock(),
        )
        self._progress.save(entry, granted, saved)

    def _refuse(self, entry: Entry, promise: Promise[Granted], error: KafkaError) -> None:
        if entry.transaction.producer == NOBODY:
            del self._entries[entry.name]
        promise.resolve(Granted(error.code))

    def _owned(self, name: str, producer: ProducerIdentity) -> Entry:
        """Return what goes by the producer's name, if he is the latest of it. Raises KafkaError."""
        if not name:
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        entry = self._entries.get(name)
        if entry is None or entry.transaction.producer.producer_id != producer.producer_id:
            raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        if entry.transaction.producer.epoch != producer.epoch:
            raise KafkaError(ErrorCode.PRODUCER_FENCED)
        if entry.is_busy:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        return entry

    # what takes part

    def add_partitions(
        self, name: str, producer: ProducerIdentity, partitions: frozenset[TopicPartition]
    ) -> Promise[ErrorCode]:
        """Let partitions, which exist, take part in the producer's transaction."""
        return self._extend(name, producer, partitions, frozenset())

    def add_group(self, name: str, producer: ProducerIdentity, group: str) -> Promise[ErrorCode]:
        """Let the offsets of a group take part."""
        return self._extend(name, producer, frozenset(), frozenset({group}))

    def _extend(
        self,
        name: str,
        producer: ProducerIdentity,
        partitions: frozenset[TopicPartition],
        groups: frozenset[str],
    ) -> Promise[ErrorCode]:
        promise: Promise[ErrorCode] = Promise()
        try:
            with self._lock:
                entry = self._owned(name, producer)
                if entry.transaction.state.is_prepared:
                    raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
                now_ms = self._services.clock()
                after = entry.transaction.with_parties(partitions, groups, now_ms=now_ms)
                if after is entry.transaction:
                    return resolved(ErrorCode.NONE)
                self._progress.extend(entry, after, partial(_tell, promise))
        except KafkaError as error:
            return resolved(error.code)
        return promise

    def check_staging(self, name: str, producer: ProducerIdentity, group: str) -> None:
        """Raise KafkaError when the producer has no transaction that takes in the group.

        Who stages offsets holds the broker's lock from here until they are staged.
        """
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or entry.transaction.producer.producer_id != producer.producer_id:
                raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
            if entry.transaction.producer.epoch != producer.epoch:
                raise KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH)
            if not entry.is_undecided or entry.is_ending or group not in entry.transaction.groups:
                text = f"The offsets of {group} are not in an ongoing transaction"
                raise KafkaError(ErrorCode.INVALID_TXN_STATE, text)

    # what counts

    def end(self, name: str, producer: ProducerIdentity, *, commit: bool) -> Promise[ErrorCode]:
        """Commit or abort; the answer comes when it is done, or when it is certain and takes long.

        Asked again for what has been done, it says so again.
        """
        try:
            with self._lock:
                return self._end(self._owned(name, producer), commit=commit)
        except KafkaError as error:
            return resolved(error.code)

    def _end(self, entry: Entry, *, commit: bool) -> Promise[ErrorCode]:
        state = entry.transaction.state
        if entry.is_undecided:
            promise: Promise[ErrorCode] = Promise()

            def saved(error: KafkaError | None) -> None:
                if error is not None:
                    promise.resolve(error.code)

            def ended(_: bool) -> None:  # noqa: FBT001 - a callback
                promise.resolve(ErrorCode.NONE)

            decided = entry.transaction.decided(commit=commit, now_ms=self._services.clock())
            self._progress.end(entry, decided, saved, ended)
            return promise
        if state is TransactionState.EMPTY or state.is_commit != commit:
            raise KafkaError(ErrorCode.INVALID_TXN_STATE)
        if state.is_prepared:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        return resolved(ErrorCode.NONE)

    # administration

    def get(self, name: str) -> Transaction | None:
        """Return what is known of a transactional id."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or entry.transaction.producer == NOBODY:
                return None
            return entry.transaction

    def names(self) -> list[str]:
        """Return all transactional ids."""
        with self._lock:
            return sorted(self._entries)

    # forgetting

    def _schedule_expiry(self) -> None:
        self._services.timers.call_in(EXPIRY_INTERVAL_MS, self._expire_and_schedule)

    def _expire_and_schedule(self) -> None:
        self.expire()
        self._schedule_expiry()

    def expire(self) -> None:
        """Forget the names that have not been used for long and have nothing open."""
        limit = self._services.clock() - self._services.settings.transactional_id_expiration_ms
        with self._lock:
            gone = [
                name
                for name, entry in self._entries.items()
                if entry.is_settled and not entry.is_busy
                if entry.transaction.updated_ms <= limit
            ]
            try:
                self._ledger.put_many({name.encode(): None for name in gone})
            except KafkaError:
                return  # it is tried again
            for name in gone:
                del self._entries[name]


def _tell(promise: Promise[ErrorCode], error: KafkaError | None) -> None:
    promise.resolve(ErrorCode.NONE if error is None else error.code)


def _ignore(_: KafkaError | None) -> None:
    """Leave it: at the next start it is found out again."""


def _granted(taken: TakenId) -> Granted:
    if isinstance(taken, KafkaError):
        return Granted(taken.code)
    return Granted(ErrorCode.NONE, ProducerIdentity(taken, FIRST_EPOCH))
