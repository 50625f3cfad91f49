"""Headers of batches as a partition sees them, without the batches."""

from __future__ import annotations

from accord_log.kafka.records.header import CONTROL, TRANSACTIONAL, BatchHeader


def header_of(  # noqa: PLR0913 - one for each thing a partition looks at
    producer_id: int = 1,
    *,
    at: int = 0,
    sequence: int = 0,
    count: int = 1,
    epoch: int = 0,
    transactional: bool = False,
    control: bool = False,
    timestamp: int = 0,
) -> BatchHeader:
    """Return the header of `count` records at an offset."""
    return BatchHeader(
        base_offset=at,
        batch_length=100,
        partition_leader_epoch=0,
        magic=2,
        crc=0,
        attributes=TRANSACTIONAL * (transactional or control) | CONTROL * control,
        last_offset_delta=count - 1,
        base_timestamp=timestamp,
        max_timestamp=timestamp,
        producer_id=producer_id,
        producer_epoch=epoch,
        base_sequence=-1 if control else sequence,
        record_count=count,
    )
