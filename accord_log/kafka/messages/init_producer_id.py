"""InitProducerId: API key 22."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, INT64, STRING, Message, message, wire


@message(key=22, versions=(0, 4), flexible=2)
@dataclass(slots=True)
class InitProducerIdRequest(Message):
    transactional_id: str | None = wire(STRING, null=0)
    transaction_timeout_ms: int = wire(INT32)
    producer_id: int = wire(INT64, since=3, default=-1)
    producer_epoch: int = wire(INT16, since=3, default=-1)


@message(key=22, versions=(0, 4), flexible=2)
@dataclass(slots=True)
class InitProducerIdResponse(Message):
    throttle_time_ms: int = wire(INT32)
    error_code: int = wire(INT16)
    producer_id: int = wire(INT64, default=-1)
    producer_epoch: int = wire(INT16)


InitProducerIdRequest.response = InitProducerIdResponse
