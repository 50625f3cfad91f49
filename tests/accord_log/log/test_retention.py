"""Old segments go, by time and by size, and the start of the log never goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from faulty_files import MemoryFiles
from hypothesis import given, settings
from hypothesis import strategies as st
from partition_logs import (
    DIRECTORY,
    append,
    batch,
    contents,
    last_names,
    marker,
    open_log,
    sent,
    values,
)

from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from accord_log.log.partition_log import PartitionLog

SIZE = len(batch(b"0"))


def rolled(files: MemoryFiles, *timestamps: int, **config: Any) -> PartitionLog:
    """Return a log with a segment for each record."""
    log = open_log(files, segment_bytes=1, **config)
    append(log, [batch(b"0", timestamp=timestamp) for timestamp in timestamps])
    return log


def log_count(files: MemoryFiles) -> int:
    return len(last_names(files, DIRECTORY, ".log"))


def test_segments_go_when_their_latest_record_is_too_old() -> None:
    files = MemoryFiles()
    log = rolled(files, 100, 200, 300, retention_ms=1000)
    assert log.retain(1100) == 0
    assert log.retain(1101) == SIZE
    assert (log.start_offset, log.end_offset) == (1, 3)
    assert log_count(files) == 2
    assert len(last_names(files, DIRECTORY, ".index")) == 1


def test_a_young_segment_keeps_those_after_it() -> None:
    log = rolled(MemoryFiles(), 900, 100, 800, retention_ms=1000)
    assert log.retain(1500) == 0
    assert log.retain(1901) == 3 * SIZE


def test_the_active_segment_goes_only_when_all_of_it_is_too_old() -> None:
    files = MemoryFiles()
    log = open_log(files, retention_ms=1000)
    append(log, [batch(b"a", timestamp=100), batch(b"b", timestamp=200)])
    assert log.retain(1200) == 0
    assert log.retain(1201) > 0
    assert (log.start_offset, log.end_offset, log.size) == (2, 2, 0)
    assert log_count(files) == 1
    assert log.retain(5000) == 0
    assert append(log, [batch(b"c")])
    assert values(log) == [b"c"]


def test_an_empty_log_stays() -> None:
    files = MemoryFiles()
    log = open_log(files, retention_ms=0, retention_bytes=0)
    assert log.retain(10**15) == 0
    assert log_count(files) == 1


def test_records_without_time_are_as_old_as_their_file() -> None:
    files = MemoryFiles()
    files.now_ms = 5000
    log = rolled(files, -1, -1, retention_ms=1000)
    assert log.retain(6000) == 0
    assert log.retain(6001) == 2 * SIZE


@pytest.mark.parametrize(
    ("limit", "left"),
    [(0, 0), (1, 1), (SIZE, 1), (SIZE + 1, 2), (2 * SIZE, 2), (5 * SIZE, 5), (100 * SIZE, 5)],
)
def test_segments_go_while_the_limit_is_left_without_them(limit: int, left: int) -> None:
    log = rolled(MemoryFiles(), 1, 2, 3, 4, 5, retention_bytes=limit, retention_ms=-1)
    assert log.retain(10) == (5 - left) * SIZE
    assert log.size == left * SIZE
    assert log.end_offset == 5


def test_without_limits_nothing_goes() -> None:
    log = rolled(MemoryFiles(), 1, 2, retention_bytes=-1, retention_ms=-1)
    assert log.retain(10**15) == 0


def test_a_log_that_is_only_compacted_keeps_old_records() -> None:
    log = rolled(MemoryFiles(), 1, 2, retention_ms=1, cleanup=frozenset({"compact"}))
    assert log.retain(10**15) == 0


def test_what_is_below_the_start_is_out_of_range() -> None:
    log = rolled(MemoryFiles(), 100, 200, 300, retention_ms=1000)
    log.retain(1101)
    with pytest.raises(KafkaError) as caught:
        log.read(0, 1, below=3)
    assert caught.value.code is ErrorCode.OFFSET_OUT_OF_RANGE
    assert log.offset_for_timestamp(0) == (1, 200)


# by offset


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), max_size=12),
    cuts=st.lists(st.integers(0, 60), max_size=4),
    reopen=st.sampled_from([None, True, False]),
)
def test_the_log_begins_where_it_was_told(
    sizes: list[int], cuts: list[int], *, reopen: bool | None
) -> None:
    files = MemoryFiles()
    log = open_log(files, segment_bytes=200)
    appended = append(log, [batch(*[b"x"] * size) for size in sizes])
    end = sum(sizes)
    start = 0
    for cut in cuts:
        if cut > end:
            with pytest.raises(KafkaError) as caught:
                log.delete_before(cut)
            assert caught.value.code is ErrorCode.OFFSET_OUT_OF_RANGE
        else:
            log.delete_before(cut)
            start = max(start, cut)
        assert (log.start_offset, log.end_offset) == (start, end)
    if reopen is not None:
        if reopen:
            log.close()
        log = open_log(files.after_kill(), clean=reopen, segment_bytes=200)
        assert (log.start_offset, log.end_offset) == (start, end)
    there = contents(log)
    assert there == appended[len(appended) - len(there) :]
    assert len(there) == sum(sum(sizes[: index + 1]) > start for index in range(len(sizes)))


def test_the_files_of_deleted_records_go() -> None:
    files = MemoryFiles()
    log = rolled(files, 1, 2, 3, 4)
    log.delete_before(2)
    assert log_count(files) == 2
    log.delete_before(4)
    assert log_count(files) == 1
    assert log.size == 0


def test_the_start_is_durable_when_it_was_moved() -> None:
    files = MemoryFiles()
    log = rolled(files, 1, 2, 3, retention_ms=1000)
    log.sync()
    log.delete_before(1)
    assert open_log(files.after_power_cut()).start_offset == 1
    log.retain(1003)
    assert open_log(files.after_power_cut()).start_offset == 2


def test_a_start_beyond_what_a_power_cut_left_is_where_the_log_begins() -> None:
    files = MemoryFiles()
    log = open_log(files)
    log.sync()
    append(log, [batch(b"a", b"b")])
    log.delete_before(2)
    again = open_log(files.after_power_cut())
    assert (again.start_offset, again.end_offset) == (2, 2)
    append(again, [batch(b"c")])
    assert values(again) == [b"c"]


def test_a_full_disk_does_not_keep_segments_from_going() -> None:
    files = MemoryFiles()
    log = rolled(files, 100, 200, 300, retention_ms=1000)
    files.room = 0
    assert log.retain(1250) == 2 * SIZE
    assert log.start_offset == 2
    assert open_log(files.after_kill()).start_offset == 2
    with pytest.raises(KafkaError) as caught:
        log.delete_before(3)
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    assert log.start_offset == 2


def test_aborted_transactions_are_forgotten_with_their_records() -> None:
    log = open_log(MemoryFiles(), segment_bytes=1)
    append(log, [sent(7, 0, b"a", transactional=True), marker(7, commit=False), batch(b"b")])
    assert log.aborted(0, 9) == [(7, 0)]
    log.delete_before(2)
    assert log.aborted(0, 9) == []


def test_records_of_an_open_transaction_may_go_too() -> None:
    log = open_log(MemoryFiles(), segment_bytes=1)
    append(log, [sent(7, 0, b"a", transactional=True), batch(b"b"), batch(b"c")])
    log.delete_before(2)
    assert log.last_stable_offset == 2
    append(log, [marker(7, commit=True)])
    assert log.last_stable_offset == 4
