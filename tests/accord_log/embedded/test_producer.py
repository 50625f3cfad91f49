"""The producer, in confluent_kafka's shape."""

from __future__ import annotations

import threading
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from accord_log import KafkaError, KafkaException, Log, Message
from accord_log.embedded.partitioners import PARTITIONERS
from accord_log.kafka.murmur2 import partition_for

if TYPE_CHECKING:
    from pathlib import Path


class Reports:
    """What callbacks were told."""

    def __init__(self) -> None:
        self.errors: list[int | None] = []
        self.messages: list[Message] = []

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        self.errors.append(None if error is None else error.code())
        self.messages.append(message)


def test_a_record_arrives_with_all_its_parts(log: Log) -> None:
    told = Reports()
    now = log.broker.services.clock()
    producer = log.producer()
    producer.produce(
        "t", "value", "key", 0, told, timestamp=now, headers={"a": b"1", "b": None, "c": "text"}
    )
    producer.produce("t", None, b"key", headers=[("x", b"1"), ("x", b"2")], on_delivery=told)
    producer.produce("t", b"", timestamp=now + 5)
    assert producer.flush() == 0
    first, second, third = log.read("t")
    assert first[1:] == (now, b"key", b"value", (("a", b"1"), ("b", None), ("c", b"text")))
    assert second[2:] == (b"key", None, (("x", b"1"), ("x", b"2")))
    assert third[1:] == (now + 5, None, b"", ())
    assert told.errors == [None, None]
    message = told.messages[0]
    assert (message.topic(), message.partition(), message.offset()) == ("t", 0, 0)
    assert (message.key(), message.value()) == (b"key", b"value")
    assert message.timestamp() == (1, now)
    assert message.latency() is not None


def test_records_are_written_after_their_time_without_a_flush(log: Log) -> None:
    producer = log.producer({"linger.ms": 20})
    told = Reports()
    producer.produce("t", b"v", on_delivery=told)
    assert producer.poll(60) == 1
    assert told.errors == [None]
    assert list(log.values("t")) == [b"v"]


def test_order_is_kept_whatever_fills_the_batches(log: Log) -> None:
    producer = log.producer({"batch.num.messages": 7, "linger.ms": 0})
    sent = [b"%d" % number for number in range(1000)]
    for value in sent:
        producer.produce("t", value)
    assert producer.flush() == 0
    assert list(log.values("t")) == sent


def test_many_threads_use_one_producer(log: Log) -> None:
    log.create_topic("t", 2)
    producer = log.producer({"batch.num.messages": 50, "linger.ms": 1})

    def send(name: int) -> None:
        for number in range(500):
            producer.produce("t", b"%d" % number, b"%d" % name, name % 2)

    threads = [threading.Thread(target=send, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert producer.flush() == 0
    for name in range(4):
        mine = [int(r.value or b"") for r in log.read("t", name % 2) if r.key == b"%d" % name]
        assert mine == list(range(500))


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_batches_are_compressed(log: Log, codec: str) -> None:
    producer = log.producer({"compression.type": codec})
    for _ in range(1000):
        producer.produce("t", b"the same again and again")
    producer.flush()
    assert list(log.values("t")) == [b"the same again and again"] * 1000
    assert log.broker.topics.partition("t", 0).log.size < 10_000


@pytest.mark.parametrize("partitioner", sorted(PARTITIONERS))
def test_a_key_stays_with_its_partition(log: Log, partitioner: str) -> None:
    log.create_topic("t", 5)
    producer = log.producer({"partitioner": partitioner})
    for number in range(200):
        producer.produce("t", b"v", b"%d" % (number % 20))
    producer.flush()
    found = [{r.key for r in log.read("t", index)} for index in range(5)]
    if partitioner != "random":
        assert sum(map(len, found)) == 20
    for index, keys in enumerate(found):
        if partitioner.startswith("murmur2"):
            assert {partition_for(key or b"", 5) for key in keys} <= {index}
        if partitioner.startswith("consistent"):
            assert {zlib.crc32(key or b"") % 5 for key in keys} <= {index}


def test_records_without_a_key_stay_together_in_a_batch(log: Log) -> None:
    log.create_topic("t", 4)
    producer = log.producer({"batch.num.messages": 10, "linger.ms": 100_000})
    for number in range(400):
        producer.produce("t", b"%d" % number)
    producer.flush()
    sizes = [log.end_offset("t", index) for index in range(4)]
    assert sum(sizes) == 400
    assert all(size and size % 10 == 0 for size in sizes)


def test_the_queue_has_an_end(log: Log) -> None:
    producer = log.producer({"queue.buffering.max.messages": 2, "linger.ms": 100_000})
    told = Reports()
    for _ in range(2):
        producer.produce("t", b"v", on_delivery=told)
    with pytest.raises(BufferError, match="Queue full"):
        producer.produce("t", b"v")
    assert len(producer) == 2
    assert bool(producer)
    producer.purge()
    assert (producer.poll(0), len(producer)) == (2, 0)
    assert told.errors == [KafkaError._PURGE_QUEUE] * 2  # noqa: SLF001 - the name it has
    assert "t" not in log.topics() or list(log.values("t")) == []


def test_what_cannot_be_sent_is_refused_at_once(log: Log) -> None:
    log.create_topic("t", 2)
    producer = log.producer({"message.max.bytes": 1000})
    with pytest.raises(KafkaException) as too_large:
        producer.produce("t", b"x" * 1001)
    with pytest.raises(KafkaException) as beyond:
        producer.produce("t", b"v", partition=2)
    with pytest.raises(TypeError, match="bytes-like"):
        producer.produce("t", 5)  # type: ignore[arg-type]  # what is tested
    assert too_large.value.args[0] == KafkaError.MSG_SIZE_TOO_LARGE
    assert beyond.value.args[0] == KafkaError._UNKNOWN_PARTITION  # noqa: SLF001 - the name it has


def test_what_the_topic_refuses_is_told_by_the_callback(log: Log) -> None:
    log.create_topic("compacted", configs={"cleanup.policy": "compact"})
    log.create_topic("small", configs={"max.message.bytes": "500"})
    told = Reports()
    producer = log.producer({"on_delivery": told})
    producer.produce("compacted", b"v")
    producer.flush()
    for size in (400, 400, 600):
        producer.produce("small", b"x" * size)
    producer.produce("bad name", b"v")
    producer.flush()
    assert told.errors[0] == KafkaError.INVALID_RECORD
    assert sorted(told.errors[1:], key=str) == [
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.TOPIC_EXCEPTION,
        None,
        None,
    ]
    assert log.end_offset("small") == 2


def test_topics_are_not_made_where_the_log_makes_none(tmp_path: Path) -> None:
    told = Reports()
    with Log(tmp_path, auto_create_topics=False) as log:
        producer = log.producer()
        producer.produce("t", b"v", on_delivery=told)
        assert producer.flush() == 0
        assert log.topics() == {}
    assert told.errors == [KafkaError.UNKNOWN_TOPIC_OR_PART]


def test_an_error_of_a_callback_reaches_who_polls(log: Log) -> None:
    def fail(_: object, message: Message) -> None:
        raise LookupError(message.value())

    producer = log.producer({"linger.ms": 0})
    producer.produce("t", b"v", on_delivery=fail)
    with pytest.raises(LookupError):
        producer.poll(60)
    assert producer.flush() == 0


def test_without_acknowledgement_records_arrive_too(log: Log) -> None:
    told = Reports()
    producer = log.producer({"acks": 0})
    producer.produce("t", b"v", on_delivery=told)
    assert producer.flush() == 0
    assert (told.errors, list(log.values("t"))) == ([None], [b"v"])


def test_a_closed_producer_has_written_everything(log: Log) -> None:
    producer = log.producer({"linger.ms": 100_000})
    producer.produce("t", b"v")
    assert producer.close()
    assert list(log.values("t")) == [b"v"]
    with pytest.raises(RuntimeError, match="closed"):
        producer.produce("t", b"v")


def test_closing_the_log_closes_its_producers(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        producer = log.producer({"linger.ms": 100_000})
        producer.produce("t", b"v")
    with Log(tmp_path) as log:
        assert list(log.values("t")) == [b"v"]
    assert producer.close()


def test_idempotent_producers_begin_anew_after_a_restart(tmp_path: Path) -> None:
    """A producer id is never given twice, so that nothing new is taken for a repetition."""
    told = Reports()
    for number in range(3):
        with Log(tmp_path) as log:
            producer = log.producer({"enable.idempotence": True})
            for index in range(5):
                producer.produce("t", b"%d-%d" % (number, index), on_delivery=told)
            assert producer.flush() == 0
    assert told.errors == [None] * 15
    with Log(tmp_path) as log:
        assert list(log.values("t")) == [b"%d-%d" % (n, i) for n in range(3) for i in range(5)]
        headers = log.broker.topics.partition("t", 0).log.producers
        assert headers.largest_producer_id >= 2


def test_it_lists_topics(log: Log) -> None:
    log.create_topic("t", 2)
    listed = log.producer().list_topics()
    assert listed.cluster_id == "accord"
    assert sorted(listed.topics["t"].partitions) == [0, 1]
    assert list(listed.brokers) == [1]


def wait_for(is_so: Any) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_waiting_for_a_report_ends(log: Log) -> None:
    producer = log.producer({"linger.ms": 100_000})
    assert producer.poll(0.01) == 0
    producer.produce("t", b"v")
    assert producer.poll(0.01) == 0
    assert len(producer) == 1
    assert producer.flush(60) == 0
    wait_for(lambda: list(log.values("t")) == [b"v"])
