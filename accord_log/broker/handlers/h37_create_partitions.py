"""CreatePartitions: give topics more partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise, gather
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopicResult,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.topics import Topic
    from accord_log.kafka.messages.create_partitions import CreatePartitionsTopic


def handle(
    broker: Broker, request: CreatePartitionsRequest, _: Context
) -> Promise[CreatePartitionsResponse]:
    """Let each topic grow, or say of each why not."""
    answer: Promise[CreatePartitionsResponse] = Promise()
    results = [
        _grow(broker, asked, validate_only=request.validate_only) for asked in request.topics
    ]
    gather(results).then(lambda done: answer.resolve(CreatePartitionsResponse(results=done)))
    return answer


def _grow(
    broker: Broker, asked: CreatePartitionsTopic, *, validate_only: bool
) -> Promise[CreatePartitionsTopicResult]:
    promise: Promise[CreatePartitionsTopicResult] = Promise()
    result = CreatePartitionsTopicResult(asked.name)

    def settled(error: KafkaError | None) -> None:
        if error is not None:
            result.error_code, result.error_message = error.code, error.text
        promise.resolve(result)

    try:
        with broker.services.lock:
            topic = broker.topics.get(asked.name)
            if topic is None:
                text = "This server does not host this topic-partition."
                raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, text)
            _check_assignments(broker, topic, asked)
            broker.topics.check_growth(topic, asked.count)
            if validate_only:
                settled(None)
            else:
                broker.topics.grow(topic, asked.count, settled)
    except KafkaError as error:
        settled(error)
    return promise


def _check_assignments(broker: Broker, topic: Topic, asked: CreatePartitionsTopic) -> None:
    if asked.assignments is None:
        return
    here = [broker.services.settings.node_id]
    if len(asked.assignments) != asked.count - len(topic.partitions) or any(
        assignment.broker_ids != here for assignment in asked.assignments
    ):
        text = f"Every new partition has to be assigned to broker {here[0]}"
        raise KafkaError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, text)
