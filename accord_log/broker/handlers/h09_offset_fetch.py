"""OffsetFetch: how far groups have got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.offsets_record import TopicPartition

FIRST_VERSION_WITH_GROUPS = 8
NONE = -1


def handle(
    broker: Broker, request: OffsetFetchRequest, context: Context
) -> Promise[OffsetFetchResponse]:
    """Answer what is committed now, once all of it is durable."""
    promise: Promise[OffsetFetchResponse] = Promise()
    with broker.services.lock:
        if context.version < FIRST_VERSION_WITH_GROUPS:
            response = _one_group(broker, request)
        else:
            response = _groups(broker, request)
        broker.offsets.when_durable(lambda: promise.resolve(response))
    return promise


def _groups(broker: Broker, request: OffsetFetchRequest) -> OffsetFetchResponse:
    response = OffsetFetchResponse()
    for group in request.groups:
        asked = None
        if group.topics is not None:
            asked = [
                (topic.name, index) for topic in group.topics for index in topic.partition_indexes
            ]
        found = _find(broker, group.group_id, asked, require_stable=request.require_stable)
        answer = OffsetFetchResponseGroup(group.group_id)
        for name, parts in found.items():
            answer.topics.append(OffsetFetchResponseTopics(name, parts))
        response.groups.append(answer)
    return response


def _one_group(broker: Broker, request: OffsetFetchRequest) -> OffsetFetchResponse:
    asked = None
    if request.topics is not None:
        asked = [
            (topic.name, index) for topic in request.topics for index in topic.partition_indexes
        ]
    found = _find(broker, request.group_id, asked, require_stable=request.require_stable)
    response = OffsetFetchResponse()
    for name, parts in found.items():
        older = [
            OffsetFetchResponsePartition(
                part.partition_index,
                part.committed_offset,
                part.committed_leader_epoch,
                part.metadata,
                part.error_code,
            )
            for part in parts
        ]
        response.topics.append(OffsetFetchResponseTopic(name, older))
    return response


def _find(
    broker: Broker, group: str, asked: Iterable[TopicPartition] | None, *, require_stable: bool
) -> dict[str, list[OffsetFetchResponsePartitions]]:
    """Return the parts of the answer by topic; `asked` is None for all there are."""
    committed = broker.offsets.of(group)
    unstable = broker.offsets.unstable(group) if require_stable else set()
    found: dict[str, list[OffsetFetchResponsePartitions]] = {}
    for topic, index in sorted(committed) if asked is None else asked:
        part = OffsetFetchResponsePartitions(index, NONE, NONE, "")
        offset = committed.get((topic, index))
        if (topic, index) in unstable:
            part.error_code = ErrorCode.UNSTABLE_OFFSET_COMMIT
        elif offset is not None:
            part.committed_offset = offset.offset
            part.committed_leader_epoch = offset.leader_epoch
            part.metadata = offset.metadata
        found.setdefault(topic, []).append(part)
    return found
