"""ListPartitionReassignments: there are none, for there is nowhere to go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context


def handle(
    _: Broker, __: ListPartitionReassignmentsRequest, ___: Context
) -> ListPartitionReassignmentsResponse:
    """List nothing."""
    return ListPartitionReassignmentsResponse(error_message=None)
