"""Members that come, go, die, change and restart in any order, with time passing in between.

The members here do what clients do: they answer errors by joining again, lead when they are told
to, and commit what they own.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from group_room import Pending, Room, errors
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accord_log.broker.groups_group import GroupState
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accord_log.broker.groups_group import Group

PARTITIONS = range(4)
SESSION_MS = 6_000
REBALANCE_MS = 20_000
# A join or a sync is answered when the rebalance has timed out, at the latest; time moves in steps.
STEP_MS = 1_000
LONGEST_WAIT_MS = REBALANCE_MS + STEP_MS
FATAL = {ErrorCode.FENCED_INSTANCE_ID, ErrorCode.GROUP_MAX_SIZE_REACHED}
FORGET = {ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.ILLEGAL_GENERATION}


class Client:
    """A consumer, as far as its group is concerned."""

    def __init__(self, machine: Machine, instance: str | None, version: int) -> None:
        self.machine = machine
        self.instance = instance
        self.version = version
        self.member_id = ""
        self.generation = -1
        self.topics = 1
        self.protocol = ""
        self.owned: frozenset[int] = frozenset()
        self.pending: Pending | None = None
        self.closing: list[Callable[[], object]] = []

    def join(self) -> None:
        self.owned = frozenset()
        self.closing = []
        self.pending = self.machine.room.join(
            self.member_id,
            instance=self.instance,
            protocols={"range": b"%d" % self.topics, "sticky": b"%d" % self.topics},
            version=self.version,
            session=SESSION_MS,
            rebalance=REBALANCE_MS,
            on_close=self.closing.append,
        )
        self.machine.note_sent(self.pending)

    def go_on(self) -> None:
        """Do what the answer that has come asks for, until one does not come at once."""
        while self.pending is not None and self.pending.is_done:
            answer, self.pending = self.pending.value, None
            if hasattr(answer, "generation_id"):
                self._joined(answer)
            else:
                self._synced(answer)

    def _joined(self, answer: Any) -> None:
        if answer.error_code == ErrorCode.MEMBER_ID_REQUIRED:
            self.member_id = answer.member_id
            self.join()
        elif answer.error_code:
            self._begin_anew(answer.error_code)
        else:
            self.member_id, self.generation = answer.member_id, answer.generation_id
            self.protocol = answer.protocol_name
            self._sync(answer)

    def _sync(self, answer: Any) -> None:
        work: dict[str, bytes] | None = None
        if answer.leader == answer.member_id and not answer.skip_assignment:
            names = sorted(member.member_id for member in answer.members)
            work = {
                name: bytes(part for part in PARTITIONS if part % len(names) == index)
                for index, name in enumerate(names)
            }
        self.pending = self.machine.room.sync(
            self.member_id,
            self.generation,
            work,
            instance=self.instance,
            protocol=self.protocol,
        )
        self.machine.note_sent(self.pending)

    def _synced(self, answer: Any) -> None:
        if answer.error_code:
            self._begin_anew(answer.error_code)
        else:
            self.owned = frozenset(bytes(answer.assignment))
            self.machine.note_assigned(self)

    def beat(self) -> None:
        if self.pending is None and self.member_id:
            code = self.machine.room.beat(self.member_id, self.generation, instance=self.instance)
            if code:
                self._begin_anew(code)

    def _begin_anew(self, code: int) -> None:
        assert code in {*FORGET, *FATAL, ErrorCode.REBALANCE_IN_PROGRESS}
        if code in FORGET:
            self.member_id, self.generation = "", -1
        if code in FATAL:
            self.machine.clients.remove(self)
        else:
            self.join()


class Machine(RuleBasedStateMachine):
    """A group, and the clients that are alive."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.clients: list[Client] = []
        self.sent: list[tuple[int, Pending]] = []
        self.owners: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.committed: dict[tuple[str, int], int] = {}
        self.generation = 0

    @initialize(delay=st.sampled_from([0, 0, 3000]))
    def open(self, delay: int) -> None:
        folder = Path(self.directory.name)
        self.room = Room(folder, group_initial_rebalance_delay_ms=delay, group_max_size=6)
        self.room.partitions["t"] = len(PARTITIONS)

    def teardown(self) -> None:
        if hasattr(self, "room"):
            self.clients.clear()
            self.let_time_pass(LONGEST_WAIT_MS // STEP_MS + SESSION_MS // STEP_MS)
            assert not [pending for _, pending in self.sent if not pending.is_done]
            assert self.group is None or self.group.state is GroupState.EMPTY
            self.room.close()
        self.directory.cleanup()

    @property
    def group(self) -> Group | None:
        return self.room.groups.find("g")

    def note_sent(self, pending: Pending) -> None:
        self.sent.append((self.room.clock.now, pending))

    def note_assigned(self, client: Client) -> None:
        for partition in client.owned:
            # A static member that comes back has another id, and the same part.
            self.owners[client.generation][partition].add(client.instance or client.member_id)

    def each(self) -> Iterator[Client]:
        yield from tuple(self.clients)

    def settle(self) -> None:
        """Have every client do what it can."""
        while any(client.pending is not None and client.pending.is_done for client in self.clients):
            for client in self.each():
                client.go_on()

    # what happens

    @precondition(lambda self: len(self.clients) < 6)
    @rule(instance=st.sampled_from([None, None, "i", "j"]), version=st.sampled_from([3, 5, 9]))
    def start(self, instance: str | None, version: int) -> None:
        client = Client(self, instance, version if instance is None else max(version, 5))
        self.clients.append(client)
        client.join()

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), closes=st.booleans())
    def kill(self, data: st.DataObject, *, closes: bool) -> None:
        """End a client without a word; its connections may be noticed to be gone."""
        client = data.draw(st.sampled_from(self.clients))
        self.clients.remove(client)
        if closes:
            for callback in client.closing:
                callback()

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        client = data.draw(st.sampled_from(self.clients))
        self.clients.remove(client)
        if client.member_id:
            self.room.leave(client.member_id)

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        """Have a client read something else, for which it joins again."""
        client = data.draw(st.sampled_from(self.clients))
        if client.pending is None:
            client.topics += 1
            client.join()

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """Have a client lose its connection while it waits, and send the same again."""
        client = data.draw(st.sampled_from(self.clients))
        if client.pending is not None and client.member_id:
            client.join()

    @rule()
    def work(self) -> None:
        self.settle()

    @rule(steps=st.integers(1, 30), working=st.booleans())
    def let_time_pass(self, steps: int, *, working: bool = True) -> None:
        for _ in range(steps):
            self.room.clock.now += STEP_MS
            self.room.timers.run_due()
            if working:
                for client in self.each():
                    client.beat()
                self.settle()

    @rule()
    def commit(self) -> None:
        """Have every client commit what it owns; who has lost it is told."""
        for client in self.each():
            for partition in client.owned:
                offset = self.room.clock.now + len(self.committed)
                told = self.room.commit(
                    {("t", partition): offset},
                    member=client.member_id,
                    generation=client.generation,
                    instance=client.instance,
                ).value
                if errors(told) == [0]:
                    self.committed["t", partition] = offset
                    group = self.group
                    assert group is not None
                    assert client.member_id in group.members
                    assert client.generation == group.generation

    @rule()
    def restart(self) -> None:
        """Kill the broker: who waits loses its connection, and joins with what it knows."""
        for _, pending in self.sent:
            pending.promise.resolve(None)
        self.sent = [(sent, pending) for sent, pending in self.sent if not pending.is_done]
        self.room.reopen()
        for client in self.each():
            if client.pending is not None:
                client.join()

    # what is always true

    @invariant()
    def who_waits_is_answered_in_time(self) -> None:
        if hasattr(self, "room"):
            self.sent = [(sent, pending) for sent, pending in self.sent if not pending.is_done]
            oldest = min((sent for sent, _ in self.sent), default=self.room.clock.now)
            assert self.room.clock.now - oldest <= LONGEST_WAIT_MS

    @invariant()
    def no_partition_has_two_owners(self) -> None:
        for partitions in self.owners.values():
            assert all(len(owners) == 1 for owners in partitions.values())

    @invariant()
    def generations_do_not_go_back(self) -> None:
        if hasattr(self, "room") and self.group is not None:
            assert self.group.generation >= self.generation
            self.generation = self.group.generation

    @invariant()
    def what_was_acknowledged_is_committed(self) -> None:
        if hasattr(self, "room"):
            assert self.room.committed() == self.committed

    @invariant()
    def the_group_is_of_one_piece(self) -> None:
        if not hasattr(self, "room") or self.group is None:
            return
        group = self.group
        assert (group.leader in group.members) == bool(group.members)
        assert not group.pending.keys() & group.members.keys()
        static = {each.instance_id: name for name, each in group.members.items() if each.is_static}
        assert group.static_ids == static
        waiting = [bool(each.join) for each in group.members.values()]
        assert group.state is GroupState.PREPARING or not any(waiting)
        assert group.state is not GroupState.EMPTY or not group.members
        syncing = [each for each in group.members.values() if each.sync is not None]
        assert group.state is GroupState.COMPLETING or not syncing
        for member in group.members.values():
            assert member.session.is_set or member.join is not None or member.sync is not None
        total = sum(member.metadata_bytes for member in group.members.values())
        assert group.metadata_bytes == total


TestGroups = Machine.TestCase
TestGroups.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
