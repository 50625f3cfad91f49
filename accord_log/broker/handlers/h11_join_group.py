"""JoinGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.promise import Promise
    from accord_log.kafka.messages.join_group import JoinGroupRequest, JoinGroupResponse


def handle(
    broker: Broker, request: JoinGroupRequest, context: Context
) -> Promise[JoinGroupResponse]:
    """Have a member join, or join again."""
    return broker.groups.join(request, context)
