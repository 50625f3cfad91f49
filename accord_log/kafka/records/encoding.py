"""Batches from records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.records.columns import Columns, join_columns
from accord_log.kafka.records.header import seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Unpack

    from accord_log.kafka.records.header import BatchFields
    from accord_log.kafka.records.record import Record


def encode_batch(records: Iterable[Record], **fields: Unpack[BatchFields]) -> bytearray:
    """Return a batch of at least one record; their offsets are the batch's, not their own.

    Raises ValueError when there is none.
    """
    rows = records if isinstance(records, list) else list(records)
    if not rows:
        raise ValueError("a batch has at least one record")
    _, timestamps, keys, values, headers = zip(*rows, strict=True)
    columns = Columns(values, keys, timestamps, headers if any(headers) else None)
    latest = (timestamps[0], max(timestamps))
    return seal(join_columns(columns), count=len(rows), timestamps=latest, **fields)


def encode_values(
    values: Sequence[bytes | None], timestamp_ms: int, **fields: Unpack[BatchFields]
) -> bytearray:
    """Return a batch of at least one record that has neither key nor headers."""
    return _encode(Columns(values), timestamp_ms, **fields)


def encode_keyed(
    keys: Sequence[bytes | None],
    values: Sequence[bytes | None],
    timestamp_ms: int,
    **fields: Unpack[BatchFields],
) -> bytearray:
    """Return a batch of at least one record without headers; keys and values are as many."""
    if len(keys) != len(values):
        raise ValueError(f"{len(keys)} keys for {len(values)} values")
    return _encode(Columns(values, keys), timestamp_ms, **fields)


def encode_columns(columns: Columns, **fields: Unpack[BatchFields]) -> bytearray:
    """Return a batch of at least one record; the columns, of which times are one, are as long."""
    if not columns.values or columns.timestamps is None:
        raise ValueError("a batch has at least one record, and records have times")
    latest = (columns.timestamps[0], max(columns.timestamps))
    return seal(join_columns(columns), count=len(columns.values), timestamps=latest, **fields)


def _encode(columns: Columns, timestamp_ms: int, **fields: Unpack[BatchFields]) -> bytearray:
    if not columns.values:
        raise ValueError("a batch has at least one record")
    timestamps = (timestamp_ms, timestamp_ms)
    return seal(join_columns(columns), count=len(columns.values), timestamps=timestamps, **fields)
