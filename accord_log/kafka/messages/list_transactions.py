"""ListTransactions: API key 66."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, INT64, STRING, Message, array, message, wire


@message(key=66, versions=(0, 1), flexible=0)
@dataclass(slots=True)
class ListTransactionsRequest(Message):
    state_filters: list[str] = wire(array(STRING))
    producer_id_filters: list[int] = wire(array(INT64))
    duration_filter: int = wire(INT64, since=1, default=-1)


@dataclass(slots=True)
class TransactionState:
    transactional_id: str = wire(STRING)
    producer_id: int = wire(INT64)
    transaction_state: str = wire(STRING)


@message(key=66, versions=(0, 1), flexible=0)
@dataclass(slots=True)
class ListTransactionsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    error_code: int = wire(INT16)
    unknown_state_filters: list[str] = wire(array(STRING))
    transaction_states: list[TransactionState] = wire(array(TransactionState))


ListTransactionsRequest.response = ListTransactionsResponse
