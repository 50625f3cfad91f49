"""What is refused before a batch is stored, and what is not believed when it is read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.compression import MAX_DECOMPRESSED_BYTES, Codec
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records.header import (
    APPEND_TIME,
    HEADER_SIZE,
    LENGTH_END,
    MAGIC,
    NO_PRODUCER,
    PRODUCERS_BITS,
    SMALLEST_LENGTH,
    SMALLEST_RECORD,
    BatchHeader,
    checksum,
    corrupt,
    invalid,
    read_header,
)

if TYPE_CHECKING:
    from accord_log.kafka.fields import Buffer


def check_shape(batch: Buffer) -> BatchHeader:
    """Check that the buffer is one batch of the right magic and length. Raises KafkaError."""
    header = read_header(batch)
    if header.magic != MAGIC:
        raise _other_magic(header.magic)
    if header.size != len(batch):
        raise corrupt(f"A batch of {header.size} bytes in {len(batch)}")
    return header


def check_integrity(batch: Buffer) -> BatchHeader:
    """Check that the batch is what was once written, by length and CRC. Raises KafkaError.

    Passes also what clients must not send: control batches, and what compaction leaves.
    """
    header = check_shape(batch)
    if (computed := checksum(batch)) != header.crc:
        raise corrupt(f"Record is corrupt (stored crc = {header.crc}, computed crc = {computed})")
    return header


def check_batch(batch: Buffer) -> BatchHeader:
    """Check everything that a producer's batch says of itself; its records stay untouched.

    Control batches pass: ask the header. Raises KafkaError.
    """
    header = check_integrity(batch)
    _check_count(header)
    _check_attributes(header)
    _check_producer(header)
    return header


def split_batches(buffer: Buffer) -> list[memoryview]:
    """Return the batches that stand in a row, by their lengths alone. Raises KafkaError."""
    view, batches, position = memoryview(buffer), [], 0
    while position < len(view):
        end = position + _size_at(view, position)
        batches.append(view[position:end])
        position = end
    return batches


def _size_at(view: memoryview, position: int) -> int:
    left = len(view) - position
    length = int.from_bytes(view[position + 8 : position + LENGTH_END], "big", signed=True)
    if left < HEADER_SIZE or not SMALLEST_LENGTH <= length <= left - LENGTH_END:
        raise corrupt(f"A batch of {length} bytes after its length, in {left}")
    return length + LENGTH_END


def _other_magic(magic: int) -> KafkaError:
    if magic in {0, 1}:
        text = f"Message format {magic} is of clients before Kafka 0.11"
        return KafkaError(ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT, text)
    return invalid(f"Unknown magic {magic}")


def _check_count(header: BatchHeader) -> None:
    """Offsets are given by the count, which must not outrun what could be in the batch."""
    is_plain = header.codec is Codec.NONE
    room = header.size - HEADER_SIZE if is_plain else MAX_DECOMPRESSED_BYTES
    if not 1 <= header.record_count <= room // SMALLEST_RECORD:
        raise invalid(f"A batch of {header.record_count} records in {room} bytes")
    if header.last_offset_delta != header.record_count - 1:
        raise invalid(f"{header.record_count} records up to offset {header.last_offset_delta}")


def _check_attributes(header: BatchHeader) -> None:
    if header.attributes & APPEND_TIME:
        text = "Producers may not set the timestamp type to LogAppendTime"
        raise KafkaError(ErrorCode.INVALID_TIMESTAMP, text)
    if header.attributes & ~PRODUCERS_BITS:
        raise invalid(f"Unknown attributes {header.attributes:#x}")


def _check_producer(header: BatchHeader) -> None:
    """Without a producer id, kafkajs says epoch 0 and Sarama sequence 0: neither counts."""
    if header.has_producer:
        if header.base_sequence < 0 and not header.is_control:
            raise invalid(f"Producer {header.producer_id} with sequence {header.base_sequence}")
        if header.producer_epoch < 0:
            raise invalid(f"Producer {header.producer_id} with epoch {header.producer_epoch}")
    elif header.producer_id != NO_PRODUCER or header.is_transactional:
        raise invalid(f"Producer {header.producer_id} in a transaction, or out of range")
