"""CreatePartitions: API key 37."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    BOOL,
    INT16,
    INT32,
    STRING,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class CreatePartitionsAssignment:
    broker_ids: list[int] = wire(array(INT32))


@dataclass(slots=True)
class CreatePartitionsTopic:
    name: str = wire(STRING)
    count: int = wire(INT32)
    assignments: list[CreatePartitionsAssignment] | None = wire(
        array(CreatePartitionsAssignment), null=0
    )


@message(key=37, versions=(0, 3), flexible=2)
@dataclass(slots=True)
class CreatePartitionsRequest(Message):
    topics: list[CreatePartitionsTopic] = wire(array(CreatePartitionsTopic))
    timeout_ms: int = wire(INT32)
    validate_only: bool = wire(BOOL)


@dataclass(slots=True)
class CreatePartitionsTopicResult:
    name: str = wire(STRING)
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, null=0, default=None)


@message(key=37, versions=(0, 3), flexible=2)
@dataclass(slots=True)
class CreatePartitionsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    results: list[CreatePartitionsTopicResult] = wire(array(CreatePartitionsTopicResult))


CreatePartitionsRequest.response = CreatePartitionsResponse
