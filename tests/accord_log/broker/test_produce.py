"""Batches are appended as they came, or refused with a code that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from one_broker import NOW_MS, World, world

from accord_log.kafka.errors import ErrorCode, ProtocolError
from accord_log.kafka.records import (
    Codec,
    Record,
    control_batch,
    encode_batch,
    encode_values,
    read_header,
    read_records,
    read_values,
    split_batches,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from accord_log.broker.topic_config import SchemaChecks


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, max_message_bytes=10_000) as made:
        made.create("t")
        yield made


def batch_of(*values: bytes, timestamp_ms: int = NOW_MS) -> bytearray:
    return encode_values(list(values), timestamp_ms)


def stored(here: World, topic: str) -> bytes:
    return bytes(here.fetched(topic).records)


def test_offsets_follow_each_other(here: World) -> None:
    assert here.produce("t", batch_of(b"a", b"b")).base_offset == 0
    assert here.produce("t", batch_of(b"c")).base_offset == 2
    batches = split_batches(stored(here, "t"))
    assert [read_values(bytes(batch)) for batch in batches] == [[b"a", b"b"], [b"c"]]
    assert here.fetched("t", 2).high_watermark == 3


def test_a_batch_is_kept_as_it_came_but_for_its_offset(here: World) -> None:
    here.produce("t", batch_of(b"first"))
    batch = encode_values([b"x"] * 50, NOW_MS, codec=Codec.ZSTD)
    here.produce("t", batch)
    kept = bytes(here.fetched("t", 1).records)
    assert kept[8:] == bytes(batch)[8:]
    assert read_header(kept).base_offset == 1


def test_without_acknowledgement_nothing_is_answered(here: World) -> None:
    assert here.produce("t", batch_of(b"a"), acks=0) is None
    assert read_values(stored(here, "t")) == [b"a"]


def test_who_wants_no_answer_is_cut_off_when_refused(here: World) -> None:
    with pytest.raises(ProtocolError, match="UNKNOWN_TOPIC_OR_PARTITION"):
        here.produce("nowhere", batch_of(b"a"), acks=0)


@pytest.mark.parametrize(
    ("topic", "partition", "acks", "code"),
    [
        ("nowhere", 0, -1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("t", 1, -1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("t", -1, -1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("t", 0, 2, ErrorCode.INVALID_REQUIRED_ACKS),
    ],
)
def test_what_has_no_place_is_refused(
    here: World, topic: str, partition: int, acks: int, code: ErrorCode
) -> None:
    answer = here.produce(topic, batch_of(b"a"), partition, acks)
    assert (answer.error_code, answer.base_offset) == (code, -1)


def damaged() -> bytearray:
    batch = batch_of(b"abc")
    batch[-2] ^= 1
    return batch


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        (None, ErrorCode.INVALID_RECORD),
        (b"", ErrorCode.INVALID_RECORD),
        (batch_of(b"a") + batch_of(b"b"), ErrorCode.INVALID_RECORD),
        (damaged(), ErrorCode.CORRUPT_MESSAGE),
        (batch_of(b"a")[:-1], ErrorCode.CORRUPT_MESSAGE),
        (batch_of(bytes(10_001)), ErrorCode.MESSAGE_TOO_LARGE),
        (
            control_batch(commit=True, producer_id=1, producer_epoch=0, timestamp_ms=NOW_MS),
            ErrorCode.INVALID_RECORD,
        ),
        (batch_of(b"a", timestamp_ms=NOW_MS + 2 * 3_600_000), ErrorCode.INVALID_TIMESTAMP),
        (
            encode_values([b"a"], NOW_MS, producer_id=9, producer_epoch=0, base_sequence=0,
                          transactional=True),
            ErrorCode.INVALID_TXN_STATE,
        ),
    ],
    ids=[
        "null", "empty", "two", "damaged", "cut", "large", "control", "future", "no transaction",
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_and_leaves_nothing(
    here: World, batch: bytes | bytearray | None, code: ErrorCode
) -> None:
    assert here.produce("t", batch).error_code == code
    assert here.fetched("t").high_watermark == 0


def test_each_partition_has_an_answer_of_its_own(here: World) -> None:
    assert here.produce("t", damaged()).error_code == ErrorCode.CORRUPT_MESSAGE
    assert here.produce("t", batch_of(b"a")).error_code == ErrorCode.NONE


def test_a_resent_batch_has_its_first_offset(here: World) -> None:
    batch = encode_values([b"a"], NOW_MS, producer_id=5, producer_epoch=0, base_sequence=0)
    assert [here.produce("t", batch).base_offset for _ in range(3)] == [0, 0, 0]
    assert here.fetched("t").high_watermark == 1


def test_records_of_a_compacted_topic_need_keys(here: World) -> None:
    here.create("c", cleanup_policy="compact")
    records = [Record(0, NOW_MS, b"k", b"v", ()), Record(1, NOW_MS, None, b"v", ())]
    answer = here.produce("c", encode_batch(records))
    assert answer.error_code == ErrorCode.INVALID_RECORD
    assert [error.batch_index for error in answer.record_errors] == [1]


def test_the_broker_dates_records_where_the_topic_says_so(here: World) -> None:
    here.create("dated", message_timestamp_type="LogAppendTime")
    answer = here.produce("dated", batch_of(b"a", timestamp_ms=5))
    assert answer.log_append_time_ms == NOW_MS
    assert read_records(stored(here, "dated"))[0].timestamp == NOW_MS


def test_a_topic_may_have_a_codec_of_its_own(here: World) -> None:
    here.create("packed", compression_type="lz4")
    here.produce("packed", batch_of(b"a" * 100, b"b" * 100))
    kept = stored(here, "packed")
    assert read_header(kept).codec is Codec.LZ4
    assert read_values(kept) == [b"a" * 100, b"b" * 100]


class OnlySchema:
    """Refuses values that do not begin with a magic byte."""

    def refusals(
        self, topic: str, checks: SchemaChecks, records: Sequence[Record]
    ) -> list[tuple[int, str]]:
        assert checks.value
        return [
            (index, f"{topic}: no schema")
            for index, record in enumerate(records)
            if not (record.value or b"").startswith(b"\0")
        ]


def test_values_must_name_a_schema_where_the_topic_says_so(tmp_path: Path) -> None:
    with world(tmp_path / "log", validator=OnlySchema()) as here:
        here.create("s", accord_value_schema_validation="true")
        answer = here.produce("s", batch_of(b"\0fine", b"bare"))
        assert answer.error_code == ErrorCode.INVALID_RECORD
        assert [(e.batch_index, e.batch_index_error_message) for e in answer.record_errors] == [
            (1, "s: no schema")
        ]
        assert here.produce("s", batch_of(b"\0fine")).error_code == ErrorCode.NONE


def test_without_a_registry_nothing_can_name_a_schema(here: World) -> None:
    here.create("s", accord_value_schema_validation="true")
    answer = here.produce("s", batch_of(b"\0fine"))
    assert answer.error_code == ErrorCode.INVALID_RECORD
    assert "without a registry" in answer.error_message
