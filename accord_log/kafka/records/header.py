"""The fixed part of a record batch of magic 2, the only one that is spoken.

baseOffset int64 | batchLength int32 | partitionLeaderEpoch int32 | magic int8 | crc uint32
attributes int16 | lastOffsetDelta int32 | baseTimestamp int64 | maxTimestamp int64
producerId int64 | producerEpoch int16 | baseSequence int32 | recordCount int32 | records

batchLength counts what follows it. The CRC-32C is over the attributes and what follows them, so
that a broker may set the offset and the leader's epoch of a batch it does not look into.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from crc32c import crc32c

from accord_log.kafka.compression import Codec, compress
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records.varint import wrapped

if TYPE_CHECKING:
    from typing import Unpack

    from accord_log.kafka.fields import Buffer, Writable

MAGIC = 2
HEADER = struct.Struct(">qiibIhiqqqhii")
HEADER_SIZE = HEADER.size
LENGTH_END = 12  # of baseOffset and batchLength, which batchLength does not count
CRC_START = 21
SMALLEST_LENGTH = HEADER_SIZE - LENGTH_END
SMALLEST_RECORD = 7  # a byte each: length, attributes, time, offset, key, value, headers

CODEC_BITS = 0b111
APPEND_TIME = 1 << 3
TRANSACTIONAL = 1 << 4
CONTROL = 1 << 5
# Bit 6 says that compaction has put its own time where the base timestamp was.
PRODUCERS_BITS = CODEC_BITS | TRANSACTIONAL | CONTROL

NO_TIMESTAMP = -1
NO_PRODUCER = -1
NO_EPOCH = -1
NO_SEQUENCE = -1
# Sequences count on from 0 after 2**31 - 1.
SEQUENCE_MASK = 0x7FFFFFFF

_BASE_OFFSET = struct.Struct(">q")
_BATCH_LENGTH = struct.Struct(">i")
_LENGTH_POSITION = 8
_LEADER_EPOCH = struct.Struct(">i")
_CRC = struct.Struct(">I")
_CRC_POSITION = 17
_ATTRIBUTES = struct.Struct(">h")
_MAX_TIMESTAMP = struct.Struct(">q")
_MAX_TIMESTAMP_POSITION = 35


class BatchHeader(NamedTuple):
    """What a broker knows of a batch without opening it."""

    base_offset: int
    batch_length: int
    partition_leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @property
    def size(self) -> int:
        """Return the bytes of the whole batch."""
        return self.batch_length + LENGTH_END

    @property
    def last_offset(self) -> int:
        return self.base_offset + self.last_offset_delta

    @property
    def next_offset(self) -> int:
        return self.base_offset + self.last_offset_delta + 1

    @property
    def codec(self) -> Codec:
        """Raises KafkaError: UNSUPPORTED_COMPRESSION_TYPE."""
        number = self.attributes & CODEC_BITS
        if number > Codec.ZSTD:
            text = f"Unknown compression type {number}"
            raise KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, text)
        return Codec(number)

    @property
    def is_append_time(self) -> bool:
        """Tell whether every record has the time at which the batch was appended."""
        return bool(self.attributes & APPEND_TIME)

    @property
    def is_transactional(self) -> bool:
        return bool(self.attributes & TRANSACTIONAL)

    @property
    def is_control(self) -> bool:
        return bool(self.attributes & CONTROL)

    @property
    def has_producer(self) -> bool:
        """Tell whether the epoch and the sequence mean anything: clients write any without."""
        return self.producer_id >= 0

    def time_of(self, delta_ms: int) -> int:
        """Return the time of a record that is so far from the base timestamp."""
        return (
            self.max_timestamp if self.is_append_time else wrapped(self.base_timestamp + delta_ms)
        )

    @property
    def last_sequence(self) -> int:
        """Return the sequence of the last record, -1 when the records are not numbered."""
        if self.base_sequence < 0:
            return NO_SEQUENCE
        return (self.base_sequence + self.last_offset_delta) & SEQUENCE_MASK

    @property
    def next_sequence(self) -> int:
        """Return the sequence that must follow, -1 when the records are not numbered."""
        last = self.last_sequence
        return NO_SEQUENCE if last < 0 else (last + 1) & SEQUENCE_MASK


class BatchFields(TypedDict, total=False):
    """What the writer of a batch may say of it."""

    base_offset: int
    codec: Codec
    producer_id: int
    producer_epoch: int
    base_sequence: int
    transactional: bool


def read_header(buffer: Buffer, position: int = 0) -> BatchHeader:
    """Return the fixed part; nothing but the room for it is checked. Raises KafkaError."""
    if len(buffer) - position < HEADER_SIZE:
        raise corrupt(f"A batch has at least {HEADER_SIZE} bytes, not {len(buffer) - position}")
    return BatchHeader._make(HEADER.unpack_from(buffer, position))


def corrupt(text: str) -> KafkaError:
    """Return the error for bytes that are not what was once written."""
    return KafkaError(ErrorCode.CORRUPT_MESSAGE, text)


def invalid(text: str) -> KafkaError:
    """Return the error for what arrived as it was written, and was written wrongly."""
    return KafkaError(ErrorCode.INVALID_RECORD, text)


def place(batch: Writable, base_offset: int, leader_epoch: int = 0) -> None:
    """Give the batch its offset, in place; the CRC does not cover it."""
    _BASE_OFFSET.pack_into(batch, 0, base_offset)
    _LEADER_EPOCH.pack_into(batch, LENGTH_END, leader_epoch)


def stamp_append_time(batch: Writable, timestamp_ms: int) -> None:
    """Give every record the time, in place: topics with message.timestamp.type=LogAppendTime."""
    (attributes,) = _ATTRIBUTES.unpack_from(batch, CRC_START)
    _ATTRIBUTES.pack_into(batch, CRC_START, attributes | APPEND_TIME)
    _MAX_TIMESTAMP.pack_into(batch, _MAX_TIMESTAMP_POSITION, timestamp_ms)
    _write_crc(batch)


def checksum(batch: Buffer) -> int:
    """Return the CRC-32C that the batch must have."""
    return crc32c(memoryview(batch)[CRC_START:])


def seal(
    batch: bytearray, *, count: int, timestamps: tuple[int, int], **fields: Unpack[BatchFields]
) -> bytearray:
    """Write the header over the first bytes, compress the records behind it, and return the batch.

    `timestamps` are those of the first record and of the latest.
    """
    codec = fields.get("codec", Codec.NONE)
    return _write(
        batch,
        codec,
        fields.get("base_offset", 0),
        0,  # the length
        0,
        MAGIC,
        0,  # the CRC
        codec | (TRANSACTIONAL if fields.get("transactional") else 0),
        count - 1,
        *timestamps,
        fields.get("producer_id", NO_PRODUCER),
        fields.get("producer_epoch", NO_EPOCH),
        fields.get("base_sequence", NO_SEQUENCE),
        count,
    )


def write_header(batch: bytearray, header: BatchHeader) -> bytearray:
    """Write the header over the first bytes of plain records, and return the batch in its codec.

    Length and CRC are what they must be, whatever the header says.
    """
    return _write(batch, header.codec, *header)


def _write(batch: bytearray, codec: Codec, *header: int) -> bytearray:
    if codec is not Codec.NONE:
        batch[HEADER_SIZE:] = compress(codec, memoryview(batch)[HEADER_SIZE:].toreadonly())
    HEADER.pack_into(batch, 0, *header)
    _BATCH_LENGTH.pack_into(batch, _LENGTH_POSITION, len(batch) - LENGTH_END)
    _write_crc(batch)
    return batch


def _write_crc(batch: Writable) -> None:
    _CRC.pack_into(batch, _CRC_POSITION, checksum(batch))
