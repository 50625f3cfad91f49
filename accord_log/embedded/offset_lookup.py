"""Offsets by time, and the ends of partitions, as the broker answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.embedded.error import check, error_of
from accord_log.embedded.topic_partition import OFFSET_BEGINNING, OFFSET_END, TopicPartition
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_log.embedded.caller import Caller
    from accord_log.kafka.messages.list_offsets import ListOffsetsPartitionResponse

CLIENT = -1


def find_offsets(
    caller: Caller,
    partitions: Sequence[TopicPartition],
    *,
    committed: bool,
    seconds: float | None,
) -> list[TopicPartition]:
    """Return the first offset at or after each time, -1 where there is none."""
    asked = [(each, each.offset) for each in partitions]
    results = []
    for each, found in _ask(caller, asked, committed=committed, seconds=seconds):
        result = TopicPartition(each.topic, each.partition, found.offset)
        if found.error_code != ErrorCode.NONE:
            result.error = error_of(found.error_code)
        results.append(result)
    return results


def watermarks(caller: Caller, partition: TopicPartition, seconds: float | None) -> tuple[int, int]:
    """Return both ends. Raises KafkaException."""
    asked = [(partition, OFFSET_BEGINNING), (partition, OFFSET_END)]
    ends = []
    for _, found in _ask(caller, asked, committed=False, seconds=seconds):
        check(found.error_code)
        ends.append(found.offset)
    return ends[0], ends[1]


def _ask(
    caller: Caller,
    asked: Sequence[tuple[TopicPartition, int]],
    *,
    committed: bool,
    seconds: float | None,
) -> list[tuple[TopicPartition, ListOffsetsPartitionResponse]]:
    topics = [
        ListOffsetsTopic(each.topic, [ListOffsetsPartition(each.partition, timestamp=time)])
        for each, time in asked
    ]
    request = ListOffsetsRequest(CLIENT, int(committed), topics)
    answer = caller.ask(request, ListOffsetsResponse, seconds)
    found = [topic.partitions[0] for topic in answer.topics]
    return list(zip([each for each, _ in asked], found, strict=True))
