"""What a partition lets producers append, and what it remembers of them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

import pytest
from batch_headers import header_of
from hypothesis import given, settings
from hypothesis import strategies as st

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.log.producer_snapshot import BODY, ENVELOPE, VERSION, CorruptSnapshot
from accord_log.log.producers import MAX_DEFERRED, OpenTransaction, ProducerStates

if TYPE_CHECKING:
    from accord_log.kafka.records.header import BatchHeader

LAST_SEQUENCE = 2**31 - 1


class End(NamedTuple):
    commit: bool
    coordinator_epoch: int = 0


class Writer:
    """A log that keeps headers only, and appends what its producer states allow."""

    def __init__(self) -> None:
        self.states = ProducerStates()
        self.end = 0
        self.log: list[tuple[BatchHeader, End | None]] = []

    def send(self, producer_id: int = 1, **fields: int) -> int:
        """Return the base offset, of the earlier batch where this is a duplicate."""
        header = header_of(producer_id, at=self.end, **fields)
        offset = self.states.check(header)
        if offset is not None:
            return offset
        self.states.note(header)
        self.log.append((header, None))
        self.end = header.last_offset + 1
        return header.base_offset

    def finish(self, producer_id: int = 1, *, commit: bool, epoch: int = 0) -> None:
        header = header_of(producer_id, at=self.end, epoch=epoch, control=True)
        self.states.note(header, End(commit))
        self.log.append((header, End(commit)))
        self.end += 1

    def refusal(self, producer_id: int = 1, **fields: int) -> ErrorCode:
        with pytest.raises(KafkaError) as caught:
            self.send(producer_id, **fields)
        return caught.value.code


@pytest.fixture
def writer() -> Writer:
    return Writer()


# sequences


def test_a_batch_without_a_producer_is_not_looked_at(writer: Writer) -> None:
    assert [writer.send(-1, sequence=-1, epoch=-1) for _ in range(3)] == [0, 1, 2]
    assert len(writer.states) == 0
    assert writer.states.largest_producer_id == -1


def test_sequences_follow_each_other(writer: Writer) -> None:
    assert [writer.send(sequence=n * 3, count=3) for n in range(4)] == [0, 3, 6, 9]


@pytest.mark.parametrize("sequence", [0, 1, 4, 6, 100, LAST_SEQUENCE])
def test_a_gap_or_a_step_back_is_refused(writer: Writer, sequence: int) -> None:
    writer.send(sequence=0, count=5)
    assert writer.refusal(sequence=sequence) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_a_refused_batch_changes_nothing(writer: Writer) -> None:
    writer.send(count=5)
    before = writer.states.to_bytes()
    writer.refusal(sequence=9)
    assert writer.states.to_bytes() == before


def test_after_the_last_sequence_comes_zero(writer: Writer) -> None:
    writer.send(sequence=LAST_SEQUENCE - 1, count=2)
    assert writer.refusal(sequence=1) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert writer.send(sequence=0) == 2


def test_a_batch_may_reach_over_the_last_sequence(writer: Writer) -> None:
    first = writer.send(sequence=LAST_SEQUENCE - 1, count=5)
    assert writer.send(sequence=LAST_SEQUENCE - 1, count=5) == first
    assert writer.send(sequence=3) == 5


def test_the_last_five_batches_are_known_again(writer: Writer) -> None:
    offsets = [writer.send(sequence=n * 2, count=2) for n in range(6)]
    assert [writer.send(sequence=n * 2, count=2) for n in range(1, 6)] == offsets[1:]
    assert writer.refusal(sequence=0, count=2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert writer.end == 12


def test_a_batch_cut_differently_is_no_duplicate(writer: Writer) -> None:
    writer.send(sequence=0, count=4)
    assert writer.refusal(sequence=0, count=2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert writer.refusal(sequence=0, count=5) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_who_is_not_known_may_begin_anywhere(writer: Writer) -> None:
    """As after retention or expiry; Kafka since 2.5."""
    assert writer.send(sequence=77) == 0
    assert writer.refusal(sequence=77, count=2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_producers_do_not_see_each_other(writer: Writer) -> None:
    writer.send(1, sequence=0)
    writer.send(2, sequence=0)
    assert writer.send(1, sequence=1) == 2
    assert writer.send(2, sequence=0) == 1


@pytest.mark.parametrize("fields", [{"sequence": -1}, {"epoch": -1}])
def test_a_producer_id_needs_an_epoch_and_a_sequence(
    writer: Writer, fields: dict[str, int]
) -> None:
    assert writer.refusal(**fields) == ErrorCode.INVALID_RECORD


# epochs


def test_an_older_epoch_is_fenced(writer: Writer) -> None:
    writer.send(epoch=3)
    assert writer.refusal(sequence=1, epoch=2) == ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_new_epoch_begins_with_zero(writer: Writer) -> None:
    writer.send(epoch=3, sequence=0)
    assert writer.refusal(epoch=4, sequence=1) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert writer.send(epoch=4, sequence=0) == 1


def test_a_batch_of_an_earlier_epoch_is_no_duplicate(writer: Writer) -> None:
    writer.send(epoch=3, sequence=0)
    writer.send(epoch=4, sequence=0)
    assert writer.send(epoch=4, sequence=0) == 1
    assert writer.refusal(epoch=3, sequence=0) == ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_marker_of_a_new_epoch_fences(writer: Writer) -> None:
    writer.send(transactional=True)
    writer.finish(commit=False, epoch=1)
    assert writer.refusal(sequence=1, transactional=True) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert writer.send(epoch=1, transactional=True) == 2


def test_a_marker_of_an_old_epoch_ends_the_transaction_all_the_same(writer: Writer) -> None:
    writer.send(epoch=5, transactional=True)
    writer.finish(commit=False, epoch=2)
    assert writer.states.first_unstable() is None
    assert writer.refusal(sequence=1, epoch=4) == ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_marker_makes_its_producer_known(writer: Writer) -> None:
    writer.finish(commit=True, epoch=2)
    assert writer.refusal(sequence=1, epoch=2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert writer.send(sequence=0, epoch=2) == 1


def test_sequences_go_on_after_a_marker(writer: Writer) -> None:
    writer.send(transactional=True)
    writer.finish(commit=True)
    assert writer.send(sequence=1, transactional=True) == 2


# transactions


def test_the_oldest_open_transaction_is_the_first_unstable(writer: Writer) -> None:
    assert writer.states.first_unstable() is None
    writer.send(9)
    for producer_id in (1, 2, 3):
        writer.send(producer_id, transactional=True)
    writer.send(1, sequence=1, transactional=True)
    seen = [writer.states.first_unstable()]
    for producer_id in (2, 1, 3):
        writer.finish(producer_id, commit=True)
        seen.append(writer.states.first_unstable())
    assert seen == [1, 1, 3, None]


def test_a_plain_batch_within_a_transaction_is_refused(writer: Writer) -> None:
    writer.send(transactional=True)
    assert writer.refusal(sequence=1) == ErrorCode.INVALID_TXN_STATE


def test_open_transactions_are_told_oldest_first(writer: Writer) -> None:
    writer.send(7, transactional=True, epoch=3)
    writer.send(2, transactional=True)
    assert writer.states.open_transactions() == [OpenTransaction(7, 3, 0), OpenTransaction(2, 0, 1)]


def test_only_aborted_transactions_that_reach_into_the_range_are_told(writer: Writer) -> None:
    writer.send(1, transactional=True)  # 0
    writer.send(2, transactional=True)  # 1
    writer.finish(1, commit=False)  # 2
    writer.send(3, transactional=True)  # 3
    writer.finish(3, commit=True)  # 4
    writer.finish(2, commit=False)  # 5
    writer.send(1, transactional=True, sequence=1)  # 6
    writer.finish(1, commit=False)  # 7
    aborted = writer.states.aborted
    assert aborted(0, 0) == [(1, 0)]
    assert aborted(0, 100) == [(1, 0), (2, 1), (1, 6)]
    assert aborted(3, 3) == [(2, 1)]
    assert aborted(5, 6) == [(2, 1), (1, 6)]
    assert aborted(6, 6) == [(1, 6)]
    assert aborted(8, 9) == []


def test_a_marker_without_records_aborts_nothing(writer: Writer) -> None:
    writer.finish(commit=False)
    assert writer.states.aborted(0, 9) == []


def test_what_was_aborted_below_the_start_is_forgotten(writer: Writer) -> None:
    for n in range(3):
        writer.send(sequence=n, transactional=True)
        writer.finish(commit=False)
    writer.states.forget_before(2)
    assert writer.states.aborted(0, 9) == [(1, 2), (1, 4)]
    writer.states.forget_before(3)
    assert writer.states.aborted(0, 9) == [(1, 2), (1, 4)]
    writer.states.forget_before(9)
    assert writer.states.aborted(0, 9) == []
    assert writer.send(sequence=3) == writer.end - 1


# admission


def test_a_transaction_writes_where_it_was_admitted_until_its_marker(writer: Writer) -> None:
    def is_admitted(epoch: int) -> bool:
        try:
            writer.states.verify(header_of(transactional=True, epoch=epoch))
        except KafkaError:
            return False
        return True

    assert not is_admitted(0)
    writer.states.admit(1, 0)
    assert is_admitted(0)
    assert not is_admitted(1)
    writer.send(transactional=True)
    assert is_admitted(0)
    writer.finish(commit=True)
    assert not is_admitted(0)


def test_a_transaction_that_was_not_admitted_is_refused_by_its_state(writer: Writer) -> None:
    with pytest.raises(KafkaError) as caught:
        writer.states.verify(header_of(transactional=True))
    assert caught.value.code == ErrorCode.INVALID_TXN_STATE


def test_an_older_epoch_than_the_admitted_is_fenced(writer: Writer) -> None:
    writer.states.admit(1, 3)
    with pytest.raises(KafkaError) as caught:
        writer.states.verify(header_of(transactional=True, epoch=2))
    assert caught.value.code == ErrorCode.INVALID_PRODUCER_EPOCH


def test_what_is_not_transactional_needs_no_admission(writer: Writer) -> None:
    writer.states.verify(header_of())
    assert writer.send() == 0


# a batch for which there was no room


def test_nothing_overtakes_a_batch_that_could_not_be_written(writer: Writer) -> None:
    writer.states.defer(header_of(sequence=0))
    assert writer.refusal(sequence=1) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    writer.states.defer(header_of(sequence=0))
    assert [writer.send(sequence=0), writer.send(sequence=1)] == [0, 1]


def test_the_first_of_several_that_could_not_be_written_comes_first(writer: Writer) -> None:
    for sequence in (1, 0, 2):
        writer.states.defer(header_of(sequence=sequence))
    assert writer.refusal(sequence=1) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert writer.send(sequence=0) == 0


def test_a_new_epoch_does_not_wait_for_the_old(writer: Writer) -> None:
    writer.states.defer(header_of(sequence=0))
    assert writer.send(epoch=1, sequence=0) == 0


def test_one_who_is_known_is_waited_for_anyhow(writer: Writer) -> None:
    writer.send(sequence=0)
    writer.states.defer(header_of(sequence=1))
    writer.states.defer(header_of(-1))
    assert writer.refusal(sequence=2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert writer.send(sequence=1) == 1


def test_only_so_many_are_waited_for(writer: Writer) -> None:
    for producer_id in range(MAX_DEFERRED + 1):
        writer.states.defer(header_of(producer_id))
    assert writer.send(0, sequence=1) == 0
    assert writer.refusal(1, sequence=1) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


# forgetting producers


def test_who_has_been_silent_is_forgotten_unless_a_transaction_is_open(writer: Writer) -> None:
    writer.send(1, timestamp=100)
    writer.send(2, timestamp=200)
    writer.send(3, timestamp=100, transactional=True)
    writer.states.admit(4, 0)
    assert writer.states.expire(now_ms=149, after_ms=50) == 0
    assert writer.states.expire(now_ms=150, after_ms=50) == 1
    assert [producer_id for producer_id, _ in writer.states] == [2, 3]
    assert writer.send(1, sequence=40) == 3
    assert writer.states.largest_producer_id == 3


def test_a_producer_of_old_records_is_not_forgotten_at_once(writer: Writer) -> None:
    writer.states.note(header_of(timestamp=5), now_ms=1_000)
    assert writer.states.expire(now_ms=1_000, after_ms=500) == 0


# reading the log again

ACTIONS = st.tuples(
    st.integers(1, 3),  # producer
    st.integers(0, 2),  # epoch
    st.integers(0, 4),  # sequence
    st.integers(1, 3),  # records
    st.sampled_from(["send", "transact", "commit", "abort"]),
)


def run(actions: list[tuple[int, int, int, int, str]]) -> Writer:
    writer = Writer()
    for producer_id, epoch, sequence, count, kind in actions:
        if kind in {"commit", "abort"}:
            writer.finish(producer_id, commit=kind == "commit", epoch=epoch)
            continue
        fields = {"epoch": epoch, "sequence": sequence, "count": count}
        try:
            writer.send(producer_id, transactional=kind == "transact", **fields)
        except KafkaError:
            continue
    return writer


@settings(deadline=None)
@given(st.lists(ACTIONS, max_size=40), st.integers(0, 40))
def test_a_log_read_from_a_snapshot_gives_the_same_state(
    actions: list[tuple[int, int, int, int, str]], cut: int
) -> None:
    writer = run(actions)
    states = ProducerStates()
    for header, marker in writer.log[:cut]:
        states.note(header, marker)
    states = ProducerStates.from_bytes(states.to_bytes())
    for header, marker in writer.log[cut:]:
        states.note(header, marker)
    assert states.to_bytes() == writer.states.to_bytes()
    assert states.first_unstable() == writer.states.first_unstable()
    assert states.open_transactions() == writer.states.open_transactions()


@settings(deadline=None)
@given(st.lists(ACTIONS, max_size=40), st.integers(0, 60), st.integers(0, 60))
def test_the_index_tells_what_going_through_the_log_tells(
    actions: list[tuple[int, int, int, int, str]], first: int, last: int
) -> None:
    writer = run(actions)
    begun: dict[int, int] = {}
    expected = []
    for header, marker in writer.log:
        if marker is None:
            if header.is_transactional:
                begun.setdefault(header.producer_id, header.base_offset)
            continue
        start = begun.pop(header.producer_id, None)
        if start is not None and not marker.commit and start <= last:
            expected += [(header.producer_id, start)] * (header.base_offset >= first)
    assert writer.states.first_unstable() == min(begun.values(), default=None)
    if first <= last:
        assert writer.states.aborted(first, last) == sorted(expected, key=lambda pair: pair[1])


# snapshots


def sample() -> bytes:
    writer = Writer()
    writer.send(1, transactional=True, count=3)
    writer.send(2)
    writer.send(3, transactional=True)
    writer.finish(3, commit=False)
    return writer.states.to_bytes()


def test_a_snapshot_of_nothing() -> None:
    states = ProducerStates.from_bytes(ProducerStates().to_bytes())
    assert (len(states), states.largest_producer_id) == (0, -1)


def test_a_snapshot_cut_anywhere_is_refused() -> None:
    whole = sample()
    for length in range(len(whole)):
        with pytest.raises(CorruptSnapshot):
            ProducerStates.from_bytes(whole[:length])
    with pytest.raises(CorruptSnapshot):
        ProducerStates.from_bytes(whole + b"\0")


def test_a_snapshot_with_any_bit_wrong_is_refused() -> None:
    whole = sample()
    for position in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(CorruptSnapshot):
            ProducerStates.from_bytes(damaged)


@pytest.mark.parametrize(
    ("producers", "aborted", "rest"), [(0, 1, b""), (0, 0, b"\0"), (1, 0, b""), (1 << 30, 0, b"")]
)
def test_a_snapshot_that_does_not_hold_what_it_counts_is_refused(
    producers: int, aborted: int, rest: bytes
) -> None:
    body = BODY.pack(0, producers, aborted) + rest
    with pytest.raises(CorruptSnapshot):
        ProducerStates.from_bytes(ENVELOPE.pack(VERSION, zlib.crc32(body)) + body)
