"""DescribeGroups: API key 15."""

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


@message(key=15, versions=(0, 5), flexible=5)
@dataclass(slots=True)
class DescribeGroupsRequest(Message):
    groups: list[str] = wire(array(STRING))
    include_authorized_operations: bool = wire(BOOL, since=3)


@dataclass(slots=True)
class DescribedGroupMember:
    member_id: str = wire(STRING)
    group_instance_id: str | None = wire(STRING, since=4, null=4, default=None)
    client_id: str = wire(STRING)
    client_host: str = wire(STRING)
    member_metadata: Buffer = wire(BYTES)
    member_assignment: Buffer = wire(BYTES)


@dataclass(slots=True)
class DescribedGroup:
    error_code: int = wire(INT16)
    group_id: str = wire(STRING)
    group_state: str = wire(STRING)
    protocol_type: str = wire(STRING)
    protocol_data: str = wire(STRING)
    members: list[DescribedGroupMember] = wire(array(DescribedGroupMember))
    authorized_operations: int = wire(INT32, since=3, default=-2147483648)


@message(key=15, versions=(0, 5), flexible=5)
@dataclass(slots=True)
class DescribeGroupsResponse(Message):
    throttle_time_ms: int = wire(INT32, since=1)
    groups: list[DescribedGroup] = wire(array(DescribedGroup))


DescribeGroupsRequest.response = DescribeGroupsResponse
