"""How a group comes to its next generation.

Everything here is done under the broker's lock. Who waits is always answered: with the generation,
with an error when it goes, is fenced or asks anew, or when its time is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.groups_answers import join_error, joined, sync_error, synced
from accord_log.broker.groups_deadline import Deadline
from accord_log.broker.groups_group import Group, GroupState
from accord_log.broker.offsets_record import NO_TIME, GroupRecord
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_log.broker.groups_member import Member
    from accord_log.broker.offsets import Offsets
    from accord_log.broker.promise import Promise
    from accord_log.broker.services import Services
    from accord_log.kafka.messages.sync_group import SyncGroupResponse

# Nobody can know of a rebalance before the next heartbeat, whatever time-out he asks for.
SHORTEST_REBALANCE_MS = 100


class Rebalances:
    """Moves groups through their states."""

    def __init__(self, services: Services, offsets: Offsets) -> None:
        self._services = services
        self._offsets = offsets
        self._delay_ms = services.settings.group_initial_rebalance_delay_ms

    def new_group(self, name: str) -> Group:
        """Return an empty group, with its deadlines."""
        group = Group(name)
        group.empty_since_ms = self._services.clock()
        group.join_deadline = Deadline(self._services, lambda: self._join_is_due(group))
        group.sync_deadline = Deadline(self._services, lambda: self._sync_is_due(group))
        return group

    # joining

    def begin(self, group: Group) -> None:
        """Have all members join anew."""
        if group.state is GroupState.COMPLETING:
            self._give_up_assignment(group)
        group.unsynced.clear()
        group.sync_deadline.clear()
        group.is_first_rebalance = group.state is GroupState.EMPTY and self._delay_ms > 0
        was_empty = group.state is GroupState.EMPTY
        group.move_to(GroupState.PREPARING)
        if group.is_first_rebalance:
            self._wait_for_others(group)
        elif was_empty or not group.members or group.has_all_joined:
            self.complete(group)
        else:
            self._set_join_deadline(group)

    def _give_up_assignment(self, group: Group) -> None:
        for member in group.members.values():
            member.assignment = b""
            self._answer_sync(member, sync_error(ErrorCode.REBALANCE_IN_PROGRESS))

    def _wait_for_others(self, group: Group) -> None:
        group.has_newcomers = False
        group.first_wait_ms = self._delay_ms
        group.first_wait_left_ms = max(group.rebalance_timeout_ms - self._delay_ms, 0)
        group.join_deadline.set_in(self._delay_ms)

    def _set_join_deadline(self, group: Group) -> None:
        group.join_deadline.set_in(max(group.rebalance_timeout_ms, SHORTEST_REBALANCE_MS))

    def _join_is_due(self, group: Group) -> None:
        left = group.first_wait_left_ms
        if not (group.is_first_rebalance and group.has_newcomers and left):
            self.complete(group)
            return
        group.has_newcomers = False
        group.first_wait_left_ms = max(left - group.first_wait_ms, 0)
        group.first_wait_ms = min(self._delay_ms, left)
        group.join_deadline.set_in(group.first_wait_ms)

    def go_on(self, group: Group) -> None:
        """Rebalance, or end that, as is due after a member came, went or changed."""
        if group.state is GroupState.PREPARING:
            if not group.members or (group.has_all_joined and not group.is_first_rebalance):
                self.complete(group)
        elif group.members or group.state is not GroupState.EMPTY:
            self.begin(group)

    def complete(self, group: Group) -> None:
        """Go on with those who have joined, and with static members, who may come later."""
        group.join_deadline.clear()
        for member in tuple(group.members.values()):
            if member.join is None and not member.is_static:
                self.remove(group, member)
        if group.members and not group.elect_leader():
            self._set_join_deadline(group)
            return
        group.begin_generation()
        self._keep(group)
        if group.state is GroupState.EMPTY:
            return
        group.sync_deadline.set_in(max(group.rebalance_timeout_ms, SHORTEST_REBALANCE_MS))
        for member in group.members.values():
            group.answer_join(member, joined(group, member))
            member.is_new = False
            member.stay()

    def _keep(self, group: Group) -> None:
        is_empty = group.state is GroupState.EMPTY
        if is_empty:
            group.empty_since_ms = self._services.clock()
        since = group.empty_since_ms if is_empty else NO_TIME
        record = GroupRecord(group.generation, since, group.protocol_type)
        self._offsets.keep_groups({group.name: record})

    # assigning

    def assign(self, group: Group, assignments: Mapping[str, bytes]) -> None:
        """Give every member its part, as the leader says; who is not named has nothing to do."""
        group.move_to(GroupState.STABLE)
        for member in group.members.values():
            member.assignment = assignments.get(member.id, b"")
            self._answer_sync(member, synced(group, member))

    def await_sync(self, member: Member, promise: Promise[SyncGroupResponse]) -> None:
        """Have a member wait for the leader; an earlier request of its is given up."""
        self._answer_sync(member, sync_error(ErrorCode.REBALANCE_IN_PROGRESS))
        member.sync = promise

    def note_synced(self, group: Group, member: Member) -> None:
        """Take note that a member has asked for its assignment."""
        group.unsynced.discard(member.id)
        if not group.unsynced:
            group.sync_deadline.clear()

    def _sync_is_due(self, group: Group) -> None:
        members = [group.members[name] for name in group.unsynced if name in group.members]
        for member in members:
            self.remove(group, member)
        if members:
            self.begin(group)

    def _answer_sync(self, member: Member, answer: SyncGroupResponse) -> None:
        promise, member.sync = member.sync, None
        if promise is not None:
            promise.resolve(answer)
            member.stay()

    # leaving

    def expire(self, group: Group, member: Member) -> None:
        """Remove a member that has not been heard of; it is not asked to speak while it waits.

        A new one that waits for too long may be one whose client has gone, and which nobody knows.
        """
        waits = member.sync is not None or (member.join is not None and not member.is_new)
        if group.members.get(member.id) is member and not waits:
            self.remove(group, member)
            self.go_on(group)

    def remove(
        self, group: Group, member: Member, code: ErrorCode = ErrorCode.UNKNOWN_MEMBER_ID
    ) -> None:
        """Take a member out of its group; the group goes on when the caller lets it."""
        self.release(group, member, code)
        group.remove(member)

    def release(self, group: Group, member: Member, code: ErrorCode) -> None:
        """Answer what a member still waits for with an error, and forget its session."""
        group.answer_join(member, join_error(code))
        self._answer_sync(member, sync_error(code))
        member.session.clear()

    def end(self, group: Group) -> None:
        """Let an empty group be no more."""
        group.join_deadline.clear()
        group.sync_deadline.clear()
        for deadline in group.pending.values():
            deadline.clear()
        group.pending.clear()
        group.move_to(GroupState.DEAD)
