"""DescribeTransactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TopicData,
    TransactionState,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.transaction_state import TopicPartition


def handle(
    broker: Broker, request: DescribeTransactionsRequest, _: Context
) -> DescribeTransactionsResponse:
    """Tell of each transactional id how far its transaction has got."""
    names = request.transactional_ids
    return DescribeTransactionsResponse(transaction_states=[_state(broker, name) for name in names])


def _state(broker: Broker, name: str) -> TransactionState:
    if not name:
        return TransactionState(ErrorCode.INVALID_REQUEST, name)
    transaction = broker.transactions.get(name)
    if transaction is None:
        return TransactionState(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, name)
    return TransactionState(
        transactional_id=name,
        transaction_state=transaction.state,
        transaction_timeout_ms=transaction.timeout_ms,
        transaction_start_time_ms=transaction.started_ms,
        producer_id=transaction.producer.producer_id,
        producer_epoch=transaction.producer.epoch,
        topics=_by_topic(transaction.partitions),
    )


def _by_topic(partitions: frozenset[TopicPartition]) -> list[TopicData]:
    indexes: dict[str, list[int]] = {}
    for topic, index in sorted(partitions):
        indexes.setdefault(topic, []).append(index)
    return [TopicData(topic, found) for topic, found in indexes.items()]
