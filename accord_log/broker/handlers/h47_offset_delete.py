"""OffsetDelete: what a group has committed for topics that it does not read any longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.groups_group import CONSUMER, GroupState
from accord_log.broker.promise import Promise, resolved
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.groups_group import Group


def handle(
    broker: Broker, request: OffsetDeleteRequest, _: Context
) -> Promise[OffsetDeleteResponse]:
    """Forget offsets, and answer once they are durably gone."""
    promise: Promise[OffsetDeleteResponse] = Promise()
    with broker.services.lock:
        group = broker.groups.find(request.group_id)
        refusal = _refusal(request, group)
        if refusal is not None or group is None:
            return resolved(
                OffsetDeleteResponse(error_code=refusal or ErrorCode.GROUP_ID_NOT_FOUND)
            )
        response = OffsetDeleteResponse()
        for topic in request.topics:
            parts = [
                OffsetDeleteResponsePartition(
                    part.partition_index, _why_not(broker, group, topic.name, part.partition_index)
                )
                for part in topic.partitions
            ]
            response.topics.append(OffsetDeleteResponseTopic(topic.name, parts))
        gone = [
            (topic.name, part.partition_index)
            for topic in response.topics
            for part in topic.partitions
            if part.error_code == ErrorCode.NONE
        ]

        def settled(error: Exception | None) -> None:
            if error is not None:
                response.error_code = ErrorCode.COORDINATOR_NOT_AVAILABLE
            promise.resolve(response)

        broker.offsets.forget(request.group_id, gone, settled)
    return promise


def _refusal(request: OffsetDeleteRequest, group: Group | None) -> ErrorCode | None:
    if not request.group_id:
        return ErrorCode.INVALID_GROUP_ID
    if group is None:
        return ErrorCode.GROUP_ID_NOT_FOUND
    if group.state is not GroupState.EMPTY and group.protocol_type != CONSUMER:
        return ErrorCode.NON_EMPTY_GROUP  # which topics its members read is not known
    return None


def _why_not(broker: Broker, group: Group, topic: str, partition: int) -> ErrorCode:
    if broker.topics.partition(topic, partition) is None:
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if group.is_subscribed_to(topic):
        return ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
    return ErrorCode.NONE
