"""Records from batches, by the compiled reader if it can.

The bytes of the records are anything a client may have sent: a CRC says only that they arrived.
All raise KafkaError: INVALID_RECORD for records that are none, MESSAGE_TOO_LARGE for what grows too
large, CORRUPT_MESSAGE for a buffer that is not one whole batch. None of them checks the CRC.
"""

from __future__ import annotations

from operator import lt
from typing import TYPE_CHECKING

from accord_log.kafka.compression import Codec, decompress
from accord_log.kafka.records import compiled, interpreted
from accord_log.kafka.records.checks import check_shape
from accord_log.kafka.records.header import (
    CODEC_BITS,
    HEADER,
    HEADER_SIZE,
    SMALLEST_RECORD,
    invalid,
)

if TYPE_CHECKING:
    from accord_log.kafka.fields import Buffer
    from accord_log.kafka.records.header import BatchHeader
    from accord_log.kafka.records.record import Record


def read_records(batch: Buffer) -> list[Record]:
    """Return the records; their offsets ascend, and are the batch's own."""
    return records_of(*opened(batch))


def records_of(header: BatchHeader, plain: bytes) -> list[Record]:
    """Return the records of what `opened` returned."""
    records = compiled.records(plain)
    if records is None:
        records = interpreted.records(plain, header)
    _check_offsets(header, [record.offset for record in records])
    return records


def read_values(batch: Buffer) -> list[bytes | None]:
    """Return the values alone."""
    header, plain = opened(batch)
    values = compiled.read(plain, compiled.VALUE)
    if values is None:
        values = [span.value for span in interpreted.spans(plain, header)]
    return values


def keys_and_values(batch: Buffer) -> list[tuple[bytes | None, bytes | None]]:
    """Return the keys and values alone."""
    header, plain = opened(batch)
    pairs = compiled.read(plain, compiled.KEY_AND_VALUE)
    if pairs is None:
        pairs = [(span.key, span.value) for span in interpreted.spans(plain, header)]
    return pairs


def keys_are_present(batch: Buffer) -> bool:
    """Tell whether every record has a key, as those of a compacted topic must."""
    header, plain = opened(batch)
    keys = compiled.read(plain, compiled.KEY)
    if keys is None:
        keys = [span.key for span in interpreted.spans(plain, header)]
    return None not in keys


def opened(batch: Buffer) -> tuple[BatchHeader, bytes]:
    """Return the header, and the whole batch without compression."""
    header = check_shape(batch)
    plain = bytes(batch) if header.codec is Codec.NONE else _decompressed(batch, header)
    # Before anybody makes room for as many.
    if not 0 <= header.record_count <= (len(plain) - HEADER_SIZE) // SMALLEST_RECORD:
        raise invalid(f"{header.record_count} records in {len(plain) - HEADER_SIZE} bytes")
    return header, plain


def _decompressed(batch: Buffer, header: BatchHeader) -> bytes:
    records = memoryview(batch)[HEADER_SIZE:]
    # What compaction leaves of a batch may have no records, and then nothing that is a codec's.
    body = decompress(header.codec, records) if records else b""
    return HEADER.pack(*header._replace(attributes=header.attributes & ~CODEC_BITS)) + body


def _check_offsets(header: BatchHeader, offsets: list[int]) -> None:
    """Refuse what would send a reader back, or past records of other batches."""
    first = header.base_offset
    if offsets == list(range(first, first + len(offsets))):
        return
    is_ascending = all(map(lt, offsets, offsets[1:]))
    if not is_ascending or offsets[0] < first or offsets[-1] > header.last_offset:
        raise invalid(f"Offsets that are not in order from {first} to {header.last_offset}")
