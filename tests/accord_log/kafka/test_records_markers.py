"""The ends of transactions, as clients understand them."""

from __future__ import annotations

import pytest
from aiokafka.record._crecords import DefaultRecordBatch
from aiokafka.record.control_record import ABORT_MARKER, COMMIT_MARKER, ControlRecord
from record_batches import NOW, KafkaPythonBatch, resealed

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import (
    Marker,
    Record,
    check_integrity,
    control_batch,
    encode_batch,
    encode_values,
    read_header,
    read_marker,
    read_records,
)
from accord_log.kafka.records.header import CONTROL


@pytest.mark.parametrize("commit", [True, False])
def test_a_marker_comes_back(commit: bool) -> None:
    batch = control_batch(
        commit=commit, producer_id=9, producer_epoch=4, timestamp_ms=NOW, coordinator_epoch=3
    )
    header = check_integrity(batch)
    assert (header.is_control, header.is_transactional, header.base_sequence) == (True, True, -1)
    assert (header.producer_id, header.producer_epoch, header.max_timestamp) == (9, 4, NOW)
    assert read_marker(batch) == Marker(commit=commit, coordinator_epoch=3)


@pytest.mark.parametrize("commit", [True, False])
def test_clients_understand_a_marker(commit: bool) -> None:
    batch = bytes(control_batch(commit=commit, producer_id=9, producer_epoch=4, timestamp_ms=NOW))
    theirs = DefaultRecordBatch(batch)
    assert theirs.is_control_batch
    marker = ControlRecord.parse(next(iter(theirs)).key)
    assert marker == (COMMIT_MARKER if commit else ABORT_MARKER)
    (record,) = KafkaPythonBatch(batch)
    assert (record.commit, record.abort) == (commit, not commit)


def test_a_marker_is_spelt_as_java_spells_it() -> None:
    batch = control_batch(
        commit=True, producer_id=9, producer_epoch=4, timestamp_ms=NOW, coordinator_epoch=258
    )
    (record,) = read_records(batch)
    assert record.key == bytes.fromhex("00000001")
    assert record.value == bytes.fromhex("000000000102")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, b"\0" * 6),
        (b"\0\0", b"\0" * 6),
        (b"\0\0\0\1", None),
        (b"\0\0\0\1", b"\0" * 5),
        (b"\0\0\0\2", b"\0" * 6),  # the election of a leader, in Kafka's own topics
    ],
)
def test_other_control_batches_are_no_markers(key: bytes | None, value: bytes | None) -> None:
    batch = encode_batch([Record(0, NOW, key, value)], producer_id=1, producer_epoch=0)
    with pytest.raises(KafkaError) as caught:
        read_marker(resealed(batch, attributes=CONTROL))
    assert caught.value.code == ErrorCode.INVALID_RECORD


def test_data_are_no_marker() -> None:
    with pytest.raises(KafkaError):
        read_marker(encode_values([b"\0" * 6], NOW))


def test_a_later_version_may_say_more() -> None:
    batch = encode_batch([Record(0, NOW, b"\0\1\0\1more", b"\0\1\0\0\0\5more")])
    batch = resealed(batch, attributes=CONTROL)
    assert read_header(batch).is_control
    assert read_marker(batch) == Marker(commit=True, coordinator_epoch=5)
