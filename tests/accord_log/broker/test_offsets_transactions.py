"""Offsets that count when a transaction is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from group_room import NOON, Room

from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

T0, T1, U0 = ("t", 0), ("t", 1), ("u", 0)
UNSTABLE = -ErrorCode.UNSTABLE_OFFSET_COMMIT


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as room:
        yield room


@pytest.fixture(params=[False, True], ids=["running", "restarted"])
def restart(request: pytest.FixtureRequest, room: Room) -> object:
    """Do nothing, or restart: the same is to come of it."""
    return room.reopen if request.param else lambda: None


def test_staged_offsets_count_when_the_transaction_is_committed(
    room: Room, restart: object
) -> None:
    room.commit({T0: 1})
    assert room.stage(7, {T0: 5, T1: 6}) is None
    restart()
    assert room.committed() == {T0: 1}
    assert room.finish(7, commit=True) is None
    restart()
    assert room.committed() == {T0: 5, T1: 6}
    assert room.offsets.unstable("g") == set()


def test_staged_offsets_are_forgotten_when_it_is_aborted(room: Room, restart: object) -> None:
    room.commit({T0: 1})
    room.stage(7, {T0: 5, T1: 6})
    restart()
    room.finish(7, commit=False)
    restart()
    assert room.committed() == {T0: 1}
    assert room.offsets.unstable("g") == set()


def test_what_is_staged_again_takes_the_place_of_what_was_before(
    room: Room, restart: object
) -> None:
    room.stage(7, {T0: 5})
    room.stage(7, {T0: 8, T1: 9})
    restart()
    room.finish(7, commit=True)
    assert room.committed() == {T0: 8, T1: 9}


def test_what_was_committed_later_stays(room: Room, restart: object) -> None:
    room.stage(7, {T0: 5, T1: 6})
    room.commit({T0: 10})
    restart()
    room.finish(7, commit=True)
    restart()
    assert room.committed() == {T0: 10, T1: 6}


def test_of_two_transactions_the_one_that_staged_later_counts(room: Room, restart: object) -> None:
    room.stage(7, {T0: 5})
    room.stage(8, {T0: 6})
    restart()
    room.finish(8, commit=True)
    room.finish(7, commit=True)
    assert room.committed() == {T0: 6}


def test_a_commit_after_a_restart_is_later_than_what_was_staged_before(
    room: Room,
) -> None:
    for offset in range(5):
        room.commit({T1: offset})
    room.stage(7, {T0: 5})
    room.reopen()
    room.commit({T0: 10})
    room.finish(7, commit=True)
    assert room.committed()[T0] == 10


def test_finishing_again_has_no_effect(room: Room) -> None:
    room.stage(7, {T0: 5})
    room.finish(7, commit=True)
    room.commit({T0: 9})
    assert room.finish(7, commit=True) is None
    assert room.finish(7, commit=False) is None
    assert room.finish(99, commit=True) is None
    assert room.committed() == {T0: 9}


def test_only_the_groups_that_are_named_are_finished(room: Room) -> None:
    room.stage(7, {T0: 5}, group="g")
    room.stage(7, {T0: 6}, group="h")
    room.stage(8, {T1: 7}, group="g")
    room.finish(7, "g", commit=True)
    assert (room.committed("g"), room.committed("h")) == ({T0: 5}, {})
    assert room.offsets.unstable("g") == {T1}
    room.finish(7, "h", "h", "missing", commit=True)
    assert room.committed("h") == {T0: 6}


def test_who_wants_stable_offsets_is_to_ask_again(room: Room, restart: object) -> None:
    room.commit({T0: 1, U0: 2})
    room.stage(7, {T0: 5, T1: 6})
    restart()
    assert room.committed(stable=True) == {T0: UNSTABLE, U0: 2}
    found = room.fetch(T1, stable=True)
    assert (found.error_code, found.committed_offset) == (-UNSTABLE, -1)
    assert room.fetch(T1).error_code == 0
    room.finish(7, commit=True)
    assert room.committed(stable=True) == {T0: 5, T1: 6, U0: 2}


def test_open_transactions_are_known_after_a_restart(room: Room, restart: object) -> None:
    room.stage(7, {T0: 5, T1: 6})
    room.stage(7, {T0: 5}, group="h")
    room.stage(8, {T0: 5})
    room.stage(9, {T0: 5})
    room.finish(9, commit=False)
    restart()
    assert sorted(room.offsets.staged()) == [(7, "g"), (7, "h"), (8, "g")]


def test_a_group_with_open_transactions_can_be_described(room: Room) -> None:
    room.stage(7, {T0: 5})
    assert room.groups.find("g").state == "Empty"


def test_deleting_a_group_forgets_what_is_staged(room: Room, restart: object) -> None:
    room.stage(7, {T0: 5})
    assert room.groups.delete("g").wait(0) == ErrorCode.NONE
    restart()
    room.finish(7, commit=True)
    assert room.committed() == {}


def test_staged_offsets_are_dated_when_they_are_staged(room: Room) -> None:
    room.stage(7, {T0: 5})
    room.pass_time(1000)
    room.finish(7, commit=True)
    assert room.offsets.of("g")[T0].commit_timestamp_ms == NOON


class TestMembership:
    """Who may add offsets to a transaction."""

    def test_a_member_of_this_generation(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        check = room.groups.check_member
        assert check("g", only.member_id, 1, None) == ErrorCode.NONE
        assert check("g", only.member_id, 0, None) == ErrorCode.ILLEGAL_GENERATION
        assert check("g", only.member_id, -1, None) == ErrorCode.ILLEGAL_GENERATION
        assert check("g", "stranger", 1, None) == ErrorCode.UNKNOWN_MEMBER_ID
        assert check("g", "", 1, None) == ErrorCode.UNKNOWN_MEMBER_ID

    def test_a_member_whose_group_is_in_a_rebalance(self, room: Room) -> None:
        only = room.enter().value
        assert room.groups.check_member("g", only.member_id, 1, None) == ErrorCode.NONE

    def test_who_cannot_name_itself(self, room: Room) -> None:
        room.settle(room.enter())
        assert room.groups.check_member("g", "", -1, None) == ErrorCode.NONE

    def test_a_static_member_that_was_replaced(self, room: Room) -> None:
        (old,) = room.settle(room.enter(instance="i"))
        room.join(instance="i")
        told = room.groups.check_member("g", old.member_id, 1, "i")
        assert told == ErrorCode.FENCED_INSTANCE_ID

    def test_a_group_that_is_not_there(self, room: Room) -> None:
        assert room.groups.check_member("g", "", -1, None) == ErrorCode.NONE
        assert room.groups.check_member("g", "m", 1, None) == ErrorCode.ILLEGAL_GENERATION

    def test_a_group_without_a_name(self, room: Room) -> None:
        assert room.groups.check_member("", "", -1, None) == ErrorCode.INVALID_GROUP_ID
