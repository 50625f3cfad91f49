"""Heartbeat: API key 12."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, STRING, Message, message, wire


@message(key=12, versions=(0, 4), flexible=4)
@dataclass(slots=True)
class HeartbeatRequest(Message):
    group_id: str = wire(STRING)
    generation_id: int = wire(INT32)
    member_id: str = wire(STRING)
    group_instance_id: str | None = wire(STRING, since=3, null=3, default=None)


@message(key=12, versions=(0, 4), flexible=4)
@dataclass(slots=True)
class HeartbeatResponse(Message):
    throttle_time_ms: int = wire(INT32, since=1)
    error_code: int = wire(INT16)


HeartbeatRequest.response = HeartbeatResponse
