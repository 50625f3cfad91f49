"""ListGroups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.messages.list_groups import (
    ListedGroup,
    ListGroupsRequest,
    ListGroupsResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context

CLASSIC = "classic"  # the only type there is here


def handle(broker: Broker, request: ListGroupsRequest, _: Context) -> ListGroupsResponse:
    """List the groups in the states asked for, or all."""
    types = {name.lower() for name in request.types_filter}
    if types and CLASSIC not in types:
        return ListGroupsResponse()
    states = {name.lower() for name in request.states_filter}
    with broker.services.lock:
        return ListGroupsResponse(
            groups=[
                group for group in _all(broker) if not states or group.group_state.lower() in states
            ]
        )


def _all(broker: Broker) -> Iterator[ListedGroup]:
    for name in broker.groups.names():
        group = broker.groups.find(name)
        if group is not None:
            yield ListedGroup(name, group.protocol_type, group.state, CLASSIC)
