"""OffsetCommit: a group has got so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.offsets_record import NO_TIME, CommittedOffset
from accord_log.broker.promise import Promise, resolved
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.offsets_record import TopicPartition
    from accord_log.kafka.messages.offset_commit import OffsetCommitRequestPartition

BROKERS_OWN = -1  # the retention time that stands for the broker's
LATEST = 2**63 - 1


def handle(
    broker: Broker, request: OffsetCommitRequest, _: Context
) -> Promise[OffsetCommitResponse]:
    """Commit what can be committed, and answer once it is durable."""
    promise: Promise[OffsetCommitResponse] = Promise()
    # Nobody may join between the check and the write: a later generation's commits come later.
    with broker.services.lock:
        code = broker.groups.check_commit(
            request.group_id,
            request.member_id,
            request.generation_id_or_member_epoch,
            request.group_instance_id,
        )
        response, good = _sorted_out(broker, request, code)
        if not good:
            return resolved(response)

        def settled(error: Exception | None) -> None:
            if error is not None:
                _fail(response)
            promise.resolve(response)

        broker.offsets.commit(request.group_id, good, settled)
    return promise


def _fail(response: OffsetCommitResponse) -> None:
    """Have those parts tried again that should have been written."""
    for topic in response.topics:
        for part in topic.partitions:
            if part.error_code == ErrorCode.NONE:
                part.error_code = ErrorCode.COORDINATOR_NOT_AVAILABLE


def _sorted_out(
    broker: Broker, request: OffsetCommitRequest, code: ErrorCode
) -> tuple[OffsetCommitResponse, dict[TopicPartition, CommittedOffset]]:
    """Return the answer, and what is to be committed; `code` is about the group."""
    good: dict[TopicPartition, CommittedOffset] = {}
    response = OffsetCommitResponse()
    expire_ms = _expiry(broker, request)
    for topic in request.topics:
        answers: list[OffsetCommitResponsePartition] = []
        for part in topic.partitions:
            why = _refusal(broker, topic.name, part)
            answer = OffsetCommitResponsePartition(part.partition_index, why or code)
            answers.append(answer)
            if answer.error_code == ErrorCode.NONE:
                good[topic.name, part.partition_index] = _offset(part, expire_ms)
        response.topics.append(OffsetCommitResponseTopic(topic.name, answers))
    return response, good


def _refusal(broker: Broker, topic: str, part: OffsetCommitRequestPartition) -> ErrorCode | None:
    limit = broker.services.settings.offset_metadata_max_bytes
    if broker.topics.partition(topic, part.partition_index) is None:
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if len((part.committed_metadata or "").encode()) > limit:
        return ErrorCode.OFFSET_METADATA_TOO_LARGE
    return None


def _offset(part: OffsetCommitRequestPartition, expire_ms: int) -> CommittedOffset:
    return CommittedOffset(
        part.committed_offset,
        part.committed_leader_epoch,
        part.committed_metadata or "",
        expire_timestamp_ms=expire_ms,
    )


def _expiry(broker: Broker, request: OffsetCommitRequest) -> int:
    if request.retention_time_ms == BROKERS_OWN:
        return NO_TIME
    return min(broker.services.clock() + request.retention_time_ms, LATEST)
