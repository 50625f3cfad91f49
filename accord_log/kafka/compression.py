"""The codecs of record batches, with a bound on what a few bytes may grow to.

gzip    RFC 1952
snappy  xerial's framing (written and read), or one raw block (read, as librdkafka may write it)
lz4     frames of independent blocks
zstd    RFC 8878
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING

import cramjam

from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from accord_log.kafka.fields import Buffer

    DecompressInto: TypeAlias = Callable[[Buffer, bytearray], int]

# Kafka's socket.request.max.bytes: nobody could have sent as much uncompressed.
MAX_DECOMPRESSED_BYTES = 100 * 1024 * 1024

# Text grows to about eight times its compressed size; what grows more is tried again with more.
LIKELY_RATIO = 8
SMALLEST_OUTPUT = 64 * 1024

GZIP_LEVEL = 6
ZSTD_LEVEL = 3
# cramjam's 0 is what Kafka's lz4 default means: the fast compressor.
LZ4_LEVEL = 0

# Magic, then int32 version and int32 oldest compatible version, then int32-prefixed raw blocks.
XERIAL_MAGIC = b"\x82SNAPPY\x00"
XERIAL_HEADER = XERIAL_MAGIC + struct.pack(">ii", 1, 1)
XERIAL_BLOCK = 32 * 1024
_LENGTH = struct.Struct(">i")


class Codec(IntEnum):
    """Bits 0 to 2 of a batch's attributes."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


def compress(codec: Codec, data: Buffer) -> bytes:
    """Return the data as Kafka's clients read them."""
    return COMPRESSORS[codec](data)


def decompress(codec: Codec, data: Buffer, *, limit: int = MAX_DECOMPRESSED_BYTES) -> bytes:
    """Return the data. Raises KafkaError: INVALID_RECORD; MESSAGE_TOO_LARGE above `limit` bytes.

    A producer that is told MESSAGE_TOO_LARGE halves its batch (Java) or drops it (others).
    """
    if codec is Codec.NONE:
        return bytes(data)
    if codec is Codec.SNAPPY:
        return _decompress_snappy(data, limit)
    return _decompress_frames(codec, data, limit)


def _compress_lz4(data: Buffer) -> bytes:
    # Java's reader refuses blocks that refer to earlier ones.
    compressor = cramjam.lz4.Compressor(level=LZ4_LEVEL, content_checksum=False, block_linked=False)
    compressor.compress(bytes(data))
    return bytes(compressor.finish())


def _compress_snappy(data: Buffer) -> bytes:
    view = memoryview(data)
    parts = [XERIAL_HEADER]
    # At least one block: some readers take a header alone for a raw block.
    for start in range(0, max(1, len(view)), XERIAL_BLOCK):
        block = bytes(cramjam.snappy.compress_raw(view[start : start + XERIAL_BLOCK]))
        parts += (_LENGTH.pack(len(block)), block)
    return b"".join(parts)


COMPRESSORS: dict[Codec, Callable[[Buffer], bytes]] = {
    Codec.NONE: bytes,
    Codec.GZIP: lambda data: bytes(cramjam.gzip.compress(data, GZIP_LEVEL)),
    Codec.SNAPPY: _compress_snappy,
    Codec.LZ4: _compress_lz4,
    Codec.ZSTD: lambda data: bytes(cramjam.zstd.compress(data, ZSTD_LEVEL)),
}

FRAME_READERS: dict[Codec, DecompressInto] = {
    Codec.GZIP: cramjam.gzip.decompress_into,
    Codec.LZ4: cramjam.lz4.decompress_into,
    Codec.ZSTD: cramjam.zstd.decompress_into,
}


def overflow_text(read: DecompressInto, compressed: bytes) -> str:
    """Return how the library says that the output is full: it has no class for it."""
    try:
        read(compressed, bytearray())
    except cramjam.DecompressionError as error:
        return str(error)
    raise ValueError("the data have no bytes")


OVERFLOWS = frozenset(
    overflow_text(read, compress(codec, b"any")) for codec, read in FRAME_READERS.items()
)


def _decompress_frames(codec: Codec, data: Buffer, limit: int) -> bytes:
    for size in _output_sizes(len(data), limit):
        output = bytearray(size)
        try:
            length = FRAME_READERS[codec](data, output)
        except cramjam.DecompressionError as error:
            if str(error) not in OVERFLOWS:
                text = f"The records are not {codec.name}: {error}"
                raise KafkaError(ErrorCode.INVALID_RECORD, text) from error
        else:
            return bytes(memoryview(output)[:length])
    raise _too_large(limit)


def _output_sizes(compressed: int, limit: int) -> Iterator[int]:
    """Yield the sizes to try; the data do not always say theirs, and may lie."""
    size = max(SMALLEST_OUTPUT, compressed * LIKELY_RATIO)
    while size < limit:
        yield size
        size *= LIKELY_RATIO
    yield limit


def _decompress_snappy(data: Buffer, limit: int) -> bytes:
    view = memoryview(data)
    blocks = _xerial_blocks(view) if view[: len(XERIAL_MAGIC)] == XERIAL_MAGIC else iter((view,))
    parts: list[bytes] = []
    for block in blocks:
        part = _decompress_block(block, limit)
        limit -= len(part)
        parts.append(part)
    return b"".join(parts)


def _xerial_blocks(view: memoryview) -> Iterator[memoryview]:
    position = len(XERIAL_HEADER)
    if len(view) < position:
        raise _not_snappy("a header that is cut off")
    while position < len(view):
        start = position + _LENGTH.size
        if start > len(view):
            raise _not_snappy("a block without its length")
        (length,) = _LENGTH.unpack_from(view, position)
        position = start + length
        if length < 0 or position > len(view):
            raise _not_snappy(f"a block of {length} bytes in {len(view) - start}")
        yield view[start:position]


def _decompress_block(block: memoryview, limit: int) -> bytes:
    try:
        # Stands before the block; the library would allocate whatever it says.
        declared = cramjam.snappy.decompress_raw_len(block)
        if declared > limit:
            raise _too_large(limit)
        return bytes(cramjam.snappy.decompress_raw(block))
    except cramjam.DecompressionError as error:
        raise _not_snappy(str(error)) from error


def _not_snappy(reason: str) -> KafkaError:
    return KafkaError(ErrorCode.INVALID_RECORD, f"The records are not SNAPPY: {reason}")


def _too_large(limit: int) -> KafkaError:
    text = f"The records have more than {limit} bytes when decompressed"
    return KafkaError(ErrorCode.MESSAGE_TOO_LARGE, text)
