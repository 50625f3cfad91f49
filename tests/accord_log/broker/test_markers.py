"""Transactions that hang are ended by hand, partition by partition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from one_broker import NOW_MS, World, world

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
)
from accord_log.kafka.messages.init_producer_id import InitProducerIdRequest
from accord_log.kafka.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)
from accord_log.kafka.records import encode_values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.create("t")
        yield made


def begin(here: World) -> tuple[int, int]:
    """Leave a transaction open with one record."""
    granted = here.ask(InitProducerIdRequest("hanging", 60_000))
    identity = (granted.producer_id, granted.producer_epoch)
    topics = [AddPartitionsToTxnTopic("t", [0])]
    here.ask(AddPartitionsToTxnRequest("hanging", *identity, topics))
    batch = encode_values(
        [b"v"],
        NOW_MS,
        producer_id=identity[0],
        producer_epoch=identity[1],
        base_sequence=0,
        transactional=True,
    )
    assert here.produce("t", batch).error_code == ErrorCode.NONE
    return identity


def write(here: World, producer_id: int, epoch: int, *indexes: int) -> list[ErrorCode]:
    topics = [WritableTxnMarkerTopic("t", list(indexes))]
    request = WriteTxnMarkersRequest([WritableTxnMarker(producer_id, epoch, topics=topics)])
    answer = here.ask(request).markers[0].topics[0]
    return [part.error_code for part in answer.partitions]


def test_a_marker_lets_readers_go_on(here: World) -> None:
    identity = begin(here)
    assert here.fetched("t", isolation_level=1).last_stable_offset == 0
    assert write(here, *identity, 0) == [ErrorCode.NONE]
    part = here.fetched("t", isolation_level=1)
    assert part.last_stable_offset == 2
    assert [a.producer_id for a in part.aborted_transactions] == [identity[0]]


def test_each_partition_is_answered(here: World) -> None:
    identity = begin(here)
    codes = write(here, *identity, 5, 0)
    assert codes == [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.NONE]


def test_a_marker_of_an_earlier_epoch_is_refused(here: World) -> None:
    producer_id, epoch = begin(here)
    assert write(here, producer_id, epoch - 1, 0) == [ErrorCode.INVALID_PRODUCER_EPOCH]
    assert here.fetched("t", isolation_level=1).last_stable_offset == 0
