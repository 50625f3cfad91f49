"""Records out of partitions, batch by batch."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from accord_log.embedded.error import failure
from accord_log.kafka.errors import KafkaError
from accord_log.kafka.records import (
    read_header,
    read_marker,
    read_records,
    read_values,
    split_batches,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from accord_log.broker.partition import Partition
    from accord_log.kafka.records import BatchHeader, Record

T = TypeVar("T")

READ_BYTES = 1 << 20


class Batch:
    """A batch of records, decoded when it is asked for them."""

    __slots__ = ("data", "header")

    def __init__(self, data: memoryview, header: BatchHeader) -> None:
        self.data = data
        self.header = header

    def records(self, offset: int) -> list[Record]:
        """Return the records from an offset on."""
        records = read_records(self.data)
        if self.header.base_offset >= offset:
            return records
        return [record for record in records if record.offset >= offset]

    def values(self, offset: int) -> Sequence[bytes | None]:
        """Return the values alone, from an offset on."""
        if self.header.base_offset >= offset:
            return read_values(self.data)
        return [record.value for record in self.records(offset)]


class AbortedFilter:
    """Leaves out what was aborted, in the order of the log.

    A producer's transaction is aborted from its first offset to the producer's next marker.
    """

    def __init__(self, aborted: Iterable[tuple[int, int]]) -> None:
        self._coming = sorted(aborted, key=lambda found: found[1], reverse=True)
        self._aborting: set[int] = set()

    def passes(self, batch: Batch) -> bool:
        """Tell whether the batch is for readers."""
        header = batch.header
        while self._coming and self._coming[-1][1] <= header.last_offset:
            self._aborting.add(self._coming.pop()[0])
        if header.is_control:
            if not read_marker(batch.data).commit:
                self._aborting.discard(header.producer_id)
            return False
        return not (header.is_transactional and header.producer_id in self._aborting)


def read_batches(
    partition: Partition, offset: int, *, committed: bool, max_bytes: int = READ_BYTES
) -> tuple[list[Batch], int]:
    """Return batches for readers, and the offset to go on with, which may be past them.

    Raises KafkaError: OFFSET_OUT_OF_RANGE.
    """
    data = partition.read(offset, max_bytes, committed=committed)
    if not data:
        return [], offset
    batches = [Batch(view, read_header(view)) for view in split_batches(data)]
    following = batches[-1].header.next_offset
    if committed:
        passing = AbortedFilter(partition.aborted(offset, data)).passes
        return [batch for batch in batches if passing(batch)], following
    return [batch for batch in batches if not batch.header.is_control], following


def records_from(partition: Partition, offset: int, *, committed: bool) -> Iterator[Record]:
    """Yield records up to what is now the end. Raises KafkaException."""
    return chain.from_iterable(_parts(partition, offset, Batch.records, committed=committed))


def values_from(partition: Partition, offset: int, *, committed: bool) -> Iterator[bytes | None]:
    """Yield values up to what is now the end. Raises KafkaException."""
    return chain.from_iterable(_parts(partition, offset, Batch.values, committed=committed))


def _parts(
    partition: Partition, offset: int, take: Callable[[Batch, int], T], *, committed: bool
) -> Iterator[T]:
    """Yield what is taken of each batch."""
    end = partition.last_stable_offset if committed else partition.high_watermark
    try:
        while offset != end:
            batches, following = read_batches(partition, offset, committed=committed)
            if following == offset:
                return
            for batch in batches:
                yield take(batch, offset)
            offset = following
            if offset > end:
                return
    except KafkaError as error:
        raise failure(error.code, error.text) from error
