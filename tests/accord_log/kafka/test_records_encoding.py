"""What is written is, byte by byte, what other clients write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_batches import BUILDERS, NOW, READERS, batches, contents, numbered, read_by_kio, untimed

from accord_log.kafka.records import (
    Codec,
    Columns,
    Record,
    check_batch,
    encode_batch,
    encode_columns,
    encode_keyed,
    encode_values,
    read_header,
    read_records,
)
from accord_log.kafka.records.header import BatchHeader

GOLDEN = bytes.fromhex(
    "0000000000000007"  # base offset 7
    "0000004c"  # 76 bytes follow
    "00000000"  # leader epoch
    "02"  # magic
    "87634d33"  # CRC-32C
    "0010"  # transactional
    "00000001"  # last offset delta
    "0000018bcfe56800"  # base timestamp
    "0000018bcfe56803"  # max timestamp
    "000000000000002a"  # producer 42
    "0003"  # epoch
    "00000009"  # sequence
    "00000002"  # two records
    "14000000" + "026b" + "0676616c" + "00"
    "1e000602" + "01" + "01" + "02" + "0474" + "72" + "0a7a7a7a7a7a"
)


def test_a_batch_is_written_as_its_grammar_says() -> None:
    records = [
        Record(0, NOW, b"k", b"val"),
        Record(0, NOW + 3, None, None, (("tr", b"zzzzz"),)),
    ]
    batch = encode_batch(
        records,
        base_offset=7,
        producer_id=42,
        producer_epoch=3,
        base_sequence=9,
        transactional=True,
    )
    assert batch.hex() == GOLDEN.hex()
    assert read_header(GOLDEN) == BatchHeader(
        7, 76, 0, 2, 0x87634D33, 16, 1, NOW, NOW + 3, 42, 3, 9, 2
    )
    assert read_records(GOLDEN) == numbered(records, 7)


@pytest.mark.parametrize("builder", BUILDERS)
@untimed
@given(batches)
def test_others_write_the_same_bytes(builder: str, records: list[Record]) -> None:
    theirs = bytearray(BUILDERS[builder](records))
    theirs[12:16] = bytes(4)  # of the leader's epoch, clients know nothing and write what they like
    assert encode_batch(records) == theirs


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("size", [0, 63, 64, 65, 8191, 8192, 16_383, 16_384, 1 << 20])
def test_others_write_contents_of_any_length_likewise(builder: str, size: int) -> None:
    for record in (
        Record(0, NOW, bytes(size), None),
        Record(0, NOW, None, bytes(size)),
        Record(0, NOW, None, None, (("h" * size, bytes(size)),)),
    ):
        theirs = bytearray(BUILDERS[builder]([record] * 2))
        theirs[12:16] = bytes(4)
        assert encode_batch([record] * 2) == theirs


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("count", [1, 63, 64, 65, 8191, 8193, 65_535, 65_536, 65_537])
def test_others_number_many_records_likewise(builder: str, count: int) -> None:
    records = [Record(0, NOW + place % 3, b"key", b"v" * (place % 90)) for place in range(count)]
    theirs = bytearray(BUILDERS[builder](records))
    theirs[12:16] = bytes(4)
    assert encode_batch(records) == theirs


@untimed
@given(st.lists(contents, min_size=1))
def test_values_are_records_without_keys(values: list[bytes | None]) -> None:
    records = [Record(0, NOW, None, value) for value in values]
    fields = {"base_offset": 5, "producer_id": 1, "producer_epoch": 2, "base_sequence": 3}
    assert encode_values(values, NOW, **fields) == encode_batch(records, **fields)


@untimed
@given(st.lists(st.tuples(contents, contents), min_size=1))
def test_keys_and_values_are_records_without_headers(
    pairs: list[tuple[bytes | None, bytes | None]],
) -> None:
    keys, values = zip(*pairs, strict=True)
    records = [Record(0, NOW, key, value) for key, value in pairs]
    assert encode_keyed(keys, values, NOW) == encode_batch(records)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("codec", Codec)
def test_others_read_what_is_written(reader: str, codec: Codec) -> None:
    records = [
        Record(
            0, NOW + place, b"key %d" % (place % 5), b"value" * place, (("h", b"x"), ("n", None))
        )
        for place in range(100)
    ]
    batch = bytes(encode_batch(records, codec=codec, base_offset=1000))
    assert READERS[reader](batch) == numbered(records, 1000)


def test_kio_reads_what_is_written() -> None:
    # It keeps whole seconds of times, and has no codecs.
    records = [Record(0, NOW + place * 1000, b"k", None, (("h", b"x"),)) for place in range(100)]
    assert read_by_kio(bytes(encode_batch(records, base_offset=9))) == numbered(records, 9)


@pytest.mark.parametrize("codec", Codec)
@untimed
@given(records=batches)
def test_what_is_written_passes_the_check_and_is_read_back(
    codec: Codec, records: list[Record]
) -> None:
    batch = encode_batch(records, codec=codec)
    header = check_batch(batch)
    assert (header.codec, header.size) == (codec, len(batch))
    assert header.max_timestamp == max(record.timestamp for record in records)
    assert read_records(batch) == numbered(records)


def test_times_further_apart_than_64_bits_come_back() -> None:
    records = [Record(0, (1 << 63) - 1, None, b"a"), Record(1, -(1 << 63), None, b"b")]
    assert read_records(encode_batch(records)) == records


def test_contents_may_be_views() -> None:
    values = [memoryview(b"abc")[1:], bytearray(b"d")]
    assert encode_values(values, NOW) == encode_values([b"bc", b"d"], NOW)


def test_an_empty_batch_is_not_written() -> None:
    with pytest.raises(ValueError, match="at least one record"):
        encode_batch([])
    with pytest.raises(ValueError, match="at least one record"):
        encode_values([], NOW)
    with pytest.raises(ValueError, match="2 keys for 1 values"):
        encode_keyed([b"a", b"b"], [b"c"], NOW)


@untimed
@given(batches)
def test_columns_are_the_same_as_records(records: list[Record]) -> None:
    columns = Columns(
        values=[record.value for record in records],
        keys=[record.key for record in records],
        timestamps=[record.timestamp for record in records],
        headers=[record.headers for record in records],
    )
    assert encode_columns(columns) == encode_batch(records)


@pytest.mark.parametrize("columns", [Columns([], timestamps=[]), Columns([b"v"])])
def test_columns_without_records_or_times_are_no_batch(columns: Columns) -> None:
    with pytest.raises(ValueError, match="at least one record"):
        encode_columns(columns)
