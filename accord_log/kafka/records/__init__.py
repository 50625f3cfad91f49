"""Record batches: what clients send, what the log stores, and what readers are given."""

from __future__ import annotations

from accord_log.kafka.compression import Codec
from accord_log.kafka.records.checks import check_batch, check_integrity, split_batches
from accord_log.kafka.records.columns import Columns
from accord_log.kafka.records.decoding import (
    keys_and_values,
    keys_are_present,
    read_records,
    read_values,
)
from accord_log.kafka.records.encoding import (
    encode_batch,
    encode_columns,
    encode_keyed,
    encode_values,
)
from accord_log.kafka.records.header import (
    HEADER_SIZE,
    BatchFields,
    BatchHeader,
    place,
    read_header,
    stamp_append_time,
)
from accord_log.kafka.records.markers import Marker, control_batch, read_marker
from accord_log.kafka.records.record import Headers, Record
from accord_log.kafka.records.rewriting import keep_records, recompress

__all__ = [
    "HEADER_SIZE",
    "BatchFields",
    "BatchHeader",
    "Codec",
    "Columns",
    "Headers",
    "Marker",
    "Record",
    "check_batch",
    "check_integrity",
    "control_batch",
    "encode_batch",
    "encode_columns",
    "encode_keyed",
    "encode_values",
    "keep_records",
    "keys_and_values",
    "keys_are_present",
    "place",
    "read_header",
    "read_marker",
    "read_records",
    "read_values",
    "recompress",
    "split_batches",
    "stamp_append_time",
]
