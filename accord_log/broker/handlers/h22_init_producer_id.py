"""InitProducerId."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise, resolved
from accord_log.broker.transaction_state import NOBODY, ProducerIdentity
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.init_producer_id import (
    InitProducerIdRequest,
    InitProducerIdResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.transactions import Granted

FIRST_VERSION_WITH_FENCED = 4


def handle(
    broker: Broker, request: InitProducerIdRequest, context: Context
) -> Promise[InitProducerIdResponse]:
    """Grant an identity, once it is certain that nobody else has it or gets it."""
    claimed = ProducerIdentity(request.producer_id, request.producer_epoch)
    if (claimed.producer_id == NOBODY.producer_id) != (claimed.epoch == NOBODY.epoch):
        return resolved(InitProducerIdResponse(error_code=ErrorCode.INVALID_REQUEST))
    promise: Promise[InitProducerIdResponse] = Promise()
    broker.transactions.init_producer_id(
        request.transactional_id,
        request.transaction_timeout_ms,
        None if claimed == NOBODY else claimed,
    ).then(lambda granted: promise.resolve(_response(granted, context)))
    return promise


def _response(granted: Granted, context: Context) -> InitProducerIdResponse:
    code = granted.code
    if code is ErrorCode.PRODUCER_FENCED and context.version < FIRST_VERSION_WITH_FENCED:
        code = ErrorCode.INVALID_PRODUCER_EPOCH
    return InitProducerIdResponse(
        error_code=code,
        producer_id=granted.producer.producer_id,
        producer_epoch=granted.producer.epoch,
    )
