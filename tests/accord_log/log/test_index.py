"""An index says where to begin, never too late, and what is no index of a segment is not one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from accord_log.kafka.records import BatchHeader, encode_values, read_header
from accord_log.log.index import (
    HEAD_SIZE,
    SparseIndex,
    Summary,
    read_index,
    read_summary,
    write_index,
)

BASE = 2**40
HEADER = read_header(encode_values([b""], 0))
BATCHES = st.lists(
    st.tuples(st.integers(1, 50), st.integers(61, 9000), st.integers(-1, 100)), max_size=40
)


def built(
    batches: list[tuple[int, int, int]], interval: int
) -> tuple[Summary, SparseIndex, list[tuple[int, BatchHeader]]]:
    """Return what comes of batches of some count, size and time, and their positions."""
    summary, index = Summary(0, BASE), SparseIndex()
    there = []
    for count, size, timestamp in batches:
        header = HEADER._replace(
            base_offset=summary.end_offset,
            last_offset_delta=count - 1,
            batch_length=size - 12,
            max_timestamp=timestamp,
        )
        there.append((summary.size, header))
        index.note(summary, header, BASE, interval)
        summary = summary.after(header)
    return summary, index, there


@settings(deadline=None)
@given(batches=BATCHES, interval=st.integers(0, 20_000))
def test_a_walk_from_where_the_index_says_meets_what_is_looked_for(
    batches: list[tuple[int, int, int]], interval: int
) -> None:
    summary, index, there = built(batches, interval)
    starts = {position: header.base_offset - BASE for position, header in there} | {0: 0}
    for position, header in there:
        for offset in range(header.base_offset, header.next_offset):
            found, start = index.before(offset - BASE)
            assert starts[start] == found
            assert start <= position < start + interval + header.size + 9000
    for timestamp in range(-2, 102):
        found, start = index.before_time(timestamp)
        assert starts[start] == found
        assert all(h.max_timestamp < timestamp for p, h in there if p < start)
    assert summary.size == sum(size for _, size, _ in batches)
    assert summary.end_offset == BASE + sum(count for count, _, _ in batches)
    assert summary.max_timestamp == max((time for *_, time in batches), default=-1)


@settings(deadline=None)
@given(batches=BATCHES, interval=st.integers(0, 5000))
def test_an_index_is_read_as_it_was_written(
    batches: list[tuple[int, int, int]], interval: int
) -> None:
    summary, index, _ = built(batches, interval)
    data = write_index(BASE, summary, index)
    assert read_summary(data[:HEAD_SIZE], BASE, summary.size) == summary
    found = read_index(data, BASE, summary.size)
    assert found is not None
    assert found[0] == summary
    assert found[1].to_bytes() == index.to_bytes()


def test_an_index_of_another_segment_is_none() -> None:
    summary, index, _ = built([(1, 100, 5), (2, 5000, 6), (3, 5000, 7)], 1)
    data = write_index(BASE, summary, index)
    assert read_index(data, BASE, summary.size) is not None
    assert read_index(data, BASE + 1, summary.size) is None
    assert read_index(data, BASE, summary.size - 1) is None
    assert read_index(None, BASE, summary.size) is None


def test_a_damaged_index_is_none() -> None:
    summary, index, _ = built([(1, 100, 5), (2, 5000, 6), (3, 5000, 7)], 1)
    data = write_index(BASE, summary, index)
    for size in range(len(data)):
        assert read_index(data[:size], BASE, summary.size) is None
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert read_index(bytes(flipped), BASE, summary.size) is None
