"""OffsetForLeaderEpoch: there is one epoch, and it ends where the log ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderTopicResult,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.kafka.messages.offset_for_leader_epoch import OffsetForLeaderPartition

EPOCH = 0


def handle(
    broker: Broker, request: OffsetForLeaderEpochRequest, _: Context
) -> OffsetForLeaderEpochResponse:
    """Tell the end of the epoch asked for."""
    return OffsetForLeaderEpochResponse(
        topics=[
            OffsetForLeaderTopicResult(
                topic.topic, [_end(broker, topic.topic, asked) for asked in topic.partitions]
            )
            for topic in request.topics
        ]
    )


def _end(broker: Broker, topic: str, asked: OffsetForLeaderPartition) -> EpochEndOffset:
    partition = broker.topics.partition(topic, asked.partition)
    if partition is None:
        return EpochEndOffset(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, asked.partition)
    if asked.current_leader_epoch > EPOCH:
        return EpochEndOffset(ErrorCode.UNKNOWN_LEADER_EPOCH, asked.partition)
    if asked.leader_epoch != EPOCH:
        return EpochEndOffset(ErrorCode.NONE, asked.partition)
    return EpochEndOffset(ErrorCode.NONE, asked.partition, EPOCH, partition.high_watermark)
