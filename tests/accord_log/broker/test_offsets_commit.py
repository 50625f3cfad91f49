"""OffsetCommit and OffsetFetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from group_room import SESSION_MS, Room, errors

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

T0 = ("t", 0)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as room:
        yield room


def code(room: Room, **options: Any) -> int:
    """Return the error of a commit of one offset."""
    (error,) = errors(room.commit({T0: 5}, **options).value)
    return error


class TestWhoMayCommit:
    def test_who_shares_with_nobody(self, room: Room) -> None:
        assert code(room) == 0
        assert room.committed() == {T0: 5}

    def test_a_group_may_be_without_a_name(self, room: Room) -> None:
        assert code(room, group="") == 0
        assert room.committed("") == {T0: 5}

    def test_a_member(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        assert code(room, member=only.member_id, generation=1) == 0

    def test_a_member_that_is_to_rejoin(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        room.enter()
        assert code(room, member=only.member_id, generation=1) == 0

    def test_nobody_before_the_leader_has_assigned(self, room: Room) -> None:
        only = room.enter().value
        told = code(room, member=only.member_id, generation=1)
        assert told == ErrorCode.REBALANCE_IN_PROGRESS

    @pytest.mark.parametrize(
        ("member", "generation", "expected"),
        [
            ("", -1, ErrorCode.UNKNOWN_MEMBER_ID),
            ("", 1, ErrorCode.UNKNOWN_MEMBER_ID),
            ("stranger", 1, ErrorCode.UNKNOWN_MEMBER_ID),
            (None, 0, ErrorCode.ILLEGAL_GENERATION),
            (None, 2, ErrorCode.ILLEGAL_GENERATION),
            (None, -1, ErrorCode.ILLEGAL_GENERATION),
        ],
    )
    def test_nobody_else_while_there_are_members(
        self, room: Room, member: str | None, generation: int, expected: ErrorCode
    ) -> None:
        (only,) = room.settle(room.enter())
        named = only.member_id if member is None else member
        assert code(room, member=named, generation=generation) == expected
        assert room.committed() == {}

    def test_a_member_of_a_group_that_is_gone(self, room: Room) -> None:
        assert code(room, member="m", generation=3) == ErrorCode.ILLEGAL_GENERATION

    def test_a_member_of_a_group_without_members(self, room: Room) -> None:
        room.commit({T0: 1})
        assert code(room, member="m", generation=3) == ErrorCode.UNKNOWN_MEMBER_ID

    def test_anybody_once_the_members_have_gone(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        room.leave(only.member_id)
        assert code(room) == 0

    def test_a_commit_is_a_sign_of_life(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        for _ in range(3):
            room.pass_time(SESSION_MS - 1)
            assert code(room, member=only.member_id, generation=1) == 0


class TestWhatIsCommitted:
    def test_parts_that_cannot_be_are_told_and_the_others_are(self, room: Room) -> None:
        offsets = {T0: 1, ("t", 3): 2, ("t", -1): 2, ("x", 0): 3, ("u", 2): 4}
        missing = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        told = errors(room.commit(offsets).value)
        assert told == [0, missing, missing, missing, 0]
        assert room.committed() == {T0: 1, ("u", 2): 4}

    def test_nothing_at_all(self, room: Room) -> None:
        assert room.commit({}).value.topics == []
        assert room.groups.names() == []

    @pytest.mark.parametrize(
        ("metadata", "expected"),
        [
            ("m" * 4096, 0),
            ("m" * 4097, ErrorCode.OFFSET_METADATA_TOO_LARGE),
            ("ü" * 2049, ErrorCode.OFFSET_METADATA_TOO_LARGE),
        ],
    )
    def test_metadata_has_a_limit(self, room: Room, metadata: str, expected: int) -> None:
        assert code(room, metadata=metadata) == expected
        assert room.fetch(T0).metadata == ("" if expected else metadata)

    def test_metadata_may_be_null(self, room: Room) -> None:
        assert code(room, metadata=None) == 0
        assert room.fetch(T0).metadata == ""

    def test_an_offset_may_go_back_when_its_owner_says_so(self, room: Room) -> None:
        room.commit({T0: 10})
        room.commit({T0: 3})
        assert room.committed() == {T0: 3}

    @pytest.mark.parametrize("version", range(2, 10))
    def test_every_version_is_spoken(self, room: Room, version: int) -> None:
        assert code(room, version=version, metadata="m") == 0
        found = room.fetch(T0)
        assert (found.committed_offset, found.metadata) == (5, "m")
        assert found.committed_leader_epoch == (0 if version >= 6 else -1)


class TestFetching:
    @pytest.fixture
    def room(self, tmp_path: Path) -> Iterator[Room]:
        with Room(tmp_path) as room:
            room.commit({T0: 1, ("u", 1): 2}, metadata="m")
            room.commit({T0: 7}, group="other")
            yield room

    @pytest.mark.parametrize("version", range(1, 8))
    def test_one_group(self, room: Room, version: int) -> None:
        asked = OffsetFetchRequest("g", [OffsetFetchRequestTopic("t", [0, 1])])
        answer = room.ask(asked, version)
        (topic,) = answer.topics
        found = [
            (part.partition_index, part.committed_offset, part.metadata, part.error_code)
            for part in topic.partitions
        ]
        assert found == [(0, 1, "m", 0), (1, -1, "", 0)]
        assert answer.error_code == 0

    @pytest.mark.parametrize("version", range(2, 8))
    def test_all_that_one_group_has(self, room: Room, version: int) -> None:
        answer = room.ask(OffsetFetchRequest("g", None), version)
        found = {
            (topic.name, part.partition_index): part.committed_offset
            for topic in answer.topics
            for part in topic.partitions
        }
        assert found == {T0: 1, ("u", 1): 2}

    @pytest.mark.parametrize("version", [8, 9])
    def test_several_groups(self, room: Room, version: int) -> None:
        t0 = [OffsetFetchRequestTopics("t", [0])]
        asked = OffsetFetchRequest(
            groups=[
                OffsetFetchRequestGroup("g", topics=t0),
                OffsetFetchRequestGroup("other", topics=None),
                OffsetFetchRequestGroup("missing", topics=t0),
                OffsetFetchRequestGroup("missing", topics=None),
            ]
        )
        found = [
            [part.committed_offset for topic in group.topics for part in topic.partitions]
            for group in room.ask(asked, version).groups
        ]
        assert found == [[1], [7], [-1], []]

    def test_a_topic_that_does_not_exist_has_no_offsets(self, room: Room) -> None:
        found = room.fetch(("x", 0))
        assert (found.committed_offset, found.error_code) == (-1, 0)
