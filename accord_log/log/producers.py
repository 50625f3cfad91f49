"""What a partition knows of those who write to it: sequences, epochs, transactions.

Pure state. `check` says whether a batch may be appended, `note` is told of every batch that was,
in the order of the log; a log that is read again from its start, or from a snapshot, gives the
same state.

A producer who is not known, because he is new or because his records or his state are gone, may
begin with any sequence, as in Apache Kafka since 2.5 (KIP-360). One who is known goes on with the
sequence after his last one, and begins each new epoch with 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records.header import SEQUENCE_MASK
from accord_log.log.aborted import AbortedIndex, AbortedTransaction
from accord_log.log.producer_snapshot import Snapshot, read_snapshot, write_snapshot
from accord_log.log.producer_state import NO_EPOCH, NO_SEQUENCE, ProducerState, SentBatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.kafka.fields import Buffer
    from accord_log.kafka.records import BatchHeader, Marker

NO_PRODUCER_ID = -1
MAX_DEFERRED = 1000  # those who met a full disk and never came back are forgotten


class OpenTransaction(NamedTuple):
    """A transaction that has records here and is not decided."""

    producer_id: int
    producer_epoch: int
    first_offset: int


class ProducerStates:
    """All producers of one partition. Not thread-safe: the partition's lock guards it."""

    def __init__(self) -> None:
        self.largest_producer_id = NO_PRODUCER_ID
        self._aborted = AbortedIndex()
        self._producers: dict[int, ProducerState] = {}
        # Producer id to first offset, in the order of the offsets, since they only grow.
        self._open: dict[int, int] = {}
        self._admitted: dict[int, int] = {}
        self._deferred: dict[int, tuple[int, int]] = {}

    # may this be appended?

    def check(self, header: BatchHeader) -> int | None:
        """Return the offset of a batch that is here already, None for one that may be appended.

        Raises KafkaError: INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE
        or INVALID_RECORD.
        """
        if header.producer_id < 0:
            return None
        if header.base_sequence < 0 or header.producer_epoch < 0:
            raise KafkaError(ErrorCode.INVALID_RECORD, "a producer id without epoch or sequence")
        producer = self._producers.get(header.producer_id)
        if producer is None:
            self._check_unknown(header)
            return None
        if header.producer_epoch == producer.epoch:
            offset = producer.offset_of(
                base_sequence=header.base_sequence, last_sequence=header.last_sequence
            )
            if offset is not None:
                return offset
        _check_known(producer, header)
        return None

    def _check_unknown(self, header: BatchHeader) -> None:
        """Let nothing overtake a batch for which there was no room."""
        epoch, sequence = self._deferred.get(header.producer_id, (NO_EPOCH, NO_SEQUENCE))
        if header.producer_epoch == epoch and header.base_sequence > sequence:
            raise _out_of_order(header, sequence)

    def defer(self, header: BatchHeader) -> None:
        """Remember a checked batch that could not be written, so that it comes before the next."""
        producer_id = header.producer_id
        if producer_id < 0 or producer_id in self._producers:
            return
        epoch, sequence = self._deferred.get(producer_id, (NO_EPOCH, NO_SEQUENCE))
        if epoch != header.producer_epoch or header.base_sequence < sequence:
            self._deferred[producer_id] = (header.producer_epoch, header.base_sequence)
            if len(self._deferred) > MAX_DEFERRED:
                del self._deferred[next(iter(self._deferred))]

    def admit(self, producer_id: int, producer_epoch: int) -> None:
        """Let a transaction write here, until its marker; kept in memory only."""
        self._admitted[producer_id] = producer_epoch

    def verify(self, header: BatchHeader) -> None:
        """Refuse a batch of a transaction that was not admitted.

        Such a batch comes from a client that forgot to add the partition, or late, after its
        transaction ended; nobody would ever end the transaction that it would begin. Raises
        KafkaError INVALID_TXN_STATE, or INVALID_PRODUCER_EPOCH when a later epoch was admitted.
        """
        if not header.is_transactional:
            return
        admitted = self._admitted.get(header.producer_id, NO_EPOCH)
        if header.producer_epoch < admitted:
            raise _fenced(header, admitted)
        if header.producer_epoch != admitted:
            text = f"The partition is not in a transaction of producer {header.producer_id}"
            raise KafkaError(ErrorCode.INVALID_TXN_STATE, text)

    # this was appended

    def note(
        self, header: BatchHeader, marker: Marker | None = None, *, now_ms: int | None = None
    ) -> None:
        """Take a batch of the log into account; `marker` is what a control batch says.

        `now_ms` is given when the batch is new, so that a producer of old records is not
        forgotten at once.
        """
        if header.producer_id < 0:
            return
        self.largest_producer_id = max(self.largest_producer_id, header.producer_id)
        producer = self._producers.get(header.producer_id)
        if producer is None:
            producer = self._producers[header.producer_id] = ProducerState(header.producer_epoch)
            self._deferred.pop(header.producer_id, None)
        producer.last_timestamp = header.max_timestamp if now_ms is None else now_ms
        if not header.is_control:
            self._note_records(producer, header)
        elif marker is not None:
            self._note_marker(producer, header, marker)

    def _note_records(self, producer: ProducerState, header: BatchHeader) -> None:
        producer.enter(header.producer_epoch)
        if header.base_sequence >= 0:
            last_sequence = header.last_sequence
            sent = SentBatch(header.base_sequence, last_sequence, header.base_offset)
            producer.batches.append(sent)
        if header.is_transactional and producer.first_offset is None:
            producer.first_offset = self._open[header.producer_id] = header.base_offset

    def _note_marker(self, producer: ProducerState, header: BatchHeader, marker: Marker) -> None:
        producer.enter(max(producer.epoch, header.producer_epoch))
        producer.coordinator_epoch = marker.coordinator_epoch
        self._admitted.pop(header.producer_id, None)
        first_offset, producer.first_offset = producer.first_offset, None
        if first_offset is None:
            return
        del self._open[header.producer_id]
        if not marker.commit:
            end = header.base_offset
            stable = self.first_unstable()
            self._aborted.add(
                AbortedTransaction(
                    header.producer_id, first_offset, end, end + 1 if stable is None else stable
                )
            )

    # questions

    def first_unstable(self) -> int | None:
        """Return the first offset of the oldest open transaction."""
        return next(iter(self._open.values()), None)

    def aborted(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return (producer id, first offset) of what was aborted and reaches into first..last."""
        return self._aborted.between(first, last)

    def open_transactions(self) -> list[OpenTransaction]:
        """Return what is not decided, oldest first."""
        return [
            OpenTransaction(producer_id, self._producers[producer_id].epoch, first_offset)
            for producer_id, first_offset in self._open.items()
        ]

    def get(self, producer_id: int) -> ProducerState | None:
        return self._producers.get(producer_id)

    def __iter__(self) -> Iterator[tuple[int, ProducerState]]:
        return iter(tuple(self._producers.items()))

    def __len__(self) -> int:
        return len(self._producers)

    # forgetting

    def forget_before(self, offset: int) -> None:
        """Forget the aborted transactions that end below the start of the log.

        Producers stay known, and transactions open, when their records are gone.
        """
        self._aborted.forget_before(offset)

    def expire(self, now_ms: int, after_ms: int) -> int:
        """Forget who has not written for a time and has no open transaction; return how many."""
        gone = [
            producer_id
            for producer_id, producer in self._producers.items()
            if producer.first_offset is None
            if producer.last_timestamp + after_ms <= now_ms
            if producer_id not in self._admitted
        ]
        for producer_id in gone:
            del self._producers[producer_id]
        return len(gone)

    # snapshots

    def to_bytes(self) -> bytes:
        """Return all that outlives a restart; see `producer_snapshot`."""
        return write_snapshot(Snapshot(self.largest_producer_id, list(self), list(self._aborted)))

    @classmethod
    def from_bytes(cls, data: Buffer) -> ProducerStates:
        """Return what `to_bytes` was asked of. Raises CorruptSnapshot."""
        snapshot = read_snapshot(data)
        states = cls()
        states.largest_producer_id = snapshot.largest_producer_id
        states._producers = dict(snapshot.producers)
        begun = [(p.first_offset, i) for i, p in snapshot.producers if p.first_offset is not None]
        states._open = {producer_id: offset for offset, producer_id in sorted(begun)}
        for aborted in snapshot.aborted:
            states._aborted.add(aborted)
        return states


def _check_known(producer: ProducerState, header: BatchHeader) -> None:
    if header.producer_epoch < producer.epoch:
        raise _fenced(header, producer.epoch)
    known = producer.last_sequence if header.producer_epoch == producer.epoch else NO_SEQUENCE
    if header.base_sequence != (known + 1) & SEQUENCE_MASK:
        raise _out_of_order(header, known)
    if producer.first_offset is not None and not header.is_transactional:
        text = f"Producer {header.producer_id} has an open transaction here"
        raise KafkaError(ErrorCode.INVALID_TXN_STATE, text)


def _fenced(header: BatchHeader, known: int) -> KafkaError:
    text = (
        f"Epoch {header.producer_epoch} of producer {header.producer_id} is older than the last "
        f"one seen, {known}"
    )
    return KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH, text)


def _out_of_order(header: BatchHeader, known: int) -> KafkaError:
    text = (
        f"Out of order sequence number for producer {header.producer_id} in epoch "
        f"{header.producer_epoch}: {header.base_sequence}, after {known}"
    )
    return KafkaError(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, text)
