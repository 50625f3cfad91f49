"""WriteTxnMarkers: API key 27."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    BOOL,
    INT16,
    INT32,
    INT64,
    STRING,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class WritableTxnMarkerTopic:
    name: str = wire(STRING)
    partition_indexes: list[int] = wire(array(INT32))


@dataclass(slots=True)
class WritableTxnMarker:
    producer_id: int = wire(INT64)
    producer_epoch: int = wire(INT16)
    transaction_result: bool = wire(BOOL)
    topics: list[WritableTxnMarkerTopic] = wire(array(WritableTxnMarkerTopic))
    coordinator_epoch: int = wire(INT32)


@message(key=27, versions=(1, 1), flexible=1)
@dataclass(slots=True)
class WriteTxnMarkersRequest(Message):
    markers: list[WritableTxnMarker] = wire(array(WritableTxnMarker))


@dataclass(slots=True)
class WritableTxnMarkerPartitionResult:
    partition_index: int = wire(INT32)
    error_code: int = wire(INT16)


@dataclass(slots=True)
class WritableTxnMarkerTopicResult:
    name: str = wire(STRING)
    partitions: list[WritableTxnMarkerPartitionResult] = wire(
        array(WritableTxnMarkerPartitionResult)
    )


@dataclass(slots=True)
class WritableTxnMarkerResult:
    producer_id: int = wire(INT64)
    topics: list[WritableTxnMarkerTopicResult] = wire(array(WritableTxnMarkerTopicResult))


@message(key=27, versions=(1, 1), flexible=1)
@dataclass(slots=True)
class WriteTxnMarkersResponse(Message):
    markers: list[WritableTxnMarkerResult] = wire(array(WritableTxnMarkerResult))


WriteTxnMarkersRequest.response = WriteTxnMarkersResponse
