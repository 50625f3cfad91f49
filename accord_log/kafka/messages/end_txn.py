"""EndTxn: API key 26."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import BOOL, INT16, INT32, INT64, STRING, Message, message, wire


@message(key=26, versions=(0, 3), flexible=3)
@dataclass(slots=True)
class EndTxnRequest(Message):
    transactional_id: str = wire(STRING)
    producer_id: int = wire(INT64)
    producer_epoch: int = wire(INT16)
    committed: bool = wire(BOOL)


@message(key=26, versions=(0, 3), flexible=3)
@dataclass(slots=True)
class EndTxnResponse(Message):
    throttle_time_ms: int = wire(INT32)
    error_code: int = wire(INT16)


EndTxnRequest.response = EndTxnResponse
