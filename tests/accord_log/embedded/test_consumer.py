"""One consumer: reading, seeking, committing."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from embedded_members import drain, parts, poll_until

from accord_log import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    OFFSET_STORED,
    Consumer,
    KafkaError,
    KafkaException,
    Log,
    TopicPartition,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Consumer]

T0 = TopicPartition("t", 0)


def values(messages: list[Any]) -> list[Any]:
    return [message.value() for message in messages]


def at(offset: int) -> TopicPartition:
    return TopicPartition("t", 0, offset)


@pytest.fixture
def filled(log: Log) -> Log:
    """A log whose topic t has the records 0 to 9."""
    log.append("t", [b"%d" % number for number in range(10)])
    return log


def test_a_record_has_all_its_parts(log: Log, reader: Make) -> None:
    producer = log.producer()
    now = log.broker.services.clock()
    producer.produce("t", b"v", b"k", timestamp=now, headers=[("h", b"1"), ("n", None)])
    producer.flush()
    consumer = reader()
    consumer.subscribe(["t"])
    (message,) = drain(consumer, 1)
    assert (message.topic(), message.partition(), message.offset()) == ("t", 0, 0)
    assert (message.key(), message.value(), message.timestamp()) == (b"k", b"v", (1, now))
    assert message.headers() == [("h", b"1"), ("n", None)]
    assert (message.error(), message.latency(), message.leader_epoch()) == (None, None, 0)
    assert len(message) == 1


def test_append_times_are_told_from_others(log: Log, reader: Make) -> None:
    log.create_topic("t", configs={"message.timestamp.type": "LogAppendTime"})
    log.append("t", [b"v"])
    consumer = reader()
    consumer.assign([T0])
    assert drain(consumer, 1)[0].timestamp()[0] == 2


@pytest.mark.parametrize("size", [1, 3, 100])
def test_records_come_in_any_portions(filled: Log, reader: Make, size: int) -> None:
    consumer = reader()
    consumer.assign([T0])
    found: list[Any] = []
    while len(found) < filled.end_offset("t"):
        found += values(consumer.consume(size, 0.1))
    assert found == [b"%d" % number for number in range(10)]
    assert consumer.poll(0) is None


@pytest.mark.parametrize(
    ("offset", "first"),
    [(4, b"4"), (OFFSET_BEGINNING, b"0"), (OFFSET_INVALID, b"0"), (OFFSET_STORED, b"0")],
)
def test_it_begins_where_it_is_told(filled: Log, reader: Make, offset: int, first: bytes) -> None:
    consumer = reader()
    consumer.assign([at(offset)])
    assert drain(consumer, 1)[0].value() == first
    assert filled.end_offset("t") == 10


def test_the_end_is_what_comes_next(filled: Log, reader: Make) -> None:
    consumer = reader(auto_offset_reset="latest")
    consumer.assign([at(OFFSET_END)])
    assert consumer.poll(0) is None
    filled.append("t", [b"new"])
    assert values(drain(consumer, 1)) == [b"new"]


def test_a_waiting_consumer_is_woken_by_an_append(filled: Log, reader: Make) -> None:
    consumer = reader()
    consumer.assign([at(10)])
    assert consumer.poll(0) is None
    timer = threading.Timer(0.05, filled.append, ("t", [b"new"]))
    timer.start()
    message = consumer.poll(60)
    timer.join()
    assert message is not None
    assert message.value() == b"new"


def test_seek_goes_back_and_forth(filled: Log, reader: Make) -> None:
    consumer = reader()
    consumer.assign([T0])
    drain(consumer, 5)
    for offset, expected in ((2, b"2"), (8, b"8"), (OFFSET_BEGINNING, b"0")):
        consumer.seek(at(offset))
        assert drain(consumer, 1)[0].value() == expected
    with pytest.raises(KafkaException) as caught:
        consumer.seek(TopicPartition("other", 0, 1))
    assert caught.value.args[0] == KafkaError._STATE  # noqa: SLF001 - the name it has
    assert filled.topics() == {"t": 1}


def test_a_paused_partition_is_silent(log: Log, reader: Make) -> None:
    log.create_topic("t", 2)
    for index in range(2):
        log.append("t", [b"%d" % index] * 3, partition=index)
    consumer = reader()
    consumer.assign([T0, TopicPartition("t", 1)])
    consumer.pause([T0])
    assert values(drain(consumer, 3)) == [b"1"] * 3
    assert consumer.poll(0) is None
    consumer.resume([T0])
    assert values(drain(consumer, 3)) == [b"0"] * 3
    with pytest.raises(KafkaException):
        consumer.pause([TopicPartition("t", 7)])


def test_the_end_of_a_partition_is_an_event(filled: Log, reader: Make) -> None:
    consumer = reader(enable_partition_eof=True)
    consumer.assign([at(9)])
    assert drain(consumer, 1)[0].value() == b"9"
    event = consumer.poll(5)
    assert event is not None
    assert event.error() == KafkaError._PARTITION_EOF  # noqa: SLF001 - the name it has
    assert event.offset() == 10
    assert consumer.poll(0) is None
    filled.append("t", [b"new"])
    assert drain(consumer, 1)[0].value() == b"new"
    assert consumer.poll(5) is not None


@pytest.mark.parametrize(("reset", "first"), [("earliest", b"3"), ("latest", b"new")])
def test_an_offset_that_is_gone_is_reset(
    filled: Log, reader: Make, reset: str, first: bytes
) -> None:
    filled.broker.topics.partition("t", 0).delete_before(3)
    consumer = reader(auto_offset_reset=reset)
    consumer.assign([at(1)])
    poll_until([consumer], lambda: consumer.poll(0) is None) if reset == "latest" else None
    filled.append("t", [b"new"])
    assert drain(consumer, 1)[0].value() == first


def test_no_offset_is_an_error_where_it_is_to_be_one(filled: Log, reader: Make) -> None:
    consumer = reader(auto_offset_reset="error")
    for given in (OFFSET_STORED, 77):
        consumer.assign([at(given)])
        event = consumer.poll(5)
        assert event is not None
        assert event.error() == KafkaError._AUTO_OFFSET_RESET  # noqa: SLF001 - the name it has
        assert consumer.poll(0) is None
    assert filled.topics() == {"t": 1}


def test_commits_are_found_again(filled: Log, reader: Make) -> None:
    consumer = reader()
    consumer.subscribe(["t"])
    messages = drain(consumer, 4)
    assert consumer.committed([T0])[0].offset == OFFSET_INVALID
    assert consumer.position([T0])[0].offset == 4
    done = consumer.commit(message=messages[1], asynchronous=False)
    assert [place.offset for place in done or ()] == [2]
    assert consumer.committed([T0])[0].offset == 2
    consumer.commit(offsets=[TopicPartition("t", 0, 3, "note")], asynchronous=False)
    assert consumer.committed([T0])[0].metadata == "note"
    consumer.close()
    again = reader()
    again.subscribe(["t"])
    assert drain(again, 1)[0].value() == b"3"
    assert filled.end_offset("t") == 10


def test_a_commit_of_nothing_is_an_error_only_when_waited_for(filled: Log, reader: Make) -> None:
    consumer = reader()
    consumer.assign([T0])
    assert consumer.commit() is None
    with pytest.raises(KafkaException) as caught:
        consumer.commit(asynchronous=False)
    assert caught.value.args[0] == KafkaError._NO_OFFSET  # noqa: SLF001 - the name it has
    with pytest.raises(KafkaException) as unknown:
        consumer.commit(offsets=[TopicPartition("other", 0, 5)], asynchronous=False)
    assert unknown.value.args[0] == KafkaError.UNKNOWN_TOPIC_OR_PART
    assert filled.topics() == {"t": 1}


def test_commits_happen_by_themselves(filled: Log, reader: Make) -> None:
    told: list[Any] = []
    consumer = reader(
        enable_auto_commit=True,
        auto_commit_interval_ms=10,
        on_commit=lambda error, places: told.append((error, places)),
    )
    consumer.assign([T0])
    drain(consumer, 4)
    poll_until([consumer], lambda: bool(told))
    error, places = told[0]
    assert error is None
    assert places == [T0]
    drain_rest = consumer.committed([T0])[0].offset
    assert 4 <= drain_rest <= filled.end_offset("t")


def test_what_was_read_is_committed_at_the_end(filled: Log, reader: Make) -> None:
    consumer = reader(enable_auto_commit=True)
    consumer.subscribe(["t"])
    drain(consumer, 4)
    consumer.close()
    assert reader().committed([T0])[0].offset == 4
    assert filled.end_offset("t") == 10


def test_only_what_is_stored_is_committed(filled: Log, reader: Make) -> None:
    consumer = reader(enable_auto_offset_store=False)
    consumer.assign([T0])
    messages = drain(consumer, 5)
    consumer.store_offsets(messages[2])
    consumer.commit(asynchronous=False)
    assert consumer.committed([T0])[0].offset == 3
    consumer.store_offsets(offsets=[at(1)])
    consumer.commit(asynchronous=False)
    assert consumer.committed([T0])[0].offset == 1
    with pytest.raises(KafkaException):
        reader().store_offsets(offsets=[at(1)])
    assert filled.end_offset("t") == 10


def test_offsets_are_found_by_time(log: Log, reader: Make) -> None:
    now = log.broker.services.clock()
    for step in range(3):
        log.append("t", [b"v"], timestamp_ms=now + step * 10)
    consumer = reader()
    asked = [at(now), at(now + 5), at(now + 20), at(now + 21)]
    assert [place.offset for place in consumer.offsets_for_times(asked)] == [0, 1, 2, -1]
    assert consumer.get_watermark_offsets(T0) == (0, 3)
    with pytest.raises(KafkaException):
        consumer.get_watermark_offsets(TopicPartition("other", 0))


def test_a_topic_that_is_not_there_is_told_once_and_read_when_it_comes(
    log: Log, reader: Make
) -> None:
    consumer = reader()
    consumer.subscribe(["t"])
    event = consumer.poll(5)
    assert event is not None
    assert event.error() == KafkaError.UNKNOWN_TOPIC_OR_PART
    log.append("t", [b"v"])
    assert values(drain(consumer, 1)) == [b"v"]


def test_a_topic_is_made_when_that_is_asked_for(log: Log, reader: Make) -> None:
    reader(allow_auto_create_topics=True).subscribe(["t"])
    assert log.topics() == {"t": 1}


def test_patterns_find_topics_that_come_later(log: Log, reader: Make) -> None:
    log.append("a1", [b"1"])
    log.append("b1", [b"no"])
    consumer = reader(enable_auto_commit=True)
    consumer.subscribe(["^a[0-9]$"])
    assert values(drain(consumer, 1)) == [b"1"]
    log.append("a2", [b"2"])
    assert values(drain(consumer, 1)) == [b"2"]
    assert {place.topic for place in consumer.assignment()} == {"a1", "a2"}


def test_partitions_that_come_later_are_read(log: Log, reader: Make) -> None:
    log.create_topic("t", 1)
    consumer = reader()
    consumer.subscribe(["t"])
    poll_until([consumer], lambda: parts(consumer) == {0})
    with log.broker.services.lock:
        log.broker.topics.grow(log.broker.topics.get("t"), 3, lambda _: None)
    poll_until([consumer], lambda: parts(consumer) == {0, 1, 2})


def test_a_topic_that_was_deleted_and_made_again_is_read(log: Log, reader: Make) -> None:
    log.append("t", [b"old"] * 3)
    consumer = reader()
    consumer.assign([T0])
    drain(consumer, 3)
    log.delete_topic("t")
    event = consumer.poll(5)
    assert event is not None
    assert event.error() == KafkaError.UNKNOWN_TOPIC_OR_PART
    log.append("t", [b"new"])
    assert drain(consumer, 1)[0].value() == b"new"


@pytest.mark.parametrize("topics", [[], [""], ["^("]])
def test_a_subscription_to_nothing_is_refused(reader: Make, topics: list[str]) -> None:
    with pytest.raises(KafkaException) as caught:
        reader().subscribe(topics)
    assert caught.value.args[0] == KafkaError._INVALID_ARG  # noqa: SLF001 - the name it has


def test_partitions_are_assigned_bit_by_bit(log: Log, reader: Make) -> None:
    log.create_topic("t", 3)
    places = [TopicPartition("t", index) for index in range(3)]
    consumer = reader()
    consumer.assign(places[:1])
    consumer.incremental_assign(places[1:])
    consumer.incremental_unassign(places[:1])
    assert parts(consumer) == {1, 2}
    with pytest.raises(KafkaException):
        consumer.incremental_assign(places[1:2])
    with pytest.raises(KafkaException):
        consumer.incremental_unassign(places[:1])
    consumer.unassign()
    assert consumer.assignment() == []


def test_a_consumer_may_be_closed_by_another_thread(filled: Log, reader: Make) -> None:
    consumer = reader()
    consumer.subscribe(["t"])
    drain(consumer, 10)
    timer = threading.Timer(0.05, consumer.close)
    timer.start()
    assert consumer.poll(60) is None
    timer.join()
    for use in (consumer.poll, consumer.assignment, lambda: consumer.subscribe(["t"])):
        with pytest.raises(RuntimeError, match="Consumer closed"):
            use()
    consumer.close()
    assert filled.topics() == {"t": 1}


def test_poll_and_consume_keep_to_their_times(filled: Log, reader: Make) -> None:
    consumer = reader()
    consumer.assign([at(8)])
    assert len(consumer.consume(5, 0.05)) == 2
    began = time.monotonic()
    assert consumer.poll(0.05) is None
    assert time.monotonic() - began >= 0.05
    assert consumer.consume(0) == []
    for count in (-1, 1_000_001):
        with pytest.raises(ValueError, match="num_messages"):
            consumer.consume(count)
    assert filled.topics() == {"t": 1}


def test_it_lists_topics(filled: Log, reader: Make) -> None:
    assert sorted(reader().list_topics().topics) == sorted(filled.topics())
    missing = reader().list_topics("other").topics["other"]
    assert missing.error == KafkaError.UNKNOWN_TOPIC_OR_PART
