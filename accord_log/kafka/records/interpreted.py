"""Records read in Python alone: where there is no compiled reader, and where that one refuses.

What one of the two makes of any bytes, the other makes too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accord_log.kafka.records.header import HEADER_SIZE, invalid
from accord_log.kafka.records.record import Record
from accord_log.kafka.records.varint import read_varint, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.kafka.records.header import BatchHeader
    from accord_log.kafka.records.record import Headers


class Span(NamedTuple):
    """A record as it stands in the batch."""

    end: int
    delta_ms: int
    place: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def records(plain: bytes, header: BatchHeader) -> list[Record]:
    """Return the records of a batch without compression. Raises KafkaError: INVALID_RECORD."""
    return [
        Record(
            wrapped(header.base_offset + span.place),
            header.time_of(span.delta_ms),
            span.key,
            span.value,
            span.headers,
        )
        for span in spans(plain, header)
    ]


def spans(plain: bytes, header: BatchHeader) -> Iterator[Span]:
    """Yield the records of a batch without compression. Raises KafkaError: INVALID_RECORD."""
    position = HEADER_SIZE
    try:
        for _ in range(header.record_count):
            span = _span(plain, position)
            position = span.end
            yield span
    except IndexError as error:
        raise invalid("A record ends before its fields do") from error
    if position != len(plain):
        raise invalid(f"{len(plain) - position} bytes after the last record")


def slices(plain: bytes, header: BatchHeader) -> Iterator[bytes]:
    """Yield the bytes of each record, of a batch that has been read before."""
    position = HEADER_SIZE
    for _ in range(header.record_count):
        length, first = read_varint(plain, position)
        yield plain[position : first + length]
        position = first + length


def _span(plain: bytes, start: int) -> Span:
    length, first = read_varint(plain, start)
    # One byte and unused so far; aiokafka reads it so, and up to 127 there is no difference.
    _, position = read_varint(plain, first)
    delta_ms, position = read_varint(plain, position)
    place, position = read_varint(plain, position)
    key, position = _nullable(plain, position)
    value, position = _nullable(plain, position)
    headers, end = _headers(plain, position)
    if end - first != length:
        raise invalid(f"A record of {length} bytes has {end - first}")
    return Span(end, delta_ms, place, key, value, headers)


def _headers(plain: bytes, position: int) -> tuple[Headers, int]:
    count, position = read_varint(plain, position)
    if count == 0:
        return (), position
    if not 0 < count <= (len(plain) - position) // 2:
        raise invalid(f"{count} headers in {len(plain) - position} bytes")
    headers: list[tuple[str, bytes | None]] = []
    for _ in range(count):
        name, position = _nullable(plain, position)
        if name is None:
            raise invalid("A header without a name")
        value, position = _nullable(plain, position)
        # As Java's clients read it.
        headers.append((name.decode(errors="replace"), value))
    return tuple(headers), position


def _nullable(plain: bytes, position: int) -> tuple[bytes | None, int]:
    length, position = read_varint(plain, position)
    if length < 0:
        return None, position
    end = position + length
    if end > len(plain):
        raise invalid(f"A field of {length} bytes in {len(plain) - position}")
    return plain[position:end], end
