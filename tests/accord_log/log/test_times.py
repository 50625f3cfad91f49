"""Offsets for times are exact: the first record, in the order of the log, that is not before."""

from __future__ import annotations

from typing import Any

import pytest
from faulty_files import MemoryFiles
from hypothesis import given, settings
from hypothesis import strategies as st
from partition_logs import DIRECTORY, append, batch, open_log, records, timed

from accord_log.kafka.records import read_header, stamp_append_time
from accord_log.kafka.records.header import write_header

TIMES = st.lists(st.lists(st.integers(-1, 40), min_size=1, max_size=4), max_size=25)


@settings(deadline=None)
@given(
    times=TIMES,
    segment_bytes=st.integers(100, 1500),
    interval=st.integers(0, 500),
    start=st.integers(0, 30),
    reopen=st.sampled_from([None, True, False]),
)
def test_the_first_record_that_is_not_before_a_time_is_found(
    times: list[list[int]],
    segment_bytes: int,
    interval: int,
    start: int,
    *,
    reopen: bool | None,
) -> None:
    files = MemoryFiles()
    settings: dict[str, Any] = {
        "segment_bytes": segment_bytes,
        "index_interval_bytes": interval,
    }
    log = open_log(files, **settings)
    append(log, [timed(*group) for group in times])
    log.delete_before(min(start, log.end_offset))
    if reopen is not None:
        if reopen:
            log.close()
        log = open_log(files, clean=reopen, **settings)
    there = [record for record in records(log) if record.offset >= log.start_offset]
    for timestamp in range(43):
        found = [(r.offset, r.timestamp) for r in there if r.timestamp >= timestamp]
        assert log.offset_for_timestamp(timestamp) == (found[0] if found else None)
    latest = max((record.timestamp for record in there), default=-1)
    expected = next(((r.offset, r.timestamp) for r in there if r.timestamp == latest), None)
    assert log.max_timestamp() == (None if latest == -1 else expected)


def test_records_of_one_append_have_its_time() -> None:
    log = open_log(MemoryFiles())
    one = batch(b"a", b"b", timestamp=5)
    stamp_append_time(one, 9)
    append(log, [batch(b"c", timestamp=8), one])
    assert log.offset_for_timestamp(9) == (1, 9)
    assert log.max_timestamp() == (1, 9)


def test_records_that_nobody_can_read_have_the_time_of_their_batch() -> None:
    log = open_log(MemoryFiles())
    one = timed(5, 7)
    broken = write_header(one[:61] + b"\xff" * 20, read_header(one))
    append(log, [timed(1), broken])
    assert log.offset_for_timestamp(6) == (1, 7)
    assert log.max_timestamp() == (1, 7)


@pytest.mark.parametrize("timestamp", [-(2**63), 0, 2**63 - 1])
def test_no_time_is_too_early_or_too_late(timestamp: int) -> None:
    log = open_log(MemoryFiles())
    append(log, [timed(1, 2)])
    assert log.offset_for_timestamp(timestamp) == (None if timestamp > 2 else (0, 1))


def test_a_time_is_found_without_reading_what_is_before() -> None:
    files = MemoryFiles()
    log = open_log(files)
    for number in range(5):
        append(log, [timed(number)])
        log.roll()
    files.paths_read.clear()
    assert log.offset_for_timestamp(3) == (3, 3)
    assert {path.name for path in files.paths_read if path.suffix == ".log"} == {f"{3:020d}.log"}
    assert DIRECTORY in {path.parent for path in files.paths_read}
