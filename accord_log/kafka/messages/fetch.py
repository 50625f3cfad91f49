"""Fetch: API key 1."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    INT8,
    INT16,
    INT32,
    INT64,
    RECORDS,
    STRING,
    UUID,
    Buffer,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class ReplicaState:
    replica_id: int = wire(INT32, since=15, default=-1)
    replica_epoch: int = wire(INT64, since=15, default=-1)


@dataclass(slots=True)
class FetchPartition:
    partition: int = wire(INT32)
    current_leader_epoch: int = wire(INT32, since=9, default=-1)
    fetch_offset: int = wire(INT64)
    last_fetched_epoch: int = wire(INT32, since=12, default=-1)
    log_start_offset: int = wire(INT64, since=5, default=-1)
    partition_max_bytes: int = wire(INT32)


@dataclass(slots=True)
class FetchTopic:
    topic: str = wire(STRING, until=12)
    topic_id: bytes = wire(UUID, since=13)
    partitions: list[FetchPartition] = wire(array(FetchPartition))


@dataclass(slots=True)
class ForgottenTopic:
    topic: str = wire(STRING, since=7, until=12)
    topic_id: bytes = wire(UUID, since=13)
    partitions: list[int] = wire(array(INT32), since=7)


@message(key=1, versions=(4, 16), flexible=12)
@dataclass(slots=True)
class FetchRequest(Message):
    cluster_id: str | None = wire(STRING, since=12, null=12, tag=0, default=None)
    replica_id: int = wire(INT32, until=14, default=-1)
    replica_state: ReplicaState | None = wire(ReplicaState, since=15, tag=1)
    max_wait_ms: int = wire(INT32)
    min_bytes: int = wire(INT32)
    max_bytes: int = wire(INT32, since=3, default=0x7FFFFFFF)
    isolation_level: int = wire(INT8, since=4)
    session_id: int = wire(INT32, since=7)
    session_epoch: int = wire(INT32, since=7, default=-1)
    topics: list[FetchTopic] = wire(array(FetchTopic))
    forgotten_topics_data: list[ForgottenTopic] = wire(array(ForgottenTopic), since=7)
    rack_id: str = wire(STRING, since=11)


@dataclass(slots=True)
class EpochEndOffset:
    epoch: int = wire(INT32, since=12, default=-1)
    end_offset: int = wire(INT64, since=12, default=-1)


@dataclass(slots=True)
class LeaderIdAndEpoch:
    leader_id: int = wire(INT32, since=12, default=-1)
    leader_epoch: int = wire(INT32, since=12, default=-1)


@dataclass(slots=True)
class SnapshotId:
    end_offset: int = wire(INT64, default=-1)
    epoch: int = wire(INT32, default=-1)


@dataclass(slots=True)
class AbortedTransaction:
    producer_id: int = wire(INT64, since=4)
    first_offset: int = wire(INT64, since=4)


@dataclass(slots=True)
class PartitionData:
    partition_index: int = wire(INT32)
    error_code: int = wire(INT16)
    high_watermark: int = wire(INT64)
    last_stable_offset: int = wire(INT64, since=4, default=-1)
    log_start_offset: int = wire(INT64, since=5, default=-1)
    diverging_epoch: EpochEndOffset | None = wire(EpochEndOffset, since=12, tag=0)
    current_leader: LeaderIdAndEpoch | None = wire(LeaderIdAndEpoch, since=12, tag=1)
    snapshot_id: SnapshotId | None = wire(SnapshotId, since=12, tag=2)
    aborted_transactions: list[AbortedTransaction] | None = wire(
        array(AbortedTransaction), since=4, null=4
    )
    preferred_read_replica: int = wire(INT32, since=11, default=-1)
    records: Buffer | None = wire(RECORDS, null=0)


@dataclass(slots=True)
class FetchableTopicResponse:
    topic: str = wire(STRING, until=12)
    topic_id: bytes = wire(UUID, since=13)
    partitions: list[PartitionData] = wire(array(PartitionData))


@dataclass(slots=True)
class NodeEndpoint:
    node_id: int = wire(INT32, since=16)
    host: str = wire(STRING, since=16)
    port: int = wire(INT32, since=16)
    rack: str | None = wire(STRING, since=16, null=16, default=None)


@message(key=1, versions=(4, 16), flexible=12)
@dataclass(slots=True)
class FetchResponse(Message):
    throttle_time_ms: int = wire(INT32, since=1)
    error_code: int = wire(INT16, since=7)
    session_id: int = wire(INT32, since=7)
    responses: list[FetchableTopicResponse] = wire(array(FetchableTopicResponse))
    node_endpoints: list[NodeEndpoint] = wire(array(NodeEndpoint), since=16, tag=0)


FetchRequest.response = FetchResponse
