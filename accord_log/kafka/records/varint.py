"""Zigzag varints of up to 64 bits, as records have them."""

from __future__ import annotations

from accord_log.kafka.errors import ErrorCode, KafkaError

MAX_VARINT_BYTES = 10
_BITS = (1 << 64) - 1


def wrapped(value: int) -> int:
    """Return the integer as 64 bits hold it: a sum or difference of two may need one more."""
    return ((value + (1 << 63)) & _BITS) - (1 << 63)


def varint(value: int) -> bytes:
    """Return a signed integer encoded, of which 64 bits are kept; small magnitudes are short."""
    value = wrapped(value)
    rest = (value << 1) ^ (value >> 63)
    encoded = bytearray()
    while rest > 0x7F:  # noqa: PLR2004 - seven bits a byte
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """Return the integer at the position, and where it ends.

    Raises KafkaError for more than ten bytes, and IndexError at the end of the data.
    """
    byte = data[position]
    if byte < 0x80:  # noqa: PLR2004 - the last byte has no high bit
        return byte >> 1 ^ -(byte & 1), position + 1
    bits = 0
    for index in range(MAX_VARINT_BYTES):
        byte = data[position + index]
        bits |= (byte & 0x7F) << 7 * index
        if byte < 0x80:  # noqa: PLR2004 - likewise
            bits &= _BITS
            return bits >> 1 ^ -(bits & 1), position + index + 1
    raise KafkaError(ErrorCode.INVALID_RECORD, "A number of more than ten bytes")
