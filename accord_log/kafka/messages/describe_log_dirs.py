"""DescribeLogDirs: API key 35."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    BOOL,
    INT16,
    INT32,
    INT64,
    STRING,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class DescribableLogDirTopic:
    topic: str = wire(STRING)
    partitions: list[int] = wire(array(INT32))


@message(key=35, versions=(1, 4), flexible=2)
@dataclass(slots=True)
class DescribeLogDirsRequest(Message):
    topics: list[DescribableLogDirTopic] | None = wire(array(DescribableLogDirTopic), null=0)


@dataclass(slots=True)
class DescribeLogDirsPartition:
    partition_index: int = wire(INT32)
    partition_size: int = wire(INT64)
    offset_lag: int = wire(INT64)
    is_future_key: bool = wire(BOOL)


@dataclass(slots=True)
class DescribeLogDirsTopic:
    name: str = wire(STRING)
    partitions: list[DescribeLogDirsPartition] = wire(array(DescribeLogDirsPartition))


@dataclass(slots=True)
class DescribeLogDirsResult:
    error_code: int = wire(INT16)
    log_dir: str = wire(STRING)
    topics: list[DescribeLogDirsTopic] = wire(array(DescribeLogDirsTopic))
    total_bytes: int = wire(INT64, since=4, default=-1)
    usable_bytes: int = wire(INT64, since=4, default=-1)


@message(key=35, versions=(1, 4), flexible=2)
@dataclass(slots=True)
class DescribeLogDirsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    error_code: int = wire(INT16, since=3)
    results: list[DescribeLogDirsResult] = wire(array(DescribeLogDirsResult))


DescribeLogDirsRequest.response = DescribeLogDirsResponse
