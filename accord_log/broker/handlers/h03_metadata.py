"""Metadata: where everything is, which is here; and topics made because they were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise, gather
from accord_log.broker.topics import check_name
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.metadata import (
    MetadataRequest,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.topics import Topic
    from accord_log.kafka.messages.metadata import MetadataRequestTopic

NO_TOPIC_ID = bytes(16)
LEADER_EPOCH = 0


def handle(
    broker: Broker, request: MetadataRequest, context: Context
) -> MetadataResponse | Promise[MetadataResponse]:
    """Tell of the topics asked for, or of all."""
    if request.topics is None:
        return _response(broker, context, [_described(broker, topic) for topic in broker.topics])
    may_create = request.allow_auto_topic_creation and broker.services.settings.auto_create_topics
    parts = [_find(broker, asked, may_create=may_create) for asked in request.topics]
    if all(part.is_done for part in parts):
        return _response(broker, context, [part.wait() for part in parts])
    answer: Promise[MetadataResponse] = Promise()
    gather(parts).then(lambda topics: answer.resolve(_response(broker, context, topics)))
    return answer


def _response(
    broker: Broker, context: Context, topics: list[MetadataResponseTopic]
) -> MetadataResponse:
    settings = broker.services.settings
    host, port = context.advertised
    return MetadataResponse(
        brokers=[MetadataResponseBroker(settings.node_id, host, port)],
        cluster_id=settings.cluster_id,
        controller_id=settings.node_id,
        topics=topics,
    )


def _find(
    broker: Broker, asked: MetadataRequestTopic, *, may_create: bool
) -> Promise[MetadataResponseTopic]:
    promise: Promise[MetadataResponseTopic] = Promise()
    if asked.topic_id != NO_TOPIC_ID:
        topic = broker.topics.by_id(asked.topic_id)
        missing = MetadataResponseTopic(
            ErrorCode.UNKNOWN_TOPIC_ID, asked.name or None, asked.topic_id
        )
        promise.resolve(missing if topic is None else _described(broker, topic))
        return promise
    name = asked.name or ""
    topic = broker.topics.get(name)
    if topic is not None:
        promise.resolve(_described(broker, topic))
    elif may_create:
        _create(broker, name, promise)
    else:
        promise.resolve(MetadataResponseTopic(_why_missing(name), name))
    return promise


def _why_missing(name: str) -> ErrorCode:
    try:
        check_name(name)
    except KafkaError as error:
        return error.code
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def _create(broker: Broker, name: str, promise: Promise[MetadataResponseTopic]) -> None:
    """Create a topic as configured; several may ask for it at the same time."""

    def settled(error: KafkaError | None) -> None:
        topic = broker.topics.get(name)
        if error is not None or topic is None:
            code = ErrorCode.LEADER_NOT_AVAILABLE if error is None else error.code
            promise.resolve(MetadataResponseTopic(code, name))
        else:
            promise.resolve(_described(broker, topic))

    try:
        with broker.services.lock:
            found = broker.topics.get(name)
            if found is not None:
                promise.resolve(_described(broker, found))
                return
            count = broker.services.settings.default_partitions
            broker.topics.check_new(name, count, {})
            broker.topics.create(name, count, {}, settled)
    except KafkaError as error:
        promise.resolve(MetadataResponseTopic(error.code, name))


def _described(broker: Broker, topic: Topic) -> MetadataResponseTopic:
    node = [broker.services.settings.node_id]
    return MetadataResponseTopic(
        name=topic.name,
        topic_id=topic.id,
        is_internal=topic.is_internal,
        partitions=[
            MetadataResponsePartition(
                partition_index=partition.index,
                leader_id=node[0],
                leader_epoch=LEADER_EPOCH,
                replica_nodes=node,
                isr_nodes=node,
            )
            for partition in topic.partitions
        ],
    )
