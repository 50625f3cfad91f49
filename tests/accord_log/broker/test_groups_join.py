"""JoinGroup: who is taken in, who waits for whom, and what is agreed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from group_room import NOON, SESSION_MS, Room, subscription

from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIVE_MINUTES = 5 * 60 * 1000


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as room:
        yield room


def test_a_new_member_is_given_an_id_and_leads_alone(room: Room) -> None:
    answer = room.enter(client_id="app").value
    assert answer.error_code == ErrorCode.NONE
    assert answer.member_id.startswith("app-")
    assert answer.leader == answer.member_id
    assert answer.generation_id == 1
    assert (answer.protocol_type, answer.protocol_name) == ("consumer", "range")
    assert [(each.member_id, bytes(each.metadata)) for each in answer.members] == [
        (answer.member_id, subscription("t"))
    ]


@pytest.mark.parametrize("version", range(4))
def test_before_version_4_a_member_is_in_at_once(room: Room, version: int) -> None:
    answer = room.join(version=version).value
    assert answer.error_code == ErrorCode.NONE
    assert answer.member_id


@pytest.mark.parametrize("version", range(4, 10))
def test_from_version_4_on_a_member_has_to_come_back_with_its_id(room: Room, version: int) -> None:
    offered = room.join(version=version).value
    assert offered.error_code == ErrorCode.MEMBER_ID_REQUIRED
    assert offered.generation_id == -1
    answer = room.join(offered.member_id, version=version).value
    assert (answer.error_code, answer.member_id) == (0, offered.member_id)


def test_a_second_member_waits_until_the_first_has_rejoined(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    assert not second.is_done
    assert room.beat(first.member_id, 1) == ErrorCode.REBALANCE_IN_PROGRESS
    again = room.join(first.member_id)
    answers = [again.value, second.value]
    assert [answer.generation_id for answer in answers] == [2, 2]
    assert {answer.leader for answer in answers} == {first.member_id}
    assert [len(answer.members) for answer in answers] == [2, 0]


def test_an_unchanged_follower_that_rejoins_is_answered_at_once(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    _, follower = room.settle(room.join(first.member_id), second)
    answer = room.join(follower.member_id).value
    assert (answer.generation_id, answer.leader) == (2, first.member_id)
    assert answer.members == []
    assert room.beat(first.member_id, 2) == ErrorCode.NONE


def test_a_leader_that_rejoins_starts_a_rebalance(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    leader, follower = room.settle(room.join(first.member_id), second)
    again = room.join(leader.member_id)
    assert not again.is_done
    assert room.beat(follower.member_id, 2) == ErrorCode.REBALANCE_IN_PROGRESS
    room.join(follower.member_id)
    assert again.value.generation_id == 3


def test_a_changed_follower_starts_a_rebalance(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    leader, follower = room.settle(room.join(first.member_id), second)
    changed = room.join(follower.member_id, protocols={"range": subscription("t", "u")})
    assert not changed.is_done
    told = room.join(leader.member_id).value
    metadata = {each.member_id: bytes(each.metadata) for each in told.members}
    assert metadata[follower.member_id] == subscription("t", "u")


def test_the_order_of_preference_is_a_change(room: Room) -> None:
    both = {"a": b"1", "b": b"2"}
    (first,) = room.settle(room.enter(protocols=both))
    second = room.enter(protocols=both)
    room.settle(room.join(first.member_id, protocols=both), second)
    assert room.join(second.value.member_id, protocols=both).is_done
    assert not room.join(second.value.member_id, protocols={"b": b"2", "a": b"1"}).is_done


def test_who_did_not_hear_the_answer_is_told_again_while_the_leader_assigns(room: Room) -> None:
    first = room.enter()
    again = room.join(first.value.member_id).value
    assert again.generation_id == 1
    assert len(again.members) == 1


def test_who_changes_while_the_leader_assigns_starts_over(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    room.join(first.member_id)
    waiting = room.sync(second.value.member_id, 2)
    assert not waiting.is_done
    changed = room.join(first.member_id, protocols={"range": b"other"})
    assert waiting.value.error_code == ErrorCode.REBALANCE_IN_PROGRESS
    assert not changed.is_done


def test_a_join_that_is_sent_again_takes_the_place_of_the_one_before(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    again = room.join(second.request.member_id)
    assert second.value.error_code == ErrorCode.REBALANCE_IN_PROGRESS
    assert not again.is_done
    room.join(first.member_id)
    assert again.value.generation_id == 2


class TestAgreement:
    """What all members have in common is chosen, and of that what most like best."""

    def test_the_protocol_with_most_votes_wins(self, room: Room) -> None:
        likes = [{"a": b"", "b": b""}, {"b": b"", "a": b""}, {"b": b"", "a": b""}]
        (first,) = room.settle(room.enter(protocols=likes[0]))
        others = [room.enter(protocols=each) for each in likes[1:]]
        answer = room.join(first.member_id, protocols=likes[0]).value
        assert answer.protocol_name == "b"
        assert {other.value.protocol_name for other in others} == {"b"}

    def test_a_favourite_that_not_all_know_has_no_vote(self, room: Room) -> None:
        (first,) = room.settle(room.enter(protocols={"sticky": b"", "range": b""}))
        room.enter(protocols={"range": b""})
        again = room.join(first.member_id, protocols={"sticky": b"", "range": b""}).value
        assert again.protocol_name == "range"

    def test_who_has_nothing_in_common_is_refused(self, room: Room) -> None:
        room.settle(room.enter(protocols={"a": b"", "b": b""}))
        refused = room.join(protocols={"c": b""}).value
        assert refused.error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL

    def test_another_type_is_refused(self, room: Room) -> None:
        room.settle(room.enter())
        refused = room.join(kind="connect").value
        assert refused.error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL

    @pytest.mark.parametrize("options", [{"kind": ""}, {"protocols": {}}])
    def test_the_first_member_has_to_say_something(
        self, room: Room, options: dict[str, str]
    ) -> None:
        refused = room.join(**options).value
        assert refused.error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL
        assert room.groups.names() == []

    def test_an_empty_group_may_be_of_another_type_than_before(self, room: Room) -> None:
        (first,) = room.settle(room.enter())
        room.leave(first.member_id)
        answer = room.enter(kind="connect", protocols={"x": b""}).value
        assert (answer.protocol_type, answer.protocol_name) == ("connect", "x")


class TestRefusals:
    def test_a_group_has_a_name(self, room: Room) -> None:
        assert room.join(group="").value.error_code == ErrorCode.INVALID_GROUP_ID

    @pytest.mark.parametrize(("session", "is_good"), [(99, False), (100, True), (1800001, False)])
    def test_the_session_is_neither_too_short_nor_too_long(
        self, room: Room, session: int, *, is_good: bool
    ) -> None:
        answer = room.join(session=session, version=3).value
        assert answer.error_code == (0 if is_good else ErrorCode.INVALID_SESSION_TIMEOUT)

    def test_an_id_is_not_known_without_its_group(self, room: Room) -> None:
        assert room.join("somebody").value.error_code == ErrorCode.UNKNOWN_MEMBER_ID
        assert room.groups.names() == []

    def test_an_id_is_not_known_that_was_not_given(self, room: Room) -> None:
        room.settle(room.enter())
        answer = room.join("somebody").value
        assert (answer.error_code, answer.member_id) == (
            ErrorCode.UNKNOWN_MEMBER_ID,
            "somebody",
        )


class TestPendingMembers:
    """Ids that were given out, and have not come back."""

    def test_a_rebalance_waits_for_who_was_given_an_id(self, room: Room) -> None:
        (first,) = room.settle(room.enter())
        offered = room.join().value
        again = room.join(first.member_id)
        assert not again.is_done
        room.join(offered.member_id)
        assert len(again.value.members) == 2

    def test_an_id_that_is_not_used_is_forgotten_after_a_session(self, room: Room) -> None:
        (first,) = room.settle(room.enter(session=30_000))
        offered = room.join().value
        again = room.join(first.member_id)
        room.pass_time(SESSION_MS - 1)
        assert not again.is_done
        room.pass_time(1)
        assert len(again.value.members) == 1
        assert room.join(offered.member_id).value.error_code == ErrorCode.UNKNOWN_MEMBER_ID

    def test_a_group_that_nobody_entered_is_forgotten(self, room: Room) -> None:
        room.join()
        assert room.groups.names() == ["g"]
        room.pass_time(SESSION_MS)
        assert room.groups.names() == []

    def test_an_id_may_be_given_back(self, room: Room) -> None:
        (first,) = room.settle(room.enter())
        offered = room.join().value
        again = room.join(first.member_id)
        assert room.leave(offered.member_id) == [0]
        assert again.is_done
        room.pass_time(SESSION_MS)
        assert room.clock.now == NOON + SESSION_MS

    def test_an_id_that_was_given_does_not_serve_a_static_member(self, room: Room) -> None:
        offered = room.join().value
        answer = room.join(offered.member_id, instance="i").value
        assert answer.error_code == ErrorCode.UNKNOWN_MEMBER_ID


class TestLostConnections:
    """A client that goes away while it waits does no harm."""

    def test_one_that_is_lost_while_it_waits_holds_nobody_up(self, room: Room) -> None:
        (first,) = room.settle(room.enter())
        closing: list = []
        gone = room.enter(on_close=closing.append)
        closing[-1]()
        assert gone.value.error_code == ErrorCode.UNKNOWN_MEMBER_ID
        assert len(room.join(first.member_id).value.members) == 1

    def test_one_that_is_lost_once_it_is_answered_has_a_session(self, room: Room) -> None:
        (first,) = room.settle(room.enter())
        closing: list = []
        room.enter(on_close=closing.append)
        room.join(first.member_id)
        closing[-1]()
        assert len(room.groups.find("g").members) == 2
        room.pass_time(SESSION_MS)
        assert room.groups.find("g").members == {}

    def test_a_new_member_that_waits_too_long_is_taken_for_gone(self, room: Room) -> None:
        slow = {"session": 30 * 60_000, "rebalance": 30 * 60_000}
        room.settle(room.enter(**slow))
        late = room.enter(**slow)
        room.pass_time(FIVE_MINUTES - 1)
        assert not late.is_done
        room.pass_time(1)
        assert late.value.error_code == ErrorCode.UNKNOWN_MEMBER_ID
        assert late.value.member_id == ""
