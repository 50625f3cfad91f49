"""SyncGroup, Heartbeat and LeaveGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from group_room import SESSION_MS, Room

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.heartbeat import HeartbeatRequest
from accord_log.kafka.messages.leave_group import LeaveGroupRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as room:
        yield room


def two(room: Room) -> tuple[Any, Any]:
    """Return the answers of a leader and a follower that have joined generation 2."""
    (first,) = room.settle(room.enter())
    second = room.enter()
    return room.join(first.member_id).value, second.value


def test_followers_wait_for_the_leader(room: Room) -> None:
    leader, follower = two(room)
    waiting = room.sync(follower.member_id, 2)
    assert not waiting.is_done
    own = room.sync(leader.member_id, 2, {leader.member_id: b"l", follower.member_id: b"f"})
    assert bytes(own.value.assignment) == b"l"
    assert bytes(waiting.value.assignment) == b"f"
    assert (own.value.protocol_type, own.value.protocol_name) == ("consumer", "range")


def test_who_comes_late_is_given_what_was_assigned(room: Room) -> None:
    leader, follower = two(room)
    room.sync(leader.member_id, 2, {follower.member_id: b"f"})
    assert bytes(room.sync(follower.member_id, 2).value.assignment) == b"f"


def test_who_is_not_named_has_nothing_to_do(room: Room) -> None:
    leader, follower = two(room)
    answer = room.sync(leader.member_id, 2, {"stranger": b"s"}).value
    assert (answer.error_code, bytes(answer.assignment)) == (0, b"")
    assert bytes(room.sync(follower.member_id, 2).value.assignment) == b""


def test_what_a_follower_assigns_does_not_count(room: Room) -> None:
    leader, follower = two(room)
    waiting = room.sync(follower.member_id, 2, {follower.member_id: b"mine"})
    room.sync(leader.member_id, 2, {follower.member_id: b"yours"})
    assert bytes(waiting.value.assignment) == b"yours"


def test_a_sync_that_is_sent_again_takes_the_place_of_the_one_before(room: Room) -> None:
    leader, follower = two(room)
    before = room.sync(follower.member_id, 2)
    after = room.sync(follower.member_id, 2)
    assert before.value.error_code == ErrorCode.REBALANCE_IN_PROGRESS
    room.sync(leader.member_id, 2, {follower.member_id: b"f"})
    assert bytes(after.value.assignment) == b"f"


def test_a_sync_is_a_sign_of_life(room: Room) -> None:
    (only,) = room.settle(room.enter())
    room.pass_time(SESSION_MS - 1)
    room.sync(only.member_id, 1)
    room.pass_time(SESSION_MS - 1)
    assert room.beat(only.member_id, 1) == ErrorCode.NONE


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"group": ""}, ErrorCode.INVALID_GROUP_ID),
        ({"group": "other"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"member_id": "other"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"instance": "i"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"generation": 0}, ErrorCode.ILLEGAL_GENERATION),
        ({"generation": 2}, ErrorCode.ILLEGAL_GENERATION),
        ({"kind": "connect"}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol": "roundrobin"}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"kind": None}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol": None}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol": None, "kind": None, "version": 4}, ErrorCode.NONE),
    ],
)
def test_a_sync_is_of_a_member_and_its_generation(
    room: Room, changes: dict[str, Any], code: ErrorCode
) -> None:
    (only,) = room.settle(room.enter())
    asked = {"member_id": only.member_id, "generation": 1, **changes}
    answer = room.sync(**asked).value
    assert answer.error_code == code
    assert bytes(answer.assignment) == (only.member_id.encode() if not code else b"")


def test_a_sync_in_a_rebalance_says_so(room: Room) -> None:
    (only,) = room.settle(room.enter())
    room.enter()
    answer = room.sync(only.member_id, 1).value
    assert answer.error_code == ErrorCode.REBALANCE_IN_PROGRESS


@pytest.mark.parametrize("version", range(6))
def test_every_version_of_sync_is_spoken(room: Room, version: int) -> None:
    (only,) = room.settle(room.enter())
    answer = room.sync(only.member_id, 1, version=version).value
    assert bytes(answer.assignment) == only.member_id.encode()


def test_heartbeats_keep_a_member_in(room: Room) -> None:
    (only,) = room.settle(room.enter())
    for _ in range(5):
        room.pass_time(SESSION_MS - 1)
        assert room.beat(only.member_id, 1) == ErrorCode.NONE
    room.pass_time(SESSION_MS)
    assert room.beat(only.member_id, 1) == ErrorCode.UNKNOWN_MEMBER_ID


def test_heartbeats_are_taken_while_the_leader_assigns(room: Room) -> None:
    leader, follower = two(room)
    assert room.beat(leader.member_id, 2) == ErrorCode.NONE
    assert room.beat(follower.member_id, 2) == ErrorCode.NONE


@pytest.mark.parametrize(
    ("group", "member", "generation", "instance", "code"),
    [
        ("", None, 1, None, ErrorCode.INVALID_GROUP_ID),
        ("other", None, 1, None, ErrorCode.UNKNOWN_MEMBER_ID),
        ("g", "other", 1, None, ErrorCode.UNKNOWN_MEMBER_ID),
        ("g", None, 1, "i", ErrorCode.UNKNOWN_MEMBER_ID),
        ("g", None, 0, None, ErrorCode.ILLEGAL_GENERATION),
    ],
)
def test_a_heartbeat_is_of_a_member_and_its_generation(
    room: Room, group: str, member: str | None, generation: int, instance: str | None, code: int
) -> None:
    (only,) = room.settle(room.enter())
    member_id = member or only.member_id
    assert room.beat(member_id, generation, group=group, instance=instance) == code


@pytest.mark.parametrize("version", range(5))
def test_every_version_of_heartbeat_is_spoken(room: Room, version: int) -> None:
    (only,) = room.settle(room.enter())
    asked = HeartbeatRequest("g", 1, only.member_id)
    assert room.ask(asked, version).error_code == 0


def test_several_leave_together_with_one_rebalance(room: Room) -> None:
    leader, follower = room.settle(*[_done(answer) for answer in joined_two(room)])
    third = room.enter()
    everyone = [room.join(leader.member_id), room.join(follower.member_id), third]
    answers = room.settle(*everyone)
    gone = [answers[1].member_id, "stranger", answers[2].member_id]
    assert room.leave(*gone) == [0, ErrorCode.UNKNOWN_MEMBER_ID, 0]
    assert room.join(leader.member_id).value.generation_id == 4


def joined_two(room: Room) -> list[Any]:
    (first,) = room.settle(room.enter())
    second = room.enter()
    return [room.join(first.member_id), second]


def _done(pending: Any) -> Any:
    assert pending.is_done
    return pending


@pytest.mark.parametrize("version", range(3))
def test_in_older_versions_one_member_leaves(room: Room, version: int) -> None:
    (only,) = room.settle(room.enter())
    asked = LeaveGroupRequest("g", member_id=only.member_id)
    assert room.ask(asked, version).error_code == 0
    assert room.ask(asked, version).error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_nobody_leaves_a_group_that_is_not_there(room: Room) -> None:
    assert room.leave("somebody", group="other") == [ErrorCode.UNKNOWN_MEMBER_ID]
    assert room.ask(LeaveGroupRequest("")).error_code == ErrorCode.INVALID_GROUP_ID
