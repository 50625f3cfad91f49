"""Which requests may overlap, and how answers leave."""

from __future__ import annotations

import pytest

from accord_log.kafka.frame import RequestHeader
from accord_log.kafka.messages import REQUESTS
from accord_log.kafka.messages.fetch import FetchRequest
from accord_log.kafka.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from accord_log.kafka.messages.join_group import JoinGroupRequest
from accord_log.kafka.messages.offset_commit import OffsetCommitRequest
from accord_log.kafka.messages.offset_fetch import OffsetFetchRequest
from accord_log.kafka.messages.produce import ProduceRequest
from accord_log.kafka.messages.sasl_handshake import SaslHandshakeRequest
from accord_log.server.answers import PASSABLE, SLICE_BYTES, Outbox, Queue, Slot

PRODUCE, FETCH, JOIN = ProduceRequest.api_key, FetchRequest.api_key, JoinGroupRequest.api_key
HEARTBEAT, COMMIT = HeartbeatRequest.api_key, OffsetCommitRequest.api_key


def slot(api_key: int, number: int = 0) -> Slot:
    return Slot(RequestHeader(api_key, 0, number), [])


@pytest.mark.parametrize(
    ("waiting", "key", "may_start"),
    [
        ([], COMMIT, True),
        ([PRODUCE], PRODUCE, True),
        ([PRODUCE, PRODUCE], FETCH, True),
        ([FETCH], HEARTBEAT, True),
        ([FETCH], PRODUCE, True),
        ([FETCH], FETCH, False),
        ([JOIN], HEARTBEAT, True),
        ([JOIN], JOIN, False),
        ([COMMIT], OffsetFetchRequest.api_key, False),
        ([COMMIT], PRODUCE, False),
        ([FETCH, COMMIT], PRODUCE, False),
        ([PRODUCE], SaslHandshakeRequest.api_key, False),
        ([], SaslHandshakeRequest.api_key, True),
    ],
)
def test_which_requests_may_start_behind_others(
    waiting: list[int], key: int, *, may_start: bool
) -> None:
    queue = Queue()
    for each in waiting:
        queue.add(slot(each))
    assert queue.may_start(key) is may_start


@pytest.mark.parametrize("key", sorted(REQUESTS))
def test_a_kind_may_start_again_when_it_is_answered(key: int) -> None:
    queue = Queue()
    queue.add(slot(key))
    assert queue.may_start(HEARTBEAT if key != HEARTBEAT else FETCH) is (key in PASSABLE)
    assert queue.take() is None
    queue.abandon()
    queue = Queue()
    one = slot(key)
    queue.add(one)
    one.give(HeartbeatResponse())
    assert queue.take() is one
    assert queue.may_start(key)


@pytest.mark.parametrize(
    ("waiting", "is_settled"),
    [([], True), ([FETCH, JOIN], True), ([PRODUCE], False), ([FETCH, PRODUCE], False)],
)
def test_long_polls_need_no_answer_in_the_end(waiting: list[int], *, is_settled: bool) -> None:
    queue = Queue()
    for each in waiting:
        queue.add(slot(each))
    assert queue.is_settled is is_settled


def test_answers_leave_in_the_order_of_the_requests() -> None:
    queue = Queue()
    slots = [slot(PRODUCE, number) for number in range(3)]
    for each in slots:
        queue.add(each)
    slots[2].give(HeartbeatResponse())
    slots[1].give(HeartbeatResponse())
    assert queue.take() is None
    slots[0].give(HeartbeatResponse())
    assert [queue.take() for _ in range(4)] == [*slots, None]


def test_an_outbox_joins_what_is_small_and_cuts_what_is_large() -> None:
    outbox = Outbox()
    answers = [b"a" * 10, b"b" * 20, b"c" * (2 * SLICE_BYTES + 5), b"d" * 10]
    for answer in answers:
        outbox.add(answer)
    assert outbox.size == sum(map(len, answers))
    taken = []
    while outbox.size:
        taken.append(bytes(outbox.take()))
    assert b"".join(taken) == b"".join(answers)
    assert [len(chunk) for chunk in taken] == [30, SLICE_BYTES, SLICE_BYTES, 15]
