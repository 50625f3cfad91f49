"""Exactly once through confluent_kafka: idempotence, transactions, fencing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec
from confluent_log import consumer, drain, eventually, producer, read, send, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka.admin import AdminClient

UNCOMMITTED = {"isolation_level": "read_uncommitted"}


@pytest.fixture
def begin(cluster: Any, unique: Callable[[str], str]) -> Callable[..., Producer]:
    """Return a producer of transactions that is ready for its first."""

    def make(name: str = "", **settings: Any) -> Producer:
        made = producer(cluster.bootstrap, transactional_id=name or unique("txn"), **settings)
        made.init_transactions(60)
        return made

    return make


def stable_end(admin: AdminClient, topic: str) -> int:
    """Return the offset up to which a reader of what is committed gets."""
    asked = {TopicPartition(topic, 0): OffsetSpec.latest()}
    found = admin.list_offsets(asked, isolation_level=IsolationLevel.READ_COMMITTED)
    return next(iter(found.values())).result().offset


def test_an_idempotent_producer_writes_once_and_in_order(cluster: Any, topic: str) -> None:
    sender = producer(cluster.bootstrap, enable_idempotence=True, linger_ms=0)
    sent = [b"%d" % number for number in range(3000)]
    assert send(sender, topic, sent).offsets == list(range(3000))
    assert read(cluster.bootstrap, topic, 3000) == sent


def test_what_is_committed_is_read_and_what_is_aborted_is_not(
    cluster: Any, topic: str, begin: Callable[..., Producer]
) -> None:
    sender = begin()
    for number in range(6):
        sender.begin_transaction()
        send(sender, topic, [b"%d" % number, b"%d again" % number])
        if number % 2:
            sender.abort_transaction(60)
        else:
            sender.commit_transaction(60)
    kept = [b"0", b"0 again", b"2", b"2 again", b"4", b"4 again"]
    assert read(cluster.bootstrap, topic, 6) == kept
    everything = read(cluster.bootstrap, topic, 12, **UNCOMMITTED)
    assert len(everything) == 12
    assert everything[2:4] == [b"1", b"1 again"]


def test_a_transaction_takes_effect_in_all_its_topics(
    cluster: Any, make_topic: Callable[..., str], begin: Callable[..., Producer]
) -> None:
    topics = [make_topic(), make_topic(), make_topic()]
    sender = begin()
    sender.begin_transaction()
    for topic in topics:
        send(sender, topic, [b"aborted"])
    sender.abort_transaction(60)
    sender.begin_transaction()
    for topic in topics:
        sender.produce(topic, b"committed")
    sender.commit_transaction(60)
    assert [read(cluster.bootstrap, topic, 1) for topic in topics] == [[b"committed"]] * 3


def test_nothing_beyond_an_open_transaction_is_stable(
    cluster: Any, admin: AdminClient, topic: str, begin: Callable[..., Producer]
) -> None:
    plain = producer(cluster.bootstrap)
    send(plain, topic, [b"before"])
    sender = begin()
    sender.begin_transaction()
    send(sender, topic, [b"open"])
    send(plain, topic, [b"after"])
    assert stable_end(admin, topic) == 1
    assert read(cluster.bootstrap, topic, 3, **UNCOMMITTED) == [b"before", b"open", b"after"]
    source = consumer(cluster.bootstrap, "unused")
    source.assign([TopicPartition(topic, 0, 0)])
    assert values(drain(source, 1)) == [b"before"]
    assert source.consume(1, 0.5) == []
    sender.commit_transaction(60)
    assert values(drain(source, 2)) == [b"open", b"after"]
    source.close()
    assert stable_end(admin, topic) == 4


def test_transactions_of_many_producers_interleave(
    cluster: Any, topic: str, begin: Callable[..., Producer]
) -> None:
    senders = [begin() for _ in range(4)]
    for sender in senders:
        sender.begin_transaction()
    for step in range(3):
        for number, sender in enumerate(senders):
            send(sender, topic, [b"%d %d" % (number, step)])
    for number, sender in enumerate(senders):
        if number in {1, 2}:
            sender.abort_transaction(60)
        else:
            sender.commit_transaction(60)
    kept = [b"%d %d" % (number, step) for step in range(3) for number in (0, 3)]
    assert read(cluster.bootstrap, topic, 6) == kept


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_compressed_transactions(
    cluster: Any, topic: str, begin: Callable[..., Producer], codec: str
) -> None:
    sender = begin(compression_type=codec)
    sender.begin_transaction()
    send(sender, topic, [b"gone" * 100] * 50)
    sender.abort_transaction(60)
    sender.begin_transaction()
    send(sender, topic, [b"here" * 100] * 50)
    sender.commit_transaction(60)
    assert read(cluster.bootstrap, topic, 50) == [b"here" * 100] * 50


def test_transactions_may_be_empty(
    cluster: Any, topic: str, begin: Callable[..., Producer]
) -> None:
    sender = begin()
    for finish in (sender.commit_transaction, sender.abort_transaction):
        sender.begin_transaction()
        finish(60)
    sender.begin_transaction()
    send(sender, topic, [b"full"])
    sender.commit_transaction(60)
    assert read(cluster.bootstrap, topic, 1) == [b"full"]


def test_offsets_are_committed_with_the_records(
    cluster: Any, make_topic: Callable[..., str], group: str, begin: Callable[..., Producer]
) -> None:
    source_topic, sink_topic = make_topic(), make_topic()
    send(producer(cluster.bootstrap), source_topic, [b"%d" % number for number in range(10)])
    sender = begin()
    for keep in (False, True, True):
        source = consumer(cluster.bootstrap, group)
        source.subscribe([source_topic])
        batch = drain(source, 5)
        sender.begin_transaction()
        send(sender, sink_topic, [b"done " + value for value in values(batch)])
        sender.send_offsets_to_transaction(
            source.position(source.assignment()), source.consumer_group_metadata(), 60
        )
        if keep:
            sender.commit_transaction(60)
        else:
            sender.abort_transaction(60)
        source.close()
    assert read(cluster.bootstrap, sink_topic, 10) == [b"done %d" % number for number in range(10)]


def test_offsets_of_an_open_transaction_are_not_seen(
    cluster: Any, admin: AdminClient, topic: str, group: str, begin: Callable[..., Producer]
) -> None:
    send(producer(cluster.bootstrap), topic, [b"one"])
    source = consumer(cluster.bootstrap, group)
    source.subscribe([topic])
    drain(source, 1)
    sender = begin()
    sender.begin_transaction()
    place = TopicPartition(topic, 0, 1)
    sender.send_offsets_to_transaction([place], source.consumer_group_metadata(), 60)
    assert stored(admin, group, topic, stable=False) < 0
    with pytest.raises(KafkaException) as refusal:
        stored(admin, group, topic, stable=True)
    assert refusal.value.args[0].code() == KafkaError.UNSTABLE_OFFSET_COMMIT
    sender.commit_transaction(60)
    eventually(lambda: stored(admin, group, topic, stable=False) == 1)
    source.close()


def stored(admin: AdminClient, group: str, topic: str, *, stable: bool) -> int:
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
    futures = admin.list_consumer_group_offsets([asked], require_stable=stable, request_timeout=60)
    (place,) = futures[group].result().topic_partitions
    if place.error is not None:
        raise KafkaException(place.error)
    return place.offset


def test_a_second_producer_of_the_same_name_fences_the_first(
    cluster: Any, topic: str, unique: Callable[[str], str], begin: Callable[..., Producer]
) -> None:
    name = unique("txn")
    zombie = begin(name)
    zombie.begin_transaction()
    send(zombie, topic, [b"of the zombie"])
    heir = begin(name)
    with pytest.raises(KafkaException) as fenced:
        zombie.commit_transaction(60)
    assert fenced.value.args[0].code() == KafkaError._FENCED  # noqa: SLF001  # so is it published
    assert fenced.value.args[0].fatal()
    heir.begin_transaction()
    send(heir, topic, [b"of the heir"])
    heir.commit_transaction(60)
    assert read(cluster.bootstrap, topic, 1) == [b"of the heir"]


def test_a_zombie_writes_nothing(
    cluster: Any, topic: str, unique: Callable[[str], str], begin: Callable[..., Producer]
) -> None:
    name = unique("txn")
    zombie = begin(name)
    heir = begin(name)
    zombie.begin_transaction()
    zombie.produce(topic, b"of the zombie")
    with pytest.raises(KafkaException) as fenced:
        eventually(lambda: zombie.poll(0.05))
    assert fenced.value.args[0].code() == KafkaError._FENCED  # noqa: SLF001  # so is it published
    heir.begin_transaction()
    send(heir, topic, [b"of the heir"])
    heir.commit_transaction(60)
    assert read(cluster.bootstrap, topic, 1, **UNCOMMITTED) == [b"of the heir"]


def test_an_abandoned_transaction_is_aborted_when_its_time_is_over(
    cluster: Any, admin: AdminClient, topic: str, begin: Callable[..., Producer]
) -> None:
    sender = begin(transaction_timeout_ms=1000, message_timeout_ms=1000)
    sender.begin_transaction()
    send(sender, topic, [b"abandoned"])
    send(producer(cluster.bootstrap), topic, [b"after"])
    assert read(cluster.bootstrap, topic, 1) == [b"after"]
    assert stable_end(admin, topic) == 3
    with pytest.raises(KafkaException):
        sender.commit_transaction(60)


def test_a_timeout_over_the_limit_is_refused(cluster: Any, unique: Callable[[str], str]) -> None:
    name = unique("txn")
    sender = producer(cluster.bootstrap, transactional_id=name, transaction_timeout_ms=3_600_000)
    with pytest.raises(KafkaException) as refusal:
        sender.init_transactions(60)
    assert refusal.value.args[0].code() == KafkaError.INVALID_TRANSACTION_TIMEOUT
