"""A group's committed offsets, asked for and written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from accord_log.embedded.error import KafkaError, Local, error_of, failure
from accord_log.embedded.topic_partition import OFFSET_INVALID, TopicPartition
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from accord_log.kafka.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from accord_log.embedded.caller import Caller
    from accord_log.embedded.group_metadata import ConsumerGroupMetadata

PAUSE_SECONDS = 0.01
FOREVER = float("inf")


def begin_commit(
    caller: Caller,
    group: ConsumerGroupMetadata,
    places: Sequence[TopicPartition],
    then: Callable[[list[TopicPartition]], object],
) -> None:
    """Commit offsets; `then` is given them, each with its error, by whichever thread knows."""
    request = OffsetCommitRequest(
        group.group_id,
        group.generation_id,
        group.member_id,
        group.group_instance_id,
        topics=[_topic(place) for place in places],
    )
    caller.begin(request, OffsetCommitResponse).then(lambda answer: then(_results(places, answer)))


def _topic(place: TopicPartition) -> OffsetCommitRequestTopic:
    part = OffsetCommitRequestPartition(
        place.partition, place.offset, committed_metadata=place.metadata
    )
    return OffsetCommitRequestTopic(place.topic, [part])


def _results(
    places: Sequence[TopicPartition], answer: OffsetCommitResponse
) -> list[TopicPartition]:
    """Return the places in their order, which is that of the answer too."""
    results = []
    for place, topic in zip(places, answer.topics, strict=True):
        code = topic.partitions[0].error_code
        result = TopicPartition(place.topic, place.partition, place.offset, place.metadata)
        result.error = None if code == ErrorCode.NONE else error_of(code)
        results.append(result)
    return results


def worst(results: Iterable[TopicPartition]) -> KafkaError | None:
    """Return the error of a commit of which nothing was committed."""
    errors = [result.error for result in results]
    return errors[0] if errors and all(errors) else None


def fetch_committed(
    caller: Caller, group_id: str, places: Sequence[TopicPartition], seconds: float | None
) -> list[TopicPartition]:
    """Return what is committed, OFFSET_INVALID where nothing is.

    Waits until transactions that commit offsets of the group are decided. Raises KafkaException:
    TIMED_OUT.
    """
    deadline = FOREVER if seconds is None else time.monotonic() + seconds
    asked = [OffsetFetchRequestTopics(place.topic, [place.partition]) for place in places]
    request = OffsetFetchRequest(
        groups=[OffsetFetchRequestGroup(group_id, topics=asked)], require_stable=True
    )
    while True:
        answer = caller.ask(request, OffsetFetchResponse, seconds)
        found = {
            (topic.name, part.partition_index): part
            for topic in answer.groups[0].topics
            for part in topic.partitions
        }
        codes = {part.error_code for part in found.values()}
        if ErrorCode.UNSTABLE_OFFSET_COMMIT not in codes:
            break
        if time.monotonic() > deadline:
            raise failure(Local.TIMED_OUT)
        time.sleep(PAUSE_SECONDS)
    results = []
    for place in places:
        part = found[place.place]
        offset = part.committed_offset if part.committed_offset >= 0 else OFFSET_INVALID
        results.append(TopicPartition(place.topic, place.partition, offset, part.metadata or None))
    return results
