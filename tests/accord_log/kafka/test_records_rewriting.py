"""Batches made from batches keep their records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_batches import NOW, READERS, batches, numbered, resealed, untimed

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import (
    Codec,
    Record,
    check_batch,
    check_integrity,
    control_batch,
    encode_batch,
    encode_values,
    keep_records,
    read_header,
    read_records,
    recompress,
    stamp_append_time,
)


@pytest.mark.parametrize("old", Codec)
@pytest.mark.parametrize("new", Codec)
def test_the_codec_changes_and_nothing_else(old: Codec, new: Codec) -> None:
    fields = {"producer_id": 8, "producer_epoch": 2, "base_sequence": 77, "transactional": True}
    records = [Record(0, NOW + place, b"k", b"value" * place) for place in range(50)]
    batch = encode_batch(records, codec=old, base_offset=100, **fields)
    changed = recompress(batch, new)
    assert changed == encode_batch(records, codec=new, base_offset=100, **fields)
    assert check_batch(changed).codec == new


def test_a_changed_batch_is_another_buffer() -> None:
    batch = encode_values([b"a"], NOW)
    recompress(batch, Codec.NONE)[0] = 1
    assert batch[0] == 0


def test_a_control_batch_is_not_compressed() -> None:
    batch = control_batch(commit=True, producer_id=1, producer_epoch=0, timestamp_ms=NOW)
    assert recompress(batch, Codec.ZSTD) == batch


def test_what_is_no_codecs_is_not_changed() -> None:
    batch = resealed(encode_values([b"a"], NOW), attributes=int(Codec.ZSTD))
    batch[61:65] = b"none"
    with pytest.raises(KafkaError) as caught:
        recompress(batch, Codec.GZIP)
    assert caught.value.code == ErrorCode.INVALID_RECORD


@pytest.mark.parametrize("codec", Codec)
@untimed
@given(records=batches, data=st.data())
def test_kept_records_stay_where_they_were(
    codec: Codec, records: list[Record], data: st.DataObject
) -> None:
    batch = encode_batch(
        records, base_offset=1000, codec=codec, producer_id=4, producer_epoch=0, base_sequence=6
    )
    offsets = data.draw(st.sets(st.integers(1000, 1000 + len(records))))
    changed = keep_records(batch, lambda record: record.offset in offsets)
    kept = [record for record in numbered(records, 1000) if record.offset in offsets]
    assert read_records(changed) == kept
    before, after = check_batch(batch), check_integrity(changed)
    assert after.record_count == len(kept)
    assert after.last_offset == before.last_offset
    assert after.last_sequence == before.last_sequence
    assert after.producer_id == 4
    if kept:
        assert after.max_timestamp == max(record.timestamp for record in kept)
        assert after.codec == codec


@pytest.mark.parametrize("reader", READERS)
def test_others_read_what_is_kept(reader: str) -> None:
    records = [Record(0, NOW, b"%d" % place, b"value") for place in range(300)]
    batch = encode_batch(records, base_offset=10, codec=Codec.GZIP)
    kept = keep_records(batch, lambda record: record.offset % 7 == 0)
    expected = [record for record in numbered(records, 10) if record.offset % 7 == 0]
    assert READERS[reader](bytes(kept)) == expected
    assert READERS[reader](bytes(keep_records(kept, lambda _: False))) == []


def test_records_kept_at_the_time_of_their_append_keep_it() -> None:
    batch = encode_values([b"a", b"b"], NOW)
    stamp_append_time(batch, 55)
    kept = keep_records(batch, lambda record: record.value == b"b")
    assert [record.timestamp for record in read_records(kept)] == [55]
    assert read_header(kept).max_timestamp == 55
