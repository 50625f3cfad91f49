"""What an operator can decide about a broker."""

from __future__ import annotations

from dataclasses import dataclass

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """Limits and defaults of one broker; times in milliseconds, sizes in bytes."""

    node_id: int = 1
    cluster_id: str = "accord"

    auto_create_topics: bool = True
    default_partitions: int = 1
    max_partitions: int = 100_000  # of all topics together
    max_message_bytes: int = 1_048_588
    retention_ms: int = 7 * DAY_MS
    retention_bytes: int = -1
    segment_bytes: int = 1 << 30
    retention_check_interval_ms: int = 5 * 60 * 1000
    compaction_interval_ms: int = 15 * 1000

    max_fetch_bytes: int = 55 * 1024 * 1024
    max_fetch_wait_ms: int = 60 * 1000

    group_min_session_timeout_ms: int = 100
    group_max_session_timeout_ms: int = 30 * 60 * 1000
    group_initial_rebalance_delay_ms: int = 0
    group_max_size: int = 10_000
    max_groups: int = 100_000
    offset_metadata_max_bytes: int = 4096
    offsets_retention_ms: int = 7 * DAY_MS

    transaction_max_timeout_ms: int = 15 * 60 * 1000
    transactional_id_expiration_ms: int = 7 * DAY_MS
    producer_id_expiration_ms: int = DAY_MS
