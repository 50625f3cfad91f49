"""Topics are made, changed and removed as admin clients ask, and are there after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from one_broker import NOW_MS, World, world

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
)
from accord_log.kafka.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from accord_log.kafka.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsTopic,
)
from accord_log.kafka.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from accord_log.kafka.messages.describe_log_dirs import DescribeLogDirsRequest
from accord_log.kafka.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from accord_log.kafka.messages.metadata import MetadataRequest, MetadataRequestTopic
from accord_log.kafka.records import Record, encode_batch, encode_values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def names(here: World) -> list[str]:
    return [topic.name for topic in here.ask(MetadataRequest(None)).topics]


def delete(here: World, name: str) -> Any:
    return here.ask(DeleteTopicsRequest([DeleteTopicState(name)])).responses[0]


def test_a_topic_is_there_after_a_restart_with_its_id_configs_and_records(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        made = here.create("t", 3, retention_ms="1000")
        here.produce("t", encode_values([b"v"], NOW_MS), 2)
    with world(tmp_path) as here:
        topic = here.broker.topics.get("t")
        assert topic is not None
        assert (topic.id, topic.configs) == (made.topic_id, {"retention.ms": "1000"})
        assert [p.high_watermark for p in topic.partitions] == [0, 0, 1]
        assert topic.config.log.retention_ms == 1000


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "a/b", "ä", "x" * 250, "a\0"])
def test_a_bad_name_is_refused(here: World, name: str) -> None:
    assert here.create(name).error_code == ErrorCode.INVALID_TOPIC_EXCEPTION
    asked = here.ask(MetadataRequest([MetadataRequestTopic(name=name)])).topics[0]
    assert asked.error_code == ErrorCode.INVALID_TOPIC_EXCEPTION
    assert names(here) == []


def test_names_that_metrics_would_mix_up_are_refused(here: World) -> None:
    here.create("a.b")
    assert here.create("a_b").error_code == ErrorCode.INVALID_TOPIC_EXCEPTION


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        (CreatableTopic("t", 0, 1), ErrorCode.INVALID_PARTITIONS),
        (CreatableTopic("t", -2, 1), ErrorCode.INVALID_PARTITIONS),
        (CreatableTopic("t", 51, 1), ErrorCode.POLICY_VIOLATION),
        (CreatableTopic("t", 1, 3), ErrorCode.INVALID_REPLICATION_FACTOR),
        (CreatableTopic("old", 1, 1), ErrorCode.TOPIC_ALREADY_EXISTS),
        (
            CreatableTopic("t", 1, 1, configs=[CreatableTopicConfig("no.such", "1")]),
            ErrorCode.INVALID_CONFIG,
        ),
        (
            CreatableTopic("t", 1, 1, configs=[CreatableTopicConfig("retention.ms", "soon")]),
            ErrorCode.INVALID_CONFIG,
        ),
        (
            CreatableTopic("t", 1, 1, configs=[CreatableTopicConfig("retention.ms", None)]),
            ErrorCode.INVALID_CONFIG,
        ),
        (
            CreatableTopic("t", -1, -1, [CreatableReplicaAssignment(0, [2])]),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            CreatableTopic("t", -1, -1, [CreatableReplicaAssignment(1, [1])]),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            CreatableTopic("t", 1, 1, [CreatableReplicaAssignment(0, [1])]),
            ErrorCode.INVALID_REQUEST,
        ),
    ],
)
def test_what_cannot_be_created_is_refused(
    tmp_path: Path, topic: CreatableTopic, code: ErrorCode
) -> None:
    with world(tmp_path, max_partitions=50) as here:
        here.create("old")
        assert here.ask(CreateTopicsRequest([topic])).topics[0].error_code == code
        assert names(here) == ["old"]


def test_a_name_that_is_asked_for_twice_is_refused(here: World) -> None:
    answer = here.ask(CreateTopicsRequest([CreatableTopic("t", 1, 1), CreatableTopic("t", 2, 1)]))
    assert [topic.error_code for topic in answer.topics] == [ErrorCode.INVALID_REQUEST] * 2


def test_validating_creates_nothing(here: World) -> None:
    answer = here.ask(CreateTopicsRequest([CreatableTopic("t", 2, 1)], validate_only=True))
    assert (answer.topics[0].error_code, answer.topics[0].num_partitions) == (ErrorCode.NONE, 2)
    assert names(here) == []


def test_partitions_can_be_assigned_to_the_one_broker(here: World) -> None:
    assignments = [CreatableReplicaAssignment(index, [1]) for index in range(2)]
    answer = here.ask(CreateTopicsRequest([CreatableTopic("t", -1, -1, assignments)]))
    assert answer.topics[0].num_partitions == 2


def test_a_deleted_topic_leaves_nothing_to_one_of_the_same_name(here: World) -> None:
    first = here.create("t").topic_id
    here.produce("t", encode_values([b"v"], NOW_MS))
    assert delete(here, "t").error_code == ErrorCode.NONE
    assert here.fetched("t").error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert here.create("t").topic_id != first
    assert here.fetched("t").high_watermark == 0


def test_a_deleted_topic_stays_deleted(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        here.create("t", 3)
        delete(here, "t")
    with world(tmp_path) as here:
        assert names(here) == []
        assert list((tmp_path / "topics").iterdir()) == []


def test_what_is_not_there_cannot_be_deleted(here: World) -> None:
    assert delete(here, "t").error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    by_id = here.ask(DeleteTopicsRequest([DeleteTopicState(None, b"\1" * 16)])).responses[0]
    assert by_id.error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_a_topic_is_deleted_by_id(here: World) -> None:
    made = here.create("t")
    answer = here.ask(DeleteTopicsRequest([DeleteTopicState(None, made.topic_id)])).responses[0]
    assert (answer.name, answer.error_code) == ("t", ErrorCode.NONE)


def test_files_of_unknown_origin_are_put_aside(here: World, tmp_path: Path) -> None:
    stranger = tmp_path / "topics" / "t-0"
    stranger.mkdir()
    (stranger / "00000000000000000000.log").write_bytes(b"whose is this?")
    assert here.create("t").error_code == ErrorCode.NONE
    kept = [path for path in (tmp_path / "topics").glob("t-0.*") if path.is_dir()]
    assert [(p / "00000000000000000000.log").read_bytes() for p in kept] == [b"whose is this?"]


def test_topics_can_grow_and_not_shrink(here: World) -> None:
    here.create("t", 2)

    def grow(count: int, **fields: Any) -> ErrorCode:
        request = CreatePartitionsRequest([CreatePartitionsTopic("t", count, None)], **fields)
        code: ErrorCode = here.ask(request).results[0].error_code
        return code

    assert grow(2) == ErrorCode.INVALID_PARTITIONS
    assert grow(1) == ErrorCode.INVALID_PARTITIONS
    assert grow(4, validate_only=True) == ErrorCode.NONE
    assert here.produce("t", encode_values([b"v"], NOW_MS), 3).error_code != ErrorCode.NONE
    assert grow(4) == ErrorCode.NONE
    assert here.produce("t", encode_values([b"v"], NOW_MS), 3).error_code == ErrorCode.NONE


def test_new_partitions_are_all_on_this_broker(here: World) -> None:
    here.create("t")
    for brokers, code in (
        ([[1]], ErrorCode.NONE),
        ([[7]], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        ([[1], [1]], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
    ):
        assigned = [CreatePartitionsAssignment(ids) for ids in brokers]
        topic = CreatePartitionsTopic("t", 2, assigned)
        answer = here.ask(CreatePartitionsRequest([topic], validate_only=True))
        assert answer.results[0].error_code == code
    missing = here.ask(CreatePartitionsRequest([CreatePartitionsTopic("no", 2, None)]))
    assert missing.results[0].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_a_topic_is_made_when_a_producer_names_it(here: World) -> None:
    asked = [MetadataRequestTopic(name="new")]
    refused = here.ask(MetadataRequest(asked, allow_auto_topic_creation=False)).topics[0]
    assert refused.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    made = here.ask(MetadataRequest(asked)).topics[0]
    assert (made.error_code, len(made.partitions)) == (ErrorCode.NONE, 1)


def test_a_broker_may_make_no_topics_by_itself(tmp_path: Path) -> None:
    with world(tmp_path, auto_create_topics=False) as here:
        answer = here.ask(MetadataRequest([MetadataRequestTopic(name="new")])).topics[0]
        assert answer.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_topics_are_described_by_id(here: World) -> None:
    made = here.create("t")
    known, unknown = here.ask(
        MetadataRequest(
            [
                MetadataRequestTopic(made.topic_id, None),
                MetadataRequestTopic(b"\7" * 16, None),
            ]
        )
    ).topics
    assert known.name == "t"
    assert unknown.error_code == ErrorCode.UNKNOWN_TOPIC_ID


# offsets and records


def offset_at(here: World, timestamp: int, **fields: Any) -> tuple[int, int, int]:
    asked = ListOffsetsTopic("t", [ListOffsetsPartition(0, timestamp=timestamp)])
    answer = here.ask(ListOffsetsRequest(topics=[asked], **fields)).topics[0].partitions[0]
    return answer.error_code, answer.offset, answer.timestamp


def dated(*timestamps: int) -> bytearray:
    return encode_batch([Record(i, t, None, b"v", ()) for i, t in enumerate(timestamps)])


def test_offsets_are_found_by_time(here: World) -> None:
    here.create("t")
    assert offset_at(here, -1) == (0, 0, -1)
    assert offset_at(here, -3) == (0, -1, -1)
    here.produce("t", dated(100, 300, 200))
    here.produce("t", dated(250))
    assert offset_at(here, -2) == (0, 0, -1)
    assert offset_at(here, -1) == (0, 4, -1)
    assert offset_at(here, -3) == (0, 1, 300)
    assert offset_at(here, 101) == (0, 1, 300)
    assert offset_at(here, 301) == (0, -1, -1)
    assert offset_at(here, -9)[0] == ErrorCode.UNSUPPORTED_VERSION


def test_offsets_of_unknown_partitions_are_refused(here: World) -> None:
    assert offset_at(here, -1)[0] == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def deleted(here: World, offset: int) -> tuple[int, int]:
    asked = DeleteRecordsTopic("t", [DeleteRecordsPartition(0, offset)])
    answer = here.ask(DeleteRecordsRequest([asked])).topics[0].partitions[0]
    return answer.error_code, answer.low_watermark


def test_records_are_deleted_from_the_start(here: World) -> None:
    assert deleted(here, 0)[0] == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    here.create("t")
    for _ in range(3):
        here.produce("t", encode_values([b"v"], NOW_MS))
    assert deleted(here, 2) == (ErrorCode.NONE, 2)
    assert deleted(here, 1) == (ErrorCode.NONE, 2)
    assert deleted(here, 4)[0] == ErrorCode.OFFSET_OUT_OF_RANGE
    assert deleted(here, -2)[0] == ErrorCode.OFFSET_OUT_OF_RANGE
    assert here.fetched("t", 0).error_code == ErrorCode.OFFSET_OUT_OF_RANGE
    assert deleted(here, -1) == (ErrorCode.NONE, 3)


def test_records_of_a_compacted_topic_are_not_deleted_by_offset(here: World) -> None:
    here.create("t", cleanup_policy="compact")
    assert deleted(here, 0)[0] == ErrorCode.POLICY_VIOLATION


def test_sizes_are_told(here: World) -> None:
    here.create("t", 2)
    batch = encode_values([b"v"], NOW_MS)
    here.produce("t", batch, 1)
    answer = here.ask(DescribeLogDirsRequest(None)).results[0]
    assert [p.partition_size for p in answer.topics[0].partitions] == [0, len(batch)]
    assert answer.total_bytes >= answer.usable_bytes > 0
