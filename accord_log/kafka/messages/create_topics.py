"""CreateTopics: API key 19."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    BOOL,
    INT8,
    INT16,
    INT32,
    STRING,
    UUID,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class CreatableReplicaAssignment:
    partition_index: int = wire(INT32)
    broker_ids: list[int] = wire(array(INT32))


@dataclass(slots=True)
class CreatableTopicConfig:
    name: str = wire(STRING)
    value: str | None = wire(STRING, null=0)


@dataclass(slots=True)
class CreatableTopic:
    name: str = wire(STRING)
    num_partitions: int = wire(INT32)
    replication_factor: int = wire(INT16)
    assignments: list[CreatableReplicaAssignment] = wire(array(CreatableReplicaAssignment))
    configs: list[CreatableTopicConfig] = wire(array(CreatableTopicConfig))


@message(key=19, versions=(2, 7), flexible=5)
@dataclass(slots=True)
class CreateTopicsRequest(Message):
    topics: list[CreatableTopic] = wire(array(CreatableTopic))
    timeout_ms: int = wire(INT32, default=60000)
    validate_only: bool = wire(BOOL, since=1)


@dataclass(slots=True)
class CreatableTopicConfigs:
    name: str = wire(STRING, since=5)
    value: str | None = wire(STRING, since=5, null=5)
    read_only: bool = wire(BOOL, since=5)
    config_source: int = wire(INT8, since=5, default=-1)
    is_sensitive: bool = wire(BOOL, since=5)


@dataclass(slots=True)
class CreatableTopicResult:
    name: str = wire(STRING)
    topic_id: bytes = wire(UUID, since=7)
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, since=1, null=0)
    topic_config_error_code: int = wire(INT16, since=5, tag=0)
    num_partitions: int = wire(INT32, since=5, default=-1)
    replication_factor: int = wire(INT16, since=5, default=-1)
    configs: list[CreatableTopicConfigs] | None = wire(
        array(CreatableTopicConfigs), since=5, null=5
    )


@message(key=19, versions=(2, 7), flexible=5)
@dataclass(slots=True)
class CreateTopicsResponse(Message):
    throttle_time_ms: int = wire(INT32, since=2)
    topics: list[CreatableTopicResult] = wire(array(CreatableTopicResult))


CreateTopicsRequest.response = CreateTopicsResponse
