"""Fetches are answered at once when there is enough, when there comes enough, or in time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from one_broker import MUCH, NOW_MS, World, world

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from accord_log.kafka.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from accord_log.kafka.records import encode_values, read_header, read_values, split_batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.create("t")
        yield made


def produce(here: World, value: bytes = b"v", topic: str = "t") -> None:
    assert here.produce(topic, encode_values([value], NOW_MS)).error_code == ErrorCode.NONE


def test_an_empty_partition_is_answered_at_once_when_nobody_waits(here: World) -> None:
    part = here.fetched("t", max_wait_ms=0, min_bytes=1)
    assert (bytes(part.records), part.high_watermark) == (b"", 0)


def test_a_fetch_waits_for_records(here: World) -> None:
    answer = here.fetch("t", max_wait_ms=500, min_bytes=1)
    assert not answer.is_done
    produce(here)
    assert read_values(bytes(answer.wait(0).responses[0].partitions[0].records)) == [b"v"]


def test_a_fetch_waits_for_as_much_as_it_asks(here: World) -> None:
    answer = here.fetch("t", max_wait_ms=500, min_bytes=150)
    produce(here)
    assert not answer.is_done
    produce(here)
    produce(here)
    assert answer.is_done


def test_time_over_a_fetch_has_what_there_is(here: World) -> None:
    answer = here.fetch("t", max_wait_ms=500, min_bytes=MUCH)
    produce(here)
    here.advance(499)
    assert not answer.is_done
    here.advance(1)
    assert len(answer.wait(0).responses[0].partitions[0].records) > 0


def test_who_is_gone_is_waited_for_no_more(here: World) -> None:
    part = FetchPartition(0, partition_max_bytes=MUCH)
    request = FetchRequest(
        max_wait_ms=500, min_bytes=1, topics=[FetchTopic("t", partitions=[part])]
    )
    closing: list[object] = []
    answer = here.begin(request, 12, on_close=closing.append)
    assert len(closing) == 1
    closing[0]()  # type: ignore[operator]
    partition = here.broker.topics.partition("t", 0)
    assert partition is not None
    assert not partition.is_watched
    assert answer.is_done


def test_a_fetch_wakes_up_when_its_topic_is_deleted(here: World) -> None:
    answer = here.fetch("t", max_wait_ms=60_000, min_bytes=1)
    here.ask(DeleteTopicsRequest([DeleteTopicState("t")]))
    part = answer.wait(0).responses[0].partitions[0]
    assert part.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_what_is_asked_in_error_is_answered_at_once(here: World) -> None:
    codes = [
        here.fetched("nowhere", max_wait_ms=500, min_bytes=1).error_code,
        here.fetched("t", 1, max_wait_ms=500, min_bytes=1).error_code,
        here.fetched("t", -1, max_wait_ms=500, min_bytes=1).error_code,
    ]
    assert codes == [
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.OFFSET_OUT_OF_RANGE,
        ErrorCode.OFFSET_OUT_OF_RANGE,
    ]


def test_sessions_are_not_kept(here: World) -> None:
    answer = here.fetch("t", session_id=7, session_epoch=1).wait(0)
    assert answer.error_code == ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_topics_are_found_by_id(here: World) -> None:
    produce(here)
    topic = here.broker.topics.get("t")
    assert topic is not None
    part = FetchPartition(0, partition_max_bytes=MUCH)
    known, unknown = (
        here.ask(FetchRequest(topics=[FetchTopic(topic_id=topic_id, partitions=[part])]))
        for topic_id in (topic.id, bytes(16))
    )
    assert len(known.responses[0].partitions[0].records) > 0
    assert unknown.responses[0].partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_one_batch_comes_whatever_its_size_and_whole(here: World) -> None:
    produce(here, b"x" * 5000)
    produce(here, b"y" * 5000)
    part = FetchPartition(0, partition_max_bytes=1)
    request = FetchRequest(max_bytes=1, topics=[FetchTopic("t", partitions=[part])])
    records = bytes(here.ask(request, 12).responses[0].partitions[0].records)
    assert [bytes(batch) for batch in split_batches(records)] == [records]
    assert read_header(records).size == len(records)


def test_the_limit_of_a_fetch_counts_over_partitions(here: World) -> None:
    here.create("wide", 3)
    for index in range(3):
        here.produce("wide", encode_values([b"x" * 1000], NOW_MS), index)
    parts = [FetchPartition(index, partition_max_bytes=MUCH) for index in range(3)]
    request = FetchRequest(max_bytes=1500, topics=[FetchTopic("wide", partitions=parts)])
    sizes = [len(part.records) for part in here.ask(request, 12).responses[0].partitions]
    assert sizes[0] > 1000
    assert sizes[1:] == [0, 0]


def test_a_writer_in_another_thread_wakes_every_reader(here: World) -> None:
    answers = [here.fetch("t", max_wait_ms=60_000, min_bytes=1) for _ in range(50)]
    writer = threading.Thread(target=produce, args=(here,))
    writer.start()
    for answer in answers:
        assert len(answer.wait(10).responses[0].partitions[0].records) > 0
    writer.join()
