"""What other clients write is read, by the compiled reader and by Python alike."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_batches import BUILDERS, NOW, batches, numbered, resealed, untimed

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import (
    Codec,
    Record,
    compiled,
    decoding,
    encode_batch,
    encode_values,
    interpreted,
    keys_and_values,
    keys_are_present,
    place,
    read_header,
    read_records,
    read_values,
    stamp_append_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@pytest.fixture
def _without_compiled_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "aiokafka.record._crecords", None)
    compiled.known_reader.cache_clear()
    yield
    compiled.known_reader.cache_clear()


def by_python(batch: bytes) -> list[Record]:
    header, plain = decoding.opened(batch)
    return interpreted.records(plain, header)


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("codec", Codec)
def test_every_builders_batches_are_read(builder: str, codec: Codec) -> None:
    records = [
        Record(0, NOW - place, b"k" * (place % 3) or None, b"v" * place * 7, (("h", None),))
        for place in range(300)
    ]
    batch = BUILDERS[builder](records, codec)
    assert read_header(batch).codec == codec
    assert read_records(batch) == by_python(batch) == numbered(records)


@untimed
@given(batches, st.integers(0, 1 << 40))
def test_the_compiled_reader_and_python_agree(records: list[Record], base_offset: int) -> None:
    batch = encode_batch(records, base_offset=base_offset)
    expected = numbered(records, base_offset)
    assert compiled.records(bytes(batch)) == by_python(bytes(batch)) == expected


@untimed
@given(batches)
def test_parts_are_those_of_the_records(records: list[Record]) -> None:
    batch = encode_batch(records, codec=Codec.LZ4)
    assert read_values(batch) == [record.value for record in records]
    assert keys_and_values(batch) == [record[2:4] for record in records]
    assert keys_are_present(batch) == all(record.key is not None for record in records)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_batch_may_lie_in_any_buffer(kind: Callable[[bytearray], Any]) -> None:
    batch = kind(encode_values([b"a", b"b"], NOW))
    assert read_values(batch) == [b"a", b"b"]


def test_a_placed_batch_has_its_offsets_there() -> None:
    batch = encode_values([b"a", b"b"], NOW)
    place(batch, 40, 3)
    assert [record.offset for record in read_records(batch)] == [40, 41]
    assert read_header(batch).partition_leader_epoch == 3


def test_records_have_the_time_of_the_append_where_the_topic_wants_it() -> None:
    batch = encode_batch([Record(0, NOW, None, b"a"), Record(0, NOW + 9, None, b"b")])
    stamp_append_time(batch, 77)
    assert [record.timestamp for record in read_records(batch)] == [77, 77]
    assert [record.timestamp for record in by_python(bytes(batch))] == [77, 77]


def test_no_time_is_minus_one() -> None:
    batch = encode_values([b"a"], -1)
    assert read_records(batch)[0].timestamp == by_python(bytes(batch))[0].timestamp == -1


def test_a_header_name_that_is_no_text_is_read_as_java_reads_it() -> None:
    batch = encode_batch([Record(0, NOW, None, b"a", (("ab", b"x"),))])
    broken = resealed(bytes(batch).replace(b"ab", b"\xff\xfe"))
    assert read_records(broken)[0].headers == (("\ufffd\ufffd", b"x"),)


def test_what_compaction_leaves_is_read() -> None:
    empty = resealed(encode_values([b"a"], NOW)[:61], record_count=0)
    assert read_records(empty) == []
    assert read_values(empty) == []
    marked = resealed(empty, attributes=int(Codec.GZIP))[:61]
    assert read_records(resealed(marked, attributes=0)) == []


@pytest.mark.parametrize("places", [(1, 0), (0, 0), (0, 2), (-1, 0)])
def test_offsets_out_of_order_or_of_other_batches_are_refused(places: tuple[int, int]) -> None:
    batch = encode_values([b"a", b"b"], NOW)
    for position, number in zip((64, 72), places, strict=True):
        batch[position] = (number << 1) ^ (number >> 63)
    batch = resealed(batch)
    with pytest.raises(KafkaError) as caught:
        read_records(batch)
    assert caught.value.code == ErrorCode.INVALID_RECORD


def test_gaps_between_offsets_are_what_compaction_leaves() -> None:
    batch = encode_values([b"a", b"b"], NOW)
    batch[72] = 5 << 1
    batch = resealed(batch, last_offset_delta=9)
    assert [record.offset for record in read_records(batch)] == [0, 5]


@pytest.mark.usefixtures("_without_compiled_reader")
@pytest.mark.parametrize("codec", Codec)
def test_python_reads_where_there_is_no_compiled_reader(codec: Codec) -> None:
    assert compiled.known_reader() is None
    records = [Record(n, NOW, b"k%d" % n, b"v" * n, (("h", None),)) for n in range(100)]
    batch = encode_batch(records, codec=codec)
    assert read_records(batch) == records
    assert read_values(batch) == [record.value for record in records]
    assert keys_and_values(batch) == [record[2:4] for record in records]
    assert keys_are_present(batch)


def test_a_compiled_reader_that_has_changed_is_not_used() -> None:
    def renamed(plain: bytes) -> Iterable[Any]:
        return [object() for _ in plain[:2]]

    def other(plain: bytes) -> Iterable[Any]:
        return interpreted.spans(plain, read_header(plain))

    def narrower() -> Iterable[Any]:
        return []

    known = compiled.known_reader()
    assert known is not None
    assert compiled.reads_as_known(known)
    for reader in (renamed, other, narrower):
        assert not compiled.reads_as_known(reader)  # type: ignore[arg-type]  # that is the point
