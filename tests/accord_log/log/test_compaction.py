"""A compacted log keeps the last record of each key, and what else must stay."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from committed_reader import committed_records, read_answer
from faulty_files import MemoryFiles
from hypothesis import example, given, settings
from hypothesis import strategies as st
from partition_logs import (
    COMPACTED,
    DIRECTORY,
    append,
    batch,
    contents,
    keyed,
    last_names,
    marker,
    open_log,
    records,
)

from accord_log.kafka.compression import Codec
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import (
    Record,
    encode_batch,
    read_header,
    read_records,
    split_batches,
)
from accord_log.kafka.records.header import write_header

if TYPE_CHECKING:
    from accord_log.log.partition_log import PartitionLog

RETENTION = 100_000
EAGER: dict[str, Any] = {
    "cleanup": COMPACTED,
    "min_cleanable_dirty_ratio": 0.0,
    "delete_retention_ms": RETENTION,
}


def open_compacted(files: MemoryFiles | None = None, **config: Any) -> PartitionLog:
    return open_log(files or MemoryFiles(), **{**EAGER, **config})


def pairs(log: PartitionLog) -> list[tuple[int, bytes | None, bytes | None]]:
    return [(record.offset, record.key, record.value) for record in records(log)]


def with_producer(sequence: int, *pairs: tuple[bytes, bytes | None], **fields: Any) -> bytearray:
    return keyed(*pairs, producer_id=7, producer_epoch=0, base_sequence=sequence, **fields)


# what is kept


def test_the_last_record_of_each_key_is_kept_at_its_offset() -> None:
    log = open_compacted()
    append(log, [keyed((b"a", b"1"), (b"b", b"1")), keyed((b"a", b"2")), keyed((b"c", b"1"))])
    log.roll()
    append(log, [keyed((b"b", b"2"))])
    assert log.compact(1000) > 0
    kept = [(1, b"b", b"1"), (2, b"a", b"2"), (3, b"c", b"1")]
    assert pairs(log) == [*kept, (4, b"b", b"2")]
    log.roll()
    log.compact(1000)
    assert pairs(log) == [*kept[1:], (4, b"b", b"2")]
    assert (log.start_offset, log.end_offset) == (0, 5)


def test_what_stays_of_a_batch_is_what_it_was() -> None:
    log = open_compacted()
    rows = [
        Record(0, 5000, b"a", b"1", (("h", b"x"), ("n", None))),
        Record(1, 3000, b"b", b"2" * 1000),
        Record(2, 9000, b"a", b"3"),
        Record(3, 1000, b"c", b"4", (("h", b""),)),
    ]
    for codec in (Codec.NONE, Codec.GZIP, Codec.LZ4, Codec.ZSTD, Codec.SNAPPY):
        log.append(encode_batch(rows, codec=codec), now_ms=0)
    log.append(
        encode_batch(rows, codec=Codec.ZSTD, producer_id=3, producer_epoch=2, base_sequence=10),
        now_ms=0,
    )
    log.roll()
    before = records(log)
    log.compact(1000)
    (left,) = contents(log)
    header = read_header(left)
    assert read_records(left) == before[-3:]
    assert (header.base_offset, header.last_offset, header.record_count) == (20, 23, 3)
    assert (header.producer_id, header.producer_epoch, header.last_sequence) == (3, 2, 13)
    assert (header.codec, header.max_timestamp) == (Codec.ZSTD, 9000)


def test_a_read_finds_what_is_left_from_any_offset() -> None:
    log = open_compacted(index_interval_bytes=0)
    append(log, [keyed((b"%d" % (n % 7), b"%d" % n)) for n in range(50)])
    log.roll()
    append(log, [keyed((b"x", b"y"))])
    log.compact(1000)
    for offset in range(51):
        first = read_header(log.read(offset, 1, below=51))
        assert first.base_offset == max(43, offset)


def test_records_without_key_go() -> None:
    log = open_compacted()
    append(log, [batch(b"no key"), keyed((b"a", b"1"))])
    log.roll()
    log.compact(1000)
    assert pairs(log) == [(1, b"a", b"1")]


def test_long_keys_are_told_apart() -> None:
    log = open_compacted()
    long = [b"k" * 100 + b"%d" % number for number in range(3)]
    append(log, [keyed(*((key, b"1") for key in long)), keyed((long[1], b"2"))])
    log.roll()
    log.compact(1000)
    assert pairs(log) == [(0, long[0], b"1"), (2, long[2], b"1"), (3, long[1], b"2")]


def test_records_that_nobody_can_read_are_left_alone() -> None:
    log = open_compacted()
    garbage = keyed((b"a", b"1"), codec=Codec.NONE)
    broken = write_header(garbage[:61] + b"\xff" * 20, read_header(garbage))
    log.append(broken, now_ms=0)
    append(log, [keyed((b"a", b"2"))])
    log.roll()
    log.compact(1000)
    assert [read_header(one).base_offset for one in contents(log)] == [0, 1]


# what is left alone


def test_the_active_segment_is_left_alone() -> None:
    log = open_compacted()
    before = append(log, [keyed((b"a", b"1")), keyed((b"a", b"2"))])
    assert log.compact(1000) == 0
    assert contents(log) == before


def test_a_log_that_is_not_to_be_compacted_is_left_alone() -> None:
    log = open_compacted(cleanup=frozenset({"delete"}))
    before = append(log, [keyed((b"a", b"1")), keyed((b"a", b"2"))])
    log.roll()
    assert log.compact(1000) == 0
    assert contents(log) == before


def test_a_pass_waits_until_enough_is_new() -> None:
    log = open_compacted(min_cleanable_dirty_ratio=0.5)
    append(log, [keyed((b"%d" % n, b"x")) for n in range(10)])
    log.roll()
    log.compact(1000)
    append(log, [keyed((b"%d" % n, b"y")) for n in range(9)])
    log.roll()
    assert log.compact(1000) == 0
    append(log, [keyed((b"9", b"y")), keyed((b"9", b"z"))])
    log.roll()
    assert log.compact(1000) > 0
    assert len(pairs(log)) == 10


def test_records_younger_than_the_least_lag_are_left_alone() -> None:
    log = open_compacted(min_compaction_lag_ms=100)
    append(log, [keyed((b"a", b"1"), timestamp=1000)])
    log.roll()
    append(log, [keyed((b"a", b"2"), timestamp=2000)])
    log.roll()
    append(log, [keyed((b"a", b"3"), timestamp=3000)])
    log.roll()
    assert log.compact(2099) == 0
    assert len(pairs(log)) == 3
    log.compact(2100)
    assert pairs(log) == [(1, b"a", b"2"), (2, b"a", b"3")]


def test_records_older_than_the_greatest_lag_are_compacted_at_once() -> None:
    """They are too few to make a pass due, and in the active segment."""
    log = open_compacted(min_cleanable_dirty_ratio=1.0, max_compaction_lag_ms=100)
    append(log, [keyed((b"a", b"1"), timestamp=1000), keyed((b"a", b"2"), timestamp=1050)])
    assert log.compact(1099) == 0
    assert log.compact(1100) > 0
    assert pairs(log) == [(1, b"a", b"2")]


# tombstones


def test_a_tombstone_takes_the_record_away_and_goes_later_itself() -> None:
    log = open_compacted()
    append(log, [keyed((b"a", b"1")), keyed((b"a", None))])
    log.roll()
    log.compact(10_000)
    assert pairs(log) == [(1, b"a", None)]
    for now_ms, is_there in ((50_000, True), (109_999, True), (110_000, False)):
        append(log, [keyed((b"b", b"%d" % now_ms))])
        log.roll()
        log.compact(now_ms)
        assert (b"a" in {key for _, key, _ in pairs(log)}) == is_there


def test_the_time_of_a_tombstone_outlives_a_restart() -> None:
    files = MemoryFiles()
    log = open_compacted(files)
    append(log, [keyed((b"a", None))])
    log.roll()
    log.compact(10_000)
    log.close()
    log = open_compacted(files)
    append(log, [keyed((b"b", b"1"))])
    log.roll()
    log.compact(10_000 + RETENTION)
    assert pairs(log) == [(1, b"b", b"1")]


def test_passes_that_follow_each_other_closely_do_not_put_tombstones_off_for_ever() -> None:
    files = MemoryFiles()
    log = open_compacted(files)
    append(log, [keyed((b"a", None))])
    for now_ms in range(10_000, 10_000 + RETENTION * 12 // 10, RETENTION // 100):
        append(log, [keyed((b"b", b"1"))])
        log.roll()
        log.compact(now_ms)
    assert {key for _, key, _ in pairs(log)} == {b"b"}
    assert files.names(DIRECTORY)["cleaned"] < 16 * 40


# producers and transactions


def test_the_last_sequence_of_a_producer_stays_known() -> None:
    files = MemoryFiles()
    log = open_compacted(files)
    append(log, [with_producer(0, (b"a", b"1")), with_producer(1, (b"a", b"2"), (b"b", b"1"))])
    append(log, [keyed((b"a", b"3"), (b"b", b"2"))])
    log.roll()
    log.compact(1000)
    assert pairs(log) == [(3, b"a", b"3"), (4, b"b", b"2")]
    empty, _ = contents(log)
    header = read_header(empty)
    assert (header.record_count, header.base_offset, header.last_sequence) == (0, 1, 2)
    for path in last_names(files, DIRECTORY, ".snapshot"):
        files.remove(path)
    again = open_compacted(files.after_kill())
    assert again.check(read_header(with_producer(3, (b"a", b"4")))) is None
    with pytest.raises(KafkaError):
        again.check(read_header(with_producer(4, (b"a", b"4"))))
    append(again, [with_producer(3, (b"a", b"4"))])
    again.roll()
    again.compact(2000)
    assert [read_header(one).base_offset for one in contents(again)] == [3, 5]


def test_an_empty_batch_of_a_forgotten_producer_goes() -> None:
    log = open_compacted()
    append(log, [with_producer(0, (b"a", b"1")), keyed((b"a", b"2"))])
    log.roll()
    log.compact(1000)
    assert len(contents(log)) == 2
    log.producers.expire(10_000, 1)
    append(log, [keyed((b"b", b"2"))])
    log.roll()
    log.compact(1000)
    assert [read_header(one).base_offset for one in contents(log)] == [1, 2]


def test_aborted_records_go_and_hide_nothing() -> None:
    log = open_compacted()
    append(log, [keyed((b"a", b"1"))])
    append(log, [with_producer(0, (b"a", b"2"), transactional=True), marker(7, commit=False)])
    append(log, [with_producer(1, (b"b", b"1"), transactional=True), marker(7, commit=True)])
    log.roll()
    log.compact(1000)
    data = [one for one in contents(log) if not read_header(one).is_control]
    assert [record[2:4] for one in data for record in read_records(one)] == [
        (b"a", b"1"),
        (b"b", b"1"),
    ]
    assert [r.value for r in committed_records(log, 0, 1 << 20)] == [b"1", b"1"]


@pytest.mark.parametrize("is_read_first", [True, False])
def test_a_reader_who_is_overtaken_by_passes_sees_no_aborted_record(*, is_read_first: bool) -> None:
    log = open_compacted(delete_retention_ms=0)
    append(log, [with_producer(0, (b"a", b"bad"), transactional=True), marker(7, commit=False)])
    append(log, [with_producer(1, (b"b", b"good"), transactional=True), marker(7, commit=True)])
    end = log.end_offset

    def read() -> bytes:
        return log.read(0, 1 << 20, below=end)

    data, aborted = (read(), None) if is_read_first else (None, log.aborted(0, end))
    for now_ms in range(1000, 6000, 1000):
        append(log, [keyed((b"c", b"x"))])
        log.roll()
        log.compact(now_ms)
    batches = split_batches(data if data is not None else read())
    answer = read_answer(batches, log.aborted(0, end) if aborted is None else aborted, 0)
    assert [record.value for record in answer] == [b"good"]


def test_records_of_an_open_transaction_are_left_alone() -> None:
    log = open_compacted()
    append(log, [keyed((b"a", b"1")), keyed((b"a", b"2"))])
    log.roll()
    append(log, [with_producer(0, (b"a", b"3"), transactional=True)])
    log.roll()
    append(log, [keyed((b"a", b"4"))])
    log.roll()
    log.compact(1000)
    assert [value for _, _, value in pairs(log)] == [b"2", b"3", b"4"]


def test_markers_go_when_they_have_nothing_to_tell() -> None:
    log = open_compacted()
    for turn in range(4):
        append(log, [with_producer(turn, (b"k", b"%d" % turn), transactional=True)])
        append(log, [marker(7, commit=turn % 2 == 1)])
    counts = []
    for turn in range(5):
        append(log, [keyed((b"x", b"x"))])
        log.roll()
        log.compact(1000 + turn * RETENTION)
        counts.append(sum(read_header(one).is_control for one in contents(log)))
        assert [r.value for r in committed_records(log, 0, 1)] == [b"3", b"x"]
        assert log.last_stable_offset == log.end_offset
    assert counts[0] == 4
    assert counts[-1] == 1  # that of the record which is still there


# files


def test_small_segments_become_one() -> None:
    files = MemoryFiles()
    log = open_compacted(files)
    for number in range(10):
        append(log, [keyed((b"%d" % number, b"x"))])
        log.roll()
    log.compact(1000)
    assert len(last_names(files, DIRECTORY, ".log")) == 2
    assert len(pairs(log)) == 10


def test_segments_do_not_grow_beyond_their_size() -> None:
    files = MemoryFiles()
    size = len(keyed((b"0", b"x")))
    log = open_compacted(files, segment_bytes=3 * size)
    append(log, [keyed((b"%d" % number, b"x")) for number in range(10)])
    log.compact(1000)
    assert [s for n, s in sorted(files.names(DIRECTORY).items()) if n.endswith(".log")] == [
        3 * size,
        3 * size,
        3 * size,
        size,
    ]


def test_more_keys_than_the_memory_has_room_for_take_several_passes() -> None:
    log = open_compacted(most_keys_compacted=3)
    append(log, [keyed((b"%d" % (number % 10), b"%d" % number)) for number in range(40)])
    log.roll()
    log.compact(1000)
    assert len(pairs(log)) == 40
    for _ in range(20):
        log.compact(1000)
    assert [int(value or b"") for _, _, value in pairs(log)] == list(range(30, 40))


@pytest.mark.parametrize("clean", [True, False])
def test_a_compacted_log_is_the_same_when_it_is_opened(*, clean: bool) -> None:
    files = MemoryFiles()
    log = open_compacted(files)
    append(log, [keyed((b"%d" % (n % 3), b"%d" % n)) for n in range(20)])
    log.roll()
    log.compact(1000)
    log.sync()
    append(log, [keyed((b"z", b"z"))])
    before = contents(log)
    if clean:
        log.close()
    again = open_compacted(files, clean=clean)
    assert contents(again) == before
    assert not again.damage
    for path in last_names(files, DIRECTORY, ".index"):
        files.remove(path)
    synced = before if clean else before[:3]
    assert contents(open_compacted(files.after_power_cut())) == synced


def test_a_full_disk_leaves_the_log_as_it_was() -> None:
    files = MemoryFiles()
    log = open_compacted(files)
    append(log, [keyed((b"a", b"x" * 100)) for _ in range(10)])
    log.roll()
    before = contents(log)
    files.room = 150
    with pytest.raises(KafkaError) as caught:
        log.compact(1000)
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    assert contents(log) == before
    assert not last_names(files, DIRECTORY, ".new")
    files.room = None
    append(log, [keyed((b"b", b"y"))])
    log.compact(1000)
    assert [offset for offset, _, _ in pairs(log)] == [9, 10]


def test_damage_stops_a_pass_and_nothing_else() -> None:
    files = MemoryFiles()
    log = open_compacted(files)
    before = append(log, [keyed((b"a", b"1")), keyed((b"a", b"2"))])
    log.roll()
    (path, _) = last_names(files, DIRECTORY, ".log")
    files.content_of(path).now[-1] ^= 1
    with pytest.raises(KafkaError) as caught:
        log.compact(1000)
    assert caught.value.code is ErrorCode.CORRUPT_MESSAGE
    assert log.read(0, 1, below=9) == before[0]
    assert append(log, [keyed((b"b", b"1"))])


def test_a_log_can_be_closed_and_destroyed_while_it_is_compacted() -> None:
    for end in ("close", "destroy"):
        log = open_compacted()
        append(log, [keyed((b"%d" % n, b"x")) for n in range(500)])
        log.roll()
        thread = threading.Thread(target=log.compact, args=(1000,))
        thread.start()
        getattr(log, end)()
        thread.join()


# everything at once

KEYS = st.sampled_from([b"a", b"b", b"c", b"a long key that is known by its digest"])
ROWS = st.lists(st.tuples(KEYS, st.sampled_from([b"v", b"w", None])), min_size=1, max_size=3)
PRODUCERS = st.integers(1, 2)
ACTIONS = st.one_of(
    st.tuples(st.just("plain"), ROWS),
    st.tuples(st.just("send"), PRODUCERS, ROWS),
    st.tuples(st.just("end"), PRODUCERS, st.booleans()),
    st.tuples(st.just("roll")),
    st.tuples(st.just("compact"), st.integers(4000, 120_000)),
    st.tuples(st.just("reopen"), st.booleans()),
)


class Model:
    """What a compacted log must hold, by the rules, without a log."""

    def __init__(self) -> None:
        self.files = MemoryFiles()
        self.log = open_compacted(self.files, index_interval_bytes=100)
        self.now_ms = 10_000
        self.rows: dict[int, tuple[bytes, bytes | None]] = {}  # what is there
        self.producer: dict[int, int] = {}  # of what is transactional
        self.open: dict[int, list[int]] = {}  # producer to offsets
        self.aborted: set[int] = set()
        self.sequences: dict[int, int] = {}
        self.ends = [0]  # of closed segments
        self.passes: list[tuple[int, int]] = []

    def plain(self, rows: list[tuple[bytes, bytes | None]]) -> None:
        self._note(self.log.append(keyed(*rows), now_ms=self.now_ms), rows)

    def send(self, producer: int, rows: list[tuple[bytes, bytes | None]]) -> None:
        sequence = self.sequences.get(producer, 0)
        one = keyed(
            *rows,
            producer_id=producer,
            producer_epoch=0,
            base_sequence=sequence,
            transactional=True,
        )
        assert self.log.check(read_header(one)) is None
        offset = self.log.append(one, now_ms=self.now_ms)
        self.sequences[producer] = sequence + len(rows)
        self.open.setdefault(producer, []).extend(self._note(offset, rows))

    def _note(self, offset: int, rows: list[tuple[bytes, bytes | None]]) -> range:
        offsets = range(offset, offset + len(rows))
        self.rows.update(zip(offsets, rows, strict=True))
        return offsets

    def end(self, producer: int, commit: bool) -> None:
        offsets = self.open.pop(producer, None)
        if offsets is not None:
            self.log.append(marker(producer, commit=commit), now_ms=self.now_ms)
            if not commit:
                self.aborted.update(offsets)

    def roll(self) -> None:
        self.log.roll()
        self.ends.append(self.log.end_offset)

    def reopen(self, clean: bool) -> None:
        if clean:
            self.log.close()
        self.log = open_compacted(self.files, index_interval_bytes=100, clean=clean)

    @property
    def stable(self) -> int:
        return min((offsets[0] for offsets in self.open.values()), default=self.log.end_offset)

    def compact(self, passed_ms: int) -> None:
        self.now_ms += passed_ms
        self.log.compact(self.now_ms)
        end = max(end for end in self.ends if end <= self.stable)
        if end <= max((done for done, _ in self.passes), default=0):
            return
        settled = [done for done, time in self.passes if time + RETENTION <= self.now_ms]
        below = [o for o in self.rows if o < end and o not in self.aborted]
        last = {self.rows[offset][0]: offset for offset in sorted(below)}
        kept = {
            offset
            for offset in last.values()
            if self.rows[offset][1] is not None or offset >= max(settled, default=0)
        }
        self.rows = {o: row for o, row in self.rows.items() if o in kept or o >= end}
        self.passes.append((end, self.now_ms))

    def check(self) -> None:
        log = self.log
        assert log.last_stable_offset == self.stable
        data = [one for one in contents(log) if not read_header(one).is_control]
        there = {r.offset: (r.key, r.value) for one in data for r in read_records(one)}
        assert there == self.rows
        for start in {0, self.stable // 2, max(0, self.stable - 2)}:
            for size in (1, 1 << 20):
                seen = [r.offset for r in committed_records(log, start, size)]
                assert seen == [
                    o for o in self.rows if start <= o < self.stable and o not in self.aborted
                ]


@given(actions=st.lists(ACTIONS, max_size=40))
@settings(max_examples=300, deadline=None)
@example(
    actions=[
        ("send", 1, [(b"a", b"v")]),
        ("end", 1, False),
        ("send", 1, [(b"a", b"w")]),
        ("end", 1, True),
        *[("plain", [(b"b", b"v")]), ("roll",), ("compact", 120_000)] * 4,
        ("reopen", True),
    ]
)
def test_compaction_follows_the_rules(actions: list[tuple[Any, ...]]) -> None:
    model = Model()
    for name, *arguments in actions:
        getattr(model, name)(*arguments)
        if name in {"compact", "reopen"}:
            model.check()
    model.check()
