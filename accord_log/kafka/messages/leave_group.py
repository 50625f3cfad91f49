"""LeaveGroup: API key 13."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, STRING, Message, array, message, wire


@dataclass(slots=True)
class MemberIdentity:
    member_id: str = wire(STRING, since=3)
    group_instance_id: str | None = wire(STRING, since=3, null=3, default=None)
    reason: str | None = wire(STRING, since=5, null=5, default=None)


@message(key=13, versions=(0, 5), flexible=4)
@dataclass(slots=True)
class LeaveGroupRequest(Message):
    group_id: str = wire(STRING)
    member_id: str = wire(STRING, until=2)
    members: list[MemberIdentity] = wire(array(MemberIdentity), since=3)


@dataclass(slots=True)
class MemberResponse:
    member_id: str = wire(STRING, since=3)
    group_instance_id: str | None = wire(STRING, since=3, null=3)
    error_code: int = wire(INT16, since=3)


@message(key=13, versions=(0, 5), flexible=4)
@dataclass(slots=True)
class LeaveGroupResponse(Message):
    throttle_time_ms: int = wire(INT32, since=1)
    error_code: int = wire(INT16)
    members: list[MemberResponse] = wire(array(MemberResponse), since=3)


LeaveGroupRequest.response = LeaveGroupResponse
