"""Exactly once, inside the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import confluent_kafka
import pytest
from embedded_members import drain

from accord_log import Consumer, KafkaError, KafkaException, Log, Producer, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., Consumer]

T0 = TopicPartition("t", 0)


def begin(log: Log, name: str = "x", **settings: Any) -> Producer:
    """Return a producer that is ready for its first transaction."""
    producer = log.producer({"transactional.id": name, "linger.ms": 0, **settings})
    producer.init_transactions(60)
    return producer


def code_of(caught: pytest.ExceptionInfo[KafkaException]) -> int:
    return caught.value.args[0].code()


def test_committed_records_are_read_and_others_are_not(log: Log, reader: Make) -> None:
    producer = begin(log)
    for number in range(6):
        producer.begin_transaction()
        for _ in range(3):
            producer.produce("t", b"%d" % number)
        if number % 2:
            producer.commit_transaction()
        else:
            producer.flush()
            producer.abort_transaction()
    expected = [b"%d" % number for number in (1, 3, 5) for _ in range(3)]
    assert list(log.values("t", committed=True)) == expected
    assert len(list(log.values("t"))) == 18
    consumer = reader(isolation_level="read_committed")
    consumer.assign([T0])
    assert [message.value() for message in drain(consumer, 9)] == expected
    assert consumer.poll(0) is None
    for start in range(log.end_offset("t")):
        rest = [r.value for r in log.read("t", committed=True) if r.offset >= start]
        assert list(log.values("t", offset=start, committed=True)) == rest


def test_what_is_not_decided_is_not_read(log: Log, reader: Make) -> None:
    log.append("t", [b"before"])
    producer = begin(log)
    producer.begin_transaction()
    producer.produce("t", b"open")
    producer.flush()
    log.append("t", [b"after"])
    committed, everything = reader(), reader(isolation_level="read_uncommitted")
    committed.assign([T0])
    everything.assign([T0])
    assert [message.value() for message in drain(everything, 3)] == [b"before", b"open", b"after"]
    assert [message.value() for message in drain(committed, 1)] == [b"before"]
    assert committed.poll(0) is None
    producer.commit_transaction()
    assert [message.value() for message in drain(committed, 2)] == [b"open", b"after"]


def test_offsets_count_with_the_records(log: Log, reader: Make) -> None:
    log.append("in", [b"%d" % number for number in range(6)])
    producer, consumer = begin(log), reader("g")
    consumer.subscribe(["in"])
    place = TopicPartition("in", 0)
    for attempt in range(2):
        producer.begin_transaction()
        for message in drain(consumer, 3):
            producer.produce("out", message.value().upper())
        producer.send_offsets_to_transaction(
            consumer.position([place]), consumer.consumer_group_metadata()
        )
        if attempt:
            producer.commit_transaction()
        else:
            producer.abort_transaction()
            assert consumer.committed([place])[0].offset == -1001
            consumer.seek(TopicPartition("in", 0, 0))
    assert consumer.committed([place])[0].offset == 3
    assert list(log.values("out", committed=True)) == [b"0", b"1", b"2"]


def test_offsets_of_an_earlier_generation_are_refused(log: Log, reader: Make) -> None:
    log.append("in", [b"v"])
    producer, consumer = begin(log), reader("g")
    consumer.subscribe(["in"])
    drain(consumer, 1)
    stale = consumer.consumer_group_metadata()._replace(generation_id=77)
    producer.begin_transaction()
    with pytest.raises(KafkaException) as caught:
        producer.send_offsets_to_transaction([TopicPartition("in", 0, 1)], stale)
    assert code_of(caught) == KafkaError.ILLEGAL_GENERATION
    assert caught.value.args[0].txn_requires_abort()
    with pytest.raises(KafkaException):
        producer.commit_transaction()
    producer.abort_transaction()
    producer.begin_transaction()
    producer.commit_transaction()


def test_a_newer_producer_of_the_name_fences_the_older(log: Log) -> None:
    old = begin(log)
    old.begin_transaction()
    old.produce("t", b"old")
    old.flush()
    new = begin(log)
    told: list[Any] = []
    old.produce("t", b"zombie", on_delivery=lambda error, _: told.append(error))
    old.flush()
    with pytest.raises(KafkaException) as caught:
        old.commit_transaction()
    assert code_of(caught) == KafkaError._FENCED  # noqa: SLF001 - the name it has
    assert caught.value.args[0].fatal()
    assert told[0].fatal()
    new.begin_transaction()
    new.produce("t", b"new")
    new.commit_transaction()
    assert list(log.values("t", committed=True)) == [b"new"]


def test_a_transaction_is_begun_and_ended_in_order(log: Log) -> None:
    producer = log.producer({"transactional.id": "x"})
    with pytest.raises(KafkaException) as early:
        producer.begin_transaction()
    producer.init_transactions()
    with pytest.raises(KafkaException) as outside:
        producer.produce("t", b"v")
    for end in (producer.commit_transaction, producer.abort_transaction):
        with pytest.raises(KafkaException) as none:
            end()
        assert code_of(none) == KafkaError._STATE  # noqa: SLF001 - the name it has
    assert code_of(early) == code_of(outside) == KafkaError._STATE  # noqa: SLF001 - as above
    with pytest.raises(KafkaException) as plain:
        log.producer().init_transactions()
    assert code_of(plain) == KafkaError._NOT_CONFIGURED  # noqa: SLF001 - as above


def test_a_refused_record_must_be_aborted(log: Log) -> None:
    log.create_topic("t", configs={"cleanup.policy": "compact"})
    producer = begin(log)
    producer.begin_transaction()
    producer.produce("t", b"no key")
    with pytest.raises(KafkaException) as caught:
        producer.commit_transaction()
    assert caught.value.args[0].txn_requires_abort()
    producer.abort_transaction()
    producer.begin_transaction()
    producer.produce("t", b"v", b"k")
    producer.commit_transaction()
    assert list(log.values("t", committed=True)) == [b"v"]


def test_what_was_not_written_yet_is_dropped_by_an_abort(log: Log) -> None:
    producer = begin(log, **{"linger.ms": 100_000})
    told: list[Any] = []
    producer.begin_transaction()
    producer.produce("t", b"v", on_delivery=lambda error, _: told.append(error.code()))
    producer.abort_transaction()
    assert told == [KafkaError._PURGE_QUEUE]  # noqa: SLF001 - the name it has
    producer.begin_transaction()
    producer.produce("t", b"w")
    producer.commit_transaction()
    assert list(log.values("t")) == [b"w"]


def test_a_transaction_that_takes_too_long_is_aborted(log: Log, reader: Make) -> None:
    producer = begin(log, **{"transaction.timeout.ms": 1000})
    producer.begin_transaction()
    producer.produce("t", b"slow")
    producer.flush()
    log.append("t", [b"after"])
    consumer = reader()
    consumer.assign([T0])
    assert [message.value() for message in drain(consumer, 1)] == [b"after"]
    with pytest.raises(KafkaException) as caught:
        producer.commit_transaction()
    assert caught.value.args[0].fatal()


def test_an_open_transaction_is_aborted_after_a_restart(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        producer = begin(log)
        producer.begin_transaction()
        producer.produce("t", b"open")
        producer.flush()
        log.append("t", [b"after"])
    with Log(tmp_path) as log:
        begin(log)
        assert list(log.values("t", committed=True)) == [b"after"]


def test_librdkafka_reads_embedded_transactions(log: Log) -> None:
    producer = begin(log)
    for number in range(4):
        producer.begin_transaction()
        producer.produce("t", b"%d" % number)
        producer.flush()
        (producer.abort_transaction if number % 2 else producer.commit_transaction)()
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": log.serve(port=0), "group.id": "g", "fetch.wait.max.ms": 20}
    )
    consumer.assign([confluent_kafka.TopicPartition("t", 0, 0)])
    try:
        found: list[Any] = []
        while len(found) < 2:
            found += [message.value() for message in consumer.consume(2, 10)]
        assert found == [b"0", b"2"]
    finally:
        consumer.close()
