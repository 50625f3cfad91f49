"""Whatever bytes arrive: records, or a KafkaError, and little time and memory."""

from __future__ import annotations

import struct
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from record_batches import NOW, batches, resealed, untimed

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import (
    Codec,
    Record,
    check_batch,
    compiled,
    decoding,
    encode_batch,
    encode_values,
    interpreted,
    keep_records,
    keys_and_values,
    keys_are_present,
    read_header,
    read_marker,
    read_records,
    read_values,
    recompress,
    split_batches,
)
from accord_log.kafka.records.header import HEADER_SIZE, write_header
from accord_log.kafka.records.varint import MAX_VARINT_BYTES, read_varint, varint, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

READS: tuple[Callable[[bytes], object], ...] = (
    read_records,
    read_values,
    keys_and_values,
    keys_are_present,
    split_batches,
    check_batch,
    read_marker,
    lambda batch: recompress(batch, Codec.ZSTD),
    lambda batch: keep_records(batch, lambda record: bool(record.offset % 2)),
)
REFUSALS = {
    ErrorCode.CORRUPT_MESSAGE,
    ErrorCode.INVALID_RECORD,
    # Noise may say of itself that it is large.
    ErrorCode.MESSAGE_TOO_LARGE,
}
HUGE = (1 << 31, 1 << 62, (1 << 63) - 1, (1 << 63) - 40, (1 << 63) - 100, -(1 << 63), -2)

# Often near the start, where the numbers of the first records stand, or the end.
damages = st.tuples(
    st.one_of(st.integers(0, 40), st.integers(-9, -1), st.integers(0, 50_000)), st.integers(0, 255)
)


def outcome(read: Callable[[], Any]) -> Any:
    """Return what was read, or that it was refused."""
    try:
        return read()
    except KafkaError as error:
        if error.code not in REFUSALS:
            raise
        return "refused"


def compiled_alone(plain: bytes) -> list[Record]:
    found = compiled.records(plain)
    if found is None:
        raise KafkaError(ErrorCode.INVALID_RECORD)
    return found


def has_odd_names(found: object) -> bool:
    """Tell whether a header's name was no text, which only Python reads."""
    return isinstance(found, list) and any(
        "\ufffd" in name for record in found for name, _ in record.headers
    )


def test_every_truncation_is_refused() -> None:
    batch = bytes(encode_batch([Record(0, NOW, b"key", b"value", (("h", b"x"),))] * 2))
    for size in range(len(batch)):
        for read in (check_batch, read_records, read_values):
            with pytest.raises(KafkaError) as caught:
                read(batch[:size])
            assert caught.value.code == ErrorCode.CORRUPT_MESSAGE


@pytest.mark.parametrize("codec", Codec)
def test_every_flipped_bit_is_refused_or_outside_the_crc(codec: Codec) -> None:
    good = encode_batch([Record(0, NOW, b"key", b"value", (("h", b"x"),))] * 2, codec=codec)
    header = check_batch(good)
    for position in range(len(good)):
        for bit in range(8):
            batch = bytearray(good)
            batch[position] ^= 1 << bit
            if position < 8 or 12 <= position < 16:
                flipped = check_batch(batch)
                assert flipped._replace(base_offset=0, partition_leader_epoch=0) == header
                continue
            with pytest.raises(KafkaError) as caught:
                check_batch(batch)
            if position != 16:
                assert caught.value.code == ErrorCode.CORRUPT_MESSAGE


@untimed
@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    for read in READS:
        outcome(lambda read=read: read(noise))


@untimed
@given(st.binary(max_size=200), st.integers(-2, 40), st.sampled_from(Codec))
def test_noise_behind_a_good_header_is_records_or_refused(
    noise: bytes, count: int, codec: Codec
) -> None:
    batch = encode_values([b"x"], NOW)[:HEADER_SIZE] + noise
    batch = resealed(batch, record_count=count, last_offset_delta=max(0, count - 1))
    struct.pack_into(">h", batch, 21, codec)
    for read in READS:
        outcome(lambda read=read: read(bytes(batch)))


@settings(untimed, max_examples=400)
@given(batches, st.lists(damages, min_size=1, max_size=3))
def test_both_readers_agree_on_damaged_records(
    records: list[Record], damage: list[tuple[int, int]]
) -> None:
    batch = encode_batch(records)
    for distance, byte in damage:
        batch[HEADER_SIZE + distance % (len(batch) - HEADER_SIZE)] = byte
    plain = bytes(resealed(batch))
    ours = outcome(lambda: interpreted.records(plain, read_header(plain)))
    if not has_odd_names(ours):
        assert outcome(lambda: compiled_alone(plain)) == ours
    for read in READS:
        outcome(lambda read=read: read(plain))


def one_record(*fields: bytes) -> bytes:
    body = b"".join(fields)
    header = read_header(encode_values([b"x"], NOW))
    return bytes(write_header(bytearray(HEADER_SIZE) + varint(len(body)) + body, header))


@pytest.mark.parametrize("huge", HUGE)
def test_lengths_beyond_reason_are_refused(huge: int) -> None:
    start, absent = b"\0\0\0", varint(-1)
    padding = bytes(64)
    shapes = {
        "key": one_record(start, varint(huge), padding),
        "value": one_record(start, absent, varint(huge), padding),
        "headers": one_record(start, absent, absent, varint(huge), padding),
        "header name": one_record(start, absent, absent, varint(1), varint(huge), padding),
        "header value": one_record(start, absent, absent, varint(1), varint(0), varint(huge)),
    }
    for batch in shapes.values():
        both = [
            outcome(lambda batch=batch: compiled_alone(batch)),
            outcome(lambda batch=batch: interpreted.records(batch, read_header(batch))),
        ]
        assert both[0] == both[1]
        if huge > 0:
            assert both[0] == "refused"


@pytest.mark.parametrize("count", [-1, 2, 3, 1000, (1 << 31) - 1])
def test_a_count_that_the_records_belie_is_refused(count: int) -> None:
    batch = resealed(encode_values([b"x"], NOW), record_count=count)
    for codec in (Codec.NONE, Codec.ZSTD):
        changed = write_header(batch[:], read_header(batch)._replace(attributes=int(codec)))
        for read in (read_records, read_values, keys_and_values, keys_are_present):
            with pytest.raises(KafkaError) as caught:
                read(changed)
            assert caught.value.code == ErrorCode.INVALID_RECORD


def test_a_lie_allocates_nothing() -> None:
    batches_of_lies = [
        resealed(encode_values([b"x"], NOW), record_count=(1 << 31) - 1),
        one_record(b"\0\0\0", varint(-1), varint((1 << 31) - 1), bytes(64)),
        one_record(b"\0\0\0", varint(-1), varint(-1), varint((1 << 31) - 1), bytes(64)),
    ]
    outcome(lambda: read_records(batches_of_lies[0]))
    tracemalloc.start()
    for batch in batches_of_lies:
        assert outcome(lambda batch=batch: read_records(batch)) == "refused"
        header, plain = read_header(batch), bytes(batch)
        outcome(lambda plain=plain, header=header: interpreted.records(plain, header))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@untimed
@given(st.integers(-(1 << 63), (1 << 63) - 1))
@example(-(1 << 63))
@example((1 << 63) - 1)
def test_numbers_come_back(number: int) -> None:
    encoded = varint(number)
    assert read_varint(encoded, 0) == (number, len(encoded))
    assert wrapped(number) == number


def test_a_number_that_does_not_end_is_refused() -> None:
    with pytest.raises(KafkaError):
        read_varint(b"\xff" * (MAX_VARINT_BYTES + 1), 0)
    with pytest.raises(IndexError):
        read_varint(b"\xff\xff", 0)
    assert decoding.opened(encode_values([b"x"], NOW))[0].record_count == 1
