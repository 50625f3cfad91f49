"""DescribeLogDirs: what is stored, and how much room there is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.partition import Partition


def handle(broker: Broker, request: DescribeLogDirsRequest, _: Context) -> DescribeLogDirsResponse:
    """Tell the size of each partition asked about, or of all."""
    room = shutil.disk_usage(broker.directory)
    return DescribeLogDirsResponse(
        results=[
            DescribeLogDirsResult(
                error_code=ErrorCode.NONE,
                log_dir=str(broker.directory),
                topics=[
                    DescribeLogDirsTopic(name, [_described(partition) for partition in partitions])
                    for name, partitions in _asked(broker, request)
                ],
                total_bytes=room.total,
                usable_bytes=room.free,
            )
        ]
    )


def _asked(
    broker: Broker, request: DescribeLogDirsRequest
) -> Iterator[tuple[str, list[Partition]]]:
    if request.topics is None:
        yield from ((topic.name, list(topic.partitions)) for topic in broker.topics)
        return
    for asked in request.topics:
        found = [broker.topics.partition(asked.topic, index) for index in asked.partitions]
        yield asked.topic, [partition for partition in found if partition is not None]


def _described(partition: Partition) -> DescribeLogDirsPartition:
    return DescribeLogDirsPartition(partition.index, partition.log.size)
