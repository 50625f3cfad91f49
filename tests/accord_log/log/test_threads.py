"""Readers, syncs, retention and compaction go on beside appends."""

from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING, Self

import pytest
from committed_reader import committed_records
from partition_logs import COMPACTED, batch, keyed, marker, open_log

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import read_header, read_records, split_batches
from accord_log.log.files import DiskFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from accord_log.log.partition_log import PartitionLog

BATCHES = 400


class Beside:
    """Threads that go on until the test is done with its own work."""

    def __init__(self, *work: Callable[[], object]) -> None:
        self.is_over = threading.Event()
        self.errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(one,)) for one in work]

    def _run(self, work: Callable[[], object]) -> None:
        try:
            while not self.is_over.is_set():
                work()
            work()
        except BaseException as error:  # noqa: BLE001 - the test tells it
            self.errors.append(error)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self._threads:
            thread.join()
        assert self.errors == []


def read_all(log: PartitionLog) -> list[int]:
    """Read from the start to the end, as a consumer does, and return the offsets of batches."""
    offsets: list[int] = []
    end = log.end_offset
    offset = log.start_offset
    while offset < end:
        try:
            data = log.read(offset, 5000, below=end)
        except KafkaError as error:
            if error.code is not ErrorCode.OFFSET_OUT_OF_RANGE:  # retention was faster
                raise
            offset = log.start_offset
            continue
        if not data:
            break
        for one in split_batches(data):
            header = read_header(one)
            for record in read_records(one):
                assert record.value == b"%d" % record.offset * 20
            offsets.append(header.base_offset)
            offset = header.next_offset
    assert offsets == sorted(set(offsets))
    return offsets


@pytest.mark.parametrize("limit", [3, None], ids=["few descriptors", "many"])
def test_readers_see_whole_batches_while_segments_come_and_go(
    tmp_path: Path, limit: int | None
) -> None:
    files = DiskFiles(limit=limit)
    log = open_log(files, directory=tmp_path / "p", segment_bytes=2000, retention_bytes=9000)

    def find() -> None:
        log.offset_for_timestamp(log.end_offset // 2)
        log.max_timestamp()

    with Beside(lambda: read_all(log), lambda: read_all(log), find, log.sync):
        for number in range(BATCHES):
            log.append(batch(b"%d" % number * 20, timestamp=number), now_ms=number)
            if number % 20 == 0:
                log.retain(number)
    log.close()
    assert open_log(files, directory=tmp_path / "p", clean=True).end_offset == BATCHES


def test_readers_see_every_key_while_the_log_is_compacted(tmp_path: Path) -> None:
    files = DiskFiles(limit=4)
    log = open_log(
        files,
        directory=tmp_path / "p",
        segment_bytes=3000,
        cleanup=COMPACTED,
        min_cleanable_dirty_ratio=0.0,
    )

    def read_keys() -> None:
        end = log.end_offset
        seen = {
            record.key: record.value
            for one in log.batches(0)
            for record in read_records(one)
            if record.offset < end
        }
        expected = {b"%d" % (n % 30): n for n in range(end)}
        for key, number in expected.items():
            assert int(seen[key] or b"") >= number - 30

    with Beside(read_keys, lambda: read_all_keys(log), lambda: log.compact(1000), log.sync):
        for number in range(BATCHES * 3):
            log.append(keyed((b"%d" % (number % 30), b"%d" % number)), now_ms=number)
    log.compact(2000)
    assert log.end_offset == BATCHES * 3
    assert sum(len(read_records(one)) for one in log.batches(0)) < BATCHES


def test_readers_of_committed_records_see_nothing_else_while_the_log_is_compacted(
    tmp_path: Path,
) -> None:
    log = open_log(
        DiskFiles(limit=6),
        directory=tmp_path / "p",
        segment_bytes=3000,
        cleanup=COMPACTED,
        min_cleanable_dirty_ratio=0.0,
        delete_retention_ms=0,
    )
    clock = count(step=1)

    def read_committed() -> None:
        written = log.last_stable_offset
        seen = {record.key: record.value for record in committed_records(log, 0, 5000)}
        assert set(seen.values()) <= {b"good"}
        assert written < 100 or len(seen) == 5

    def compact() -> None:
        log.compact(next(clock))

    with Beside(read_committed, read_committed, compact):
        for number in range(BATCHES):
            is_good = number % 3 == 0
            one = keyed(
                (b"%d" % (number % 5), b"good" if is_good else b"bad"),
                producer_id=7,
                producer_epoch=0,
                base_sequence=number,
                transactional=True,
            )
            log.append(one, now_ms=number)
            log.append(marker(7, commit=is_good), now_ms=number)


def read_all_keys(log: PartitionLog) -> None:
    offsets = [record.offset for one in log.batches(0) for record in read_records(one)]
    assert offsets == sorted(set(offsets))


def test_several_threads_may_append(tmp_path: Path) -> None:
    log = open_log(DiskFiles(), directory=tmp_path / "p", segment_bytes=3000)
    places: list[int] = []

    def write() -> None:
        places.extend(log.append(batch(b"%d" % n, b"x"), now_ms=n) for n in range(100))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(places) == list(range(0, 800, 2))
    assert [read_header(one).base_offset for one in log.batches(0)] == list(range(0, 800, 2))
