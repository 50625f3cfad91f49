"""DescribeProducers: API key 61."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, INT64, STRING, Message, array, message, wire


@dataclass(slots=True)
class TopicRequest:
    name: str = wire(STRING)
    partition_indexes: list[int] = wire(array(INT32))


@message(key=61, versions=(0, 0), flexible=0)
@dataclass(slots=True)
class DescribeProducersRequest(Message):
    topics: list[TopicRequest] = wire(array(TopicRequest))


@dataclass(slots=True)
class ProducerState:
    producer_id: int = wire(INT64)
    producer_epoch: int = wire(INT32)
    last_sequence: int = wire(INT32, default=-1)
    last_timestamp: int = wire(INT64, default=-1)
    coordinator_epoch: int = wire(INT32)
    current_txn_start_offset: int = wire(INT64, default=-1)


@dataclass(slots=True)
class PartitionResponse:
    partition_index: int = wire(INT32)
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, null=0, default=None)
    active_producers: list[ProducerState] = wire(array(ProducerState))


@dataclass(slots=True)
class TopicResponse:
    name: str = wire(STRING)
    partitions: list[PartitionResponse] = wire(array(PartitionResponse))


@message(key=61, versions=(0, 0), flexible=0)
@dataclass(slots=True)
class DescribeProducersResponse(Message):
    throttle_time_ms: int = wire(INT32)
    topics: list[TopicResponse] = wire(array(TopicResponse))


DescribeProducersRequest.response = DescribeProducersResponse
