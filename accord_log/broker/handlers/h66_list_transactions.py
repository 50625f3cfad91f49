"""ListTransactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker import transaction_state
from accord_log.kafka.messages.list_transactions import (
    ListTransactionsRequest,
    ListTransactionsResponse,
    TransactionState,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.transaction_state import Transaction

# Apache Kafka passes through these two; here no transactional id is ever found in them.
TRANSIENT = frozenset({"Dead", "PrepareEpochFence"})
KNOWN_STATES = frozenset(transaction_state.TransactionState) | TRANSIENT


def handle(
    broker: Broker, request: ListTransactionsRequest, _: Context
) -> ListTransactionsResponse:
    """List the transactional ids that fit all filters; an empty filter fits everything."""
    now_ms = broker.services.clock()
    found = [(name, broker.transactions.get(name)) for name in broker.transactions.names()]
    return ListTransactionsResponse(
        unknown_state_filters=[s for s in request.state_filters if s not in KNOWN_STATES],
        transaction_states=[
            TransactionState(name, transaction.producer.producer_id, transaction.state)
            for name, transaction in found
            if transaction is not None and _fits(transaction, request, now_ms)
        ],
    )


def _fits(transaction: Transaction, request: ListTransactionsRequest, now_ms: int) -> bool:
    if request.state_filters and transaction.state not in request.state_filters:
        return False
    ids = request.producer_id_filters
    if ids and transaction.producer.producer_id not in ids:
        return False
    least_ms = request.duration_filter
    return least_ms < 0 or now_ms - transaction.started_ms > least_ms
