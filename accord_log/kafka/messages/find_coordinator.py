"""FindCoordinator: API key 10."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    INT8,
    INT16,
    INT32,
    STRING,
    Message,
    array,
    message,
    wire,
)


@message(key=10, versions=(0, 6), flexible=3)
@dataclass(slots=True)
class FindCoordinatorRequest(Message):
    key: str = wire(STRING, until=3)
    key_type: int = wire(INT8, since=1)
    coordinator_keys: list[str] = wire(array(STRING), since=4)


@dataclass(slots=True)
class Coordinator:
    key: str = wire(STRING, since=4)
    node_id: int = wire(INT32, since=4)
    host: str = wire(STRING, since=4)
    port: int = wire(INT32, since=4)
    error_code: int = wire(INT16, since=4)
    error_message: str | None = wire(STRING, since=4, null=4)


@message(key=10, versions=(0, 6), flexible=3)
@dataclass(slots=True)
class FindCoordinatorResponse(Message):
    throttle_time_ms: int = wire(INT32, since=1)
    error_code: int = wire(INT16, until=3)
    error_message: str | None = wire(STRING, since=1, until=3, null=1)
    node_id: int = wire(INT32, until=3)
    host: str = wire(STRING, until=3)
    port: int = wire(INT32, until=3)
    coordinators: list[Coordinator] = wire(array(Coordinator), since=4)


FindCoordinatorRequest.response = FindCoordinatorResponse
