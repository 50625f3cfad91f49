"""When offsets are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from group_room import SESSION_MS, Room, subscription

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RETENTION_MS = 60 * 60 * 1000
T0, U0 = ("t", 0), ("u", 0)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path, offsets_retention_ms=RETENTION_MS) as room:
        yield room


def left_after(room: Room, milliseconds: int) -> set[tuple[str, int]]:
    """Return what is committed after a time in which nothing happened."""
    room.clock.now += milliseconds
    room.groups.expire()
    return set(room.committed())


def test_who_shares_with_nobody_is_forgotten_after_its_last_commit(room: Room) -> None:
    room.commit({T0: 1, U0: 1})
    assert left_after(room, RETENTION_MS - 1) == {T0, U0}
    room.commit({T0: 1})
    assert left_after(room, 1) == {T0}
    assert left_after(room, RETENTION_MS - 2) == {T0}
    assert left_after(room, 1) == set()
    assert room.groups.names() == []
    room.reopen()
    assert room.committed() == {}


def test_a_group_is_forgotten_when_it_has_long_been_empty(room: Room) -> None:
    (only,) = room.settle(room.enter())
    room.commit({T0: 1, U0: 1}, member=only.member_id, generation=1)
    room.clock.now += 3 * RETENTION_MS
    room.leave(only.member_id)
    assert left_after(room, RETENTION_MS - 1) == {T0, U0}
    assert left_after(room, 1) == set()
    assert room.groups.names() == []


def test_a_group_is_not_forgotten_for_having_been_down_with_the_broker(room: Room) -> None:
    (only,) = room.settle(room.enter())
    room.commit({T0: 1}, member=only.member_id, generation=1)
    room.clock.now += 3 * RETENTION_MS
    room.reopen()
    assert left_after(room, RETENTION_MS - 1) == {T0}
    room.reopen()
    assert left_after(room, 1) == set()


def test_offsets_of_a_topic_that_is_read_are_kept(room: Room) -> None:
    (only,) = room.settle(room.enter(protocols={"range": subscription("t")}))
    room.commit({T0: 1, U0: 1}, member=only.member_id, generation=1)
    assert left_after(room, RETENTION_MS - 1) == {T0, U0}
    assert left_after(room, 1) == {T0}
    assert left_after(room, 10 * RETENTION_MS) == {T0}
    assert room.groups.names() == ["g"]


def test_in_a_rebalance_nothing_is_forgotten(room: Room) -> None:
    (only,) = room.settle(room.enter(protocols={"range": subscription("t")}))
    room.commit({U0: 1}, member=only.member_id, generation=1)
    room.enter()
    assert left_after(room, 2 * RETENTION_MS) == {U0}


@pytest.mark.parametrize("metadata", [b"", b"\0\0", b"\0\0\0\0\0\1\0\5t", b"\xff\xff\0\0\0\0"])
def test_where_it_is_not_known_what_is_read_nothing_is_forgotten(
    room: Room, metadata: bytes
) -> None:
    (only,) = room.settle(room.enter(protocols={"range": metadata}))
    room.commit({T0: 1, U0: 1}, member=only.member_id, generation=1)
    assert left_after(room, 2 * RETENTION_MS) == {T0, U0}


def test_members_that_are_not_consumers_keep_their_offsets(room: Room) -> None:
    (only,) = room.settle(room.enter(kind="connect"))
    room.commit({T0: 1}, member=only.member_id, generation=1)
    assert left_after(room, 2 * RETENTION_MS) == {T0}
    room.leave(only.member_id)
    assert left_after(room, RETENTION_MS) == set()


def test_the_client_may_say_how_long(room: Room) -> None:
    room.commit({T0: 1}, retention=1000, version=2)
    room.commit({U0: 1}, retention=3 * RETENTION_MS, version=4)
    assert left_after(room, 999) == {T0, U0}
    assert left_after(room, 1) == {U0}
    assert left_after(room, 2 * RETENTION_MS) == {U0}
    assert left_after(room, RETENTION_MS) == set()


def test_the_client_may_say_for_ever(room: Room) -> None:
    room.commit({T0: 1}, retention=2**63 - 1, version=4)
    room.reopen()
    assert left_after(room, 1000 * RETENTION_MS) == {T0}


def test_later_versions_cannot_say_how_long(room: Room) -> None:
    room.commit({T0: 1}, retention=1, version=5)
    assert left_after(room, 10) == {T0}


def test_what_a_transaction_is_about_is_kept(room: Room) -> None:
    room.commit({T0: 1, U0: 1})
    room.stage(7, {T0: 2})
    assert left_after(room, 2 * RETENTION_MS) == {T0}
    room.finish(7, commit=False)
    assert left_after(room, 0) == set()


def test_a_group_with_an_open_transaction_is_kept(room: Room) -> None:
    (only,) = room.settle(room.enter())
    room.leave(only.member_id)
    room.stage(7, {T0: 2})
    left_after(room, 2 * RETENTION_MS)
    assert room.groups.names() == ["g"]
    room.finish(7, commit=True)
    assert room.committed() == {T0: 2}


def test_an_empty_group_without_offsets_is_forgotten(room: Room) -> None:
    (only,) = room.settle(room.enter())
    left_after(room, 0)
    assert room.groups.names() == ["g"]
    room.leave(only.member_id)
    left_after(room, 0)
    assert room.groups.names() == []
    room.reopen()
    assert room.groups.names() == []


def test_a_group_that_somebody_is_about_to_enter_is_kept(room: Room) -> None:
    (only,) = room.settle(room.enter())
    room.leave(only.member_id)
    offered = room.join().value
    left_after(room, 0)
    assert room.join(offered.member_id).value.error_code == 0
    room.pass_time(SESSION_MS)
