"""Which records compaction keeps.

record                                                  kept
------------------------------------------------------  ----------------------------------------
at or above the end of the pass                         yes
of an aborted transaction                               no
without a key                                           no
whose key has a later record below the end of the pass  no
a tombstone, that is without a value                    until `tombstones_before`
any other                                               yes

A batch without records goes, but where it tells the last sequence of a producer; a marker goes
when no batch of its transaction is left, and it is below `markers_before`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from accord_log.kafka.errors import KafkaError
from accord_log.kafka.records import keep_records, read_marker, read_records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord_log.kafka.records import BatchHeader, Record

SHORT_KEY = 16  # bytes
DIGEST_SIZE = SHORT_KEY + 1  # so that no short key is the digest of a long one


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one pass goes by: offsets, aborted transactions, and batches that are never dropped."""

    aborted: tuple[tuple[int, int], ...]  # producer id, first offset; in order of the offsets
    last_batches: frozenset[int]  # base offsets of the batches that producers sent last
    tombstones_before: int
    markers_before: int


class AbortedRecords:
    """Tells which batches count for nothing. Batches are shown to it in order."""

    def __init__(self, aborted: Iterable[tuple[int, int]]) -> None:
        self._coming = sorted(aborted, key=lambda row: row[1], reverse=True)
        self._open: set[int] = set()

    def has(self, header: BatchHeader) -> bool:
        """Tell whether a batch is of an aborted transaction."""
        while self._coming and self._coming[-1][1] <= header.base_offset:
            self._open.add(self._coming.pop()[0])
        return header.is_transactional and header.producer_id in self._open

    def end(self, producer_id: int) -> None:
        """Take the end of a producer's transaction into account."""
        self._open.discard(producer_id)


class LatestOffsets:
    """The last offset of every key. Long keys are known by a digest."""

    def __init__(self) -> None:
        self._offsets: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._offsets)

    def note(self, batch: memoryview) -> None:
        """Take the records of a batch into account. Raises KafkaError."""
        for record in read_records(batch):
            if record.key is not None:
                self._offsets[_short(record.key)] = record.offset

    def is_latest(self, key: bytes, offset: int) -> bool:
        return self._offsets.get(_short(key), -1) <= offset


def _short(key: bytes) -> bytes:
    return key if len(key) <= SHORT_KEY else blake2b(key, digest_size=DIGEST_SIZE).digest()


class Cleaner:
    """Chooses what is kept of each batch. Batches are shown to it in order."""

    def __init__(self, rules: Rules, latest: LatestOffsets) -> None:
        self._rules = rules
        self._latest = latest
        self._aborted = AbortedRecords(rules.aborted)
        self._unfinished: set[int] = set()  # producers with batches that were kept, and no marker

    def clean(self, header: BatchHeader, batch: memoryview) -> bytearray | memoryview | None:
        """Return what is kept of a batch, which is the batch itself where that is all."""
        if header.is_control:
            return self._clean_marker(header, batch)
        kept = self._clean_records(header, batch)
        if kept is not None and header.is_transactional:
            self._unfinished.add(header.producer_id)
        return kept

    def _clean_marker(self, header: BatchHeader, batch: memoryview) -> memoryview | None:
        self._aborted.end(header.producer_id)
        is_needed = header.producer_id in self._unfinished
        self._unfinished.discard(header.producer_id)
        is_old = header.base_offset < self._rules.markers_before
        return None if is_old and not is_needed and _is_marker(batch) else batch

    def _clean_records(
        self, header: BatchHeader, batch: memoryview
    ) -> bytearray | memoryview | None:
        is_aborted = self._aborted.has(header)
        kept: set[int] = set()
        if not is_aborted:
            try:
                records = read_records(batch)
            except KafkaError:
                return batch  # nobody can tell what is in it, so that nothing is taken away
            kept = {record.offset for record in records if self._is_kept(record)}
            if kept and len(kept) == len(records):
                return batch
        if not kept and header.base_offset not in self._rules.last_batches:
            return None
        if not header.record_count:
            return batch
        try:
            return keep_records(batch, lambda record: record.offset in kept)
        except KafkaError:
            return None  # aborted, and nobody could have read it

    def _is_kept(self, record: Record) -> bool:
        if record.key is None or not self._latest.is_latest(record.key, record.offset):
            return False
        return record.value is not None or record.offset >= self._rules.tombstones_before


def _is_marker(batch: memoryview) -> bool:
    try:
        read_marker(batch)
    except KafkaError:
        return False
    return True
