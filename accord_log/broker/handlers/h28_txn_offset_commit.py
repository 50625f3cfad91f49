"""TxnOffsetCommit: how far a group has got, if the transaction is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.offsets_record import CommittedOffset
from accord_log.broker.promise import Promise
from accord_log.broker.transaction_state import ProducerIdentity
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.offsets_record import TopicPartition
    from accord_log.kafka.messages.txn_offset_commit import TxnOffsetCommitRequestPartition

    Part = TxnOffsetCommitRequestPartition


def handle(
    broker: Broker, request: TxnOffsetCommitRequest, _: Context
) -> Promise[TxnOffsetCommitResponse]:
    """Stage what can be staged, and answer once it is durable."""
    promise: Promise[TxnOffsetCommitResponse] = Promise()
    # The transaction must not end, nor the group change, between the checks and the staging.
    with broker.services.lock:
        codes = _codes(broker, request)
        good = _offsets(request, codes)

        def settled(error: Exception | None) -> None:
            if error is not None:
                codes.update(dict.fromkeys(good, ErrorCode.COORDINATOR_NOT_AVAILABLE))
            promise.resolve(_response(request, codes))

        if good:
            broker.offsets.stage(request.producer_id, request.group_id, good, settled)
        else:
            settled(None)
    return promise


def _codes(broker: Broker, request: TxnOffsetCommitRequest) -> dict[TopicPartition, ErrorCode]:
    """Return what is to be said of each partition."""
    code = _refusal(broker, request)
    return {
        (topic.name, part.partition_index): code or _part_refusal(broker, topic.name, part)
        for topic in request.topics
        for part in topic.partitions
    }


def _refusal(broker: Broker, request: TxnOffsetCommitRequest) -> ErrorCode:
    """Return why nothing at all can be staged, or NONE."""
    producer = ProducerIdentity(request.producer_id, request.producer_epoch)
    try:
        broker.transactions.check_staging(request.transactional_id, producer, request.group_id)
    except KafkaError as error:
        return error.code
    return broker.groups.check_member(
        request.group_id, request.member_id, request.generation_id, request.group_instance_id
    )


def _part_refusal(broker: Broker, topic: str, part: Part) -> ErrorCode:
    limit = broker.services.settings.offset_metadata_max_bytes
    if broker.topics.partition(topic, part.partition_index) is None:
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if len((part.committed_metadata or "").encode()) > limit:
        return ErrorCode.OFFSET_METADATA_TOO_LARGE
    return ErrorCode.NONE


def _offsets(
    request: TxnOffsetCommitRequest, codes: dict[TopicPartition, ErrorCode]
) -> dict[TopicPartition, CommittedOffset]:
    """Return what nothing is said against."""
    return {
        (topic.name, part.partition_index): CommittedOffset(
            part.committed_offset, part.committed_leader_epoch, part.committed_metadata or ""
        )
        for topic in request.topics
        for part in topic.partitions
        if codes[topic.name, part.partition_index] is ErrorCode.NONE
    }


def _response(
    request: TxnOffsetCommitRequest, codes: dict[TopicPartition, ErrorCode]
) -> TxnOffsetCommitResponse:
    response = TxnOffsetCommitResponse()
    for topic in request.topics:
        parts = [
            TxnOffsetCommitResponsePartition(
                part.partition_index, codes[topic.name, part.partition_index]
            )
            for part in topic.partitions
        ]
        response.topics.append(TxnOffsetCommitResponseTopic(topic.name, parts))
    return response
