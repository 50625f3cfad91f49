"""AddOffsetsToTxn: API key 25."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, INT64, STRING, Message, message, wire


@message(key=25, versions=(0, 3), flexible=3)
@dataclass(slots=True)
class AddOffsetsToTxnRequest(Message):
    transactional_id: str = wire(STRING)
    producer_id: int = wire(INT64)
    producer_epoch: int = wire(INT16)
    group_id: str = wire(STRING)


@message(key=25, versions=(0, 3), flexible=3)
@dataclass(slots=True)
class AddOffsetsToTxnResponse(Message):
    throttle_time_ms: int = wire(INT32)
    error_code: int = wire(INT16)


AddOffsetsToTxnRequest.response = AddOffsetsToTxnResponse
