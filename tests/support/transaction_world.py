"""A coordinator with all it needs, on a disk that keeps what was synced, and a clock by hand."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from batch_headers import header_of
from failing_disk import FaultyFiles
from hand_flusher import HandFlusher

from accord_log.broker.offsets import Offsets
from accord_log.broker.producer_ids import ProducerIds
from accord_log.broker.services import Services
from accord_log.broker.settings import BrokerSettings
from accord_log.broker.timers import Timers
from accord_log.broker.transactions import Transactions
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.log.ledger import Ledger
from accord_log.log.producers import ProducerStates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from accord_log.broker.promise import Promise
    from accord_log.broker.transaction_state import ProducerIdentity, TopicPartition
    from accord_log.kafka.records.header import BatchHeader

PLACES: tuple[TopicPartition, ...] = (("a", 0), ("a", 1), ("b", 0))
TIMEOUT_MS = 1000


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


class Marker(NamedTuple):
    commit: bool
    coordinator_epoch: int = 0


class Written(NamedTuple):
    """A batch or a marker; `tag` is whatever the writer wants to know it by."""

    header: BatchHeader
    marker: Marker | None
    tag: object


class MemoryLog:
    """What a coordinator sees of a log."""

    def __init__(self) -> None:
        self.producers = ProducerStates()


class MemoryPartition:
    """A partition whose log is a list."""

    def __init__(self, place: TopicPartition, flusher: HandFlusher) -> None:
        self.topic, self.index = place
        self.lock = threading.RLock()
        self.log = MemoryLog()
        self.flusher = flusher
        self.written: list[Written] = []
        self.durable = 0
        self.is_full = False

    def append(self, producer: ProducerIdentity, sequence: int, tag: object) -> None:
        """Append a transactional batch, as a producer does. Raises KafkaError."""
        header = header_of(
            producer.producer_id,
            epoch=producer.epoch,
            sequence=sequence,
            at=len(self.written),
            transactional=True,
        )
        if self.log.producers.check(header) is None:
            self.log.producers.verify(header)
            self._write(Written(header, None, tag))

    def write_marker(
        self,
        *,
        commit: bool,
        producer_id: int,
        producer_epoch: int,
        now_ms: int,
        then: Callable[[KafkaError | None], None],
    ) -> None:
        header = header_of(
            producer_id,
            epoch=producer_epoch,
            at=len(self.written),
            control=True,
            timestamp=now_ms,
        )
        self._write(Written(header, Marker(commit), None))
        self.flusher.settle([self], then)

    def _write(self, written: Written) -> None:
        if self.is_full:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
        self.written.append(written)
        self.log.producers.note(written.header, written.marker)

    def sync(self) -> None:
        self.durable = len(self.written)

    def reopen(self, flusher: HandFlusher, keep: int) -> None:
        """Be read again, with so many of the batches."""
        self.flusher = flusher
        self.log = MemoryLog()
        del self.written[keep:]
        self.sync()
        for written in self.written:
            self.log.producers.note(written.header, written.marker)

    def outcomes(self) -> Iterator[tuple[object, bool | None]]:
        """Yield every batch's tag with what became of it: committed, aborted, not decided."""
        begun: dict[int, list[object]] = {}
        for header, marker, tag in self.written:
            if marker is None:
                begun.setdefault(header.producer_id, []).append(tag)
            else:
                for ended in begun.pop(header.producer_id, ()):
                    yield ended, marker.commit
        for tags in begun.values():
            for tag in tags:
                yield tag, None


class MemoryPartitions:
    """All partitions."""

    def __init__(self, flusher: HandFlusher) -> None:
        self.by_place = {place: MemoryPartition(place, flusher) for place in PLACES}

    def partition(self, name: str, index: int) -> MemoryPartition | None:
        return self.by_place.get((name, index))

    def partitions(self) -> Iterator[MemoryPartition]:
        return iter(self.by_place.values())


@dataclass
class Opened:
    """What is gone when the process ends."""

    services: Services
    ledgers: dict[str, Ledger]
    files: FaultyFiles
    flusher: HandFlusher
    timers: Timers
    transactions: Transactions
    offsets: Offsets


class World:
    """A disk, a clock, and a coordinator that can crash."""

    def __init__(self, directory: Path, settings: BrokerSettings | None = None) -> None:
        self.directory = directory
        self.settings = settings or BrokerSettings()
        self.clock = Clock()
        self.partitions = MemoryPartitions(HandFlusher())
        self.now = self._open()

    def _open(self) -> Opened:
        timers, flusher, files = Timers(self.clock), HandFlusher(), FaultyFiles()
        services = Services(
            settings=self.settings, clock=self.clock, timers=timers, files=files, flusher=flusher
        )
        for partition in self.partitions.partitions():
            partition.flusher = flusher
        ledgers = {
            name: Ledger(self.directory / name, flusher, files)
            for name in ("offsets", "producers", "transactions")
        }
        offsets = Offsets(services, ledgers["offsets"])
        ids = ProducerIds(services, ledgers["producers"], self.partitions)
        transactions = Transactions(
            services, ledgers["transactions"], ids, self.partitions, offsets
        )
        return Opened(services, ledgers, files, flusher, timers, transactions, offsets)

    @property
    def transactions(self) -> Transactions:
        return self.now.transactions

    @property
    def offsets(self) -> Offsets:
        return self.now.offsets

    def partition(self, place: TopicPartition) -> MemoryPartition:
        return self.partitions.by_place[place]

    def settle(self) -> None:
        """Make everything durable, and what follows from that, until nobody waits."""
        while self.now.flusher.round():
            pass

    def kept(self, promise: Promise[object]) -> object:
        """Return what was promised, once everything is durable."""
        self.settle()
        assert promise.is_done
        return promise.wait(0)

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass, and what is due happen; what that waits for does not become durable."""
        self.clock.now_ms += milliseconds
        self.now.timers.run_due()

    def stop(self) -> None:
        """End the process: nothing of what it would still do happens."""
        for ledger in self.now.ledgers.values():
            ledger._file.close()  # noqa: SLF001 - as the kernel does

    def restart(self) -> None:
        """Kill the process: what was written is there."""
        self.stop()
        for partition in self.partitions.partitions():
            partition.reopen(self.now.flusher, len(partition.written))
        self.now = self._open()

    def cut_power(self, of_ledgers: float = 0, of_partitions: Iterable[float] = ()) -> None:
        """Cut the power: what was synced is there, and parts, 0 to 1, of what was not."""
        self.stop()
        for ledger in self.now.ledgers.values():
            file = ledger._file  # noqa: SLF001 - to know how much of it was synced
            path = self.directory / ledger._path.name  # noqa: SLF001 - likewise
            data = path.read_bytes()
            path.write_bytes(data[: file.synced + int((len(data) - file.synced) * of_ledgers)])
        parts = dict(zip(PLACES, of_partitions, strict=False))
        for place, partition in self.partitions.by_place.items():
            unsynced = len(partition.written) - partition.durable
            keep = partition.durable + int(unsynced * parts.get(place, 0))
            partition.reopen(self.now.flusher, keep)
        self.now = self._open()
