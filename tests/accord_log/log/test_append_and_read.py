"""What is appended can be read: whole, in order, from any offset, up to a limit."""

from __future__ import annotations

import pytest
from faulty_files import MemoryFiles
from hypothesis import given, settings
from hypothesis import strategies as st
from partition_logs import append, batch, contents, open_log, values

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import read_header, split_batches

EVERYTHING = 1 << 30


def test_a_new_log_is_empty() -> None:
    log = open_log(MemoryFiles())
    assert (log.start_offset, log.end_offset, log.size) == (0, 0, 0)
    assert log.last_stable_offset == 0
    assert log.read(0, EVERYTHING, below=10) == b""
    assert log.offset_for_timestamp(0) is None
    assert log.max_timestamp() is None


def test_records_are_numbered_in_the_order_they_are_appended() -> None:
    log = open_log(MemoryFiles())
    assert [log.append(batch(b"a", b"b"), now_ms=0), log.append(batch(b"c"), now_ms=0)] == [0, 2]
    assert log.end_offset == 3
    assert values(log) == [b"a", b"b", b"c"]


def test_the_batch_that_is_appended_gets_its_offset_in_place() -> None:
    log = open_log(MemoryFiles())
    append(log, [batch(b"a", b"b")])
    buffer = batch(b"c", base_offset=77)
    log.append(buffer, now_ms=0)
    assert read_header(buffer).base_offset == 2


def test_an_append_is_one_write() -> None:
    files = MemoryFiles()
    log = open_log(files)
    steps = files.steps
    log.append(batch(b"a"), now_ms=0)
    assert files.steps == steps + 1


def test_a_read_in_the_middle_of_a_batch_begins_with_that_batch() -> None:
    log = open_log(MemoryFiles())
    first, second = append(log, [batch(b"a", b"b", b"c"), batch(b"d")])
    for offset in (0, 1, 2):
        assert log.read(offset, EVERYTHING, below=4) == first + second
    assert log.read(3, EVERYTHING, below=4) == second


def test_a_read_returns_at_least_one_batch_and_else_what_fits() -> None:
    log = open_log(MemoryFiles())
    first, second, third = append(log, [batch(b"a"), batch(b"bb"), batch(b"ccc")])
    assert log.read(0, 0, below=3) == first
    assert log.read(0, len(first) + len(second), below=3) == first + second
    assert log.read(0, len(first) + len(second) - 1, below=3) == first
    assert log.read(0, len(first + second + third) - 1, below=3) == first + second


def test_a_read_returns_no_batch_that_begins_at_the_limit() -> None:
    log = open_log(MemoryFiles())
    first, second, _ = append(log, [batch(b"a"), batch(b"b", b"c"), batch(b"d")])
    assert log.read(0, EVERYTHING, below=0) == b""
    assert log.read(0, EVERYTHING, below=1) == first
    assert log.read(0, EVERYTHING, below=2) == first + second
    assert log.read(1, EVERYTHING, below=3) == second


def test_the_end_can_be_read_and_is_empty() -> None:
    log = open_log(MemoryFiles())
    append(log, [batch(b"a")])
    assert log.read(1, EVERYTHING, below=1) == b""


@pytest.mark.parametrize("offset", [-1, 2])
def test_what_is_not_in_the_log_is_out_of_range(offset: int) -> None:
    log = open_log(MemoryFiles())
    append(log, [batch(b"a")])
    with pytest.raises(KafkaError) as caught:
        log.read(offset, EVERYTHING, below=EVERYTHING)
    assert caught.value.code is ErrorCode.OFFSET_OUT_OF_RANGE


def test_what_is_known_of_the_active_segment_is_in_memory() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [batch(b"a", b"b")])
    files.paths_read.clear()
    log.read(1, EVERYTHING, below=2)
    log.offset_for_timestamp(1)
    assert [path.suffix for path in files.paths_read] == [".log"]


def test_a_read_goes_on_in_the_next_segment() -> None:
    log = open_log(MemoryFiles())
    first, second = append(log, [batch(b"a")]), []
    log.roll()
    second = append(log, [batch(b"b")])
    assert [log.read(0, EVERYTHING, below=2)] == first
    assert [log.read(1, EVERYTHING, below=2)] == second
    assert contents(log) == first + second


def test_rolling_an_empty_segment_changes_nothing() -> None:
    files = MemoryFiles()
    log = open_log(files)
    log.roll()
    append(log, [batch(b"a")])
    log.roll()
    log.roll()
    assert sorted(n for n in files.names(log.directory) if n.endswith(".log")) == [
        "00000000000000000000.log",
        "00000000000000000001.log",
    ]


def test_a_segment_is_closed_before_it_grows_beyond_its_size() -> None:
    files = MemoryFiles()
    size = len(batch(b"a"))
    log = open_log(files, segment_bytes=2 * size)
    append(log, [batch(b"a") for _ in range(5)])
    sizes = [s for n, s in sorted(files.names(log.directory).items()) if n.endswith(".log")]
    assert sizes == [2 * size, 2 * size, size]


def test_a_batch_larger_than_a_segment_has_one_for_itself() -> None:
    log = open_log(MemoryFiles(), segment_bytes=100)
    append(log, [batch(b"a" * 1000), batch(b"b" * 1000)])
    assert values(log) == [b"a" * 1000, b"b" * 1000]


def test_a_segment_is_closed_when_its_records_span_too_much_time() -> None:
    files = MemoryFiles()
    log = open_log(files, segment_ms=100)
    append(log, [batch(b"a", timestamp=time) for time in (1000, 1100, 1101, 1150, 1202)])
    logs = [name for name in sorted(files.names(log.directory)) if name.endswith(".log")]
    assert [int(name[:20]) for name in logs] == [0, 2, 4]


def test_a_compacted_log_closes_segments_in_time_for_compaction() -> None:
    log = open_log(MemoryFiles(), cleanup=frozenset({"compact"}), max_compaction_lag_ms=10)
    assert log.config.roll_ms == 10


def test_the_config_can_be_replaced() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [batch(b"a")])
    log.config = open_log(MemoryFiles(), segment_bytes=1).config
    append(log, [batch(b"b")])
    assert len([n for n in files.names(log.directory) if n.endswith(".log")]) == 2


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=40),
    segment_bytes=st.integers(100, 2000),
    interval=st.integers(0, 600),
    limit=st.integers(0, 3000),
)
def test_every_offset_is_found(
    sizes: list[int], segment_bytes: int, interval: int, limit: int
) -> None:
    """A reader from any offset meets the batch that holds it, and at the end has seen the rest."""
    log = open_log(MemoryFiles(), segment_bytes=segment_bytes, index_interval_bytes=interval)
    appended = append(log, [batch(*[b"x" * size] * size) for size in sizes])
    for offset in range(log.end_offset):
        data = log.read(offset, limit, below=log.end_offset)
        batches = [bytes(one) for one in split_batches(data)]
        header = read_header(batches[0])
        assert header.base_offset <= offset <= header.last_offset
        assert len(batches) == 1 or len(data) <= limit
        start = appended.index(batches[0])
        assert batches == appended[start : start + len(batches)]
    assert contents(log) == appended


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 20), min_size=1, max_size=30),
    segment_bytes=st.integers(100, 2000),
    interval=st.integers(0, 600),
    clean=st.booleans(),
)
def test_a_log_that_was_closed_is_the_same_when_it_is_opened(
    sizes: list[int], segment_bytes: int, interval: int, *, clean: bool
) -> None:
    files = MemoryFiles()
    settings = {"segment_bytes": segment_bytes, "index_interval_bytes": interval}
    log = open_log(files, **settings)
    appended = append(log, [batch(*[b"x" * size] * size) for size in sizes])
    log.close()
    again = open_log(files, clean=clean, **settings)
    assert (again.start_offset, again.end_offset) == (0, sum(sizes))
    assert again.size == sum(map(len, appended))
    assert contents(again) == appended
    assert not again.damage
    append(again, [batch(b"more")])
    assert contents(again)[:-1] == appended


def test_a_closed_log_refuses_to_be_used() -> None:
    log = open_log(MemoryFiles())
    append(log, [batch(b"a")])
    log.close()
    log.close()
    for use in (
        lambda: log.append(batch(b"b"), now_ms=0),
        lambda: log.read(0, EVERYTHING, below=1),
        log.roll,
    ):
        with pytest.raises(KafkaError) as caught:
            use()
        assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR


def test_a_destroyed_log_leaves_nothing() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [batch(b"a")])
    log.roll()
    log.destroy()
    assert not files.names(log.directory.parent)
    assert open_log(files).end_offset == 0
