"""Every message that is spoken, by its API key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from accord_log.kafka.messages.add_partitions_to_txn import AddPartitionsToTxnRequest
from accord_log.kafka.messages.alter_configs import AlterConfigsRequest
from accord_log.kafka.messages.api_versions import ApiVersionsRequest
from accord_log.kafka.messages.create_partitions import CreatePartitionsRequest
from accord_log.kafka.messages.create_topics import CreateTopicsRequest
from accord_log.kafka.messages.delete_groups import DeleteGroupsRequest
from accord_log.kafka.messages.delete_records import DeleteRecordsRequest
from accord_log.kafka.messages.delete_topics import DeleteTopicsRequest
from accord_log.kafka.messages.describe_cluster import DescribeClusterRequest
from accord_log.kafka.messages.describe_configs import DescribeConfigsRequest
from accord_log.kafka.messages.describe_groups import DescribeGroupsRequest
from accord_log.kafka.messages.describe_log_dirs import DescribeLogDirsRequest
from accord_log.kafka.messages.describe_producers import DescribeProducersRequest
from accord_log.kafka.messages.describe_transactions import DescribeTransactionsRequest
from accord_log.kafka.messages.end_txn import EndTxnRequest
from accord_log.kafka.messages.fetch import FetchRequest
from accord_log.kafka.messages.find_coordinator import FindCoordinatorRequest
from accord_log.kafka.messages.heartbeat import HeartbeatRequest
from accord_log.kafka.messages.incremental_alter_configs import IncrementalAlterConfigsRequest
from accord_log.kafka.messages.init_producer_id import InitProducerIdRequest
from accord_log.kafka.messages.join_group import JoinGroupRequest
from accord_log.kafka.messages.leave_group import LeaveGroupRequest
from accord_log.kafka.messages.list_groups import ListGroupsRequest
from accord_log.kafka.messages.list_offsets import ListOffsetsRequest
from accord_log.kafka.messages.list_partition_reassignments import ListPartitionReassignmentsRequest
from accord_log.kafka.messages.list_transactions import ListTransactionsRequest
from accord_log.kafka.messages.metadata import MetadataRequest
from accord_log.kafka.messages.offset_commit import OffsetCommitRequest
from accord_log.kafka.messages.offset_delete import OffsetDeleteRequest
from accord_log.kafka.messages.offset_fetch import OffsetFetchRequest
from accord_log.kafka.messages.offset_for_leader_epoch import OffsetForLeaderEpochRequest
from accord_log.kafka.messages.produce import ProduceRequest
from accord_log.kafka.messages.sasl_authenticate import SaslAuthenticateRequest
from accord_log.kafka.messages.sasl_handshake import SaslHandshakeRequest
from accord_log.kafka.messages.sync_group import SyncGroupRequest
from accord_log.kafka.messages.txn_offset_commit import TxnOffsetCommitRequest
from accord_log.kafka.messages.write_txn_markers import WriteTxnMarkersRequest

if TYPE_CHECKING:
    from accord_log.kafka.fields import Message

_ALL: tuple[type[Message], ...] = (
    ProduceRequest,
    FetchRequest,
    ListOffsetsRequest,
    MetadataRequest,
    OffsetCommitRequest,
    OffsetFetchRequest,
    FindCoordinatorRequest,
    JoinGroupRequest,
    HeartbeatRequest,
    LeaveGroupRequest,
    SyncGroupRequest,
    DescribeGroupsRequest,
    ListGroupsRequest,
    SaslHandshakeRequest,
    ApiVersionsRequest,
    CreateTopicsRequest,
    DeleteTopicsRequest,
    DeleteRecordsRequest,
    InitProducerIdRequest,
    OffsetForLeaderEpochRequest,
    AddPartitionsToTxnRequest,
    AddOffsetsToTxnRequest,
    EndTxnRequest,
    WriteTxnMarkersRequest,
    TxnOffsetCommitRequest,
    DescribeConfigsRequest,
    AlterConfigsRequest,
    DescribeLogDirsRequest,
    SaslAuthenticateRequest,
    CreatePartitionsRequest,
    DeleteGroupsRequest,
    IncrementalAlterConfigsRequest,
    ListPartitionReassignmentsRequest,
    OffsetDeleteRequest,
    DescribeClusterRequest,
    DescribeProducersRequest,
    DescribeTransactionsRequest,
    ListTransactionsRequest,
)
REQUESTS: dict[int, type[Message]] = {request.api_key: request for request in _ALL}
