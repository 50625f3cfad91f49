"""EndTxn: commit or abort."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise
from accord_log.broker.transaction_answers import in_version
from accord_log.broker.transaction_state import ProducerIdentity
from accord_log.kafka.messages.end_txn import EndTxnRequest, EndTxnResponse

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context


def handle(broker: Broker, request: EndTxnRequest, context: Context) -> Promise[EndTxnResponse]:
    """End the transaction; the answer comes when readers see what it did."""
    promise: Promise[EndTxnResponse] = Promise()
    producer = ProducerIdentity(request.producer_id, request.producer_epoch)
    broker.transactions.end(request.transactional_id, producer, commit=request.committed).then(
        lambda code: promise.resolve(EndTxnResponse(error_code=in_version(code, context)))
    )
    return promise
