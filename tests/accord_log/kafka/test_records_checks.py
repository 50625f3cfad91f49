"""What a producer's batch may say of itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_batches import BUILDERS, NOW, resealed, untimed

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import (
    HEADER_SIZE,
    Codec,
    Record,
    check_batch,
    check_integrity,
    control_batch,
    encode_values,
    place,
    read_header,
    split_batches,
    stamp_append_time,
)
from accord_log.kafka.records.header import checksum

MOST = (1 << 31) - 1
PRODUCER: dict[str, Any] = {"producer_id": 5, "producer_epoch": 1, "base_sequence": 0}

REFUSED: dict[str, tuple[dict[str, Any], ErrorCode]] = {
    "no records": ({"record_count": 0, "last_offset_delta": -1}, ErrorCode.INVALID_RECORD),
    "fewer than none": ({"record_count": -1, "last_offset_delta": -2}, ErrorCode.INVALID_RECORD),
    "an offset too many": ({"last_offset_delta": 3}, ErrorCode.INVALID_RECORD),
    "an offset too few": ({"last_offset_delta": 1}, ErrorCode.INVALID_RECORD),
    "more records than bytes": (
        {"record_count": MOST, "last_offset_delta": MOST - 1},
        ErrorCode.INVALID_RECORD,
    ),
    "a producer without a sequence": ({**PRODUCER, "base_sequence": -1}, ErrorCode.INVALID_RECORD),
    "a producer without an epoch": ({**PRODUCER, "producer_epoch": -1}, ErrorCode.INVALID_RECORD),
    "a producer below none": ({"producer_id": -2}, ErrorCode.INVALID_RECORD),
    "a transaction of nobody": ({"attributes": 1 << 4}, ErrorCode.INVALID_RECORD),
    "the time of the append": ({"attributes": 1 << 3}, ErrorCode.INVALID_TIMESTAMP),
    "a time of compaction": ({"attributes": 1 << 6}, ErrorCode.INVALID_RECORD),
    "an unknown attribute": ({"attributes": 1 << 9}, ErrorCode.INVALID_RECORD),
    "a negative attribute": ({"attributes": -(1 << 15)}, ErrorCode.INVALID_RECORD),
    "codec 5": ({"attributes": 5}, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE),
    "codec 7": ({"attributes": 7}, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE),
    "message format 0": ({"magic": 0}, ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT),
    "message format 1": ({"magic": 1}, ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT),
    "message format 3": ({"magic": 3}, ErrorCode.INVALID_RECORD),
    "message format -1": ({"magic": -1}, ErrorCode.INVALID_RECORD),
}


def changed(fields: dict[str, Any]) -> bytearray:
    """Return a batch of three whose header says something else, under a right CRC."""
    batch = encode_values([b"a", b"b", b"c"], NOW)
    header = read_header(batch)._replace(**fields)
    bits = header.attributes
    resealed_batch = resealed(batch, **{**fields, "attributes": 0})
    resealed_batch[21:23] = bits.to_bytes(2, "big", signed=True)
    resealed_batch[17:21] = checksum(resealed_batch).to_bytes(4, "big")
    return resealed_batch


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    fields, code = REFUSED[name]
    with pytest.raises(KafkaError) as caught:
        check_batch(changed(fields))
    assert caught.value.code == code
    assert caught.value.text


@pytest.mark.parametrize(
    "fields",
    [
        {},
        PRODUCER,
        {**PRODUCER, "attributes": 1 << 4, "base_sequence": MOST},
        # What kafkajs and Sarama say where no producer is meant.
        {"producer_epoch": 0, "base_sequence": 0},
        {"base_sequence": 0},
        {"base_offset": 99, "partition_leader_epoch": -1},
        {"base_timestamp": -1, "max_timestamp": -1},
    ],
)
def test_it_is_accepted(fields: dict[str, Any]) -> None:
    header = check_batch(changed(fields))
    assert header._replace(**fields) == header


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("codec", Codec)
def test_what_clients_build_is_accepted(builder: str, codec: Codec) -> None:
    batch = BUILDERS[builder]([Record(0, NOW, None, bytes(2000))] * 3, codec)
    header = check_batch(batch)
    assert (header.record_count, header.codec, header.size) == (3, codec, len(batch))


def test_what_only_the_broker_writes_is_whole() -> None:
    stamped = encode_values([b"a"], NOW)
    stamp_append_time(stamped, NOW + 5)
    header = check_integrity(stamped)
    assert header.is_append_time
    assert (header.base_timestamp, header.max_timestamp) == (NOW, NOW + 5)
    compacted = changed({"record_count": 3, "last_offset_delta": 40})
    assert check_integrity(compacted).last_offset == 40


def test_a_control_batch_says_so() -> None:
    batch = control_batch(commit=True, producer_id=1, producer_epoch=0, timestamp_ms=NOW)
    assert check_batch(batch).is_control


def test_the_offset_and_the_epoch_are_set_without_a_new_crc() -> None:
    batch = encode_values([b"a", b"b"], NOW, producer_id=3, producer_epoch=0, base_sequence=0)
    before = check_batch(batch)
    place(batch, 1 << 40, 7)
    after = check_batch(batch)
    assert after == before._replace(base_offset=1 << 40, partition_leader_epoch=7)
    assert (after.last_offset, after.next_offset) == ((1 << 40) + 1, (1 << 40) + 2)


@pytest.mark.parametrize(
    ("first", "count", "last", "following"),
    [
        (-1, 3, -1, -1),
        (0, 3, 2, 3),
        (MOST, 1, MOST, 0),
        (MOST - 1, 3, 0, 1),
    ],
)
def test_sequences_go_round(first: int, count: int, last: int, following: int) -> None:
    batch = encode_values([b"x"] * count, NOW, base_sequence=first)
    header = read_header(batch)
    assert (header.last_sequence, header.next_sequence) == (last, following)


@untimed
@given(st.lists(st.lists(st.binary(max_size=50), min_size=1, max_size=5), max_size=5))
def test_batches_in_a_row_are_split(groups: list[list[bytes]]) -> None:
    batches = [encode_values(group, NOW) for group in groups]
    assert split_batches(b"".join(batches)) == batches


@pytest.mark.parametrize("length", [-(1 << 31), -1, 0, 48, 1 << 20, MOST])
def test_a_row_that_cannot_be_split_is_refused(length: int) -> None:
    row = encode_values([b"a"], NOW) * 2
    size = len(row) // 2
    row[size + 8 : size + 12] = length.to_bytes(4, "big", signed=True)
    with pytest.raises(KafkaError) as caught:
        split_batches(row)
    assert caught.value.code == ErrorCode.CORRUPT_MESSAGE


def test_a_row_ends_with_a_batch() -> None:
    row = bytes(encode_values([b"a"], NOW) * 2)
    for size in range(len(row)):
        if size in {0, len(row) // 2}:
            continue
        with pytest.raises(KafkaError):
            split_batches(row[:size])


def test_a_header_is_read_where_it_stands() -> None:
    row = encode_values([b"a"], NOW) + encode_values([b"b", b"c"], NOW)
    assert read_header(row, read_header(row).size).record_count == 2
    with pytest.raises(KafkaError):
        read_header(row, len(row) - HEADER_SIZE + 1)
