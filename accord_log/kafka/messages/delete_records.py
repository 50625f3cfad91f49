"""DeleteRecords: API key 21."""

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
class DeleteRecordsPartition:
    partition_index: int = wire(INT32)
    offset: int = wire(INT64)


@dataclass(slots=True)
class DeleteRecordsTopic:
    name: str = wire(STRING)
    partitions: list[DeleteRecordsPartition] = wire(array(DeleteRecordsPartition))


@message(key=21, versions=(0, 2), flexible=2)
@dataclass(slots=True)
class DeleteRecordsRequest(Message):
    topics: list[DeleteRecordsTopic] = wire(array(DeleteRecordsTopic))
    timeout_ms: int = wire(INT32)


@dataclass(slots=True)
class DeleteRecordsPartitionResult:
    partition_index: int = wire(INT32)
    low_watermark: int = wire(INT64)
    error_code: int = wire(INT16)


@dataclass(slots=True)
class DeleteRecordsTopicResult:
    name: str = wire(STRING)
    partitions: list[DeleteRecordsPartitionResult] = wire(array(DeleteRecordsPartitionResult))


@message(key=21, versions=(0, 2), flexible=2)
@dataclass(slots=True)
class DeleteRecordsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    topics: list[DeleteRecordsTopicResult] = wire(array(DeleteRecordsTopicResult))


DeleteRecordsRequest.response = DeleteRecordsResponse
