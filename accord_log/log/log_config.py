"""What one partition's log is configured to."""

from __future__ import annotations

from dataclasses import dataclass

NO_LIMIT = -1
DAY_MS = 24 * 60 * 60 * 1000
DELETE = "delete"
COMPACT = "compact"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """Sizes in bytes, times in milliseconds; the names and defaults are those of topic configs."""

    segment_bytes: int = 1 << 30
    segment_ms: int = 7 * DAY_MS
    retention_ms: int = 7 * DAY_MS
    retention_bytes: int = NO_LIMIT
    index_interval_bytes: int = 4096
    cleanup: frozenset[str] = frozenset({DELETE})
    delete_retention_ms: int = DAY_MS
    min_compaction_lag_ms: int = 0
    max_compaction_lag_ms: int = 2**63 - 1
    min_cleanable_dirty_ratio: float = 0.5
    most_keys_compacted: int = 500_000  # in one pass, which takes some 200 bytes of memory for each

    @property
    def roll_ms(self) -> int:
        """Return the age at which a segment is closed, so that it can be compacted in time."""
        if COMPACT in self.cleanup:
            return min(self.segment_ms, self.max_compaction_lag_ms)
        return self.segment_ms
