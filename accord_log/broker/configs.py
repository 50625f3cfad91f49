"""What can be configured for a topic: names, types, defaults and limits, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_INT32 = 2**31 - 1
MAX_INT64 = 2**63 - 1
HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS
NO_LIMIT = -1

Configs: TypeAlias = "Mapping[str, str]"


class ConfigType(IntEnum):
    """The types of configs, numbered as in answers to DescribeConfigs."""

    BOOLEAN = 1
    STRING = 2
    INT = 3
    LONG = 5
    DOUBLE = 6
    LIST = 7


class Source(IntEnum):
    """Where the value of a config comes from, numbered likewise."""

    TOPIC = 1
    STATIC_BROKER = 4
    DEFAULT = 5


@dataclass(frozen=True, slots=True)
class Config:
    """One config of a topic; `broker_name` is the setting of the broker that it defaults to."""

    name: str
    type: ConfigType
    default: str
    text: str
    least: float = 0
    most: float = MAX_INT64
    choices: frozenset[str] = frozenset()
    broker_name: str = ""

    def check(self, value: str) -> None:
        """Raise KafkaError when the value is none of this config."""
        if not CHECKS[self.type](self, value):
            text = f"Invalid value {value!r} for configuration {self.name}"
            raise KafkaError(ErrorCode.INVALID_CONFIG, text)


def _is_boolean(_: Config, value: str) -> bool:
    return value.lower() in {"true", "false"}


def _is_choice(config: Config, value: str) -> bool:
    return not config.choices or value in config.choices


def _is_whole(config: Config, value: str) -> bool:
    try:
        return config.least <= int(value) <= config.most
    except ValueError:
        return False


def _is_number(config: Config, value: str) -> bool:
    try:
        return config.least <= float(value) <= config.most
    except ValueError:
        return False


def _is_list(config: Config, value: str) -> bool:
    return all(_is_choice(config, item) for item in items_of(value))


CHECKS = {
    ConfigType.BOOLEAN: _is_boolean,
    ConfigType.STRING: _is_choice,
    ConfigType.INT: _is_whole,
    ConfigType.LONG: _is_whole,
    ConfigType.DOUBLE: _is_number,
    ConfigType.LIST: _is_list,
}

SUBJECT_STRATEGIES = frozenset(
    {
        "io.confluent.kafka.serializers.subject.TopicNameStrategy",
        "io.confluent.kafka.serializers.subject.RecordNameStrategy",
        "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy",
        "TopicNameStrategy",
        "RecordNameStrategy",
        "TopicRecordNameStrategy",
    }
)
_B, _S, _I, _L, _D, _X = (
    ConfigType.BOOLEAN,
    ConfigType.STRING,
    ConfigType.INT,
    ConfigType.LONG,
    ConfigType.DOUBLE,
    ConfigType.LIST,
)

# Those with a setting of the broker first; the last group is accepted for the sake of tools that
# set it everywhere, and has no effect on a broker without replicas.
TOPIC_CONFIGS: dict[str, Config] = {
    config.name: config
    for config in (
        Config(
            "retention.ms", _L, "", "Age after which records go.", -1, broker_name="retention_ms"
        ),
        Config(
            "retention.bytes",
            _L,
            "",
            "Size of a partition above which its oldest records go.",
            -1,
            broker_name="retention_bytes",
        ),
        Config(
            "segment.bytes",
            _I,
            "",
            "Size of a file of records.",
            14,
            MAX_INT32,
            broker_name="segment_bytes",
        ),
        Config(
            "max.message.bytes",
            _I,
            "",
            "Largest batch of records.",
            0,
            MAX_INT32,
            broker_name="max_message_bytes",
        ),
        Config(
            "cleanup.policy",
            _X,
            "delete",
            "What happens to old records.",
            choices=frozenset({"delete", "compact"}),
        ),
        Config(
            "compression.type",
            _S,
            "producer",
            "Codec in which batches are kept.",
            choices=frozenset({"producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"}),
        ),
        Config("delete.retention.ms", _L, str(DAY_MS), "Time that tombstones stay."),
        Config("file.delete.delay.ms", _L, "60000", "Time before files are removed."),
        Config(
            "index.interval.bytes", _I, "4096", "Bytes between entries of an index.", 0, MAX_INT32
        ),
        Config(
            "max.compaction.lag.ms", _L, str(MAX_INT64), "Age at which records are compacted.", 1
        ),
        Config("min.compaction.lag.ms", _L, "0", "Age before which records are not compacted."),
        Config(
            "message.timestamp.after.max.ms", _L, str(HOUR_MS), "How far ahead a record may be."
        ),
        Config("message.timestamp.before.max.ms", _L, str(MAX_INT64), "How old a record may be."),
        Config(
            "message.timestamp.type",
            _S,
            "CreateTime",
            "Whose clock dates the records.",
            choices=frozenset({"CreateTime", "LogAppendTime"}),
        ),
        Config("min.cleanable.dirty.ratio", _D, "0.5", "Share that makes compaction due.", 0, 1),
        Config("segment.ms", _L, str(7 * DAY_MS), "Age after which a new file is begun.", 1),
        Config("accord.key.schema.validation", _B, "false", "Refuse keys without a known schema."),
        Config(
            "accord.value.schema.validation", _B, "false", "Refuse values without a known schema."
        ),
        Config("confluent.key.schema.validation", _B, "false", "The same, as Confluent calls it."),
        Config(
            "confluent.value.schema.validation", _B, "false", "The same, as Confluent calls it."
        ),
        Config(
            "confluent.key.subject.name.strategy",
            _S,
            "TopicNameStrategy",
            "Under which subject the keys' schemas are.",
            choices=SUBJECT_STRATEGIES,
        ),
        Config(
            "confluent.value.subject.name.strategy",
            _S,
            "TopicNameStrategy",
            "Under which subject the values' schemas are.",
            choices=SUBJECT_STRATEGIES,
        ),
        Config("compression.gzip.level", _I, "-1", "No effect.", -1, 9),
        Config("compression.lz4.level", _I, "9", "No effect.", 1, 17),
        Config("compression.zstd.level", _I, "3", "No effect.", -131072, 22),
        Config("flush.messages", _L, str(MAX_INT64), "No effect: see the broker's durability.", 1),
        Config("flush.ms", _L, str(MAX_INT64), "No effect: see the broker's durability."),
        Config("follower.replication.throttled.replicas", _X, "", "No effect."),
        Config("leader.replication.throttled.replicas", _X, "", "No effect."),
        Config("message.downconversion.enable", _B, "true", "No effect."),
        Config("min.insync.replicas", _I, "1", "No effect: there is one replica.", 1, MAX_INT32),
        Config("preallocate", _B, "false", "No effect."),
        Config("segment.index.bytes", _I, "10485760", "No effect.", 4, MAX_INT32),
        Config("segment.jitter.ms", _L, "0", "No effect."),
        Config("unclean.leader.election.enable", _B, "false", "No effect."),
    )
}


def items_of(value: str) -> list[str]:
    """Return the items of a list."""
    return [item.strip() for item in value.split(",") if item.strip()]


def check_config(name: str, value: str | None) -> None:
    """Raise KafkaError when there is no such config, or the value is none of it."""
    config = TOPIC_CONFIGS.get(name)
    if config is None:
        raise KafkaError(ErrorCode.INVALID_CONFIG, f"Unknown topic config name: {name}")
    if value is None:
        text = f"Null value not supported for topic configs: {name}"
        raise KafkaError(ErrorCode.INVALID_CONFIG, text)
    config.check(value)
