"""Produce: API key 0."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    INT16,
    INT32,
    INT64,
    RECORDS,
    STRING,
    Buffer,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class PartitionProduceData:
    index: int = wire(INT32)
    records: Buffer | None = wire(RECORDS, null=0)


@dataclass(slots=True)
class TopicProduceData:
    name: str = wire(STRING)
    partition_data: list[PartitionProduceData] = wire(array(PartitionProduceData))


@message(key=0, versions=(3, 10), flexible=9)
@dataclass(slots=True)
class ProduceRequest(Message):
    transactional_id: str | None = wire(STRING, since=3, null=3, default=None)
    acks: int = wire(INT16)
    timeout_ms: int = wire(INT32)
    topic_data: list[TopicProduceData] = wire(array(TopicProduceData))


@dataclass(slots=True)
class BatchIndexAndErrorMessage:
    batch_index: int = wire(INT32, since=8)
    batch_index_error_message: str | None = wire(STRING, since=8, null=8, default=None)


@dataclass(slots=True)
class LeaderIdAndEpoch:
    leader_id: int = wire(INT32, since=10, default=-1)
    leader_epoch: int = wire(INT32, since=10, default=-1)


@dataclass(slots=True)
class PartitionProduceResponse:
    index: int = wire(INT32)
    error_code: int = wire(INT16)
    base_offset: int = wire(INT64)
    log_append_time_ms: int = wire(INT64, since=2, default=-1)
    log_start_offset: int = wire(INT64, since=5, default=-1)
    record_errors: list[BatchIndexAndErrorMessage] = wire(array(BatchIndexAndErrorMessage), since=8)
    error_message: str | None = wire(STRING, since=8, null=8, default=None)
    current_leader: LeaderIdAndEpoch | None = wire(LeaderIdAndEpoch, since=10, tag=0)


@dataclass(slots=True)
class TopicProduceResponse:
    name: str = wire(STRING)
    partition_responses: list[PartitionProduceResponse] = wire(array(PartitionProduceResponse))


@dataclass(slots=True)
class NodeEndpoint:
    node_id: int = wire(INT32, since=10)
    host: str = wire(STRING, since=10)
    port: int = wire(INT32, since=10)
    rack: str | None = wire(STRING, since=10, null=10, default=None)


@message(key=0, versions=(3, 10), flexible=9)
@dataclass(slots=True)
class ProduceResponse(Message):
    responses: list[TopicProduceResponse] = wire(array(TopicProduceResponse))
    throttle_time_ms: int = wire(INT32, since=1)
    node_endpoints: list[NodeEndpoint] = wire(array(NodeEndpoint), since=10, tag=0)


ProduceRequest.response = ProduceResponse
