"""What members ask for between two rebalances: their assignment, a sign of life, to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.groups_answers import sync_error, synced
from accord_log.broker.groups_group import GroupState
from accord_log.broker.groups_join import membership
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.leave_group import MemberResponse

if TYPE_CHECKING:
    from accord_log.broker.groups_group import Group
    from accord_log.broker.groups_rebalance import Rebalances
    from accord_log.broker.promise import Promise
    from accord_log.kafka.messages.heartbeat import HeartbeatRequest
    from accord_log.kafka.messages.leave_group import MemberIdentity
    from accord_log.kafka.messages.sync_group import SyncGroupRequest, SyncGroupResponse

FIRST_VERSION_WITH_PROTOCOL = 5
# The leader's work for all members, kept until the next rebalance.
MAX_ASSIGNMENT_BYTES = 64 << 20


class Syncs:
    """Serves the members of groups. Everything is done under the broker's lock."""

    def __init__(self, rebalances: Rebalances) -> None:
        self._rebalances = rebalances

    def sync(
        self, group: Group, request: SyncGroupRequest, promise: Promise[SyncGroupResponse]
    ) -> None:
        """Give a member its assignment, which may have to wait for the leader's."""
        code = _check_sync(group, request)
        if code is not ErrorCode.NONE:
            promise.resolve(sync_error(code))
            return
        member = group.members[request.member_id]
        self._rebalances.note_synced(group, member)
        if group.state is GroupState.STABLE:
            member.stay()
            promise.resolve(synced(group, member))
            return
        self._rebalances.await_sync(member, promise)
        if member.id == group.leader:
            assignments = {each.member_id: bytes(each.assignment) for each in request.assignments}
            self._rebalances.assign(group, assignments)

    def heartbeat(self, group: Group, request: HeartbeatRequest) -> ErrorCode:
        """Take a sign of life; the answer says when the member has to join again."""
        code = membership(group, request.member_id, request.group_instance_id)
        if code is not ErrorCode.NONE:
            return code
        if request.generation_id != group.generation:
            return ErrorCode.ILLEGAL_GENERATION
        group.members[request.member_id].stay()
        if group.state is GroupState.PREPARING:
            return ErrorCode.REBALANCE_IN_PROGRESS
        return ErrorCode.NONE

    def leave(self, group: Group, identities: list[MemberIdentity]) -> list[MemberResponse]:
        """Let members go; all of them together cause one rebalance."""
        answers = [self._leave(group, identity) for identity in identities]
        if any(answer.error_code == ErrorCode.NONE for answer in answers):
            self._rebalances.go_on(group)
        return answers

    def _leave(self, group: Group, identity: MemberIdentity) -> MemberResponse:
        member_id, instance_id = identity.member_id, identity.group_instance_id
        answer = MemberResponse(member_id, instance_id)
        deadline = group.pending.pop(member_id, None)
        if deadline is not None:
            deadline.clear()
            return answer
        if not member_id and instance_id is not None:
            # An administrator removes a static member by the name that he has given it.
            member_id = group.static_ids.get(instance_id, "")
        answer.error_code = membership(group, member_id, instance_id)
        if answer.error_code == ErrorCode.NONE:
            self._rebalances.remove(group, group.members[member_id])
        return answer


def _check_sync(group: Group, request: SyncGroupRequest) -> ErrorCode:
    code = membership(group, request.member_id, request.group_instance_id)
    if code is not ErrorCode.NONE:
        return code
    size = sum(len(each.assignment) for each in request.assignments)
    inconsistent = ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    refusals = (
        (request.generation_id != group.generation, ErrorCode.ILLEGAL_GENERATION),
        (request.protocol_type not in {None, group.protocol_type}, inconsistent),
        (request.protocol_name not in {None, group.protocol}, inconsistent),
        (group.state is GroupState.PREPARING, ErrorCode.REBALANCE_IN_PROGRESS),
        (size > MAX_ASSIGNMENT_BYTES, ErrorCode.UNKNOWN_SERVER_ERROR),
    )
    return next((code for is_refused, code in refusals if is_refused), ErrorCode.NONE)
