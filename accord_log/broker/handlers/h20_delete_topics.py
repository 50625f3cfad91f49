"""DeleteTopics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise, gather
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.delete_topics import (
    DeletableTopicResult,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DeleteTopicState,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context

FIRST_VERSION_WITH_STATES = 6
NO_TOPIC_ID = bytes(16)


def handle(
    broker: Broker, request: DeleteTopicsRequest, context: Context
) -> Promise[DeleteTopicsResponse]:
    """Delete each topic, or say of each why not."""
    states = request.topics
    if context.version < FIRST_VERSION_WITH_STATES:
        states = [DeleteTopicState(name) for name in request.topic_names]
    answer: Promise[DeleteTopicsResponse] = Promise()
    results = gather([_delete(broker, asked) for asked in states])
    results.then(lambda responses: answer.resolve(DeleteTopicsResponse(responses=responses)))
    return answer


def _delete(broker: Broker, asked: DeleteTopicState) -> Promise[DeletableTopicResult]:
    promise: Promise[DeletableTopicResult] = Promise()
    result = DeletableTopicResult(asked.name, asked.topic_id)

    def settled(error: KafkaError | None) -> None:
        if error is not None:
            result.error_code, result.error_message = error.code, error.text
        promise.resolve(result)

    with broker.services.lock:
        by_id = asked.topic_id != NO_TOPIC_ID
        topic = (
            broker.topics.by_id(asked.topic_id) if by_id else broker.topics.get(asked.name or "")
        )
        if topic is None:
            code = ErrorCode.UNKNOWN_TOPIC_ID if by_id else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            settled(KafkaError(code, "This server does not host this topic-partition."))
            return promise
        result.name, result.topic_id = topic.name, topic.id
        try:
            broker.topics.delete(topic, settled)
        except KafkaError as error:
            settled(error)
            return promise
        broker.offsets.forget_topic(topic.name)
    return promise
