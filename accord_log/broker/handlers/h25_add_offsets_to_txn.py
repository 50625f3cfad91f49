"""AddOffsetsToTxn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise
from accord_log.broker.transaction_answers import in_version
from accord_log.broker.transaction_state import ProducerIdentity
from accord_log.kafka.messages.add_offsets_to_txn import (
    AddOffsetsToTxnRequest,
    AddOffsetsToTxnResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context


def handle(
    broker: Broker, request: AddOffsetsToTxnRequest, context: Context
) -> Promise[AddOffsetsToTxnResponse]:
    """Let the offsets of a group take part in the transaction."""
    promise: Promise[AddOffsetsToTxnResponse] = Promise()
    producer = ProducerIdentity(request.producer_id, request.producer_epoch)
    broker.transactions.add_group(request.transactional_id, producer, request.group_id).then(
        lambda code: promise.resolve(AddOffsetsToTxnResponse(error_code=in_version(code, context)))
    )
    return promise
