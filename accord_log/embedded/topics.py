"""Topics made, deleted and looked for, through the broker's handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.embedded.error import check
from accord_log.kafka.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from accord_log.kafka.messages.delete_topics import (
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DeleteTopicState,
)
from accord_log.kafka.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_log.embedded.caller import Caller

BY_DEFAULT = -1


def create_topic(caller: Caller, name: str, partitions: int, configs: Mapping[str, str]) -> None:
    """Create a topic, durable on return. Raises KafkaException."""
    given = [CreatableTopicConfig(key, value) for key, value in configs.items()]
    topic = CreatableTopic(name, partitions, BY_DEFAULT, configs=given)
    answer = caller.ask(CreateTopicsRequest([topic]), CreateTopicsResponse)
    (result,) = answer.topics
    check(result.error_code, result.error_message)


def delete_topic(caller: Caller, name: str) -> None:
    """Delete a topic and its records. Raises KafkaException."""
    request = DeleteTopicsRequest([DeleteTopicState(name)])
    answer = caller.ask(request, DeleteTopicsResponse)
    (result,) = answer.responses
    check(result.error_code, result.error_message)


def ensure_topic(caller: Caller, name: str, seconds: float | None = None) -> int:
    """Return the error code of a topic that is created if the broker creates topics by itself."""
    request = MetadataRequest([MetadataRequestTopic(name=name)], allow_auto_topic_creation=True)
    (found,) = caller.ask(request, MetadataResponse, seconds).topics
    return found.error_code
