"""What is left of offsets and groups when the process has gone."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from failing_disk import Faults, FaultyFiles
from group_room import Room, errors
from hypothesis import given
from hypothesis import strategies as st

from accord_log.broker.offsets import CommittedOffset, Offsets
from accord_log.broker.offsets_record import (
    Entry,
    GroupRecord,
    NewerRecord,
    group_key,
    offset_key,
    read_entry,
    read_group,
    read_group_key,
    read_offset_key,
    read_staged_key,
    staged_key,
    write_entry,
    write_group,
)
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T0, U1 = ("t", 0), ("u", 1)
TEXT = st.text(st.characters(codec="utf-8"), max_size=300)
INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
OFFSETS = st.builds(CommittedOffset, INT64, INT32, TEXT, INT64, INT64)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as room:
        yield room


class TestReopening:
    def test_committed_offsets_are_there_again(self, room: Room) -> None:
        room.commit({T0: 1, U1: 2}, metadata="m", group="g")
        room.commit({T0: 3}, group="h")
        room.commit({T0: 4}, group="g")
        before = room.offsets.of("g"), room.offsets.of("h")
        room.reopen()
        assert (room.offsets.of("g"), room.offsets.of("h")) == before
        assert room.committed() == {T0: 4, U1: 2}

    def test_a_torn_end_takes_only_what_was_not_acknowledged(self, room: Room) -> None:
        room.commit({T0: 1})
        path = room.directory / "offsets.ledger"
        whole = path.stat().st_size
        room.commit({T0: 2, U1: 2})
        data = path.read_bytes()
        for cut in range(whole, len(data)):
            path.write_bytes(data[:cut])
            room.reopen()
            assert room.committed() == {T0: 1}

    def test_members_are_not_known_and_come_in_at_once(self, room: Room) -> None:
        (before,) = room.settle(room.enter())
        room.commit({T0: 5}, member=before.member_id, generation=1)
        room.reopen()
        unknown = ErrorCode.UNKNOWN_MEMBER_ID
        assert room.beat(before.member_id, 1) == unknown
        assert room.sync(before.member_id, 1).value.error_code == unknown
        assert room.join(before.member_id).value.error_code == unknown
        (after,) = room.settle(room.enter())
        assert after.generation_id == 2
        assert room.committed() == {T0: 5}

    def test_a_member_of_the_process_before_cannot_commit(self, room: Room) -> None:
        (before,) = room.settle(room.enter())
        room.reopen()
        room.settle(room.enter())
        for generation in (1, 2):
            told = room.commit({T0: 9}, member=before.member_id, generation=generation).value
            assert errors(told) == [ErrorCode.UNKNOWN_MEMBER_ID]

    def test_a_static_member_of_the_process_before_cannot_commit(self, room: Room) -> None:
        (before,) = room.settle(room.enter(instance="i"))
        room.reopen()
        own = {"member": before.member_id, "generation": 1, "instance": "i"}
        assert errors(room.commit({T0: 9}, **own).value) == [ErrorCode.UNKNOWN_MEMBER_ID]
        room.settle(room.enter(instance="i"))
        assert errors(room.commit({T0: 9}, **own).value) == [ErrorCode.FENCED_INSTANCE_ID]

    def test_generations_never_go_back(self, room: Room) -> None:
        seen = []
        for _ in range(5):
            (only,) = room.settle(room.enter())
            seen.append(only.generation_id)
            room.reopen()
        assert seen == [1, 2, 3, 4, 5]

    def test_a_group_is_empty_of_its_old_type(self, room: Room) -> None:
        room.settle(room.enter(kind="connect"))
        room.reopen()
        group = room.groups.find("g")
        assert (group.state, group.protocol_type, group.generation) == ("Empty", "connect", 1)

    def test_when_it_became_empty_is_kept(self, room: Room) -> None:
        (only,) = room.settle(room.enter())
        room.pass_time(5000)
        room.leave(only.member_id)
        emptied = room.clock.now
        room.pass_time(5000)
        room.reopen()
        assert room.groups.find("g").empty_since_ms == emptied

    def test_it_became_empty_when_its_members_went_with_the_process(self, room: Room) -> None:
        room.settle(room.enter())
        room.pass_time(5000)
        room.reopen()
        restarted = room.clock.now
        room.pass_time(5000)
        room.reopen()
        assert room.groups.find("g").empty_since_ms == restarted

    def test_offsets_of_topics_that_are_gone_are_dropped(self, room: Room) -> None:
        room.commit({T0: 1, U1: 2})
        room.stage(7, {U1: 3, ("t", 1): 4})
        room.offsets.forget_missing(lambda topic: topic != "u")
        room.reopen()
        assert room.committed() == {T0: 1}
        room.finish(7, commit=True)
        assert room.committed() == {T0: 1, ("t", 1): 4}

    def test_a_topic_that_is_deleted_takes_its_offsets(self, room: Room) -> None:
        room.commit({T0: 1, U1: 2})
        room.commit({U1: 2}, group="only-u")
        room.offsets.forget_topic("u")
        room.reopen()
        assert room.committed() == {T0: 1}
        assert room.groups.names() == ["g"]


class TestFullDisk:
    @pytest.fixture
    def files(self) -> FaultyFiles:
        return FaultyFiles()

    @pytest.fixture
    def faults(self, files: FaultyFiles) -> Faults:
        return files.faults

    @pytest.fixture
    def room(self, tmp_path: Path, files: FaultyFiles) -> Iterator[Room]:
        with Room(tmp_path, files=files) as room:
            yield room

    def test_nothing_of_a_commit_counts_and_it_is_to_be_tried_again(
        self, room: Room, faults: Faults
    ) -> None:
        room.commit({T0: 1})
        room.stage(7, {T0: 9})
        faults.room = 0
        told = errors(room.commit({T0: 2, ("x", 0): 1}).value)
        assert told == [
            ErrorCode.COORDINATOR_NOT_AVAILABLE,
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ]
        assert room.stage(8, {T0: 9}) is not None
        assert room.finish(7, commit=True) is not None
        assert room.committed() == {T0: 1}
        assert room.committed(stable=True) == {T0: -ErrorCode.UNSTABLE_OFFSET_COMMIT}
        faults.room = 1 << 20
        assert errors(room.commit({T0: 2}).value) == [0]
        room.reopen()
        assert room.committed() == {T0: 2}

    def test_groups_go_on(self, room: Room, faults: Faults) -> None:
        faults.room = 0
        (only,) = room.settle(room.enter())
        assert room.beat(only.member_id, 1) == 0

    def test_a_group_that_cannot_be_deleted_stays(self, room: Room, faults: Faults) -> None:
        room.commit({T0: 1})
        faults.room = 0
        assert room.groups.delete("g").wait(0) == ErrorCode.COORDINATOR_NOT_AVAILABLE
        assert room.committed() == {T0: 1}


class HeldLedger:
    """A ledger whose writes become durable when a test says so."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.callbacks: list[Callable[[Exception | None], object]] = []

    def items(self) -> list[tuple[bytes, bytes]]:
        return list(self.values.items())

    def __contains__(self, key: bytes) -> bool:
        return key in self.values

    def put_many(self, changes: dict[bytes, bytes | None], callback: Any) -> None:
        for key, value in changes.items():
            self.values.pop(key, None)
            if value is not None:
                self.values[key] = value
        self.callbacks.append(callback)

    def settle(self) -> None:
        self.callbacks.pop(0)(None)


class TestDurability:
    """Nobody is told of an offset that a power cut would take back."""

    @pytest.fixture
    def ledger(self) -> HeldLedger:
        return HeldLedger()

    @pytest.fixture
    def room(self, tmp_path: Path, ledger: HeldLedger) -> Iterator[Room]:
        with Room(tmp_path) as room:
            room.offsets = Offsets(room.services, ledger)
            yield room

    def test_a_commit_is_answered_once_it_is_durable(self, room: Room, ledger: HeldLedger) -> None:
        pending = room.commit({T0: 1})
        assert not pending.is_done
        ledger.settle()
        assert errors(pending.value) == [0]

    def test_readers_wait_for_what_they_would_read(self, room: Room, ledger: HeldLedger) -> None:
        room.commit({T0: 1})
        read: list[str] = []
        room.offsets.when_durable(lambda: read.append("first"))
        room.commit({T0: 2})
        room.offsets.when_durable(lambda: read.append("second"))
        assert read == []
        ledger.settle()
        assert read == ["first"]
        ledger.settle()
        assert read == ["first", "second"]
        room.offsets.when_durable(lambda: read.append("third"))
        assert read[-1] == "third"

    def test_the_end_of_a_transaction_is_told_once_it_is_durable(
        self, room: Room, ledger: HeldLedger
    ) -> None:
        done: list[Exception | None] = []
        room.offsets.stage(7, "g", {T0: CommittedOffset(1)}, done.append)
        ledger.settle()
        room.offsets.finish(7, ["g"], commit=True, callback=done.append)
        room.offsets.finish(7, ["g"], commit=True, callback=done.append)
        assert done == [None]
        ledger.settle()
        ledger.settle()
        assert done == [None, None, None]


def test_many_threads_commit_to_the_same_group(room: Room) -> None:
    room.partitions["many"] = 8

    def commit(index: int) -> None:
        for offset in range(50):
            assert errors(room.commit({("many", index): offset}).value) == [0]

    threads = [threading.Thread(target=commit, args=[index]) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {("many", index): 49 for index in range(8)}
    assert room.committed() == expected
    room.reopen()
    assert room.committed() == expected


class TestRecords:
    @given(TEXT, TEXT, INT32, INT64)
    def test_keys_are_read_as_they_were_written(
        self, group: str, topic: str, partition: int, producer_id: int
    ) -> None:
        where = topic, partition
        assert read_offset_key(offset_key(group, where)) == (group, *where)
        staged = staged_key(producer_id, group, where)
        assert read_staged_key(staged) == (producer_id, (group, *where))
        assert read_group_key(group_key(group)) == group

    @given(INT64, OFFSETS)
    def test_offsets_are_read_as_they_were_written(
        self, sequence: int, committed: CommittedOffset
    ) -> None:
        entry = Entry(sequence, committed)
        assert read_entry(write_entry(entry)) == entry

    @given(st.builds(GroupRecord, INT32, INT64, TEXT))
    def test_groups_are_read_as_they_were_written(self, record: GroupRecord) -> None:
        assert read_group(write_group(record)) == record

    def test_the_bytes_do_not_change_between_releases(self) -> None:
        assert offset_key("g", ("t", 2)) == b"o\0\1g\0\1t\0\0\0\2"
        assert staged_key(7, "g", ("t", 2)) == b"t" + (7).to_bytes(8) + b"\0\1g\0\1t\0\0\0\2"
        assert group_key("g") == b"gg"
        offset = write_entry(Entry(1, CommittedOffset(2, 3, "m", 4, 5)))
        numbers = b"".join([(1).to_bytes(8), (2).to_bytes(8), (3).to_bytes(4)])
        assert offset == b"\1" + numbers + (4).to_bytes(8) + (5).to_bytes(8) + b"m"
        group = write_group(GroupRecord(1, 2, "consumer"))
        assert group == b"\1" + (1).to_bytes(4) + (2).to_bytes(8) + b"consumer"

    @pytest.mark.parametrize("read", [read_entry, read_group])
    def test_a_record_of_the_future_is_not_guessed_at(self, read: Any) -> None:
        with pytest.raises(NewerRecord, match="version 2"):
            read(b"\2" + bytes(40))
