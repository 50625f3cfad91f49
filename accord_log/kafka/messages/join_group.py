"""JoinGroup: API key 11."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    BOOL,
    BYTES,
    INT16,
    INT32,
    STRING,
    Buffer,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class JoinGroupRequestProtocol:
    name: str = wire(STRING)
    metadata: Buffer = wire(BYTES)


@message(key=11, versions=(0, 9), flexible=6)
@dataclass(slots=True)
class JoinGroupRequest(Message):
    group_id: str = wire(STRING)
    session_timeout_ms: int = wire(INT32)
    rebalance_timeout_ms: int = wire(INT32, since=1, default=-1)
    member_id: str = wire(STRING)
    group_instance_id: str | None = wire(STRING, since=5, null=5, default=None)
    protocol_type: str = wire(STRING)
    protocols: list[JoinGroupRequestProtocol] = wire(array(JoinGroupRequestProtocol))
    reason: str | None = wire(STRING, since=8, null=8, default=None)


@dataclass(slots=True)
class JoinGroupResponseMember:
    member_id: str = wire(STRING)
    group_instance_id: str | None = wire(STRING, since=5, null=5, default=None)
    metadata: Buffer = wire(BYTES)


@message(key=11, versions=(0, 9), flexible=6)
@dataclass(slots=True)
class JoinGroupResponse(Message):
    throttle_time_ms: int = wire(INT32, since=2)
    error_code: int = wire(INT16)
    generation_id: int = wire(INT32, default=-1)
    protocol_type: str | None = wire(STRING, since=7, null=7, default=None)
    protocol_name: str | None = wire(STRING, null=7)
    leader: str = wire(STRING)
    skip_assignment: bool = wire(BOOL, since=9)
    member_id: str = wire(STRING)
    members: list[JoinGroupResponseMember] = wire(array(JoinGroupResponseMember))


JoinGroupRequest.response = JoinGroupResponse
