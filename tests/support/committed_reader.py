"""A consumer of committed records, as the clients of Apache Kafka do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.records import read_header, read_marker, read_records, split_batches

if TYPE_CHECKING:
    from accord_log.kafka.records import Record
    from accord_log.log.partition_log import PartitionLog


def committed_records(log: PartitionLog, start: int, max_bytes: int) -> list[Record]:
    """Return the records from an offset up to the last stable one that are not aborted."""
    found: list[Record] = []
    offset = start
    while data := log.read(offset, max_bytes, below=log.last_stable_offset):
        batches = split_batches(data)
        last = read_header(batches[-1]).last_offset
        found += read_answer(batches, log.aborted(offset, last), offset)
        offset = last + 1
    return found


def read_answer(
    batches: list[memoryview], aborted: list[tuple[int, int]], start: int
) -> list[Record]:
    """Return the committed records of one answer, which tells what was aborted."""
    coming = sorted(aborted, key=lambda row: row[1])
    ignored: set[int] = set()
    found: list[Record] = []
    for one in batches:
        header = read_header(one)
        while coming and coming[0][1] <= header.last_offset:
            ignored.add(coming.pop(0)[0])
        if header.is_control:
            if not read_marker(one).commit:
                ignored.discard(header.producer_id)
        elif not (header.is_transactional and header.producer_id in ignored):
            found += [record for record in read_records(one) if record.offset >= start]
    return found
