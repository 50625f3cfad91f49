"""DescribeGroups: who is in a group, and who reads what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.groups_group import GroupState
from accord_log.kafka.messages.describe_groups import (
    DescribedGroup,
    DescribedGroupMember,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.groups_group import Group
    from accord_log.broker.groups_member import Member

# Without an authorizer everybody may do what can be done with a group: read, delete, describe.
ALL_OPERATIONS = 1 << 3 | 1 << 6 | 1 << 8


def handle(broker: Broker, request: DescribeGroupsRequest, _: Context) -> DescribeGroupsResponse:
    """Describe each group; one that does not exist is dead."""
    with broker.services.lock:
        groups = [_describe(name, broker.groups.find(name)) for name in request.groups]
    if request.include_authorized_operations:
        for group in groups:
            group.authorized_operations = ALL_OPERATIONS
    return DescribeGroupsResponse(groups=groups)


def _describe(name: str, group: Group | None) -> DescribedGroup:
    if group is None:
        return DescribedGroup(group_id=name, group_state=GroupState.DEAD)
    described = DescribedGroup(
        group_id=name, group_state=group.state, protocol_type=group.protocol_type
    )
    # While they join, what they read is about to change.
    protocol = group.protocol if group.state is GroupState.STABLE else None
    described.protocol_data = protocol or ""
    described.members = [_describe_member(each, protocol) for each in group.members.values()]
    return described


def _describe_member(member: Member, protocol: str | None) -> DescribedGroupMember:
    described = DescribedGroupMember(member.id, member.instance_id, member.client_id, member.host)
    if protocol is not None:
        described.member_metadata = member.protocols[protocol]
        described.member_assignment = member.assignment
    return described
