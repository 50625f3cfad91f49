"""What tools see of groups, and groups that are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from group_room import Room, errors, subscription

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.delete_groups import DeleteGroupsRequest
from accord_log.kafka.messages.describe_groups import DescribeGroupsRequest
from accord_log.kafka.messages.list_groups import ListGroupsRequest
from accord_log.kafka.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as room:
        yield room


def described(room: Room, name: str = "g") -> Any:
    (group,) = room.ask(DescribeGroupsRequest([name])).groups
    return group


def listed(room: Room, **filters: list[str]) -> list[tuple[str, str, str]]:
    groups = room.ask(ListGroupsRequest(**filters)).groups
    return [(each.group_id, each.protocol_type, each.group_state) for each in groups]


def deleted(room: Room, *names: str) -> dict[str, int]:
    results = room.ask(DeleteGroupsRequest(list(names))).results
    return {result.group_id: result.error_code for result in results}


class TestDescribing:
    def test_a_stable_group_shows_who_reads_what(self, room: Room) -> None:
        (only,) = room.settle(room.enter(client_id="app", host="/10.0.0.1"))
        group = described(room)
        assert (group.error_code, group.group_state) == (0, "Stable")
        assert (group.protocol_type, group.protocol_data) == ("consumer", "range")
        (member,) = group.members
        assert (member.member_id, member.client_id, member.client_host) == (
            only.member_id,
            "app",
            "/10.0.0.1",
        )
        assert bytes(member.member_metadata) == subscription("t")
        assert bytes(member.member_assignment) == only.member_id.encode()

    def test_a_static_member_has_its_name(self, room: Room) -> None:
        room.settle(room.enter(instance="i"))
        assert described(room).members[0].group_instance_id == "i"

    def test_in_a_rebalance_nothing_is_agreed_on(self, room: Room) -> None:
        room.settle(room.enter())
        room.enter()
        group = described(room)
        assert (group.group_state, group.protocol_data) == ("PreparingRebalance", "")
        assert {bytes(member.member_assignment) for member in group.members} == {b""}
        assert len(group.members) == 2

    def test_before_the_leader_has_assigned(self, room: Room) -> None:
        room.enter()
        assert described(room).group_state == "CompletingRebalance"

    def test_an_empty_group(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        room.leave(only.member_id)
        group = described(room)
        assert (group.group_state, group.protocol_type, group.members) == ("Empty", "consumer", [])

    def test_a_group_that_only_commits(self, room: Room) -> None:
        room.commit({("t", 0): 1})
        group = described(room)
        assert (group.group_state, group.protocol_type) == ("Empty", "")

    def test_a_group_that_does_not_exist_is_dead(self, room: Room) -> None:
        group = described(room, "other")
        assert (group.error_code, group.group_state, group.members) == (0, "Dead", [])

    @pytest.mark.parametrize("version", range(6))
    def test_every_version_is_spoken(self, room: Room, version: int) -> None:
        room.settle(room.enter())
        asked = DescribeGroupsRequest(["g", "other"])
        states = [group.group_state for group in room.ask(asked, version).groups]
        assert states == ["Stable", "Dead"]

    def test_operations_are_told_to_who_asks(self, room: Room) -> None:
        asked = DescribeGroupsRequest(["g"], include_authorized_operations=True)
        assert room.ask(asked).groups[0].authorized_operations == 0b1_0100_1000
        assert described(room).authorized_operations == -(2**31)


class TestListing:
    @pytest.fixture
    def room(self, tmp_path: Path) -> Iterator[Room]:
        with Room(tmp_path) as room:
            room.settle(room.enter(group="stable"))
            room.enter(group="completing", kind="connect", protocols={"x": b""})
            room.commit({("t", 0): 1}, group="simple")
            yield room

    def test_all_groups_are_listed(self, room: Room) -> None:
        assert listed(room) == [
            ("completing", "connect", "CompletingRebalance"),
            ("simple", "", "Empty"),
            ("stable", "consumer", "Stable"),
        ]

    @pytest.mark.parametrize(
        ("states", "names"),
        [
            (["Stable"], ["stable"]),
            (["stable", "empty"], ["simple", "stable"]),
            (["PreparingRebalance"], []),
        ],
    )
    def test_by_state(self, room: Room, states: list[str], names: list[str]) -> None:
        assert [name for name, *_ in listed(room, states_filter=states)] == names

    @pytest.mark.parametrize(
        ("types", "count"), [(["classic"], 3), (["Classic", "share"], 3), (["consumer"], 0)]
    )
    def test_by_type(self, room: Room, types: list[str], count: int) -> None:
        assert len(listed(room, types_filter=types)) == count

    @pytest.mark.parametrize("version", range(6))
    def test_every_version_is_spoken(self, room: Room, version: int) -> None:
        assert len(room.ask(ListGroupsRequest(), version).groups) == 3


class TestDeleting:
    def test_a_group_goes_with_its_offsets(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        room.commit({("t", 0): 1}, member=only.member_id, generation=1)
        room.leave(only.member_id)
        room.commit({("t", 0): 1}, group="simple")
        assert deleted(room, "g", "simple") == {"g": 0, "simple": 0}
        room.reopen()
        assert room.groups.names() == []
        assert room.committed() == {}

    def test_a_group_with_members_stays(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        assert deleted(room, "g") == {"g": ErrorCode.NON_EMPTY_GROUP}
        assert room.beat(only.member_id, 1) == 0

    def test_what_is_not_there_cannot_be_deleted(self, room: Room) -> None:
        assert deleted(room, "other") == {"other": ErrorCode.GROUP_ID_NOT_FOUND}

    def test_who_was_given_an_id_before_is_not_known(self, room: Room) -> None:
        offered = room.join().value
        assert deleted(room, "g") == {"g": 0}
        assert room.join(offered.member_id).value.error_code == ErrorCode.UNKNOWN_MEMBER_ID

    @pytest.mark.parametrize("version", range(3))
    def test_every_version_is_spoken(self, room: Room, version: int) -> None:
        room.commit({("t", 0): 1})
        assert room.ask(DeleteGroupsRequest(["g", "g"]), version).results[0].error_code == 0


class TestDeletingOffsets:
    def delete(self, room: Room, *wanted: tuple[str, int], group: str = "g") -> Any:
        topics = [
            OffsetDeleteRequestTopic(topic, [OffsetDeleteRequestPartition(index)])
            for topic, index in wanted
        ]
        return room.ask(OffsetDeleteRequest(group, topics))

    def test_offsets_of_topics_that_are_read_stay(self, room: Room) -> None:
        (only,) = room.settle(room.enter(protocols={"range": subscription("t")}))
        own = {"member": only.member_id, "generation": 1}
        room.commit({("t", 0): 1, ("u", 0): 2, ("u", 1): 3}, **own)
        answer = self.delete(room, ("t", 0), ("u", 0))
        assert errors(answer) == [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, 0]
        assert room.committed() == {("t", 0): 1, ("u", 1): 3}

    def test_while_it_is_not_known_what_is_read_everything_stays(self, room: Room) -> None:
        (only,) = room.settle(room.enter(protocols={"range": b"\x00\x01\x00"}))
        room.commit({("t", 0): 1}, member=only.member_id, generation=1)
        assert errors(self.delete(room, ("t", 0))) == [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC]

    def test_an_empty_group_reads_nothing(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        room.commit({("t", 0): 1}, member=only.member_id, generation=1)
        room.leave(only.member_id)
        assert errors(self.delete(room, ("t", 0), ("u", 0))) == [0, 0]
        room.reopen()
        assert room.committed() == {}

    def test_partitions_that_do_not_exist_are_told(self, room: Room) -> None:
        room.commit({("t", 0): 1})
        missing = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        assert errors(self.delete(room, ("t", 9), ("x", 0), ("t", 0))) == [missing, missing, 0]

    @pytest.mark.parametrize(
        ("name", "code"),
        [("", ErrorCode.INVALID_GROUP_ID), ("other", ErrorCode.GROUP_ID_NOT_FOUND)],
    )
    def test_the_group_has_to_be_there(self, room: Room, name: str, code: ErrorCode) -> None:
        assert self.delete(room, ("t", 0), group=name).error_code == code

    def test_a_group_that_is_not_of_consumers_has_to_be_empty(self, room: Room) -> None:
        room.settle(room.enter(kind="connect"))
        assert self.delete(room, ("t", 0)).error_code == ErrorCode.NON_EMPTY_GROUP

    def test_what_is_staged_goes_too(self, room: Room) -> None:
        room.commit({("t", 0): 1})
        room.stage(7, {("t", 0): 2})
        self.delete(room, ("t", 0))
        room.finish(7, commit=True)
        assert room.committed() == {}
