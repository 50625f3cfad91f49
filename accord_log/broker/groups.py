"""The groups of a broker.

A group's members are in memory only: after a restart they are told that they are not known, and
join again. Its generation goes on from what the ledger says, and what it has committed stays.
A group that has only committed offsets, without ever having had members, is nothing but these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.groups_answers import join_error, sync_error
from accord_log.broker.groups_expiry import GroupExpiry
from accord_log.broker.groups_group import CONSUMER, Group, GroupState
from accord_log.broker.groups_join import Joining, Joins, membership
from accord_log.broker.groups_rebalance import Rebalances
from accord_log.broker.groups_sync import FIRST_VERSION_WITH_PROTOCOL, Syncs
from accord_log.broker.offsets_record import NO_TIME
from accord_log.broker.promise import Promise, resolved
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.leave_group import MemberResponse

if TYPE_CHECKING:
    from accord_log.broker.context import Context
    from accord_log.broker.offsets import Offsets
    from accord_log.broker.offsets_record import GroupRecord
    from accord_log.broker.services import Services
    from accord_log.kafka.messages.heartbeat import HeartbeatRequest
    from accord_log.kafka.messages.join_group import JoinGroupRequest, JoinGroupResponse
    from accord_log.kafka.messages.leave_group import MemberIdentity
    from accord_log.kafka.messages.sync_group import SyncGroupRequest, SyncGroupResponse


class Groups:
    """All groups, by name. Every method may be called by any thread."""

    def __init__(self, services: Services, offsets: Offsets) -> None:
        self._services = services
        self._offsets = offsets
        self._groups: dict[str, Group] = {}
        self._rebalances = Rebalances(services, offsets)
        self._joins = Joins(services, self._rebalances, self._discard_blank)
        self._syncs = Syncs(self._rebalances)
        self._expiry = GroupExpiry(services, self, offsets)
        self._load()

    def _load(self) -> None:
        bereft: dict[str, GroupRecord] = {}  # of members, which went with the process before
        for name, record in self._offsets.group_records().items():
            group = self._rebalances.new_group(name)
            group.generation = record.generation
            group.protocol_type = record.protocol_type
            if record.protocol_type == CONSUMER:
                group.subscribed_topics = frozenset()
            if record.empty_since_ms == NO_TIME:
                bereft[name] = record._replace(empty_since_ms=group.empty_since_ms)
            else:
                group.empty_since_ms = record.empty_since_ms
            self._groups[name] = group
        if bereft:
            self._offsets.keep_groups(bereft)

    # members

    def join(self, request: JoinGroupRequest, context: Context) -> Promise[JoinGroupResponse]:
        """Answer JoinGroup, once all members have joined or are waited for no longer."""
        refusal = self._joins.check(request)
        if refusal is not None:
            return resolved(join_error(refusal, request.member_id))
        promise: Promise[JoinGroupResponse] = Promise()
        protocols = {each.name: bytes(each.metadata) for each in request.protocols}
        with self._services.lock:
            group = self._groups.get(request.group_id)
            if group is None:
                if request.member_id:
                    return resolved(join_error(ErrorCode.UNKNOWN_MEMBER_ID, request.member_id))
                if not self._has_room():
                    return resolved(join_error(ErrorCode.POLICY_VIOLATION))
                group = self._rebalances.new_group(request.group_id)
                self._groups[group.name] = group
            self._joins.join(group, Joining(request, context, protocols, promise))
            self._discard_blank(group)
        return promise

    def _has_room(self) -> bool:
        return len(self._groups) < self._services.settings.max_groups

    def _discard_blank(self, group: Group) -> None:
        """Forget a group that came to nothing, as when its only member did not come back."""
        if group.is_blank and self._groups.get(group.name) is group:
            self._rebalances.end(group)
            del self._groups[group.name]

    def sync(self, request: SyncGroupRequest, context: Context) -> Promise[SyncGroupResponse]:
        """Answer SyncGroup, once the leader has assigned."""
        if not request.group_id:
            return resolved(sync_error(ErrorCode.INVALID_GROUP_ID))
        is_named = request.protocol_type is not None and request.protocol_name is not None
        if context.version >= FIRST_VERSION_WITH_PROTOCOL and not is_named:
            return resolved(sync_error(ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
        promise: Promise[SyncGroupResponse] = Promise()
        with self._services.lock:
            group = self._groups.get(request.group_id)
            if group is None:
                return resolved(sync_error(ErrorCode.UNKNOWN_MEMBER_ID))
            self._syncs.sync(group, request, promise)
        return promise

    def heartbeat(self, request: HeartbeatRequest) -> ErrorCode:
        """Return the answer to Heartbeat."""
        if not request.group_id:
            return ErrorCode.INVALID_GROUP_ID
        with self._services.lock:
            group = self._groups.get(request.group_id)
            if group is None:
                return ErrorCode.UNKNOWN_MEMBER_ID
            return self._syncs.heartbeat(group, request)

    def leave(self, name: str, identities: list[MemberIdentity]) -> list[MemberResponse]:
        """Let members leave; return what became of each."""
        with self._services.lock:
            group = self._groups.get(name)
            if group is None:
                code = ErrorCode.UNKNOWN_MEMBER_ID
                return [
                    MemberResponse(identity.member_id, identity.group_instance_id, code)
                    for identity in identities
                ]
            answers = self._syncs.leave(group, identities)
            self._discard_blank(group)
            return answers

    # offsets

    def check_commit(
        self, name: str, member_id: str, generation: int, instance_id: str | None
    ) -> ErrorCode:
        """Return NONE when offsets may be committed; the member has given a sign of life then.

        Who has generation -1 does not share the work with others, and may commit to a group that
        has no members.
        """
        with self._services.lock:
            code = self._check_member(name, member_id, generation, instance_id)
            group = self._groups.get(name)
            if code is not ErrorCode.NONE or group is None or group.state is GroupState.EMPTY:
                return code
            member = group.members.get(member_id)
            if member is None:
                return ErrorCode.UNKNOWN_MEMBER_ID
            if group.state is GroupState.COMPLETING:
                return ErrorCode.REBALANCE_IN_PROGRESS
            member.stay()
            return code

    def check_member(
        self, group: str, member_id: str, generation: int, group_instance_id: str | None
    ) -> ErrorCode:
        """Return NONE when offsets may be committed in a transaction.

        Who names neither a generation nor a member is not checked: older producers cannot.
        """
        if not group:
            return ErrorCode.INVALID_GROUP_ID
        return self._check_member(group, member_id, generation, group_instance_id)

    def _check_member(
        self, name: str, member_id: str, generation: int, instance_id: str | None
    ) -> ErrorCode:
        with self._services.lock:
            found = self.find(name)
            if found is None:
                return self._check_new(generation)
            if generation < 0 and found.state is GroupState.EMPTY:
                return ErrorCode.NONE
            if generation < 0 and not member_id and instance_id is None:
                return ErrorCode.NONE
            code = membership(found, member_id, instance_id)
            if code is ErrorCode.NONE and generation != found.generation:
                return ErrorCode.ILLEGAL_GENERATION
            return code

    def _check_new(self, generation: int) -> ErrorCode:
        if generation >= 0:
            return ErrorCode.ILLEGAL_GENERATION
        has_room = len(self._offsets) < self._services.settings.max_groups
        return ErrorCode.NONE if has_room else ErrorCode.POLICY_VIOLATION

    # administration

    def names(self) -> list[str]:
        """Return the names of all groups."""
        with self._services.lock:
            return sorted(self._groups.keys() | self._offsets.groups())

    def find(self, name: str) -> Group | None:
        """Return a group, to be read under the broker's lock."""
        group = self._groups.get(name)
        if group is None and name in self._offsets:
            return Group(name)
        return group

    def delete(self, name: str) -> Promise[ErrorCode]:
        """Delete a group that has no members, with all its offsets."""
        promise: Promise[ErrorCode] = Promise()

        def settled(error: Exception | None) -> None:
            promise.resolve(
                ErrorCode.NONE if error is None else ErrorCode.COORDINATOR_NOT_AVAILABLE
            )

        with self._services.lock:
            group = self.find(name)
            if group is None:
                return resolved(ErrorCode.GROUP_ID_NOT_FOUND)
            if group.state is not GroupState.EMPTY:
                return resolved(ErrorCode.NON_EMPTY_GROUP)
            if self._offsets.forget_group(name, settled) and name in self._groups:
                self._rebalances.end(self._groups.pop(name))
        return promise

    def expire(self) -> None:
        """Forget offsets that nobody needs any longer, and groups that have none."""
        self._expiry.check()
