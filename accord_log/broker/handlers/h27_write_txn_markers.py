"""WriteTxnMarkers: end a transaction in single partitions, past its coordinator.

For those who repair by hand what hangs: `kafka-transactions abort` sends it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise, gather
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.write_txn_markers import (
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.kafka.messages.write_txn_markers import WritableTxnMarker


def handle(
    broker: Broker, request: WriteTxnMarkersRequest, _: Context
) -> Promise[WriteTxnMarkersResponse]:
    """Write each marker, or say of each why not."""
    answer: Promise[WriteTxnMarkersResponse] = Promise()
    written = gather(
        [
            _write(broker, marker, topic.name, index)
            for marker in request.markers
            for topic in marker.topics
            for index in topic.partition_indexes
        ]
    )
    written.then(lambda codes: answer.resolve(_response(request, codes)))
    return answer


def _write(broker: Broker, marker: WritableTxnMarker, topic: str, index: int) -> Promise[ErrorCode]:
    promise: Promise[ErrorCode] = Promise()
    partition = broker.topics.partition(topic, index)
    if partition is None:
        promise.resolve(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        return promise
    try:
        with partition.lock:
            producer = partition.log.producers.get(marker.producer_id)
            if producer is not None and marker.producer_epoch < producer.epoch:
                raise KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH)
        partition.write_marker(
            commit=marker.transaction_result,
            producer_id=marker.producer_id,
            producer_epoch=marker.producer_epoch,
            now_ms=broker.services.clock(),
            then=partial(_settled, promise),
        )
    except KafkaError as error:
        promise.resolve(error.code)
    return promise


def _settled(promise: Promise[ErrorCode], error: KafkaError | None) -> None:
    promise.resolve(ErrorCode.NONE if error is None else error.code)


def _response(request: WriteTxnMarkersRequest, codes: list[ErrorCode]) -> WriteTxnMarkersResponse:
    left = iter(codes)
    return WriteTxnMarkersResponse(
        [
            WritableTxnMarkerResult(
                marker.producer_id,
                [
                    WritableTxnMarkerTopicResult(
                        topic.name,
                        [
                            WritableTxnMarkerPartitionResult(index, next(left))
                            for index in topic.partition_indexes
                        ],
                    )
                    for topic in marker.topics
                ],
            )
            for marker in request.markers
        ]
    )
