"""What a topic's configs ask of a batch beside being one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import read_header, read_records, recompress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_log.broker.broker import Broker
    from accord_log.broker.topics import Topic
    from accord_log.kafka.fields import Buffer, Writable
    from accord_log.kafka.records import BatchHeader, Record

NO_TIMESTAMP = -1


def check_by_policy(
    broker: Broker, topic: Topic, batch: Buffer, header: BatchHeader
) -> tuple[Writable, BatchHeader]:
    """Return the batch in the topic's codec, where it can be written to; raises KafkaError."""
    config = topic.config
    if not config.is_append_time:
        _check_timestamps(broker, topic, header)
    if config.is_compacted or config.schema_checks.is_wanted:
        records = read_records(batch)
        if config.is_compacted:
            _check_keys(records)
        if config.schema_checks.is_wanted:
            _check_schemas(broker, topic, records)
    if config.codec is None or config.codec == header.codec:
        return _writable(batch), header
    changed = recompress(batch, config.codec)
    return changed, read_header(changed)


def _writable(batch: Buffer) -> Writable:
    """Return the very bytes that came in where that is allowed; nobody needs them any more."""
    if isinstance(batch, memoryview) and not batch.readonly:
        return batch
    return bytearray(batch)


def _check_timestamps(broker: Broker, topic: Topic, header: BatchHeader) -> None:
    """Refuse what is dated too far from now; a record without a time has none to be wrong."""
    now, config = broker.services.clock(), topic.config
    dates = {header.base_timestamp, header.max_timestamp} - {NO_TIMESTAMP}
    if any(
        now - date > config.most_behind_ms or date - now > config.most_ahead_ms for date in dates
    ):
        text = f"A timestamp is further from the broker's time than {topic.name} allows"
        raise KafkaError(ErrorCode.INVALID_TIMESTAMP, text)


def _check_keys(records: Sequence[Record]) -> None:
    missing = [index for index, record in enumerate(records) if record.key is None]
    if missing:
        reason = "Compacted topic cannot accept message without key"
        raise KafkaError(
            ErrorCode.INVALID_RECORD,
            "One or more records have been rejected",
            [(index, reason) for index in missing],
        )


def _check_schemas(broker: Broker, topic: Topic, records: Sequence[Record]) -> None:
    if broker.validator is None:
        text = f"{topic.name} asks for registered schemas, and this log runs without a registry"
        raise KafkaError(ErrorCode.INVALID_RECORD, text)
    refusals = broker.validator.refusals(topic.name, topic.config.schema_checks, records)
    if refusals:
        raise KafkaError(ErrorCode.INVALID_RECORD, refusals[0][1], refusals)
