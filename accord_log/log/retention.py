"""Which segments at the beginning of a log are too old, or too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.log.index import NO_TIMESTAMP
from accord_log.log.log_config import DELETE, NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_log.log.log_config import LogConfig
    from accord_log.log.segment import Segment


def count_expired(segments: Sequence[Segment], config: LogConfig, now_ms: int) -> int:
    """Return how many segments at the beginning are to go; only such as have records."""
    if DELETE not in config.cleanup:
        return 0
    return max(_count_old(segments, config, now_ms), _count_excess(segments, config))


def _count_old(segments: Sequence[Segment], config: LogConfig, now_ms: int) -> int:
    """Count segments whose latest record is older than the limit."""
    if config.retention_ms == NO_LIMIT:
        return 0
    for count, segment in enumerate(segments):
        is_empty = not segment.size and segment is segments[-1]
        if is_empty or now_ms - _latest(segment) <= config.retention_ms:
            return count
    return len(segments)


def _latest(segment: Segment) -> int:
    """Return the time of the latest record, or when it was written where records have none."""
    latest = segment.summary.max_timestamp
    return segment.modified_ms() if latest == NO_TIMESTAMP else latest


def _count_excess(segments: Sequence[Segment], config: LogConfig) -> int:
    """Count segments without which at least as much as the limit is left."""
    if config.retention_bytes == NO_LIMIT:
        return 0
    excess = sum(segment.size for segment in segments) - config.retention_bytes
    for count, segment in enumerate(segments):
        is_empty = not segment.size and segment is segments[-1]
        if is_empty or segment.size > excess:
            return count
        excess -= segment.size
    return len(segments)
