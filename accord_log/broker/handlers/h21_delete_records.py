"""DeleteRecords: move the start of a partition up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.delete_records import (
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopicResult,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.kafka.messages.delete_records import DeleteRecordsPartition


def handle(broker: Broker, request: DeleteRecordsRequest, _: Context) -> DeleteRecordsResponse:
    """Forget the records below the offset given for each partition; -1 stands for all."""
    return DeleteRecordsResponse(
        topics=[
            DeleteRecordsTopicResult(
                topic.name, [_delete(broker, topic.name, asked) for asked in topic.partitions]
            )
            for topic in request.topics
        ]
    )


def _delete(
    broker: Broker, topic_name: str, asked: DeleteRecordsPartition
) -> DeleteRecordsPartitionResult:
    result = DeleteRecordsPartitionResult(asked.partition_index, low_watermark=-1)
    topic = broker.topics.get(topic_name)
    partition = broker.topics.partition(topic_name, asked.partition_index)
    try:
        if topic is None or partition is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        if "delete" not in topic.config.log.cleanup:
            raise KafkaError(ErrorCode.POLICY_VIOLATION)
        result.low_watermark = partition.delete_before(asked.offset)
    except KafkaError as error:
        result.error_code = error.code
    return result
