"""A group of members: who is in it, in which state it is, and what they agree on.

              all are to join again       all have joined        the leader has assigned
Empty ------> PreparingRebalance -------> CompletingRebalance -> Stable
  ^             |    ^        ^                  |                  |
  |    nobody   |    |        +------------------+------------------+
  +-------------+    |          somebody came, went, or changed
                     +- new member
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from accord_log.broker.groups_answers import join_error
from accord_log.broker.groups_subscription import read_topics
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from accord_log.broker.groups_deadline import Deadline
    from accord_log.broker.groups_member import Member
    from accord_log.broker.promise import Promise
    from accord_log.kafka.messages.join_group import JoinGroupResponse

CONSUMER = "consumer"


class GroupState(StrEnum):
    """The states of a group, spelt as Kafka's tools show them."""

    EMPTY = "Empty"
    PREPARING = "PreparingRebalance"
    COMPLETING = "CompletingRebalance"
    STABLE = "Stable"
    DEAD = "Dead"


NEXT_STATES: Mapping[GroupState, frozenset[GroupState]] = {
    GroupState.EMPTY: frozenset({GroupState.PREPARING, GroupState.DEAD}),
    GroupState.PREPARING: frozenset({GroupState.COMPLETING, GroupState.EMPTY, GroupState.DEAD}),
    GroupState.COMPLETING: frozenset({GroupState.PREPARING, GroupState.STABLE, GroupState.DEAD}),
    GroupState.STABLE: frozenset({GroupState.PREPARING, GroupState.DEAD}),
    GroupState.DEAD: frozenset(),
}


class Group:
    """Members and their agreement; knows neither requests nor the time."""

    join_deadline: Deadline  # for those who are still to join
    sync_deadline: Deadline  # for those who are still to ask for their assignment

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = GroupState.EMPTY
        self.generation = 0
        self.protocol_type = ""
        self.protocol: str | None = None
        self.leader: str | None = None
        self.members: dict[str, Member] = {}
        self.static_ids: dict[str, str] = {}  # member ids by instance id
        self.pending: dict[str, Deadline] = {}  # ids that were given out, and not yet used
        self.unsynced: set[str] = set()  # have not fetched the assignment of this generation
        self.subscribed_topics: frozenset[str] | None = None  # None: not known
        self.empty_since_ms = 0
        # Of the first rebalance of an empty group, which waits for more members:
        self.is_first_rebalance = False
        self.has_newcomers = False
        self.first_wait_ms = 0
        self.first_wait_left_ms = 0
        self.metadata_bytes = 0
        self._supporters: Counter[str] = Counter()
        self._joining: set[str] = set()

    def move_to(self, state: GroupState) -> None:
        """Change the state; a change that is not in the picture above is a defect."""
        if state not in NEXT_STATES[self.state]:
            text = f"a group cannot go from {self.state.value} to {state.value}"
            raise AssertionError(text)
        self.state = state

    @property
    def is_blank(self) -> bool:
        """Tell whether there is nothing about this group that is worth keeping."""
        return not (self.generation or self.members or self.pending)

    # members

    def add(self, member: Member, protocol_type: str) -> None:
        """Take in a member; the first one of an empty group leads it, and says what it is for."""
        if not self.members:
            self.protocol_type = protocol_type
        self._count(member, 1)
        self.members[member.id] = member
        self.pending.pop(member.id, None)
        if member.instance_id is not None:
            self.static_ids[member.instance_id] = member.id
        if self.leader is None:
            self.leader = member.id

    def remove(self, member: Member) -> None:
        """Let a member go that waits for nothing; when it was the leader, another one is."""
        del self.members[member.id]
        self._count(member, -1)
        self.unsynced.discard(member.id)
        if member.instance_id is not None:
            self.static_ids.pop(member.instance_id, None)
        if self.leader == member.id:
            self.leader = next(iter(self.members), None)

    def replace(self, old: Member, new: Member) -> None:
        """Let a static member that came back take the place of what it was before."""
        was_leader, was_unsynced = self.leader == old.id, old.id in self.unsynced
        self.remove(old)
        self.add(new, self.protocol_type)
        if was_leader:
            self.leader = new.id
        if was_unsynced:
            self.unsynced.add(new.id)

    def update(self, member: Member, protocols: dict[str, bytes]) -> None:
        """Take what a member can follow now."""
        self._count(member, -1)
        member.protocols = protocols
        self._count(member, 1)

    def _count(self, member: Member, step: int) -> None:
        self.metadata_bytes += step * member.metadata_bytes
        for name in member.protocols:
            self._supporters[name] += step
            if not self._supporters[name]:
                del self._supporters[name]

    def static_member(self, instance_id: str | None) -> Member | None:
        """Return the member that has an instance id now."""
        member_id = None if instance_id is None else self.static_ids.get(instance_id)
        return None if member_id is None else self.members[member_id]

    # waiting

    def await_join(self, member: Member, promise: Promise[JoinGroupResponse]) -> None:
        """Have a member wait for the rebalance; an earlier request of its is given up."""
        self.answer_join(member, join_error(ErrorCode.REBALANCE_IN_PROGRESS, member.id))
        member.join = promise
        self._joining.add(member.id)

    def answer_join(self, member: Member, response: JoinGroupResponse) -> None:
        """Answer a member, if it waits for the rebalance."""
        promise, member.join = member.join, None
        self._joining.discard(member.id)
        if promise is not None:
            promise.resolve(response)

    @property
    def has_all_joined(self) -> bool:
        """Tell whether nobody is left to wait for."""
        return not self.pending and len(self._joining) == len(self.members)

    @property
    def rebalance_timeout_ms(self) -> int:
        """Return the time that the slowest member is allowed."""
        return max((member.rebalance_timeout_ms for member in self.members.values()), default=0)

    # agreement

    def supports(self, protocol_type: str, protocols: Collection[str]) -> bool:
        """Tell whether a member with these protocols and all others have one in common."""
        if not protocol_type or not protocols:
            return False
        if not self.members:
            return True
        return protocol_type == self.protocol_type and any(
            self._supporters[name] == len(self.members) for name in protocols
        )

    def select_protocol(self) -> str:
        """Return what most members like best of what all can follow."""
        candidates = {
            name for name, count in self._supporters.items() if count == len(self.members)
        }
        votes = Counter(member.vote(candidates) for member in self.members.values())
        return votes.most_common(1)[0][0]

    def elect_leader(self) -> bool:
        """Have a leader that has joined; return False when no member has."""
        leader = self.members.get(self.leader or "")
        if leader is None or leader.join is None:
            leader = next((each for each in self.members.values() if each.join is not None), None)
            if leader is None:
                return False
            self.leader = leader.id
        return True

    def begin_generation(self) -> None:
        """Go on with those who are there: to be assigned, or, when nobody is, empty."""
        self.generation += 1
        if self.members:
            self.protocol = self.select_protocol()
            self.move_to(GroupState.COMPLETING)
        else:
            self.protocol = None
            self.move_to(GroupState.EMPTY)
        self.subscribed_topics = self._read_topics()
        self.unsynced = set(self.members)

    def _read_topics(self) -> frozenset[str] | None:
        if self.protocol_type != CONSUMER:
            return None
        topics: set[str] = set()
        for member in self.members.values():
            subscribed = read_topics(member.protocols[self.protocol or ""])
            if subscribed is None:
                return None
            topics |= subscribed
        return frozenset(topics)

    def is_subscribed_to(self, topic: str) -> bool:
        """Tell whether a member reads a topic; where that is not known, a consumer may."""
        if self.subscribed_topics is None:
            return self.protocol_type == CONSUMER
        return topic in self.subscribed_topics
