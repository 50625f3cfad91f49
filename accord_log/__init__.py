"""An embedded, Kafka-compatible event log.

What is offered here is loaded when it is first asked for: the server needs none of it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord_log.broker.lockfile import DirectoryInUse
    from accord_log.embedded.consumer import Consumer
    from accord_log.embedded.error import KafkaError, KafkaException
    from accord_log.embedded.group_metadata import ConsumerGroupMetadata
    from accord_log.embedded.log import Log
    from accord_log.embedded.message import (
        TIMESTAMP_CREATE_TIME,
        TIMESTAMP_LOG_APPEND_TIME,
        TIMESTAMP_NOT_AVAILABLE,
        Message,
    )
    from accord_log.embedded.producer import Producer
    from accord_log.embedded.topic_partition import (
        OFFSET_BEGINNING,
        OFFSET_END,
        OFFSET_INVALID,
        OFFSET_STORED,
        TopicPartition,
    )
    from accord_log.kafka.records.record import Record
    from accord_log.log.flush import Durability

_PLACES = {
    "ConsumerGroupMetadata": "embedded.group_metadata",
    "Consumer": "embedded.consumer",
    "DirectoryInUse": "broker.lockfile",
    "Durability": "log.flush",
    "KafkaError": "embedded.error",
    "KafkaException": "embedded.error",
    "Log": "embedded.log",
    "Message": "embedded.message",
    "OFFSET_BEGINNING": "embedded.topic_partition",
    "OFFSET_END": "embedded.topic_partition",
    "OFFSET_INVALID": "embedded.topic_partition",
    "OFFSET_STORED": "embedded.topic_partition",
    "Producer": "embedded.producer",
    "Record": "kafka.records.record",
    "TIMESTAMP_CREATE_TIME": "embedded.message",
    "TIMESTAMP_LOG_APPEND_TIME": "embedded.message",
    "TIMESTAMP_NOT_AVAILABLE": "embedded.message",
    "TopicPartition": "embedded.topic_partition",
}

__all__ = [
    "OFFSET_BEGINNING",
    "OFFSET_END",
    "OFFSET_INVALID",
    "OFFSET_STORED",
    "TIMESTAMP_CREATE_TIME",
    "TIMESTAMP_LOG_APPEND_TIME",
    "TIMESTAMP_NOT_AVAILABLE",
    "Consumer",
    "ConsumerGroupMetadata",
    "DirectoryInUse",
    "Durability",
    "KafkaError",
    "KafkaException",
    "Log",
    "Message",
    "Producer",
    "Record",
    "TopicPartition",
]


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(f"{__name__}.{place}"), name)
    globals()[name] = found
    return found
