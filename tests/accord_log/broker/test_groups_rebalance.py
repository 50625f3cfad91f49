"""How long a rebalance waits, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from group_room import REBALANCE_MS, SESSION_MS, Room

from accord_log.broker.groups_group import Group, GroupState
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as room:
        yield room


def state(room: Room) -> str:
    return room.groups.find("g").state


def keep_alive(room: Room, member_id: str, generation: int, milliseconds: int) -> None:
    for _ in range(milliseconds // 1000):
        room.pass_time(1000)
        assert room.beat(member_id, generation) in {0, ErrorCode.REBALANCE_IN_PROGRESS}


def test_who_does_not_rejoin_in_time_is_left_behind(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    keep_alive(room, first.member_id, 1, REBALANCE_MS - 1000)
    assert not second.is_done
    room.pass_time(1000)
    assert second.value.leader == second.value.member_id
    assert len(second.value.members) == 1
    assert room.beat(first.member_id, 1) == ErrorCode.UNKNOWN_MEMBER_ID


def test_the_slowest_member_says_how_long(room: Room) -> None:
    (first,) = room.settle(room.enter(rebalance=20_000))
    slow = room.enter(rebalance=40_000)
    keep_alive(room, first.member_id, 1, 39_000)
    assert not slow.is_done
    room.pass_time(1000)
    assert slow.is_done


def test_in_version_0_the_session_is_also_the_time_to_rejoin(room: Room) -> None:
    (first,) = room.settle(room.join(version=0, session=20_000))
    second = room.join(version=0, session=20_000)
    keep_alive(room, first.member_id, 1, 19_000)
    assert not second.is_done
    room.pass_time(1000)
    assert second.is_done


@pytest.mark.parametrize("rebalance", [0, -1])
def test_a_time_out_that_nobody_can_meet_is_lengthened(room: Room, rebalance: int) -> None:
    (first,) = room.settle(room.enter(rebalance=rebalance))
    second = room.enter(rebalance=rebalance)
    assert not second.is_done
    assert room.join(first.member_id, rebalance=rebalance).is_done


def test_a_member_that_dies_does_not_hold_up_the_others(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    room.pass_time(SESSION_MS)
    assert second.value.generation_id == 2
    assert room.beat(first.member_id, 1) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_member_that_waits_needs_no_heartbeat(room: Room) -> None:
    (first,) = room.settle(room.enter(session=60_000))
    second = room.enter(session=60_000)
    room.settle(room.join(first.member_id, session=60_000), second)
    third = room.enter(session=5_000, rebalance=60_000)
    again = room.join(first.member_id, session=5_000)
    keep_alive(room, second.value.member_id, 2, 30_000)
    assert not again.is_done
    room.join(second.value.member_id)
    assert [again.value.generation_id, third.value.generation_id] == [3, 3]
    assert room.beat(first.member_id, 3) == 0


def test_when_the_leader_dies_before_it_assigns_the_others_join_again(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    room.join(first.member_id)
    follower = second.value.member_id
    waiting = room.sync(follower, 2)
    room.pass_time(SESSION_MS)
    assert waiting.value.error_code == ErrorCode.REBALANCE_IN_PROGRESS
    (alone,) = room.settle(room.join(follower))
    assert (alone.leader, alone.generation_id) == (follower, 3)


def test_when_the_leader_is_alive_and_does_not_assign_it_is_left_behind(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    room.join(first.member_id)
    waiting = room.sync(second.value.member_id, 2)
    keep_alive(room, first.member_id, 2, REBALANCE_MS - 1000)
    assert not waiting.is_done
    room.pass_time(1000)
    assert waiting.value.error_code == ErrorCode.REBALANCE_IN_PROGRESS
    assert room.beat(first.member_id, 2) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_follower_that_does_not_fetch_its_assignment_is_left_behind(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    room.join(first.member_id)
    room.sync(first.member_id, 2, {})
    for _ in range(REBALANCE_MS // 1000):
        assert {room.beat(first.member_id, 2), room.beat(second.value.member_id, 2)} == {0}
        room.pass_time(1000)
    assert room.beat(first.member_id, 2) == ErrorCode.REBALANCE_IN_PROGRESS
    assert room.beat(second.value.member_id, 2) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_group_whose_last_member_goes_is_empty(room: Room) -> None:
    (only,) = room.settle(room.enter())
    assert state(room) == "Stable"
    room.leave(only.member_id)
    assert state(room) == "Empty"
    assert room.enter().value.generation_id == 3  # being empty was a generation, too


def test_the_next_one_leads_when_the_leader_leaves(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    room.settle(room.join(first.member_id), second)
    room.leave(first.member_id)
    answer = room.join(second.value.member_id).value
    assert answer.leader == second.value.member_id
    assert len(answer.members) == 1


def test_who_leaves_while_it_waits_is_answered(room: Room) -> None:
    room.settle(room.enter())
    waiting = room.enter()
    room.leave(waiting.request.member_id)
    assert waiting.value.error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_who_leaves_while_it_waits_for_the_leader_is_answered(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    room.join(first.member_id)
    waiting = room.sync(second.value.member_id, 2)
    room.leave(second.value.member_id)
    assert waiting.value.error_code == ErrorCode.UNKNOWN_MEMBER_ID


class TestInitialDelay:
    """The first members of a group may be given time to come together."""

    @pytest.fixture
    def room(self, tmp_path: Path) -> Iterator[Room]:
        with Room(tmp_path, group_initial_rebalance_delay_ms=3000) as room:
            yield room

    def test_the_first_member_waits_for_others(self, room: Room) -> None:
        only = room.enter()
        room.pass_time(2999)
        assert not only.is_done
        room.pass_time(1)
        assert only.value.generation_id == 1

    def test_each_one_that_comes_prolongs_the_wait(self, room: Room) -> None:
        first = room.enter()
        room.pass_time(2000)
        second = room.enter()
        room.pass_time(3999)
        assert not first.is_done
        room.pass_time(1)
        assert len(first.value.members) == 2
        assert second.value.generation_id == 1

    def test_the_wait_has_an_end(self, room: Room) -> None:
        first = room.enter(rebalance=10_000)
        for _ in range(4):
            room.pass_time(2500)
            room.join(version=3, rebalance=10_000)
        assert first.is_done

    def test_a_group_is_empty_again_when_all_have_gone_meanwhile(self, room: Room) -> None:
        closing: list = []
        room.enter(on_close=closing.append)
        closing[-1]()
        assert state(room) == "Empty"

    def test_later_rebalances_do_not_wait(self, room: Room) -> None:
        first = room.enter()
        room.pass_time(3000)
        (leader,) = room.settle(first)
        second = room.enter()
        assert room.join(leader.member_id).is_done
        assert second.is_done


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (GroupState.EMPTY, GroupState.STABLE),
        (GroupState.STABLE, GroupState.COMPLETING),
        (GroupState.DEAD, GroupState.EMPTY),
    ],
)
def test_a_change_of_state_that_cannot_be_is_a_defect(
    before: GroupState, after: GroupState
) -> None:
    group = Group("g")
    group.state = before
    with pytest.raises(AssertionError, match=f"from {before} to {after}"):
        group.move_to(after)
