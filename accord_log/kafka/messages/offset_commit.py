"""OffsetCommit: API key 8."""

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
class OffsetCommitRequestPartition:
    partition_index: int = wire(INT32)
    committed_offset: int = wire(INT64)
    committed_leader_epoch: int = wire(INT32, since=6, default=-1)
    committed_metadata: str | None = wire(STRING, null=0)


@dataclass(slots=True)
class OffsetCommitRequestTopic:
    name: str = wire(STRING)
    partitions: list[OffsetCommitRequestPartition] = wire(array(OffsetCommitRequestPartition))


@message(key=8, versions=(2, 9), flexible=8)
@dataclass(slots=True)
class OffsetCommitRequest(Message):
    group_id: str = wire(STRING)
    generation_id_or_member_epoch: int = wire(INT32, since=1, default=-1)
    member_id: str = wire(STRING, since=1)
    group_instance_id: str | None = wire(STRING, since=7, null=7, default=None)
    retention_time_ms: int = wire(INT64, since=2, until=4, default=-1)
    topics: list[OffsetCommitRequestTopic] = wire(array(OffsetCommitRequestTopic))


@dataclass(slots=True)
class OffsetCommitResponsePartition:
    partition_index: int = wire(INT32)
    error_code: int = wire(INT16)


@dataclass(slots=True)
class OffsetCommitResponseTopic:
    name: str = wire(STRING)
    partitions: list[OffsetCommitResponsePartition] = wire(array(OffsetCommitResponsePartition))


@message(key=8, versions=(2, 9), flexible=8)
@dataclass(slots=True)
class OffsetCommitResponse(Message):
    throttle_time_ms: int = wire(INT32, since=3)
    topics: list[OffsetCommitResponseTopic] = wire(array(OffsetCommitResponseTopic))


OffsetCommitRequest.response = OffsetCommitResponse
