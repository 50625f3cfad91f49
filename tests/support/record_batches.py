"""Batches as others build and read them, and the strategies they are drawn from."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from aiokafka.record._crecords import (
    DefaultRecordBatch as CompiledBatch,
)
from aiokafka.record._crecords import (
    DefaultRecordBatchBuilder as CompiledBuilder,
)
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy, _DefaultRecordBatchPy
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from kio.records.readers import read_batch

from accord_log.kafka.records import Codec, Record, read_header
from accord_log.kafka.records.header import write_header

with warnings.catch_warnings():
    # It reads its own files in a deprecated way while it is imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.record.default_records import DefaultRecordBatch as KafkaPythonBatch
    from kafka.record.default_records import DefaultRecordBatchBuilder as KafkaPythonBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOM = 1 << 30
NOW = 1_700_000_000_000

# A busy machine is no failure.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

contents = st.one_of(st.none(), st.binary(max_size=300))
headers = st.lists(st.tuples(st.text(max_size=8), contents), max_size=3).map(tuple)
timestamps = st.one_of(st.integers(NOW - 100, NOW + 100), st.integers(0, 1 << 45))
rows = st.builds(Record, st.just(0), timestamps, contents, contents, headers)
bare_rows = st.builds(Record, st.just(0), timestamps, contents, contents)
batches = st.one_of(st.lists(rows, min_size=1, max_size=80), st.lists(bare_rows, min_size=1))


def numbered(records: Sequence[Record], base_offset: int = 0) -> list[Record]:
    """Return the records with the offsets a batch gives them."""
    return [record._replace(offset=base_offset + place) for place, record in enumerate(records)]


def resealed(batch: bytes, **fields: Any) -> bytearray:
    """Return a plain batch whose length and CRC are right again."""
    return write_header(bytearray(batch), read_header(batch)._replace(**fields))


def built_by_aiokafka(builder: Any, records: Sequence[Record], codec: Codec = Codec.NONE) -> bytes:
    built = builder(2, int(codec), 0, -1, -1, -1, ROOM)
    for place, record in enumerate(records):
        assert built.append(place, *record[1:4], list(record.headers)) is not None
    return bytes(built.build())


def built_by_kafka_python(records: Sequence[Record], codec: Codec = Codec.NONE) -> bytes:
    built = KafkaPythonBuilder(
        magic=2,
        compression_type=int(codec),
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=ROOM,
    )
    for place, record in enumerate(records):
        built.append(place, *record[1:4], list(record.headers))
    return bytes(built.build())


BUILDERS: dict[str, Callable[..., bytes]] = {
    "aiokafka compiled": lambda *given: built_by_aiokafka(CompiledBuilder, *given),
    "aiokafka": lambda *given: built_by_aiokafka(_DefaultRecordBatchBuilderPy, *given),
    "kafka-python": built_by_kafka_python,
}


def read_by_rows(reader: Any, batch: bytes) -> list[Record]:
    opened = reader(batch)
    assert opened.validate_crc()
    return [
        Record(row.offset, row.timestamp, row.key, row.value, tuple(row.headers)) for row in opened
    ]


READERS: dict[str, Callable[[bytes], list[Record]]] = {
    "aiokafka compiled": lambda batch: read_by_rows(CompiledBatch, batch),
    "aiokafka": lambda batch: read_by_rows(_DefaultRecordBatchPy, batch),
    "kafka-python": lambda batch: read_by_rows(KafkaPythonBatch, batch),
}


def read_by_kio(batch: bytes) -> list[Record]:
    found, size = read_batch(batch, 0)
    assert size == len(batch)
    return [
        Record(
            row.offset,
            round(row.timestamp.timestamp() * 1000),
            row.key,
            row.value,
            tuple((header.key.decode(), header.value) for header in row.headers),
        )
        for row in found.records
    ]
