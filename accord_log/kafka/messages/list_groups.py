"""ListGroups: API key 16."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, STRING, Message, array, message, wire


@message(key=16, versions=(0, 5), flexible=3)
@dataclass(slots=True)
class ListGroupsRequest(Message):
    states_filter: list[str] = wire(array(STRING), since=4)
    types_filter: list[str] = wire(array(STRING), since=5)


@dataclass(slots=True)
class ListedGroup:
    group_id: str = wire(STRING)
    protocol_type: str = wire(STRING)
    group_state: str = wire(STRING, since=4)
    group_type: str = wire(STRING, since=5)


@message(key=16, versions=(0, 5), flexible=3)
@dataclass(slots=True)
class ListGroupsResponse(Message):
    throttle_time_ms: int = wire(INT32, since=1)
    error_code: int = wire(INT16)
    groups: list[ListedGroup] = wire(array(ListedGroup))


ListGroupsRequest.response = ListGroupsResponse
