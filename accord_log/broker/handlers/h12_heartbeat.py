"""Heartbeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.messages.heartbeat import HeartbeatRequest, HeartbeatResponse

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context


def handle(broker: Broker, request: HeartbeatRequest, _: Context) -> HeartbeatResponse:
    """Take a member's sign of life."""
    return HeartbeatResponse(error_code=broker.groups.heartbeat(request))
