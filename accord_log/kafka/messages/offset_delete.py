"""OffsetDelete: API key 47."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, STRING, Message, array, message, wire


@dataclass(slots=True)
class OffsetDeleteRequestPartition:
    partition_index: int = wire(INT32)


@dataclass(slots=True)
class OffsetDeleteRequestTopic:
    name: str = wire(STRING)
    partitions: list[OffsetDeleteRequestPartition] = wire(array(OffsetDeleteRequestPartition))


@message(key=47, versions=(0, 0))
@dataclass(slots=True)
class OffsetDeleteRequest(Message):
    group_id: str = wire(STRING)
    topics: list[OffsetDeleteRequestTopic] = wire(array(OffsetDeleteRequestTopic))


@dataclass(slots=True)
class OffsetDeleteResponsePartition:
    partition_index: int = wire(INT32)
    error_code: int = wire(INT16)


@dataclass(slots=True)
class OffsetDeleteResponseTopic:
    name: str = wire(STRING)
    partitions: list[OffsetDeleteResponsePartition] = wire(array(OffsetDeleteResponsePartition))


@message(key=47, versions=(0, 0))
@dataclass(slots=True)
class OffsetDeleteResponse(Message):
    error_code: int = wire(INT16)
    throttle_time_ms: int = wire(INT32)
    topics: list[OffsetDeleteResponseTopic] = wire(array(OffsetDeleteResponseTopic))


OffsetDeleteRequest.response = OffsetDeleteResponse
