"""FindCoordinator: it is always this broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.find_coordinator import (
    Coordinator,
    FindCoordinatorRequest,
    FindCoordinatorResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context

FIRST_VERSION_OF_MANY = 4
KNOWN_TYPES = frozenset({0, 1})  # groups and transactions
NO_NODE, NO_PORT = -1, -1


def handle(
    broker: Broker, request: FindCoordinatorRequest, context: Context
) -> FindCoordinatorResponse:
    """Name the coordinator of each key."""
    if context.version >= FIRST_VERSION_OF_MANY:
        keys = request.coordinator_keys
        found = [_coordinator(broker, request.key_type, key, context) for key in keys]
        return FindCoordinatorResponse(coordinators=found)
    only = _coordinator(broker, request.key_type, request.key, context)
    return FindCoordinatorResponse(
        error_code=only.error_code,
        error_message=only.error_message,
        node_id=only.node_id,
        host=only.host,
        port=only.port,
    )


def _coordinator(broker: Broker, key_type: int, key: str, context: Context) -> Coordinator:
    if key_type not in KNOWN_TYPES:
        text = f"There is no coordinator for keys of type {key_type}"
        return Coordinator(key, NO_NODE, "", NO_PORT, ErrorCode.INVALID_REQUEST, text)
    host, port = context.advertised
    return Coordinator(key, broker.services.settings.node_id, host, port)
