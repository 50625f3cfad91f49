"""ListPartitionReassignments: API key 46."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, INT32, STRING, Message, array, message, wire


@dataclass(slots=True)
class ListPartitionReassignmentsTopics:
    name: str = wire(STRING)
    partition_indexes: list[int] = wire(array(INT32))


@message(key=46, versions=(0, 0), flexible=0)
@dataclass(slots=True)
class ListPartitionReassignmentsRequest(Message):
    timeout_ms: int = wire(INT32, default=60000)
    topics: list[ListPartitionReassignmentsTopics] | None = wire(
        array(ListPartitionReassignmentsTopics), null=0
    )


@dataclass(slots=True)
class OngoingPartitionReassignment:
    partition_index: int = wire(INT32)
    replicas: list[int] = wire(array(INT32))
    adding_replicas: list[int] = wire(array(INT32))
    removing_replicas: list[int] = wire(array(INT32))


@dataclass(slots=True)
class OngoingTopicReassignment:
    name: str = wire(STRING)
    partitions: list[OngoingPartitionReassignment] = wire(array(OngoingPartitionReassignment))


@message(key=46, versions=(0, 0), flexible=0)
@dataclass(slots=True)
class ListPartitionReassignmentsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, null=0)
    topics: list[OngoingTopicReassignment] = wire(array(OngoingTopicReassignment))


ListPartitionReassignmentsRequest.response = ListPartitionReassignmentsResponse
