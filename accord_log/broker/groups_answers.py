"""What members are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.join_group import JoinGroupResponse, JoinGroupResponseMember
from accord_log.kafka.messages.sync_group import SyncGroupResponse

if TYPE_CHECKING:
    from accord_log.broker.groups_group import Group
    from accord_log.broker.groups_member import Member


def join_error(code: ErrorCode, member_id: str = "") -> JoinGroupResponse:
    """Return a refusal; with no member id, the member forgets the one it had."""
    return JoinGroupResponse(error_code=code, member_id=member_id)


def joined(group: Group, member: Member) -> JoinGroupResponse:
    """Return what a member is told of its generation; the leader is told who else is in it."""
    answer = JoinGroupResponse(
        generation_id=group.generation,
        protocol_type=group.protocol_type,
        protocol_name=group.protocol or "",
        leader=group.leader or "",
        member_id=member.id,
    )
    if member.id == group.leader:
        answer.members = _listed(group)
    return answer


def joined_again(
    group: Group, member: Member, *, may_skip: bool, old_leader: str
) -> JoinGroupResponse:
    """Return what a static member is told that came back while the group went on as it was.

    What is assigned stays assigned: its leader is told to skip that, or, in versions that cannot
    say so, is told that somebody else is the leader, namely what it was itself before.
    """
    answer = joined(group, member)
    if may_skip:
        answer.skip_assignment = member.id == group.leader
    else:
        answer.leader, answer.members = old_leader, []
    return answer


def _listed(group: Group) -> list[JoinGroupResponseMember]:
    name = group.protocol or ""
    return [
        JoinGroupResponseMember(member.id, member.instance_id, member.protocols[name])
        for member in group.members.values()
    ]


def sync_error(code: ErrorCode) -> SyncGroupResponse:
    return SyncGroupResponse(error_code=code)


def synced(group: Group, member: Member) -> SyncGroupResponse:
    """Return a member's part of the work."""
    return SyncGroupResponse(
        error_code=ErrorCode.NONE,
        protocol_type=group.protocol_type,
        protocol_name=group.protocol,
        assignment=member.assignment,
    )
