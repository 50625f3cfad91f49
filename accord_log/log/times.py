"""Records by their times, exactly: batches say which is the latest of theirs, and one is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import KafkaError
from accord_log.kafka.records import read_records
from accord_log.log.index import NO_TIMESTAMP
from accord_log.log.walk import walk_headers

if TYPE_CHECKING:
    from accord_log.kafka.records import BatchHeader
    from accord_log.log.segment import Segment


def find_time(segment: Segment, timestamp: int, *, start: int) -> tuple[int, int] | None:
    """Return offset and time of the first record from `start` on that is not before the time.

    Raises DamagedBatch, OSError.
    """
    if segment.summary.max_timestamp < timestamp:
        return None
    relative, position = segment.index.before_time(timestamp)
    stretch = segment.stretch(position, segment.base_offset + relative)
    for _, header in walk_headers(segment.file, stretch):
        if header.max_timestamp >= timestamp and header.next_offset > start:
            times = ((o, t) for o, t in _times_in(segment, header, start) if t >= timestamp)
            found = next(times, None)
            if found is not None:
                return found
    return None


def latest_time(segment: Segment, *, start: int) -> int:
    """Return the latest time of the records from `start` on, -1 if none has one.

    Raises DamagedBatch, OSError.
    """
    if start <= segment.base_offset:
        return segment.summary.max_timestamp
    latest = NO_TIMESTAMP
    for _, header in segment.headers(start):
        times = [header.max_timestamp]
        if header.base_offset < start and header.max_timestamp > latest:
            times = [time for _, time in _times_in(segment, header, start)]
        latest = max(latest, *times)
    return latest


def _times_in(segment: Segment, header: BatchHeader, start: int) -> list[tuple[int, int]]:
    """Return offset and time of the records of a batch from `start` on."""
    batch = segment.read(header.base_offset, header.size, below=header.next_offset)
    try:
        records = read_records(batch)
    except KafkaError:
        # A client wrote what nobody can read; its header is all there is.
        return [(max(header.base_offset, start), header.max_timestamp)]
    return [(record.offset, record.timestamp) for record in records if record.offset >= start]
