"""DeleteGroups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise, gather
from accord_log.kafka.messages.delete_groups import (
    DeletableGroupResult,
    DeleteGroupsRequest,
    DeleteGroupsResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.kafka.errors import ErrorCode


def handle(
    broker: Broker, request: DeleteGroupsRequest, _: Context
) -> Promise[DeleteGroupsResponse]:
    """Delete each group that has no members, and answer once they are durably gone."""
    names = list(dict.fromkeys(request.groups_names))
    answer: Promise[DeleteGroupsResponse] = Promise()

    def settled(codes: list[ErrorCode]) -> None:
        results = [
            DeletableGroupResult(name, code) for name, code in zip(names, codes, strict=True)
        ]
        answer.resolve(DeleteGroupsResponse(results=results))

    gather([broker.groups.delete(name) for name in names]).then(settled)
    return answer
