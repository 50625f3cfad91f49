"""Where a confluent_kafka consumer stands: commits, seeks, times, pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import OFFSET_END, KafkaError, KafkaException, TopicPartition
from confluent_log import consumer, drain, eventually, offset, producer, read, send, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka import Consumer

WRITTEN = 1_700_000_000_000


@pytest.fixture
def numbers(cluster: Any, topic: str) -> str:
    """A topic of twenty records, one minute apart."""
    sender = producer(cluster.bootstrap)
    for number in range(20):
        sender.produce(topic, b"%d" % number, timestamp=WRITTEN + number * 60_000)
    assert sender.flush(60) == 0
    return topic


@pytest.fixture
def reader(cluster: Any, group: str, numbers: str) -> Any:
    """A consumer that has been given the topic whole."""
    source = consumer(cluster.bootstrap, group)
    source.assign([TopicPartition(numbers, 0, 0)])
    yield source
    source.close()


def committed(source: Consumer, topic: str) -> TopicPartition:
    (found,) = source.committed([TopicPartition(topic, 0)], 60)
    return found


def test_a_group_goes_on_where_it_committed(cluster: Any, numbers: str, group: str) -> None:
    first = consumer(cluster.bootstrap, group)
    first.subscribe([numbers])
    assert values(drain(first, 8)) == [b"%d" % number for number in range(8)]
    (stored,) = first.commit(asynchronous=False)
    assert (stored.offset, stored.error) == (8, None)
    first.close()
    second = consumer(cluster.bootstrap, group)
    second.subscribe([numbers])
    assert values(drain(second, 12)) == [b"%d" % number for number in range(8, 20)]
    assert committed(second, numbers).offset == 8
    second.close()


def test_what_was_not_committed_is_read_again(cluster: Any, numbers: str, group: str) -> None:
    for _ in range(2):
        source = consumer(cluster.bootstrap, group)
        source.subscribe([numbers])
        assert len(drain(source, 20)) == 20
        source.close()


def test_closing_commits_what_was_read(cluster: Any, numbers: str, group: str) -> None:
    source = consumer(cluster.bootstrap, group, enable_auto_commit=True)
    source.subscribe([numbers])
    assert len(drain(source, 5)) == 5
    source.close()
    other = consumer(cluster.bootstrap, group)
    assert committed(other, numbers).offset == 5
    other.close()


def test_groups_do_not_share_positions(
    cluster: Any, numbers: str, unique: Callable[[str], str]
) -> None:
    for name in (unique("one"), unique("two")):
        source = consumer(cluster.bootstrap, name)
        source.subscribe([numbers])
        assert values(drain(source, 20))[0] == b"0"
        source.commit(asynchronous=False)
        source.close()


def test_a_commit_may_name_an_offset_and_say_why(reader: Consumer, numbers: str) -> None:
    assert committed(reader, numbers).offset < 0
    wanted = TopicPartition(numbers, 0, 7, "so far")
    reader.commit(offsets=[wanted], asynchronous=False)
    found = committed(reader, numbers)
    assert (found.offset, found.metadata) == (7, "so far")
    reader.commit(offsets=[TopicPartition(numbers, 0, 3)], asynchronous=False)
    assert committed(reader, numbers).offset == 3


def test_committing_a_message_means_the_next(reader: Consumer, numbers: str) -> None:
    message = drain(reader, 10)[4]
    reader.commit(message=message, asynchronous=False)
    assert committed(reader, numbers).offset == 5


def test_metadata_too_long_is_refused(reader: Consumer, numbers: str) -> None:
    wanted = TopicPartition(numbers, 0, 1, "x" * 5000)
    with pytest.raises(KafkaException) as refusal:
        reader.commit(offsets=[wanted], asynchronous=False)
    assert refusal.value.args[0].code() == KafkaError.OFFSET_METADATA_TOO_LARGE
    assert committed(reader, numbers).offset < 0


def test_seeking_goes_back_and_forth(reader: Consumer, numbers: str) -> None:
    drain(reader, 20)
    for target in (3, 15, 0):
        reader.seek(TopicPartition(numbers, 0, target))
        assert [offset(message) for message in drain(reader, 5)] == list(range(target, target + 5))
    assert reader.position([TopicPartition(numbers, 0)])[0].offset == 5


def test_an_offset_out_of_range_goes_to_the_start(cluster: Any, numbers: str) -> None:
    source = consumer(cluster.bootstrap, "unused", auto_offset_reset="earliest")
    source.assign([TopicPartition(numbers, 0, 1000)])
    assert [offset(message) for message in drain(source, 20)] == list(range(20))
    source.close()


def test_an_offset_out_of_range_goes_to_the_end(cluster: Any, numbers: str) -> None:
    source = consumer(cluster.bootstrap, "unused", auto_offset_reset="latest")
    source.assign([TopicPartition(numbers, 0, 1000)])
    assert first_of_new(source, cluster, numbers) >= 20
    source.close()


def first_of_new(source: Consumer, cluster: Any, topic: str) -> int:
    """Write records until the consumer, which looks for the end meanwhile, sees one."""
    sender = producer(cluster.bootstrap)
    message = eventually(lambda: send(sender, topic, [b"new"]) and source.poll(0.1))
    assert message.value() == b"new"
    return offset(message)


def test_an_offset_out_of_range_is_an_error_where_no_reset_is_wanted(
    cluster: Any, numbers: str
) -> None:
    source = consumer(cluster.bootstrap, "unused", auto_offset_reset="error")
    source.assign([TopicPartition(numbers, 0, 1000)])
    message = eventually(lambda: source.poll(0.1))
    source.close()
    assert message.error().code() == KafkaError._AUTO_OFFSET_RESET  # noqa: SLF001  # so is it published


def test_reading_from_the_end_sees_only_what_follows(cluster: Any, numbers: str) -> None:
    source = consumer(cluster.bootstrap, "unused")
    source.assign([TopicPartition(numbers, 0, OFFSET_END)])
    assert first_of_new(source, cluster, numbers) >= 20
    source.close()


def test_watermarks(reader: Consumer, numbers: str) -> None:
    assert reader.get_watermark_offsets(TopicPartition(numbers, 0), 60) == (0, 20)


@pytest.mark.parametrize(
    ("minute", "expected"), [(-1, 0), (0, 0), (0.5, 1), (7, 7), (18.01, 19), (19, 19), (20, -1)]
)
def test_offsets_for_times(reader: Consumer, numbers: str, minute: float, expected: int) -> None:
    at = WRITTEN + int(minute * 60_000)
    (found,) = reader.offsets_for_times([TopicPartition(numbers, 0, at)], 60)
    assert found.error is None
    assert found.offset == (OFFSET_END if expected < 0 else expected)


def test_offsets_for_times_out_of_order_and_compressed(cluster: Any, topic: str) -> None:
    sender = producer(cluster.bootstrap, compression_type="zstd", linger_ms=50)
    for minute in (5, 1, 9, 3, 9):
        sender.produce(topic, b"%d" % minute, timestamp=WRITTEN + minute * 60_000)
    assert sender.flush(60) == 0
    source = consumer(cluster.bootstrap, "unused")
    found = [
        source.offsets_for_times([TopicPartition(topic, 0, WRITTEN + minute * 60_000)], 60)[0]
        for minute in (0, 5, 6, 9)
    ]
    source.close()
    assert [place.offset for place in found] == [0, 0, 2, 2]


def test_a_paused_partition_waits(cluster: Any, make_topic: Callable[..., str]) -> None:
    topic = make_topic(2)
    sender = producer(cluster.bootstrap)
    source = consumer(cluster.bootstrap, "unused")
    source.assign([TopicPartition(topic, number, 0) for number in range(2)])
    source.pause([TopicPartition(topic, 0)])
    send(sender, topic, [b"held"] * 5, partition=0)
    send(sender, topic, [b"free"] * 5, partition=1)
    assert values(drain(source, 5)) == [b"free"] * 5
    source.resume([TopicPartition(topic, 0)])
    assert values(drain(source, 5)) == [b"held"] * 5
    source.close()


def test_a_waiting_consumer_is_woken(cluster: Any, topic: str) -> None:
    source = consumer(cluster.bootstrap, "unused", fetch_wait_max_ms=20_000)
    source.assign([TopicPartition(topic, 0, 0)])
    assert source.poll(0.5) is None
    send(producer(cluster.bootstrap), topic, [b"news"])
    assert values(drain(source, 1)) == [b"news"]
    source.close()


def test_a_fetch_waits_for_the_bytes_that_it_asks_for(cluster: Any, topic: str) -> None:
    sent = [b"%d" % number * 100 for number in range(30)]
    send(producer(cluster.bootstrap), topic, sent)
    assert read(cluster.bootstrap, topic, 30, fetch_min_bytes=100_000) == sent
