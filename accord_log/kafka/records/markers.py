"""The control batches that end a producer's transaction in a partition.

key:    version int16 | type int16 (0 abort, 1 commit)
value:  version int16 | coordinatorEpoch int32
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from accord_log.kafka.records.decoding import read_records
from accord_log.kafka.records.encoding import encode_batch
from accord_log.kafka.records.header import CONTROL, invalid, read_header, write_header
from accord_log.kafka.records.record import Record

if TYPE_CHECKING:
    from accord_log.kafka.fields import Buffer

KEY = struct.Struct(">hh")
VALUE = struct.Struct(">hi")
VERSION = 0
ABORT, COMMIT = 0, 1


class Marker(NamedTuple):
    """How a transaction ended, and under which coordinator."""

    commit: bool
    coordinator_epoch: int


def control_batch(
    *,
    commit: bool,
    producer_id: int,
    producer_epoch: int,
    timestamp_ms: int,
    coordinator_epoch: int = 0,
) -> bytearray:
    """Return the batch that ends a transaction."""
    key = KEY.pack(VERSION, COMMIT if commit else ABORT)
    value = VALUE.pack(VERSION, coordinator_epoch)
    batch = encode_batch(
        [Record(0, timestamp_ms, key, value)],
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        transactional=True,
    )
    header = read_header(batch)
    return write_header(batch, header._replace(attributes=header.attributes | CONTROL))


def read_marker(batch: Buffer) -> Marker:
    """Return what a control batch says. Raises KafkaError for one that ends no transaction.

    Later versions may be longer; what is here stays where it is.
    """
    if not read_header(batch).is_control:
        raise invalid("Not a control batch")
    for record in read_records(batch):
        key, value = record.key or b"", record.value or b""
        if len(key) >= KEY.size and len(value) >= VALUE.size:
            _, kind = KEY.unpack_from(key)
            _, epoch = VALUE.unpack_from(value)
            if kind in {ABORT, COMMIT}:
                return Marker(commit=kind == COMMIT, coordinator_epoch=epoch)
    raise invalid("A control batch without the end of a transaction")
