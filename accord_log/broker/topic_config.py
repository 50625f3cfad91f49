"""The configs of one topic, read once for the paths that ask them for every batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord_log.broker.configs import TOPIC_CONFIGS, items_of
from accord_log.kafka.compression import Codec
from accord_log.log.log_config import LogConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_log.broker.settings import BrokerSettings

CODECS = {
    "uncompressed": Codec.NONE,
    "gzip": Codec.GZIP,
    "snappy": Codec.SNAPPY,
    "lz4": Codec.LZ4,
    "zstd": Codec.ZSTD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChecks:
    """Which parts of a record must name a registered schema, and by which strategy of subjects."""

    key: bool
    value: bool
    key_strategy: str
    value_strategy: str

    @property
    def is_wanted(self) -> bool:
        return self.key or self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfig:
    """What a topic's configs come to; `codec` is None when batches stay as they are sent."""

    max_message_bytes: int
    is_compacted: bool
    is_append_time: bool
    most_ahead_ms: int
    most_behind_ms: int
    codec: Codec | None
    schema_checks: SchemaChecks
    log: LogConfig


def value_of(name: str, configs: Mapping[str, str], settings: BrokerSettings) -> str:
    """Return the value that holds for a topic: its own, the broker's, or the default."""
    if name in configs:
        return configs[name]
    config = TOPIC_CONFIGS[name]
    return str(getattr(settings, config.broker_name)) if config.broker_name else config.default


def read_configs(configs: Mapping[str, str], settings: BrokerSettings) -> TopicConfig:
    """Return what checked configs come to."""

    def text(name: str) -> str:
        return value_of(name, configs, settings)

    def whole(name: str) -> int:
        return int(text(name))

    def is_set(name: str) -> bool:
        return text(name).lower() == "true"

    cleanup = frozenset(items_of(text("cleanup.policy")))
    return TopicConfig(
        max_message_bytes=whole("max.message.bytes"),
        is_compacted="compact" in cleanup,
        is_append_time=text("message.timestamp.type") == "LogAppendTime",
        most_ahead_ms=whole("message.timestamp.after.max.ms"),
        most_behind_ms=whole("message.timestamp.before.max.ms"),
        codec=CODECS.get(text("compression.type")),
        schema_checks=SchemaChecks(
            key=is_set("accord.key.schema.validation") or is_set("confluent.key.schema.validation"),
            value=is_set("accord.value.schema.validation")
            or is_set("confluent.value.schema.validation"),
            key_strategy=text("confluent.key.subject.name.strategy").rpartition(".")[2],
            value_strategy=text("confluent.value.subject.name.strategy").rpartition(".")[2],
        ),
        log=LogConfig(
            segment_bytes=whole("segment.bytes"),
            segment_ms=whole("segment.ms"),
            retention_ms=whole("retention.ms"),
            retention_bytes=whole("retention.bytes"),
            index_interval_bytes=whole("index.interval.bytes"),
            cleanup=cleanup,
            delete_retention_ms=whole("delete.retention.ms"),
            min_compaction_lag_ms=whole("min.compaction.lag.ms"),
            max_compaction_lag_ms=whole("max.compaction.lag.ms"),
            min_cleanable_dirty_ratio=float(text("min.cleanable.dirty.ratio")),
        ),
    )
