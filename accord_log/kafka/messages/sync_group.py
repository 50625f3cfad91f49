"""SyncGroup: API key 14."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
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
class SyncGroupRequestAssignment:
    member_id: str = wire(STRING)
    assignment: Buffer = wire(BYTES)


@message(key=14, versions=(0, 5), flexible=4)
@dataclass(slots=True)
class SyncGroupRequest(Message):
    group_id: str = wire(STRING)
    generation_id: int = wire(INT32)
    member_id: str = wire(STRING)
    group_instance_id: str | None = wire(STRING, since=3, null=3, default=None)
    protocol_type: str | None = wire(STRING, since=5, null=5, default=None)
    protocol_name: str | None = wire(STRING, since=5, null=5, default=None)
    assignments: list[SyncGroupRequestAssignment] = wire(array(SyncGroupRequestAssignment))


@message(key=14, versions=(0, 5), flexible=4)
@dataclass(slots=True)
class SyncGroupResponse(Message):
    throttle_time_ms: int = wire(INT32, since=1)
    error_code: int = wire(INT16)
    protocol_type: str | None = wire(STRING, since=5, null=5, default=None)
    protocol_name: str | None = wire(STRING, since=5, null=5, default=None)
    assignment: Buffer = wire(BYTES)


SyncGroupRequest.response = SyncGroupResponse
