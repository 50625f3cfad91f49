"""DeleteTopics: API key 20."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
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
class DeleteTopicState:
    name: str | None = wire(STRING, since=6, null=6, default=None)
    topic_id: bytes = wire(UUID, since=6)


@message(key=20, versions=(1, 6), flexible=4)
@dataclass(slots=True)
class DeleteTopicsRequest(Message):
    topics: list[DeleteTopicState] = wire(array(DeleteTopicState), since=6)
    topic_names: list[str] = wire(array(STRING), until=5)
    timeout_ms: int = wire(INT32)


@dataclass(slots=True)
class DeletableTopicResult:
    name: str | None = wire(STRING, null=6)
    topic_id: bytes = wire(UUID, since=6)
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, since=5, null=5, default=None)


@message(key=20, versions=(1, 6), flexible=4)
@dataclass(slots=True)
class DeleteTopicsResponse(Message):
    throttle_time_ms: int = wire(INT32, since=1)
    responses: list[DeletableTopicResult] = wire(array(DeletableTopicResult))


DeleteTopicsRequest.response = DeleteTopicsResponse
