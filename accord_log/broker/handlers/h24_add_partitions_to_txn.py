"""AddPartitionsToTxn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise, resolved
from accord_log.broker.transaction_answers import in_version
from accord_log.broker.transaction_state import ProducerIdentity
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopicResult,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.transaction_state import TopicPartition


def handle(
    broker: Broker, request: AddPartitionsToTxnRequest, context: Context
) -> Promise[AddPartitionsToTxnResponse]:
    """Let all the partitions take part in the transaction, or, if one does not exist, none."""
    asked = frozenset((topic.name, index) for topic in request.topics for index in topic.partitions)
    unknown = frozenset(where for where in asked if broker.topics.partition(*where) is None)
    if unknown:
        return resolved(_response(request, ErrorCode.OPERATION_NOT_ATTEMPTED, unknown))
    promise: Promise[AddPartitionsToTxnResponse] = Promise()
    producer = ProducerIdentity(request.producer_id, request.producer_epoch)
    broker.transactions.add_partitions(request.transactional_id, producer, asked).then(
        lambda code: promise.resolve(_response(request, in_version(code, context)))
    )
    return promise


def _response(
    request: AddPartitionsToTxnRequest,
    code: ErrorCode,
    unknown: frozenset[TopicPartition] = frozenset(),
) -> AddPartitionsToTxnResponse:
    response = AddPartitionsToTxnResponse()
    for topic in request.topics:
        results = [
            AddPartitionsToTxnPartitionResult(
                index,
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if (topic.name, index) in unknown else code,
            )
            for index in topic.partitions
        ]
        response.results_by_topic.append(AddPartitionsToTxnTopicResult(topic.name, results))
    return response
