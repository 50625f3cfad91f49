"""DeleteGroups: API key 42."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, STRING, Message, array, message, wire


@message(key=42, versions=(0, 2), flexible=2)
@dataclass(slots=True)
class DeleteGroupsRequest(Message):
    groups_names: list[str] = wire(array(STRING))


@dataclass(slots=True)
class DeletableGroupResult:
    group_id: str = wire(STRING)
    error_code: int = wire(INT16)


@message(key=42, versions=(0, 2), flexible=2)
@dataclass(slots=True)
class DeleteGroupsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    results: list[DeletableGroupResult] = wire(array(DeletableGroupResult))


DeleteGroupsRequest.response = DeleteGroupsResponse
