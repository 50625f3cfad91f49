"""OffsetForLeaderEpoch: API key 23."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    INT16,
    INT32,
    INT64,
    STRING,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class OffsetForLeaderPartition:
    partition: int = wire(INT32)
    current_leader_epoch: int = wire(INT32, since=2, default=-1)
    leader_epoch: int = wire(INT32)


@dataclass(slots=True)
class OffsetForLeaderTopic:
    topic: str = wire(STRING)
    partitions: list[OffsetForLeaderPartition] = wire(array(OffsetForLeaderPartition))


@message(key=23, versions=(2, 4), flexible=4)
@dataclass(slots=True)
class OffsetForLeaderEpochRequest(Message):
    replica_id: int = wire(INT32, since=3, default=-2)
    topics: list[OffsetForLeaderTopic] = wire(array(OffsetForLeaderTopic))


@dataclass(slots=True)
class EpochEndOffset:
    error_code: int = wire(INT16)
    partition: int = wire(INT32)
    leader_epoch: int = wire(INT32, since=1, default=-1)
    end_offset: int = wire(INT64, default=-1)


@dataclass(slots=True)
class OffsetForLeaderTopicResult:
    topic: str = wire(STRING)
    partitions: list[EpochEndOffset] = wire(array(EpochEndOffset))


@message(key=23, versions=(2, 4), flexible=4)
@dataclass(slots=True)
class OffsetForLeaderEpochResponse(Message):
    throttle_time_ms: int = wire(INT32, since=2)
    topics: list[OffsetForLeaderTopicResult] = wire(array(OffsetForLeaderTopicResult))


OffsetForLeaderEpochRequest.response = OffsetForLeaderEpochResponse
