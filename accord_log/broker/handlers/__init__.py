"""One module for each API, named by its key; and which of them answers what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord_log.broker.handlers import (
    h00_produce,
    h01_fetch,
    h02_list_offsets,
    h03_metadata,
    h08_offset_commit,
    h09_offset_fetch,
    h10_find_coordinator,
    h11_join_group,
    h12_heartbeat,
    h13_leave_group,
    h14_sync_group,
    h15_describe_groups,
    h16_list_groups,
    h18_api_versions,
    h19_create_topics,
    h20_delete_topics,
    h21_delete_records,
    h22_init_producer_id,
    h23_offset_for_leader_epoch,
    h24_add_partitions_to_txn,
    h25_add_offsets_to_txn,
    h26_end_txn,
    h27_write_txn_markers,
    h28_txn_offset_commit,
    h32_describe_configs,
    h33_alter_configs,
    h35_describe_log_dirs,
    h37_create_partitions,
    h42_delete_groups,
    h44_incremental_alter_configs,
    h46_list_partition_reassignments,
    h47_offset_delete,
    h60_describe_cluster,
    h61_describe_producers,
    h65_describe_transactions,
    h66_list_transactions,
)
from accord_log.kafka.messages import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.kafka.fields import Message

_HANDLERS: dict[int, Callable[..., Any]] = {
    0: h00_produce.handle,
    1: h01_fetch.handle,
    2: h02_list_offsets.handle,
    3: h03_metadata.handle,
    8: h08_offset_commit.handle,
    9: h09_offset_fetch.handle,
    10: h10_find_coordinator.handle,
    11: h11_join_group.handle,
    12: h12_heartbeat.handle,
    13: h13_leave_group.handle,
    14: h14_sync_group.handle,
    15: h15_describe_groups.handle,
    16: h16_list_groups.handle,
    18: h18_api_versions.handle,
    19: h19_create_topics.handle,
    20: h20_delete_topics.handle,
    21: h21_delete_records.handle,
    22: h22_init_producer_id.handle,
    23: h23_offset_for_leader_epoch.handle,
    24: h24_add_partitions_to_txn.handle,
    25: h25_add_offsets_to_txn.handle,
    26: h26_end_txn.handle,
    27: h27_write_txn_markers.handle,
    28: h28_txn_offset_commit.handle,
    32: h32_describe_configs.handle,
    33: h33_alter_configs.handle,
    35: h35_describe_log_dirs.handle,
    37: h37_create_partitions.handle,
    42: h42_delete_groups.handle,
    44: h44_incremental_alter_configs.handle,
    46: h46_list_partition_reassignments.handle,
    47: h47_offset_delete.handle,
    60: h60_describe_cluster.handle,
    61: h61_describe_producers.handle,
    65: h65_describe_transactions.handle,
    66: h66_list_transactions.handle,
}

# Who a client is, the server finds out by itself, before a broker is asked anything.
HANDLERS: dict[type[Message], Callable[..., Any]] = {
    REQUESTS[key]: handler for key, handler in _HANDLERS.items()
}
