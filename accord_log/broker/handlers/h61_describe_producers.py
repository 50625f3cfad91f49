"""DescribeProducers: who has written to a partition lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    PartitionResponse,
    ProducerState,
    TopicResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.log import producer_state

NOTHING_OPEN = -1


def handle(
    broker: Broker, request: DescribeProducersRequest, _: Context
) -> DescribeProducersResponse:
    """List the producers that each partition remembers."""
    return DescribeProducersResponse(
        topics=[
            TopicResponse(
                topic.name,
                [_partition(broker, topic.name, index) for index in topic.partition_indexes],
            )
            for topic in request.topics
        ]
    )


def _partition(broker: Broker, topic: str, index: int) -> PartitionResponse:
    partition = broker.topics.partition(topic, index)
    if partition is None:
        return PartitionResponse(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    with partition.lock:
        producers = [_producer(*known) for known in partition.log.producers]
    return PartitionResponse(index, active_producers=producers)


def _producer(producer_id: int, producer: producer_state.ProducerState) -> ProducerState:
    return ProducerState(
        producer_id=producer_id,
        producer_epoch=producer.epoch,
        last_sequence=producer.last_sequence,
        last_timestamp=producer.last_timestamp,
        coordinator_epoch=producer.coordinator_epoch,
        current_txn_start_offset=(
            NOTHING_OPEN if producer.first_offset is None else producer.first_offset
        ),
    )
