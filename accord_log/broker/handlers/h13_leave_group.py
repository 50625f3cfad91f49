"""LeaveGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.leave_group import (
    LeaveGroupRequest,
    LeaveGroupResponse,
    MemberIdentity,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context

FIRST_VERSION_WITH_MEMBERS = 3


def handle(broker: Broker, request: LeaveGroupRequest, context: Context) -> LeaveGroupResponse:
    """Let members go, and say of each whether it was there."""
    if not request.group_id:
        return LeaveGroupResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    if context.version >= FIRST_VERSION_WITH_MEMBERS:
        return LeaveGroupResponse(members=broker.groups.leave(request.group_id, request.members))
    (only,) = broker.groups.leave(request.group_id, [MemberIdentity(request.member_id)])
    return LeaveGroupResponse(error_code=only.error_code)
