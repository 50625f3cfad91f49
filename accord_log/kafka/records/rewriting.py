"""Batches from batches, whose records stay byte by byte what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.records.decoding import opened, records_of
from accord_log.kafka.records.header import CODEC_BITS, HEADER_SIZE, write_header
from accord_log.kafka.records.interpreted import slices

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.kafka.compression import Codec
    from accord_log.kafka.fields import Buffer
    from accord_log.kafka.records.record import Record


def recompress(batch: Buffer, codec: Codec) -> bytearray:
    """Return the batch in another codec; a control batch, and one in that codec, as it is.

    Raises KafkaError for what does not decompress.
    """
    header, plain = opened(batch)
    if header.is_control or header.codec is codec:
        return bytearray(batch)
    attributes = header.attributes & ~CODEC_BITS | codec
    return write_header(bytearray(plain), header._replace(attributes=attributes))


def keep_records(batch: Buffer, is_kept: Callable[[Record], bool]) -> bytearray:
    """Return the batch without the other records: offsets, codec and producer stay what they were.

    All may go: what remains still tells the end of a producer's sequence. Raises KafkaError for
    what cannot be read.
    """
    header, plain = opened(batch)
    records = records_of(header, plain)
    rows = zip(records, slices(plain, header), strict=True)
    kept = [(record.timestamp, encoded) for record, encoded in rows if is_kept(record)]
    changed = header._replace(
        # No codec has a way of its own to write nothing.
        attributes=header.attributes if kept else header.attributes & ~CODEC_BITS,
        max_timestamp=max((timestamp for timestamp, _ in kept), default=header.max_timestamp),
        record_count=len(kept),
    )
    return write_header(bytearray().join([bytes(HEADER_SIZE), *(row[1] for row in kept)]), changed)
