"""OffsetFetch: API key 9."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    BOOL,
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
class OffsetFetchRequestTopic:
    name: str = wire(STRING, until=7)
    partition_indexes: list[int] = wire(array(INT32), until=7)


@dataclass(slots=True)
class OffsetFetchRequestTopics:
    name: str = wire(STRING, since=8)
    partition_indexes: list[int] = wire(array(INT32), since=8)


@dataclass(slots=True)
class OffsetFetchRequestGroup:
    group_id: str = wire(STRING, since=8)
    member_id: str | None = wire(STRING, since=9, null=9, default=None)
    member_epoch: int = wire(INT32, since=9, default=-1)
    topics: list[OffsetFetchRequestTopics] | None = wire(
        array(OffsetFetchRequestTopics), since=8, null=8
    )


@message(key=9, versions=(1, 9), flexible=6)
@dataclass(slots=True)
class OffsetFetchRequest(Message):
    group_id: str = wire(STRING, until=7)
    topics: list[OffsetFetchRequestTopic] | None = wire(
        array(OffsetFetchRequestTopic), until=7, null=2
    )
    groups: list[OffsetFetchRequestGroup] = wire(array(OffsetFetchRequestGroup), since=8)
    require_stable: bool = wire(BOOL, since=7)


@dataclass(slots=True)
class OffsetFetchResponsePartition:
    partition_index: int = wire(INT32, until=7)
    committed_offset: int = wire(INT64, until=7)
    committed_leader_epoch: int = wire(INT32, since=5, until=7, default=-1)
    metadata: str | None = wire(STRING, until=7, null=0)
    error_code: int = wire(INT16, until=7)


@dataclass(slots=True)
class OffsetFetchResponseTopic:
    name: str = wire(STRING, until=7)
    partitions: list[OffsetFetchResponsePartition] = wire(
        array(OffsetFetchResponsePartition), until=7
    )


@dataclass(slots=True)
class OffsetFetchResponsePartitions:
    partition_index: int = wire(INT32, since=8)
    committed_offset: int = wire(INT64, since=8)
    committed_leader_epoch: int = wire(INT32, since=8, default=-1)
    metadata: str | None = wire(STRING, since=8, null=8)
    error_code: int = wire(INT16, since=8)


@dataclass(slots=True)
class OffsetFetchResponseTopics:
    name: str = wire(STRING, since=8)
    partitions: list[OffsetFetchResponsePartitions] = wire(
        array(OffsetFetchResponsePartitions), since=8
    )


@dataclass(slots=True)
class OffsetFetchResponseGroup:
    group_id: str = wire(STRING, since=8)
    topics: list[OffsetFetchResponseTopics] = wire(array(OffsetFetchResponseTopics), since=8)
    error_code: int = wire(INT16, since=8)


@message(key=9, versions=(1, 9), flexible=6)
@dataclass(slots=True)
class OffsetFetchResponse(Message):
    throttle_time_ms: int = wire(INT32, since=3)
    topics: list[OffsetFetchResponseTopic] = wire(array(OffsetFetchResponseTopic), until=7)
    error_code: int = wire(INT16, since=2, until=7)
    groups: list[OffsetFetchResponseGroup] = wire(array(OffsetFetchResponseGroup), since=8)


OffsetFetchRequest.response = OffsetFetchResponse
