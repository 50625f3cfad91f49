"""CreateTopics."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from accord_log.broker.configs import TOPIC_CONFIGS, Source
from accord_log.broker.promise import Promise, gather, resolved
from accord_log.broker.topic_config import value_of
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.create_topics import (
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.topics import Topic
    from accord_log.kafka.messages.create_topics import CreatableReplicaAssignment, CreatableTopic

BY_DEFAULT = -1
REPLICAS = 1


def handle(
    broker: Broker, request: CreateTopicsRequest, _: Context
) -> Promise[CreateTopicsResponse]:
    """Create each topic, or say of each why not."""
    twice = {name for name, count in Counter(t.name for t in request.topics).items() if count > 1}
    results = [
        resolved(_refused(asked, KafkaError(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")))
        if asked.name in twice
        else _create(broker, asked, validate_only=request.validate_only)
        for asked in request.topics
    ]
    answer: Promise[CreateTopicsResponse] = Promise()
    gather(results).then(lambda topics: answer.resolve(CreateTopicsResponse(topics=topics)))
    return answer


def _create(
    broker: Broker, asked: CreatableTopic, *, validate_only: bool
) -> Promise[CreatableTopicResult]:
    promise: Promise[CreatableTopicResult] = Promise()

    def settled(error: KafkaError | None) -> None:
        topic = broker.topics.get(asked.name)
        if error is not None or topic is None:
            promise.resolve(_refused(asked, error or KafkaError(ErrorCode.REQUEST_TIMED_OUT)))
        else:
            promise.resolve(_described(broker, topic))

    try:
        count = _count(broker, asked)
        configs = {config.name: config.value for config in asked.configs}
        with broker.services.lock:
            broker.topics.check_new(asked.name, count, configs)
            if validate_only:
                return resolved(
                    CreatableTopicResult(
                        asked.name, num_partitions=count, replication_factor=REPLICAS, configs=[]
                    )
                )
            given = {name: value for name, value in configs.items() if value is not None}
            broker.topics.create(asked.name, count, given, settled)
    except KafkaError as error:
        promise.resolve(_refused(asked, error))
    return promise


def _count(broker: Broker, asked: CreatableTopic) -> int:
    if asked.assignments:
        if (asked.num_partitions, asked.replication_factor) != (BY_DEFAULT, BY_DEFAULT):
            text = "Both numPartitions or replicationFactor and replicasAssignments were set."
            raise KafkaError(ErrorCode.INVALID_REQUEST, text)
        return _assigned(broker, asked.assignments)
    if asked.replication_factor not in {BY_DEFAULT, REPLICAS}:
        text = (
            f"Unable to replicate the partition {asked.replication_factor} time(s): The target "
            "replication factor cannot be reached because only 1 broker(s) are registered."
        )
        raise KafkaError(ErrorCode.INVALID_REPLICATION_FACTOR, text)
    if asked.num_partitions == BY_DEFAULT:
        return broker.services.settings.default_partitions
    return asked.num_partitions


def _assigned(broker: Broker, assignments: list[CreatableReplicaAssignment]) -> int:
    """Return the number of partitions, all of which have to be here."""
    indexes = sorted(assignment.partition_index for assignment in assignments)
    here = [broker.services.settings.node_id]
    if indexes != list(range(len(indexes))):
        text = "partitions should be a consecutive 0-based integer sequence"
        raise KafkaError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, text)
    if any(assignment.broker_ids != here for assignment in assignments):
        text = f"The manual partition assignment includes brokers other than {here[0]}"
        raise KafkaError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, text)
    return len(indexes)


def _described(broker: Broker, topic: Topic) -> CreatableTopicResult:
    return CreatableTopicResult(
        name=topic.name,
        topic_id=topic.id,
        num_partitions=len(topic.partitions),
        replication_factor=REPLICAS,
        configs=[
            CreatableTopicConfigs(
                name,
                value_of(name, topic.configs, broker.services.settings),
                config_source=Source.TOPIC if name in topic.configs else Source.DEFAULT,
            )
            for name in sorted(TOPIC_CONFIGS)
        ],
    )


def _refused(asked: CreatableTopic, error: KafkaError) -> CreatableTopicResult:
    return CreatableTopicResult(asked.name, error_code=error.code, error_message=error.text)
