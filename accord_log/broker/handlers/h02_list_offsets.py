"""ListOffsets: the first, the last, or the one that was current at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.list_offsets import (
    ListOffsetsPartitionResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopicResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.partition import Partition
    from accord_log.kafka.messages.list_offsets import ListOffsetsPartition

LATEST = -1
EARLIEST = -2
MAX_TIMESTAMP = -3
EARLIEST_LOCAL = -4  # of tiered storage: everything is local
LATEST_TIERED = -5
NONE = -1
READ_COMMITTED = 1
LEADER_EPOCH = 0


def handle(broker: Broker, request: ListOffsetsRequest, _: Context) -> ListOffsetsResponse:
    """Look up one offset for each partition asked about."""
    committed = request.isolation_level == READ_COMMITTED
    return ListOffsetsResponse(
        topics=[
            ListOffsetsTopicResponse(
                name=topic.name,
                partitions=[
                    _answer(
                        broker.topics.partition(topic.name, asked.partition_index),
                        asked,
                        committed=committed,
                    )
                    for asked in topic.partitions
                ],
            )
            for topic in request.topics
        ]
    )


def _answer(
    partition: Partition | None, asked: ListOffsetsPartition, *, committed: bool
) -> ListOffsetsPartitionResponse:
    answer = ListOffsetsPartitionResponse(asked.partition_index)
    if partition is None:
        answer.error_code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return answer
    try:
        answer.offset, answer.timestamp = _find(partition, asked.timestamp, committed=committed)
    except KafkaError as error:
        answer.error_code = error.code
        return answer
    answer.leader_epoch = LEADER_EPOCH if answer.offset != NONE else NONE
    return answer


def _find(partition: Partition, timestamp: int, *, committed: bool) -> tuple[int, int]:
    """Return (offset, timestamp), each -1 where there is none."""
    end = partition.last_stable_offset if committed else partition.high_watermark
    if timestamp == LATEST:
        return end, NONE
    if timestamp in {EARLIEST, EARLIEST_LOCAL}:
        return partition.start_offset, NONE
    if timestamp == LATEST_TIERED:
        return NONE, NONE
    if timestamp == MAX_TIMESTAMP:
        found = partition.log.max_timestamp()
    elif timestamp < 0:
        raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
    else:
        found = partition.log.offset_for_timestamp(timestamp)
    return found if found is not None and found[0] < end else (NONE, NONE)
