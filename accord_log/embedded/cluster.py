"""What `list_topics` returns, in confluent_kafka's shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accord_log.embedded.error import error_of
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
)

if TYPE_CHECKING:
    from accord_log.embedded.caller import Caller
    from accord_log.embedded.error import KafkaError
    from accord_log.kafka.messages.metadata import MetadataResponseTopic


@dataclass(slots=True)
class BrokerMetadata:
    id: int
    host: str
    port: int


@dataclass(slots=True)
class PartitionMetadata:
    id: int
    leader: int
    replicas: list[int]
    isrs: list[int]
    error: KafkaError | None = None


@dataclass(slots=True)
class TopicMetadata:
    topic: str
    partitions: dict[int, PartitionMetadata]
    error: KafkaError | None = None


@dataclass(slots=True)
class ClusterMetadata:
    cluster_id: str
    controller_id: int
    brokers: dict[int, BrokerMetadata] = field(default_factory=dict)
    topics: dict[str, TopicMetadata] = field(default_factory=dict)
    orig_broker_id: int = -1
    orig_broker_name: str = "embedded"


def describe(
    caller: Caller, topic: str | None, seconds: float | None, *, may_create: bool
) -> ClusterMetadata:
    """Return what there is, or what there is of one topic. Raises KafkaException: TIMED_OUT."""
    asked = None if topic is None else [MetadataRequestTopic(name=topic)]
    request = MetadataRequest(asked, allow_auto_topic_creation=may_create)
    answer = caller.ask(request, MetadataResponse, seconds)
    return ClusterMetadata(
        cluster_id=answer.cluster_id or "",
        controller_id=answer.controller_id,
        brokers={b.node_id: BrokerMetadata(b.node_id, b.host, b.port) for b in answer.brokers},
        topics={found.name or "": _topic(found) for found in answer.topics},
    )


def _topic(found: MetadataResponseTopic) -> TopicMetadata:
    return TopicMetadata(
        found.name or "",
        {
            part.partition_index: PartitionMetadata(
                part.partition_index, part.leader_id, part.replica_nodes, part.isr_nodes
            )
            for part in found.partitions
        },
        None if found.error_code == ErrorCode.NONE else error_of(found.error_code),
    )
