"""Logs to test, and batches to put into them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord_log.kafka.records import Record, control_batch, encode_batch, read_records
from accord_log.log.log_config import LogConfig
from accord_log.log.partition_log import PartitionLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accord_log.log.files import Files
    from accord_log.log.flush import Flusher

DIRECTORY = Path("/data/topic-0")
COMPACTED = frozenset({"compact"})


def open_log(
    files: Files,
    *,
    directory: Path = DIRECTORY,
    clean: bool = False,
    flusher: Flusher | None = None,
    now_ms: int = 0,
    **config: Any,
) -> PartitionLog:
    given = {} if flusher is None else {"flusher": flusher}
    return PartitionLog.open(
        directory, LogConfig(**config), files=files, now_ms=now_ms, clean=clean, **given
    )


def batch(*values: bytes | None, timestamp: int = 1000, **fields: Any) -> bytearray:
    """Return a batch of records without keys, all of one time."""
    return encode_batch([Record(0, timestamp, None, value) for value in values], **fields)


def timed(*timestamps: int) -> bytearray:
    """Return a batch with a record for each time."""
    return encode_batch([Record(0, timestamp, None, b"v") for timestamp in timestamps])


def keyed(*pairs: tuple[bytes, bytes | None], timestamp: int = 1000, **fields: Any) -> bytearray:
    """Return a batch of keys and values."""
    return encode_batch([Record(0, timestamp, key, value) for key, value in pairs], **fields)


def sent(producer_id: int, sequence: int, *values: bytes, **fields: Any) -> bytearray:
    """Return a batch of a producer who numbers his records."""
    return batch(
        *values, producer_id=producer_id, producer_epoch=0, base_sequence=sequence, **fields
    )


def marker(producer_id: int, *, commit: bool, timestamp: int = 1000) -> bytearray:
    """Return what ends the producer's transaction."""
    return control_batch(
        commit=commit, producer_id=producer_id, producer_epoch=0, timestamp_ms=timestamp
    )


def append(log: PartitionLog, batches: Iterable[bytearray], *, now_ms: int = 1000) -> list[bytes]:
    """Append batches, and return their bytes as they then stand in the log."""
    appended = []
    for one in batches:
        log.append(one, now_ms=now_ms)
        appended.append(bytes(one))
    return appended


def contents(log: PartitionLog) -> list[bytes]:
    """Return all batches."""
    return list(log.batches(log.start_offset))


def records(log: PartitionLog) -> list[Record]:
    """Return all records, those of markers too."""
    return [record for one in contents(log) for record in read_records(one)]


def values(log: PartitionLog) -> list[bytes | None]:
    return [record.value for record in records(log)]


def last_names(files: Files, directory: Path, suffix: str) -> Sequence[Path]:
    """Return the paths of the files that end so, in order."""
    return [directory / name for name in sorted(files.names(directory)) if name.endswith(suffix)]
