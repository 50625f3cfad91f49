"""DescribeTransactions: API key 65."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, INT64, STRING, Message, array, message, wire


@message(key=65, versions=(0, 0), flexible=0)
@dataclass(slots=True)
class DescribeTransactionsRequest(Message):
    transactional_ids: list[str] = wire(array(STRING))


@dataclass(slots=True)
class TopicData:
    topic: str = wire(STRING)
    partitions: list[int] = wire(array(INT32))


@dataclass(slots=True)
class TransactionState:
    error_code: int = wire(INT16)
    transactional_id: str = wire(STRING)
    transaction_state: str = wire(STRING)
    transaction_timeout_ms: int = wire(INT32)
    transaction_start_time_ms: int = wire(INT64)
    producer_id: int = wire(INT64)
    producer_epoch: int = wire(INT16)
    topics: list[TopicData] = wire(array(TopicData))


@message(key=65, versions=(0, 0), flexible=0)
@dataclass(slots=True)
class DescribeTransactionsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    transaction_states: list[TransactionState] = wire(array(TransactionState))


DescribeTransactionsRequest.response = DescribeTransactionsResponse
