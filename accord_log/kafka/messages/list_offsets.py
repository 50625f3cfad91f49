"""ListOffsets: API key 2."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    INT8,
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
class ListOffsetsPartition:
    partition_index: int = wire(INT32)
    current_leader_epoch: int = wire(INT32, since=4, default=-1)
    timestamp: int = wire(INT64)


@dataclass(slots=True)
class ListOffsetsTopic:
    name: str = wire(STRING)
    partitions: list[ListOffsetsPartition] = wire(array(ListOffsetsPartition))


@message(key=2, versions=(1, 10), flexible=6)
@dataclass(slots=True)
class ListOffsetsRequest(Message):
    replica_id: int = wire(INT32)
    isolation_level: int = wire(INT8, since=2)
    topics: list[ListOffsetsTopic] = wire(array(ListOffsetsTopic))
    timeout_ms: int = wire(INT32, since=10)


@dataclass(slots=True)
class ListOffsetsPartitionResponse:
    partition_index: int = wire(INT32)
    error_code: int = wire(INT16)
    timestamp: int = wire(INT64, since=1, default=-1)
    offset: int = wire(INT64, since=1, default=-1)
    leader_epoch: int = wire(INT32, since=4, default=-1)


@dataclass(slots=True)
class ListOffsetsTopicResponse:
    name: str = wire(STRING)
    partitions: list[ListOffsetsPartitionResponse] = wire(array(ListOffsetsPartitionResponse))


@message(key=2, versions=(1, 10), flexible=6)
@dataclass(slots=True)
class ListOffsetsResponse(Message):
    throttle_time_ms: int = wire(INT32, since=2)
    topics: list[ListOffsetsTopicResponse] = wire(array(ListOffsetsTopicResponse))


ListOffsetsRequest.response = ListOffsetsResponse
