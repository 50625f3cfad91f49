"""Produce: append batches as they came.

A batch is checked and never opened, unless the topic is compacted (every record needs a key), asks
for schemas, or is kept in a codec of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise, gather
from accord_log.broker.topic_policy import check_by_policy
from accord_log.kafka.errors import ErrorCode, KafkaError, ProtocolError
from accord_log.kafka.messages.produce import (
    BatchIndexAndErrorMessage,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceResponse,
)
from accord_log.kafka.records import check_batch, split_batches

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.partition import Partition
    from accord_log.broker.topics import Topic
    from accord_log.kafka.fields import Buffer, Writable
    from accord_log.kafka.messages.produce import PartitionProduceData, TopicProduceData
    from accord_log.kafka.records import BatchHeader

ACKS = frozenset({-1, 0, 1})


def handle(
    broker: Broker, request: ProduceRequest, _: Context
) -> ProduceResponse | Promise[ProduceResponse] | None:
    """Append to every partition that takes its batch, and tell of each what became of it.

    Who wants no answer learns of a refusal by the end of the connection, as from Apache Kafka, and
    looks for the topics anew: ProtocolError.
    """
    promises = [
        promise for topic in request.topic_data for promise in _append_topic(broker, request, topic)
    ]
    if request.acks == 0:
        _check_unheard(promises)
        return None
    if all(promise.is_done for promise in promises):
        return _response(request, [promise.wait() for promise in promises])
    answer: Promise[ProduceResponse] = Promise()
    gather(promises).then(lambda done: answer.resolve(_response(request, done)))
    return answer


def _check_unheard(promises: list[Promise[PartitionProduceResponse]]) -> None:
    for promise in promises:
        if promise.is_done and (code := promise.wait().error_code):
            raise ProtocolError(f"{ErrorCode(code).name} for a producer that wants no answers")


def _response(request: ProduceRequest, parts: list[PartitionProduceResponse]) -> ProduceResponse:
    left = iter(parts)
    return ProduceResponse(
        responses=[
            TopicProduceResponse(topic.name, [next(left) for _ in topic.partition_data])
            for topic in request.topic_data
        ]
    )


def _append_topic(
    broker: Broker, request: ProduceRequest, data: TopicProduceData
) -> list[Promise[PartitionProduceResponse]]:
    topic = broker.topics.get(data.name)
    return [_append(broker, request, topic, part) for part in data.partition_data]


def _append(
    broker: Broker, request: ProduceRequest, topic: Topic | None, part: PartitionProduceData
) -> Promise[PartitionProduceResponse]:
    answer: Promise[PartitionProduceResponse] = Promise()
    response = PartitionProduceResponse(part.index, base_offset=-1)
    try:
        if request.acks not in ACKS:
            raise KafkaError(ErrorCode.INVALID_REQUIRED_ACKS)
        if topic is None or not 0 <= part.index < len(topic.partitions):
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        partition = topic.partitions[part.index]
        batch, header = _checked(broker, topic, part)
        appended = partition.append(
            batch,
            header,
            topic.config,
            now_ms=broker.services.clock(),
            then=lambda error: answer.resolve(_settled(response, partition, error)),
        )
        response.base_offset, response.log_append_time_ms = appended
    except KafkaError as error:
        answer.resolve(_refused(response, error))
    return answer


def _checked(
    broker: Broker, topic: Topic, part: PartitionProduceData
) -> tuple[Writable, BatchHeader]:
    """Return the only batch, ready to be appended."""
    source = _only_batch(part.records)
    if len(source) > topic.config.max_message_bytes:
        most = topic.config.max_message_bytes
        text = f"The batch has {len(source)} bytes; {topic.name} takes at most {most}"
        raise KafkaError(ErrorCode.MESSAGE_TOO_LARGE, text)
    header = check_batch(source)
    if header.is_control:
        raise KafkaError(ErrorCode.INVALID_RECORD, "Clients cannot write control records")
    return check_by_policy(broker, topic, source, header)


def _only_batch(records: Buffer | None) -> Buffer:
    batches = split_batches(records) if records is not None else []
    if len(batches) != 1:
        text = "Produce requests have exactly one record batch for each partition"
        raise KafkaError(ErrorCode.INVALID_RECORD, text)
    return batches[0]


def _settled(
    response: PartitionProduceResponse, partition: Partition, error: KafkaError | None
) -> PartitionProduceResponse:
    if error is not None:
        return _refused(response, error)
    response.log_start_offset = partition.start_offset
    return response


def _refused(response: PartitionProduceResponse, error: KafkaError) -> PartitionProduceResponse:
    response.error_code = error.code
    response.error_message = error.text
    response.base_offset = -1
    response.record_errors = [
        BatchIndexAndErrorMessage(index, text) for index, text in error.records
    ]
    return response
