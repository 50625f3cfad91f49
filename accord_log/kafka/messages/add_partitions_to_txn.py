"""AddPartitionsToTxn: API key 24."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    INT16,
    INT32,
    INT64,
    STRING,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class AddPartitionsToTxnTopic:
    name: str = wire(STRING)
    partitions: list[int] = wire(array(INT32))


@message(key=24, versions=(0, 3), flexible=3)
@dataclass(slots=True)
class AddPartitionsToTxnRequest(Message):
    transactional_id: str = wire(STRING)
    producer_id: int = wire(INT64)
    producer_epoch: int = wire(INT16)
    topics: list[AddPartitionsToTxnTopic] = wire(array(AddPartitionsToTxnTopic))


@dataclass(slots=True)
class AddPartitionsToTxnPartitionResult:
    partition_index: int = wire(INT32)
    partition_error_code: int = wire(INT16)


@dataclass(slots=True)
class AddPartitionsToTxnTopicResult:
    name: str = wire(STRING)
    results_by_partition: list[AddPartitionsToTxnPartitionResult] = wire(
        array(AddPartitionsToTxnPartitionResult)
    )


@message(key=24, versions=(0, 3), flexible=3)
@dataclass(slots=True)
class AddPartitionsToTxnResponse(Message):
    throttle_time_ms: int = wire(INT32)
    results_by_topic: list[AddPartitionsToTxnTopicResult] = wire(
        array(AddPartitionsToTxnTopicResult)
    )


AddPartitionsToTxnRequest.response = AddPartitionsToTxnResponse
