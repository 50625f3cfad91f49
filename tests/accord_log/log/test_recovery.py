"""What a crash leaves is cut back to good batches, and nothing else is lost."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest
from faulty_files import Content, MemoryFiles
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
from accord_log.kafka.records import read_header

if TYPE_CHECKING:
    from pathlib import Path

    from accord_log.log.partition_log import PartitionLog

EVERYTHING = 1 << 30
INTERVAL = {"index_interval_bytes": 100}


def log_files(files: MemoryFiles) -> list[Path]:
    return list(last_names(files, DIRECTORY, ".log"))


def crashed_log(*, segments: int = 2) -> tuple[MemoryFiles, list[list[bytes]]]:
    """Return the files of a log that was not closed, and its batches by segment."""
    files = MemoryFiles()
    log = open_log(files, **INTERVAL)
    batches = []
    for number in range(segments):
        if number:
            log.roll()
        name = str(number).encode()
        batches.append(append(log, [batch(name), batch(name, name), batch(None), batch(name * 50)]))
    return files, batches


def every(batches: list[list[bytes]]) -> list[bytes]:
    return list(chain.from_iterable(batches))


def batch_ends(batches: list[bytes]) -> list[int]:
    return [sum(map(len, batches[:count])) for count in range(len(batches) + 1)]


def with_content(files: MemoryFiles, path: Path, content: bytes) -> MemoryFiles:
    """Return the files with another content of one of them, as another program finds them."""
    changed = files.after_kill()
    changed.names_.now[path] = Content(bytearray(content), content)
    return changed


def test_a_log_that_was_not_closed_is_all_there() -> None:
    files, batches = crashed_log(segments=3)
    log = open_log(files.after_kill())
    assert contents(log) == every(batches)
    assert not log.damage


def test_the_last_segment_cut_off_anywhere_is_cut_back_to_whole_batches() -> None:
    files, (first, last) = crashed_log()
    path = log_files(files)[-1]
    content = bytes(files.content_of(path).now)
    ends = batch_ends(last)
    for size in range(len(content)):
        changed = with_content(files, path, content[:size])
        log = open_log(changed, **INTERVAL)
        whole = max(count for count, end in enumerate(ends) if end <= size)
        assert contents(log) == first + last[:whole]
        assert bool(log.damage) == (size not in ends)
        assert len(changed.content_of(path).now) == ends[whole]


def test_the_last_segment_with_any_bit_flipped_is_cut_back_to_good_batches() -> None:
    files, (first, last) = crashed_log()
    path = log_files(files)[-1]
    content = files.content_of(path).now
    ends = batch_ends(last)
    for bit in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        log = open_log(with_content(files, path, flipped), **INTERVAL)
        good = max(count for count, end in enumerate(ends) if end <= bit // 8)
        assert contents(log) == first + last[:good]
        assert log.damage


@pytest.mark.parametrize(
    "tail", [b"\0", bytes(61), bytes(5000), b"\xff" * 100], ids=["0", "61", "5000", "100 of ff"]
)
def test_what_follows_the_last_batch_is_cut_off(tail: bytes) -> None:
    files, (first, last) = crashed_log()
    path = log_files(files)[-1]
    changed = with_content(files, path, bytes(files.content_of(path).now) + tail)
    log = open_log(changed)
    assert contents(log) == first + last
    assert str(len(tail)) in log.damage[0]


def test_a_batch_that_repeats_or_skips_offsets_is_cut_off() -> None:
    files, (first, last) = crashed_log()
    path = log_files(files)[-1]
    content = bytes(files.content_of(path).now)
    for extra in (last[0], bytes(batch(b"x", base_offset=1000))):
        log = open_log(with_content(files, path, content + extra))
        assert contents(log) == first + last


def test_a_log_that_was_cut_back_goes_on_from_there() -> None:
    files, (first, last) = crashed_log()
    path = log_files(files)[-1]
    changed = with_content(files, path, bytes(files.content_of(path).now)[:-1])
    log = open_log(changed)
    more = append(log, [batch(b"more")])
    assert contents(log) == first + last[:-1] + more
    again = open_log(changed.after_kill())
    assert contents(again) == first + last[:-1] + more
    assert not again.damage


@pytest.mark.parametrize("clean", [True, False])
def test_indexes_and_snapshots_are_made_again(*, clean: bool) -> None:
    files, batches = crashed_log(segments=3)
    changed = files.after_kill()
    open_log(changed).close()
    for suffix in (".index", ".snapshot"):
        for path in last_names(changed, DIRECTORY, suffix):
            changed.remove(path)
    log = open_log(changed, clean=clean)
    assert contents(log) == every(batches)
    assert log.offset_for_timestamp(1000) == (0, 1000)


@pytest.mark.parametrize("clean", [True, False])
def test_an_index_with_any_byte_changed_misleads_nobody(*, clean: bool) -> None:
    files, batches = crashed_log()
    files = files.after_kill()
    open_log(files, **INTERVAL).close()
    for path in last_names(files, DIRECTORY, ".index"):
        content = files.content_of(path).now
        for position in range(len(content)):
            changed = bytearray(content)
            changed[position] ^= 0x55
            log = open_log(with_content(files, path, changed), clean=clean, **INTERVAL)
            assert contents(log) == every(batches)
            assert log.offset_for_timestamp(1000) == (0, 1000)
            assert log.read(log.end_offset - 1, 1, below=EVERYTHING) == batches[-1][-1]


def test_an_index_of_the_time_before_is_not_believed() -> None:
    """The index of a clean stop is there still when the log is longer, and then crashes."""
    files = MemoryFiles()
    log = open_log(files)
    first = append(log, [batch(b"a")])
    log.close()
    log = open_log(files, clean=True)
    second = append(log, [batch(b"b")])
    for clean in (True, False):
        assert contents(open_log(files.after_kill(), clean=clean)) == first + second


def test_files_of_others_are_left_alone() -> None:
    files, batches = crashed_log()
    for name in ("notes.txt", "x.swap", "7.log", "x.index", "1-2.swap"):
        files.open(DIRECTORY / name).append(b"x")
    log = open_log(files.after_kill())
    assert contents(log) == every(batches)


# closed segments


def flip(files: MemoryFiles, path: Path, position: int) -> MemoryFiles:
    content = bytearray(files.content_of(path).now)
    content[position] ^= 1
    return with_content(files, path, content)


def readable(log: PartitionLog) -> dict[int, bytes | ErrorCode]:
    """Return what a read from each offset begins with: a batch, or an error."""
    found: dict[int, bytes | ErrorCode] = {}
    for offset in range(log.start_offset, log.end_offset):
        try:
            found[offset] = log.read(offset, 1, below=log.end_offset)
        except KafkaError as error:
            found[offset] = error.code
    return found


def expected(batches: list[bytes], damaged: set[int]) -> dict[int, bytes | ErrorCode]:
    return {
        offset: ErrorCode.CORRUPT_MESSAGE if index in damaged else one
        for index, one in enumerate(batches)
        for offset in range(read_header(one).base_offset, read_header(one).next_offset)
    }


@pytest.mark.parametrize("clean", [True, False])
def test_damage_in_a_closed_segment_stops_only_who_reads_it(*, clean: bool) -> None:
    files, batches = crashed_log(segments=3)
    if clean:
        files = files.after_kill()
        open_log(files, **INTERVAL).close()
    path = log_files(files)[1]
    position = sum(map(len, batches[1][:1])) + 70  # in the records of the second batch
    log = open_log(flip(files, path, position), clean=clean, **INTERVAL)
    assert readable(log) == expected(every(batches), {5})
    assert len(log.damage) == 1
    assert str(path) in log.damage[0]
    more = append(log, [batch(b"more")])
    assert log.read(log.end_offset - 1, 1, below=EVERYTHING) == more[0]


def test_a_closed_segment_without_index_is_read_past_damage() -> None:
    files, batches = crashed_log(segments=2)
    path, index = log_files(files)[0], last_names(files, DIRECTORY, ".index")[0]
    changed = flip(files, path, len(batches[0][0]) + 70)
    changed.remove(index)
    log = open_log(changed, index_interval_bytes=0)
    assert readable(log) == expected(every(batches), {1})


def test_every_bit_of_a_closed_segment_may_flip() -> None:
    """A start never fails, and no read returns anything but what was written."""
    files, batches = crashed_log(segments=2)
    path = log_files(files)[0]
    good = set(every(batches))
    for position in range(len(files.content_of(path).now)):
        log = open_log(flip(files, path, position), **INTERVAL)
        found = readable(log)
        assert set(found.values()) <= good | {ErrorCode.CORRUPT_MESSAGE}
        assert ErrorCode.CORRUPT_MESSAGE in found.values()
        assert found[log.end_offset - 1] == batches[1][-1]


def test_a_closed_segment_that_is_shorter_stops_only_who_reads_there() -> None:
    files, batches = crashed_log(segments=2)
    path = log_files(files)[0]
    for size in range(len(files.content_of(path).now)):
        content = bytes(files.content_of(path).now)[:size]
        log = open_log(with_content(files, path, content))
        assert log.read(log.end_offset - 1, 1, below=EVERYTHING) == batches[1][-1]
        assert set(readable(log).values()) <= set(every(batches)) | {ErrorCode.CORRUPT_MESSAGE}


def test_a_log_without_any_segment_goes_on_where_it_was() -> None:
    files, _ = crashed_log(segments=2)
    files = files.after_kill()
    log = open_log(files)
    log.delete_before(6)
    log.close()
    for path in log_files(files):
        files.remove(path)
    log = open_log(files)
    assert (log.start_offset, log.end_offset) == (6, 6)


# power cuts


def test_after_a_power_cut_unsynced_closed_segments_are_cut_back_too() -> None:
    files = MemoryFiles()
    log = open_log(files)
    synced = append(log, [batch(b"a"), batch(b"b")])
    log.sync()
    append(log, [batch(b"c")])
    log.roll()
    append(log, [batch(b"d")])
    files.sync_directory(DIRECTORY)
    files.content_of(log_files(files)[1]).sync()  # the disk took the later one first
    after = files.after_power_cut()
    again = open_log(after)
    assert contents(again) == synced
    assert len(log_files(after)) == 1
    assert again.damage


def test_after_a_kill_only_the_last_segment_is_read() -> None:
    files, batches = crashed_log(segments=4)
    changed = files.after_kill()
    log = open_log(changed)
    assert set(log_files(changed)) & changed.paths_read == {log_files(changed)[-1]}
    assert contents(log) == every(batches)


def test_after_a_power_cut_unsynced_segments_are_read_once() -> None:
    files, _ = crashed_log(segments=4)
    files.sync_directory(DIRECTORY.parent)
    files.sync_directory(DIRECTORY)
    for path in log_files(files):
        files.content_of(path).sync()
    once = files.after_power_cut()
    open_log(once)
    assert set(log_files(once)) <= once.paths_read
    twice = once.after_kill()
    assert open_log(twice).end_offset == 20
    assert set(log_files(twice)) & twice.paths_read == {log_files(twice)[-1]}


def test_after_a_clean_stop_no_segment_is_read() -> None:
    files, batches = crashed_log(segments=4)
    open_log(files).close()
    changed = files.after_kill()
    log = open_log(changed, clean=True)
    assert not set(log_files(changed)) & changed.paths_read
    assert log.end_offset == 20
    log.close()
    assert not set(log_files(changed)) & changed.paths_read
    assert changed.steps == 0
    assert contents(open_log(changed, clean=True)) == every(batches)


# producers


def test_producers_are_known_again_after_a_crash() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [sent(7, 0, b"a"), sent(7, 1, b"b")])
    log.roll()
    append(log, [sent(7, 2, b"c"), sent(8, 0, b"d", transactional=True)])
    again = open_log(files.after_kill())
    assert again.check(read_header(sent(7, 1, b"b"))) == 1
    assert again.check(read_header(sent(7, 2, b"c"))) == 2
    assert again.check(read_header(sent(7, 3, b"e"))) is None
    with pytest.raises(KafkaError):
        again.check(read_header(sent(7, 9, b"e")))
    assert again.last_stable_offset == 3
    assert again.producers.largest_producer_id == 8


def test_transactions_are_known_again_after_a_crash() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [sent(7, 0, b"a", transactional=True), marker(7, commit=False)])
    append(log, [sent(8, 0, b"b", transactional=True), marker(8, commit=True)])
    log.roll()
    append(log, [sent(9, 0, b"c", transactional=True)])
    for suffixes in ((), (".snapshot",)):
        changed = files.after_kill()
        for suffix in suffixes:
            for path in last_names(changed, DIRECTORY, suffix):
                changed.remove(path)
        again = open_log(changed)
        assert again.aborted(0, 10) == [(7, 0)]
        assert again.last_stable_offset == 4


def test_a_snapshot_of_batches_that_are_gone_is_not_believed() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [sent(7, 0, b"a"), sent(7, 1, b"b")])
    log.close()
    path = log_files(files)[0]
    first = len(sent(7, 0, b"a"))
    changed = with_content(files, path, bytes(files.content_of(path).now)[:first])
    again = open_log(changed)
    assert values(again) == [b"a"]
    assert again.check(read_header(sent(7, 1, b"b"))) is None
    assert not [p for p in last_names(changed, DIRECTORY, ".snapshot") if int(p.stem) > 1]


def test_a_damaged_snapshot_is_not_believed() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [sent(7, 0, b"a")])
    log.close()
    (path,) = last_names(files, DIRECTORY, ".snapshot")
    for position in range(len(files.content_of(path).now)):
        again = open_log(flip(files, path, position), clean=True)
        assert again.check(read_header(sent(7, 0, b"a"))) == 0


def test_two_snapshots_are_kept() -> None:
    files = MemoryFiles()
    log = open_log(files)
    for _ in range(5):
        append(log, [sent(7, log.end_offset, b"a")])
        log.roll()
    assert [int(p.stem) for p in last_names(files, DIRECTORY, ".snapshot")] == [4, 5]
