"""The producers of a partition as bytes.

snapshot  = version:u8  crc:u32 of all that follows  body
body      = largest producer id:i64  producers:u32  aborted:u32  producer*  row*
producer  = id:i64  epoch:i16  coordinator epoch:i32  last timestamp:i64
            first offset of the open transaction:i64, or -1  batches:u8  batch*
batch     = base sequence:i32  last sequence:i32  base offset:i64
row       = producer id:i64  first offset:i64  marker offset:i64  stable offset:i64
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord_log.log.aborted import AbortedTransaction
from accord_log.log.producer_state import ProducerState, SentBatch

if TYPE_CHECKING:
    from collections.abc import Collection

    from accord_log.kafka.fields import Buffer

VERSION = 1
ENVELOPE = struct.Struct(">BI")
BODY = struct.Struct(">qII")
PRODUCER = struct.Struct(">qhiqqB")
BATCH = struct.Struct(">iiq")
ROW = struct.Struct(">qqqq")
NOTHING_OPEN = -1


class CorruptSnapshot(ValueError):
    """The bytes are not a whole snapshot; the log itself has to be read instead."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a partition knows of its producers at one offset."""

    largest_producer_id: int
    producers: Collection[tuple[int, ProducerState]]
    aborted: Collection[AbortedTransaction]


def write_snapshot(snapshot: Snapshot) -> bytes:
    parts = [
        BODY.pack(snapshot.largest_producer_id, len(snapshot.producers), len(snapshot.aborted))
    ]
    for producer_id, producer in snapshot.producers:
        parts.append(_pack(producer_id, producer))
        parts += (BATCH.pack(*batch) for batch in producer.batches)
    parts += (ROW.pack(*row) for row in snapshot.aborted)
    body = b"".join(parts)
    return ENVELOPE.pack(VERSION, zlib.crc32(body)) + body


def _pack(producer_id: int, producer: ProducerState) -> bytes:
    return PRODUCER.pack(
        producer_id,
        producer.epoch,
        producer.coordinator_epoch,
        producer.last_timestamp,
        NOTHING_OPEN if producer.first_offset is None else producer.first_offset,
        len(producer.batches),
    )


def read_snapshot(data: Buffer) -> Snapshot:
    """Return what was written. Raises CorruptSnapshot."""
    body = memoryview(data)[ENVELOPE.size :]
    if len(data) < ENVELOPE.size or ENVELOPE.unpack_from(data) != (VERSION, zlib.crc32(body)):
        raise CorruptSnapshot("a snapshot of producers is damaged")
    try:
        return _read_body(body)
    except struct.error as error:
        raise CorruptSnapshot("a snapshot of producers has another shape") from error


def _read_body(body: memoryview) -> Snapshot:
    largest, producer_count, aborted_count = BODY.unpack_from(body)
    position = BODY.size
    producers = []
    for _ in range(producer_count):
        producer_id, producer, position = _read_producer(body, position)
        producers.append((producer_id, producer))
    rows = body[position:]
    if len(rows) != aborted_count * ROW.size:
        raise CorruptSnapshot("a snapshot of producers has another length")
    return Snapshot(
        largest, producers, [AbortedTransaction._make(row) for row in ROW.iter_unpack(rows)]
    )


def _read_producer(body: memoryview, position: int) -> tuple[int, ProducerState, int]:
    producer_id, epoch, coordinator_epoch, timestamp, first, count = PRODUCER.unpack_from(
        body, position
    )
    producer = ProducerState(epoch)
    producer.coordinator_epoch = coordinator_epoch
    producer.last_timestamp = timestamp
    producer.first_offset = None if first == NOTHING_OPEN else first
    start = position + PRODUCER.size
    end = start + count * BATCH.size
    for batch in BATCH.iter_unpack(body[start:end]):
        producer.batches.append(SentBatch._make(batch))
    return producer_id, producer, end
