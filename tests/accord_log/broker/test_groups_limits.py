"""How large groups can be, and how many there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from group_room import Room, errors

from accord_log.broker import groups_join, groups_sync
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = ErrorCode.GROUP_MAX_SIZE_REACHED


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path, group_max_size=2, max_groups=2) as room:
        yield room


def test_a_full_group_takes_nobody(room: Room) -> None:
    (first,) = room.settle(room.enter())
    second = room.enter()
    room.settle(room.join(first.member_id), second)
    assert room.join().value.error_code == FULL
    assert room.join(version=3).value.error_code == FULL
    assert room.join(second.value.member_id).value.error_code == ErrorCode.NONE


def test_ids_that_were_given_out_take_room(room: Room) -> None:
    offered = [room.join().value for _ in range(2)]
    assert {answer.error_code for answer in offered} == {ErrorCode.MEMBER_ID_REQUIRED}
    assert room.join().value.error_code == FULL
    assert room.join(offered[0].member_id).value.error_code == ErrorCode.NONE


def test_ids_are_not_given_without_end_while_others_rejoin(room: Room) -> None:
    room.settle(room.enter())
    room.enter()  # everybody is to rejoin
    assert room.join().value.error_code == FULL


def test_a_static_member_comes_back_into_a_full_group(room: Room) -> None:
    (first,) = room.settle(room.enter(instance="i"))
    second = room.enter(instance="j")
    room.settle(room.join(first.member_id, instance="i"), second)
    assert room.join(instance="k").value.error_code == FULL
    assert room.join(instance="j").value.error_code == ErrorCode.NONE


def test_there_are_so_many_groups_and_no_more(room: Room) -> None:
    for name in ("one", "two"):
        assert room.enter(group=name).is_done
    assert room.join(group="three").value.error_code == ErrorCode.POLICY_VIOLATION


def test_there_are_so_many_groups_with_offsets_and_no_more(room: Room) -> None:
    for name in ("one", "two", "one"):
        assert errors(room.commit({("t", 0): 1}, group=name).value) == [0]
    refused = room.commit({("t", 0): 1}, group="three").value
    assert errors(refused) == [ErrorCode.POLICY_VIOLATION]


def test_a_member_knows_so_many_protocols(room: Room) -> None:
    protocols = {f"p{number}": b"" for number in range(groups_join.MAX_PROTOCOLS + 1)}
    assert room.join(protocols=protocols).value.error_code == ErrorCode.INVALID_REQUEST
    del protocols["p0"]
    assert room.enter(protocols=protocols).value.error_code == ErrorCode.NONE


def test_a_member_says_so_much_about_itself(room: Room) -> None:
    size = groups_join.MAX_METADATA_BYTES
    assert room.join(protocols={"p": bytes(size + 1)}).value.error_code == ErrorCode.INVALID_REQUEST
    assert room.enter(protocols={"p": bytes(size)}).value.error_code == ErrorCode.NONE


def test_all_members_together_say_so_much(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups_join, "MAX_GROUP_METADATA_BYTES", 10)
    assert room.join(protocols={"p": bytes(11)}).value.error_code == FULL
    (first,) = room.settle(room.enter(protocols={"p": bytes(6)}))
    assert room.join(protocols={"p": bytes(5)}).value.error_code == FULL
    assert room.join(first.member_id, protocols={"p": bytes(11)}).value.error_code == FULL
    assert room.join(first.member_id, protocols={"p": bytes(10)}).value.error_code == 0


def test_a_leader_assigns_so_much(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups_sync, "MAX_ASSIGNMENT_BYTES", 10)
    member_id = room.enter().value.member_id
    refused = room.sync(member_id, 1, {member_id: bytes(11)}).value
    assert refused.error_code == ErrorCode.UNKNOWN_SERVER_ERROR
    assert room.sync(member_id, 1, {member_id: bytes(10)}).value.error_code == 0
