"""Records through confluent_kafka: what is produced is what is consumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import (
    TIMESTAMP_CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME,
    KafkaError,
    TopicPartition,
)
from confluent_log import consumer, drain, eventually, producer, read, send, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka.admin import AdminClient

WRITTEN = 1_700_000_000_123


def test_every_part_of_a_record_comes_back(cluster: Any, topic: str) -> None:
    headers = [("trace", b"1"), ("trace", b"2"), ("empty", b""), ("null", None)]
    send(
        producer(cluster.bootstrap),
        topic,
        [b"value"],
        key=b"key",
        headers=headers,
        timestamp=WRITTEN,
    )
    source = consumer(cluster.bootstrap, "unused")
    source.assign([TopicPartition(topic, 0, 0)])
    (message,) = drain(source, 1)
    source.close()
    assert (message.key(), message.value(), message.offset()) == (b"key", b"value", 0)
    assert (message.topic(), message.partition()) == (topic, 0)
    assert message.headers() == headers
    assert message.timestamp() == (TIMESTAMP_CREATE_TIME, WRITTEN)


def test_null_and_empty_stay_apart(cluster: Any, topic: str) -> None:
    sender = producer(cluster.bootstrap)
    send(sender, topic, [None, b""])
    send(sender, topic, [b"keyed"], key=b"")
    source = consumer(cluster.bootstrap, "unused")
    source.assign([TopicPartition(topic, 0, 0)])
    messages = drain(source, 3)
    source.close()
    assert values(messages) == [None, b"", b"keyed"]
    assert [message.key() for message in messages] == [None, None, b""]
    assert [message.headers() for message in messages] == [None, None, None]


def test_append_time_replaces_the_producers(cluster: Any, make_topic: Callable[..., str]) -> None:
    topic = make_topic(message_timestamp_type="LogAppendTime")
    send(producer(cluster.bootstrap), topic, [b"a", b"b"], timestamp=WRITTEN)
    source = consumer(cluster.bootstrap, "unused")
    source.assign([TopicPartition(topic, 0, 0)])
    stamps = [message.timestamp() for message in drain(source, 2)]
    source.close()
    assert {kind for kind, _ in stamps} == {TIMESTAMP_LOG_APPEND_TIME}
    assert all(at > WRITTEN for _, at in stamps)


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches_come_back(cluster: Any, topic: str, codec: str) -> None:
    sent = [b"%d " % number * 40 for number in range(500)]
    report = send(producer(cluster.bootstrap, compression_type=codec, linger_ms=20), topic, sent)
    assert report.offsets == list(range(500))
    assert read(cluster.bootstrap, topic, 500) == sent


@pytest.mark.parametrize("codec", ["uncompressed", "gzip", "snappy", "lz4", "zstd"])
def test_a_topic_may_choose_the_compression(
    cluster: Any, make_topic: Callable[..., str], codec: str
) -> None:
    topic = make_topic(compression_type=codec)
    sent = [b"%d " % number * 40 for number in range(500)]
    send(producer(cluster.bootstrap, compression_type="lz4", linger_ms=20), topic, sent)
    assert read(cluster.bootstrap, topic, 500) == sent


@pytest.mark.parametrize("acks", [0, 1, "all"])
def test_records_arrive_at_any_level_of_acknowledgement(
    cluster: Any, topic: str, acks: int | str
) -> None:
    sent = [b"%d" % number for number in range(100)]
    report = send(producer(cluster.bootstrap, acks=acks), topic, sent)
    assert len(report.messages) == 100
    assert read(cluster.bootstrap, topic, 100) == sent


def test_partitions_keep_their_order(cluster: Any, make_topic: Callable[..., str]) -> None:
    topic = make_topic(4)
    sender = producer(cluster.bootstrap, linger_ms=1)
    for number in range(2000):
        sender.produce(topic, b"%d" % number, key=b"key %d" % (number % 40))
    assert sender.flush(60) == 0
    source = consumer(cluster.bootstrap, "unused")
    source.assign([TopicPartition(topic, number, 0) for number in range(4)])
    messages = drain(source, 2000)
    source.close()
    homes: dict[bytes | None, set[int | None]] = {}
    for message in messages:
        homes.setdefault(message.key(), set()).add(message.partition())
    assert all(len(partitions) == 1 for partitions in homes.values())
    for partition in range(4):
        own = [message for message in messages if message.partition() == partition]
        assert [message.offset() for message in own] == list(range(len(own)))
        numbers = [int(value) for value in values(own)]
        assert numbers == sorted(numbers)


def test_a_big_record_passes_whatever_a_fetch_is_limited_to(cluster: Any, topic: str) -> None:
    big = bytes(range(256)) * 3600
    sent = [b"small", big, b"small again"]
    send(producer(cluster.bootstrap), topic, sent)
    limits = {"fetch_message_max_bytes": 1000, "fetch_max_bytes": 1000, "message_max_bytes": 1000}
    assert read(cluster.bootstrap, topic, 3, **limits) == sent


def test_a_record_over_the_limit_is_refused(cluster: Any, make_topic: Callable[..., str]) -> None:
    sender = producer(cluster.bootstrap, message_max_bytes=5_000_000)
    narrow, wide = make_topic(), make_topic(max_message_bytes="4000000")
    big = bytes(2_000_000)
    assert send(sender, narrow, [big]).errors == [KafkaError.MSG_SIZE_TOO_LARGE]
    assert send(sender, narrow, [b"small"]).offsets == [0]
    assert send(sender, wide, [big]).offsets == [0]
    assert read(cluster.bootstrap, wide, 1) == [big]


def test_producing_creates_a_topic(
    cluster: Any, admin: AdminClient, unique: Callable[[str], str]
) -> None:
    name = unique("made-by-producing")
    assert send(producer(cluster.bootstrap), name, [b"first"]).errors == []
    assert len(admin.list_topics(name).topics[name].partitions) == 1
    assert read(cluster.bootstrap, name, 1) == [b"first"]


def test_reading_creates_no_topic(
    cluster: Any, admin: AdminClient, group: str, unique: Callable[[str], str]
) -> None:
    name = unique("absent")
    source = consumer(cluster.bootstrap, group)
    source.subscribe([name])
    message = eventually(lambda: source.poll(0.1))
    source.close()
    assert message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART
    assert name not in admin.list_topics().topics


@pytest.mark.parametrize("name", ["two words", "slash/ed", ".", "x" * 250])
def test_a_name_that_is_none_is_refused(cluster: Any, name: str) -> None:
    report = send(producer(cluster.bootstrap, message_timeout_ms=5000), name, [b"lost"])
    assert report.errors == [KafkaError.TOPIC_EXCEPTION]


def test_a_partition_that_is_none_is_refused(cluster: Any, topic: str) -> None:
    sender = producer(cluster.bootstrap, message_timeout_ms=5000)
    report = send(sender, topic, [b"lost"], partition=7)
    assert report.errors == [KafkaError._UNKNOWN_PARTITION]  # noqa: SLF001  # so is it published


def test_a_subscription_by_pattern_finds_topics(
    cluster: Any, admin: AdminClient, group: str, unique: Callable[[str], str]
) -> None:
    stem = unique("pattern")
    sender = producer(cluster.bootstrap)
    for suffix in ("one", "two"):
        send(sender, f"{stem}-{suffix}", [suffix.encode()])
    eventually(lambda: {f"{stem}-one", f"{stem}-two"} <= set(admin.list_topics().topics))
    source = consumer(cluster.bootstrap, group)
    source.subscribe([f"^{stem}-.*"])
    assert sorted(values(drain(source, 2))) == [b"one", b"two"]
    source.close()
