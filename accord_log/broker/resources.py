"""What has configs: topics, whose configs can be changed, and the broker, whose cannot."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.topics import Topic


class ResourceType(IntEnum):
    """Kinds of resources, numbered as in the protocol."""

    TOPIC = 2
    BROKER = 4


# What a broker is asked for by tools, by the settings that answer it.
BROKER_CONFIGS = {
    "auto.create.topics.enable": "auto_create_topics",
    "broker.id": "node_id",
    "node.id": "node_id",
    "group.initial.rebalance.delay.ms": "group_initial_rebalance_delay_ms",
    "group.max.session.timeout.ms": "group_max_session_timeout_ms",
    "group.max.size": "group_max_size",
    "group.min.session.timeout.ms": "group_min_session_timeout_ms",
    "log.retention.bytes": "retention_bytes",
    "log.retention.check.interval.ms": "retention_check_interval_ms",
    "log.retention.ms": "retention_ms",
    "log.segment.bytes": "segment_bytes",
    "message.max.bytes": "max_message_bytes",
    "num.partitions": "default_partitions",
    "offset.metadata.max.bytes": "offset_metadata_max_bytes",
    "transaction.max.timeout.ms": "transaction_max_timeout_ms",
    "transactional.id.expiration.ms": "transactional_id_expiration_ms",
}


def topic_of(broker: Broker, name: str) -> Topic:
    """Return the topic. Raises KafkaError: there is none."""
    topic = broker.topics.get(name)
    if topic is None:
        text = "This server does not host this topic-partition."
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, text)
    return topic


def check_broker(broker: Broker, name: str) -> None:
    """Raise KafkaError unless this broker is meant; the empty name is every broker."""
    node_id = broker.services.settings.node_id
    if name not in {"", str(node_id)}:
        text = f"Unexpected broker id, expected {node_id}, but received {name}"
        raise KafkaError(ErrorCode.INVALID_REQUEST, text)


def broker_value(broker: Broker, name: str) -> str:
    """Return a config of the broker as text."""
    value = getattr(broker.services.settings, BROKER_CONFIGS[name])
    return str(value).lower() if isinstance(value, bool) else str(value)


def refuse_broker_changes(broker: Broker, name: str) -> None:
    """Raise KafkaError: settings are given when the broker is started."""
    check_broker(broker, name)
    text = "The configs of this broker are set where it is started, and do not change while it runs"
    raise KafkaError(ErrorCode.INVALID_CONFIG, text)
