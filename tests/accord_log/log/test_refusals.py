"""What happens when the disk refuses: it is told, nothing half-written stays, and it goes on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from faulty_files import MemoryFiles
from hypothesis import given, settings
from hypothesis import strategies as st
from partition_logs import append, batch, contents, open_log, sent, values

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import read_header

if TYPE_CHECKING:
    from accord_log.log.partition_log import PartitionLog


def refused(log: PartitionLog, one: bytearray) -> None:
    with pytest.raises(KafkaError) as caught:
        log.append(one, now_ms=0)
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR


def test_nothing_of_a_batch_that_did_not_fit_stays() -> None:
    one = batch(b"b" * 50)
    for room in range(len(one)):
        files = MemoryFiles()
        log = open_log(files)
        before = append(log, [batch(b"a")])
        files.room = room
        refused(log, one)
        assert (contents(log), log.end_offset) == (before, 1)
        assert not open_log(files.after_kill()).damage
        files.room = None
        assert append(log, [batch(b"c")])
        assert values(log) == [b"a", b"c"]
        assert values(open_log(files.after_kill())) == [b"a", b"c"]


@settings(deadline=None)
@given(rooms=st.lists(st.integers(0, 400), min_size=1, max_size=8))
def test_a_log_lives_with_a_full_disk(rooms: list[int]) -> None:
    files = MemoryFiles()
    log = open_log(files, segment_bytes=200)
    appended: list[bytes] = []
    for room in rooms:
        files.room = room
        for number in range(3):
            one = batch(b"%d" % number * 20)
            with suppress(KafkaError):
                log.append(one, now_ms=0)
                appended.append(bytes(one))
    assert contents(log) == appended
    files.room = None
    assert contents(open_log(files.after_kill())) == appended
    log.close()
    assert contents(open_log(files, clean=True)) == appended


def test_a_segment_that_cannot_be_begun_is_begun_later() -> None:
    files = MemoryFiles()
    log = open_log(files, segment_bytes=100)
    append(log, [batch(b"a")])
    files.refusals = {"name"}
    refused(log, batch(b"b" * 50))
    with pytest.raises(KafkaError):
        log.roll()
    files.refusals = set()
    append(log, [batch(b"c" * 50)])
    assert values(log) == [b"a", b"c" * 50]


def test_what_comes_after_a_refused_batch_of_a_new_producer_waits_for_it() -> None:
    files = MemoryFiles()
    log = open_log(files)
    files.room = 0
    refused(log, sent(7, 0, b"a"))
    files.room = None
    with pytest.raises(KafkaError) as caught:
        log.check(read_header(sent(7, 1, b"b")))
    assert caught.value.code is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert log.check(read_header(sent(7, 0, b"a"))) is None


def test_a_log_with_a_tail_that_cannot_be_removed_is_not_written_until_it_is_reopened() -> None:
    files = MemoryFiles()
    log = open_log(files)
    before = append(log, [batch(b"a")])
    files.room, files.refusals = 10, {"truncate"}
    refused(log, batch(b"b"))
    files.room, files.refusals = None, set()
    assert log.failure
    refused(log, batch(b"c"))
    with pytest.raises(OSError, match="Input/output"):
        log.sync()
    with pytest.raises(KafkaError):
        log.close()
    again = open_log(files)
    assert again.damage
    assert contents(again) == before
    append(again, [batch(b"d")])
    assert values(open_log(files.after_kill())) == [b"a", b"d"]


def test_a_log_whose_sync_failed_is_not_written_until_it_is_reopened() -> None:
    """The kernel may have dropped what it could not write: a second sync would prove nothing."""
    files = MemoryFiles()
    log = open_log(files)
    append(log, [batch(b"a")])
    log.sync()
    append(log, [batch(b"b")])
    files.refusals = {"sync"}
    with pytest.raises(OSError, match="Input/output"):
        log.sync()
    files.refusals = set()
    with pytest.raises(OSError, match="Input/output"):
        log.sync()
    refused(log, batch(b"c"))
    assert values(log) == [b"a", b"b"]
    with pytest.raises(KafkaError) as caught:
        log.close()
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    assert values(open_log(files.after_power_cut())) == [b"a"]


def test_a_sync_that_fails_for_a_closed_segment_fails_the_log() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [batch(b"a")])
    log.roll()
    files.refusals = {"sync"}
    with pytest.raises(OSError, match="Input/output"):
        log.sync()
    files.refusals = set()
    refused(log, batch(b"b"))


def test_a_disk_that_is_full_when_a_log_is_synced_does_not_fail_it() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [batch(b"a")])
    log.roll()
    files.room = 0
    log.sync()
    files.room = None
    append(log, [batch(b"b")])
    log.roll()
    log.sync()
    assert values(open_log(files.after_power_cut())) == [b"a", b"b"]


def test_a_directory_that_cannot_be_made_is_told() -> None:
    files = MemoryFiles()
    files.refusals = {"name"}
    with pytest.raises(KafkaError) as caught:
        open_log(files)
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR


def test_a_segment_that_is_gone_is_told() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [batch(b"a")])
    log.roll()
    append(log, [batch(b"b")])
    log = open_log(files)
    files.remove(log.directory / f"{0:020d}.log")
    with pytest.raises(KafkaError) as caught:
        log.read(0, 1, below=2)
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    assert log.read(1, 1, below=2)
