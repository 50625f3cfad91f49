"""A program, or a machine, that ends at any moment loses nothing that was synced.

Each test runs a script of changes over and over, and ends the machine at another change each time,
in its middle. What is then opened holds the batches of the script up to some point.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from committed_reader import committed_records
from faulty_files import MachineOff, MemoryFiles
from partition_logs import COMPACTED, contents, keyed, marker, open_log, records, sent

from accord_log.kafka.records import read_header, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.log.partition_log import PartitionLog

ROUNDS = 3  # of chance, for each moment
SETTINGS = {"segment_bytes": 400, "index_interval_bytes": 100}


class Story:
    """What a script has done so far."""

    def __init__(self) -> None:
        self.appended: list[bytes] = []
        self.appending: bytes | None = None
        self.synced = 0  # batches
        self.start = 0  # offset, as asked for and durable
        self.starting = 0  # offset, as asked for

    def append(self, log: PartitionLog, one: bytearray) -> None:
        expected = bytearray(one)
        expected[:8] = log.end_offset.to_bytes(8, "big")
        self.appending = bytes(expected)
        log.append(one, now_ms=1000)
        self.appended.append(bytes(one))
        self.appending = None

    def sync(self, log: PartitionLog) -> None:
        log.sync()
        self.synced = len(self.appended)

    def delete_before(self, log: PartitionLog, offset: int) -> None:
        self.starting = offset
        log.delete_before(offset)
        self.start = offset

    def check(self, log: PartitionLog) -> None:
        """Check that a log holds what it must, and nothing that it must not."""
        assert log.start_offset in {self.start, self.starting}
        there = contents(log)
        told = [*self.appended, *([self.appending] if self.appending else [])]
        ends = [read_header(one).next_offset for one in told]
        kept = [one for one, end in zip(told, ends, strict=True) if end > log.start_offset]
        assert there == kept[: len(there)]
        synced_end = max([log.start_offset, *ends[: self.synced]])
        assert log.end_offset >= synced_end


def play(story: Story, files: MemoryFiles) -> None:
    """Append, sync, roll, delete, close and open again."""
    log = open_log(files, **SETTINGS)
    for number in range(12):
        story.append(log, sent(1, number, b"%d" % number * (number * 7 % 40)))
        if number % 5 == 4:
            story.sync(log)
    story.delete_before(log, 4)
    log.close()
    story.synced = len(story.appended)
    log = open_log(files, clean=True, **SETTINGS)
    for number in range(12, 18):
        story.append(log, sent(1, number, b"%d" % number * 20))
    story.sync(log)


def moments() -> int:
    files = MemoryFiles()
    play(Story(), files)
    return files.steps


def ended_at(moment: int, after: float) -> tuple[Story, MemoryFiles]:
    files, story = MemoryFiles(), Story()
    files.off_at, files.off_after = moment, after
    with pytest.raises(MachineOff):
        play(story, files)
    return story, files


def check_and_go_on(story: Story, files: MemoryFiles) -> None:
    log = open_log(files, **SETTINGS)
    story.check(log)
    before = contents(log)
    producer = next((p for _, p in log.producers), None)
    sequence = 0 if producer is None else producer.last_sequence + 1
    more = sent(1, sequence, b"more")
    assert log.check(read_header(more)) is None
    log.append(more, now_ms=1000)
    log.sync()
    for again in (files.after_kill(), files.after_power_cut()):
        opened = open_log(again, **SETTINGS)
        assert contents(opened) == [*before, bytes(more)]
        assert not opened.damage


@pytest.mark.parametrize("after", [0.0, 0.4, 1.0])
def test_a_program_may_be_killed_at_any_change(after: float) -> None:
    for moment in range(moments()):
        story, files = ended_at(moment, after)
        story.synced = len(story.appended)  # whatever was written is still there
        check_and_go_on(story, files.after_kill())


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_power_may_be_cut_at_any_change(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - nothing is guarded by it
    for moment in range(moments()):
        story, files = ended_at(moment, random.random())
        check_and_go_on(story, files.after_power_cut(random))


def test_recovery_itself_may_be_cut_short() -> None:
    random = Random(7)  # noqa: S311 - likewise
    for moment in range(0, moments(), 3):
        story, files = ended_at(moment, 0.5)
        for second in range(12):
            found = files.after_power_cut(random)
            found.off_at = second
            try:
                open_log(found, **SETTINGS)
            except MachineOff:
                check_and_go_on(story, found.after_power_cut(random))
            else:
                break


# compaction

COMPACTING = {
    "cleanup": COMPACTED,
    "min_cleanable_dirty_ratio": 0.0,
    "segment_bytes": 2000,
    "index_interval_bytes": 100,
    "delete_retention_ms": 0,
}


def compacting(files: MemoryFiles, appended: list[tuple[bytes, bytes]]) -> Iterator[int]:
    """Append to a compacted log, and compact it, three times; yield what is synced each time."""
    log = open_log(files, **COMPACTING)
    for turn in range(3):
        for number in range(15):
            pairs = [(b"key%d" % (number * 7 % 5), b"%d.%d" % (turn, number)), (b"k", b"v")]
            appended += pairs
            log.append(keyed(*pairs), now_ms=1000)
            if number % 4 == 0:
                log.roll()
        log.sync()
        yield log.end_offset
        log.compact(now_ms=2000 + turn)


@pytest.mark.parametrize("seed", [None, *range(4)], ids=["kill", *"abcd"])
def test_compaction_may_end_at_any_change(seed: int | None) -> None:
    whole = MemoryFiles()
    assert list(compacting(whole, [])) == [30, 60, 90]
    random = Random(seed)  # noqa: S311 - likewise
    for moment in range(whole.steps):
        files = MemoryFiles()
        files.off_at = moment
        appended: list[tuple[bytes, bytes]] = []
        synced = 0
        with pytest.raises(MachineOff):
            for synced in compacting(files, appended):  # noqa: B007 - the last one counts
                pass
        found = files.after_kill() if seed is None else files.after_power_cut(random)
        check_compacted(found, appended, synced)


def check_compacted(files: MemoryFiles, appended: list[tuple[bytes, bytes]], synced: int) -> None:
    log = open_log(files, **COMPACTING)
    assert synced <= log.end_offset <= len(appended)
    there = {record.offset: (record.key, record.value) for record in records(log)}
    assert there == {offset: appended[offset] for offset in there}
    assert dict(there.values()) == dict(appended[: log.end_offset])
    assert list(there) == sorted(there)
    for offset in range(log.end_offset):
        one = log.read(offset, 1, below=log.end_offset)
        assert read_header(one).last_offset >= offset
        assert {record.offset for record in read_records(one)} <= set(there)
    log.append(keyed((b"k", b"more")), now_ms=1000)
    log.compact(now_ms=5000)
    assert not [n for n in files.names(log.directory) if n.endswith((".new", ".swap"))]


def in_transaction(sequence: int, key: bytes) -> bytearray:
    fields = {"producer_id": 7, "producer_epoch": 0, "base_sequence": sequence}
    return keyed((key, b"%d" % sequence), transactional=True, **fields)


def test_a_power_cut_hides_no_committed_record_of_a_producer_who_aborted_before() -> None:
    """His aborted transactions are forgotten, and their markers gone."""
    for seed in range(30):
        files = MemoryFiles()
        log = open_log(files, **COMPACTING)
        for one in (
            in_transaction(0, b"a"),
            marker(7, commit=False),
            in_transaction(1, b"b"),
            marker(7, commit=True),
        ):
            log.append(one, now_ms=0)
        for turn in range(4):
            log.append(keyed((b"k", b"%d" % turn)), now_ms=0)
            log.roll()
            log.sync()
            log.compact(now_ms=turn * 100_000)
        assert sum(read_header(one).is_control for one in contents(log)) == 1
        log.append(in_transaction(2, b"c"), now_ms=0)
        log.append(marker(7, commit=True), now_ms=0)
        log.sync()
        found = files.after_power_cut(Random(seed))  # noqa: S311 - likewise
        again = open_log(found, **COMPACTING)
        seen = [record.value for record in committed_records(again, 0, 1 << 20)]
        assert seen == [b"1", b"3", b"2"]
