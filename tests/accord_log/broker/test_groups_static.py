"""Static members: their place is kept while they restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from group_room import REBALANCE_MS, SESSION_MS, Room

from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as room:
        yield room


def pair(room: Room, *, version: int = 9) -> tuple[Any, Any]:
    """Return the answers of a static leader «i» and a static follower «j», in generation 2."""
    (first,) = room.settle(room.enter(instance="i", version=version))
    second = room.enter(instance="j", version=version)
    leader, follower = room.settle(
        room.join(first.member_id, instance="i", version=version), second
    )
    return leader, follower


def test_a_static_member_is_in_at_once(room: Room) -> None:
    answer = room.join(instance="i").value
    assert answer.error_code == ErrorCode.NONE
    assert answer.member_id.startswith("i-")
    assert [member.group_instance_id for member in answer.members] == ["i"]


def test_one_that_comes_back_has_its_assignment_and_nobody_else_notices(room: Room) -> None:
    leader, follower = pair(room)
    answer = room.join(instance="j").value
    assert answer.error_code == ErrorCode.NONE
    assert answer.generation_id == 2
    assert answer.member_id != follower.member_id
    assert room.beat(leader.member_id, 2, instance="i") == ErrorCode.NONE
    kept = room.sync(answer.member_id, 2, instance="j").value
    assert bytes(kept.assignment) == follower.member_id.encode()


def test_a_leader_that_comes_back_is_told_to_skip_the_assignment(room: Room) -> None:
    pair(room)
    answer = room.join(instance="i", version=9).value
    assert answer.skip_assignment
    assert answer.leader == answer.member_id
    assert len(answer.members) == 2


def test_a_follower_that_comes_back_has_nothing_to_skip(room: Room) -> None:
    pair(room)
    answer = room.join(instance="j", version=9).value
    assert not answer.skip_assignment
    assert answer.members == []


@pytest.mark.parametrize("version", range(5, 9))
def test_before_version_9_a_leader_that_comes_back_is_told_of_another_one(
    room: Room, version: int
) -> None:
    leader, _ = pair(room, version=version)
    answer = room.join(instance="i", version=version).value
    assert answer.leader == leader.member_id != answer.member_id
    assert answer.members == []
    assert room.groups.find("g").leader == answer.member_id


def test_what_it_was_before_is_fenced(room: Room) -> None:
    _, old = pair(room)
    new = room.join(instance="j").value
    fenced = ErrorCode.FENCED_INSTANCE_ID
    assert room.beat(old.member_id, 2, instance="j") == fenced
    assert room.sync(old.member_id, 2, instance="j").value.error_code == fenced
    assert room.join(old.member_id, instance="j").value.error_code == fenced
    assert room.leave((old.member_id, "j")) == [fenced]
    committed = room.commit({("t", 0): 1}, member=old.member_id, generation=2, instance="j").value
    assert committed.topics[0].partitions[0].error_code == fenced
    assert room.beat(new.member_id, 2, instance="j") == ErrorCode.NONE


def test_who_waits_is_fenced_where_it_waits(room: Room) -> None:
    (first,) = room.settle(room.enter(instance="i"))
    waiting = room.join(instance="j")
    twin = room.join(instance="j")
    assert waiting.value.error_code == ErrorCode.FENCED_INSTANCE_ID
    room.join(first.member_id, instance="i")
    assert twin.value.generation_id == 2


def test_who_waits_for_the_leader_is_fenced_and_all_join_again(room: Room) -> None:
    (first,) = room.settle(room.enter(instance="i"))
    second = room.join(instance="j")
    room.join(first.member_id, instance="i")
    waiting = room.sync(second.value.member_id, 2, instance="j")
    twin = room.join(instance="j")
    assert waiting.value.error_code == ErrorCode.FENCED_INSTANCE_ID
    assert not twin.is_done
    late = room.sync(first.member_id, 2, {}, instance="i").value
    assert late.error_code == ErrorCode.REBALANCE_IN_PROGRESS
    room.join(first.member_id, instance="i")
    assert twin.value.generation_id == 3


def test_one_that_changes_what_is_agreed_on_starts_a_rebalance(room: Room) -> None:
    both = {"a": b"", "b": b""}
    (first,) = room.settle(room.enter(instance="i", protocols=both))
    second = room.join(instance="j", protocols=both)
    leader, _ = room.settle(room.join(first.member_id, instance="i", protocols=both), second)
    assert leader.protocol_name == "a"
    changed = room.join(instance="j", protocols={"b": b""})
    assert not changed.is_done
    room.join(leader.member_id, instance="i", protocols=both)
    assert changed.value.protocol_name == "b"


def test_an_instance_that_is_not_known_is_not_known_by_its_id(room: Room) -> None:
    pair(room)
    answer = room.join("somebody", instance="k").value
    assert answer.error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_static_member_that_does_not_rejoin_stays_in_the_group(room: Room) -> None:
    leader, follower = pair(room)
    third = room.enter(session=20 * 60_000)
    again = room.join(leader.member_id, instance="i")
    room.beat(follower.member_id, 2, instance="j")
    while not again.is_done:
        room.pass_time(1000)
        room.beat(follower.member_id, 2, instance="j")
    assert len(again.value.members) == 3
    assert third.value.generation_id == 3


def test_while_only_silent_static_members_are_left_their_sessions_are_awaited(room: Room) -> None:
    leader, _ = pair(room)
    new = room.enter()
    offered = new.request.member_id
    assert room.leave(offered) == [0]
    assert room.groups.find("g").state == "PreparingRebalance"
    room.pass_time(SESSION_MS)
    assert room.groups.find("g").state == "Empty"
    assert room.beat(leader.member_id, 2, instance="i") == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_rebalance_with_nobody_joined_begins_again(room: Room) -> None:
    leader, follower = pair(room)
    room.leave(room.enter().request.member_id)
    for _ in range(REBALANCE_MS // 1000 + 1):
        room.pass_time(1000)
        for member, instance in ((leader, "i"), (follower, "j")):
            code = room.beat(member.member_id, 2, instance=instance)
            assert code == ErrorCode.REBALANCE_IN_PROGRESS
    rejoined = [
        room.join(leader.member_id, instance="i"),
        room.join(follower.member_id, instance="j"),
    ]
    assert [pending.value.generation_id for pending in rejoined] == [3, 3]


def test_an_administrator_removes_a_static_member_by_its_name(room: Room) -> None:
    leader, _ = pair(room)
    assert room.leave(("", "j"), ("", "k"), ("", "j")) == [
        0,
        ErrorCode.UNKNOWN_MEMBER_ID,
        ErrorCode.UNKNOWN_MEMBER_ID,
    ]
    assert room.beat(leader.member_id, 2, instance="i") == ErrorCode.REBALANCE_IN_PROGRESS
    assert room.join(leader.member_id, instance="i").value.generation_id == 3


def test_a_silent_static_member_goes_when_its_session_is_over(room: Room) -> None:
    leader, _ = pair(room)
    for _ in range(SESSION_MS // 1000):
        assert room.beat(leader.member_id, 2, instance="i") == ErrorCode.NONE
        room.pass_time(1000)
    assert room.beat(leader.member_id, 2, instance="i") == ErrorCode.REBALANCE_IN_PROGRESS


def test_one_that_comes_back_and_is_silent_goes_too(room: Room) -> None:
    (only,) = room.settle(room.enter(instance="i"))
    room.pass_time(SESSION_MS - 1)
    assert room.beat(only.member_id, 1, instance="i") == ErrorCode.NONE
    back = room.join(instance="i").value
    room.pass_time(SESSION_MS - 1)
    assert room.beat(back.member_id, 1, instance="i") == ErrorCode.NONE
    again = room.join(instance="i").value
    room.pass_time(SESSION_MS)
    assert room.beat(again.member_id, 1, instance="i") == ErrorCode.UNKNOWN_MEMBER_ID


def test_one_that_comes_back_before_it_had_its_part_is_still_to_fetch_it(room: Room) -> None:
    (first,) = room.settle(room.enter(instance="i"))
    room.join(instance="j")
    room.join(first.member_id, instance="i")
    room.sync(first.member_id, 2, {}, instance="i")
    back = room.join(instance="j").value
    for _ in range(REBALANCE_MS // 1000):
        assert room.beat(back.member_id, 2, instance="j") == ErrorCode.NONE
        assert room.beat(first.member_id, 2, instance="i") == ErrorCode.NONE
        room.pass_time(1000)
    assert room.beat(back.member_id, 2, instance="j") == ErrorCode.UNKNOWN_MEMBER_ID
