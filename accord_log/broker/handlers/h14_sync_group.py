"""SyncGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.promise import Promise
    from accord_log.kafka.messages.sync_group import SyncGroupRequest, SyncGroupResponse


def handle(
    broker: Broker, request: SyncGroupRequest, context: Context
) -> Promise[SyncGroupResponse]:
    """Take the leader's assignment, and give each member its part."""
    return broker.groups.sync(request, context)
