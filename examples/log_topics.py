"""What the programs share: a topic is made if it is not there, and read to its end."""

from __future__ import annotations

import signal
from types import MappingProxyType
from typing import TYPE_CHECKING

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EVERYTHING: Mapping[int, int] = MappingProxyType({})


def make_topic(kafka: str, name: str, partitions: int = 1, cleanup: str = "delete") -> None:
    """Create the topic, unless it exists."""
    admin = AdminClient({"bootstrap.servers": kafka})
    topic = NewTopic(name, partitions, 1, config={"cleanup.policy": cleanup})
    try:
        admin.create_topics([topic])[name].result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def reader(kafka: str, group: str = "none", *, at_end: bool = True) -> Consumer:
    """Return a consumer of what is committed; `at_end`: one that is told of a partition's end."""
    return Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": at_end,
            "isolation.level": "read_committed",
        }
    )


def partitions_of(consumer: Consumer, topic: str) -> list[int]:
    return sorted(consumer.list_topics(topic, timeout=30).topics[topic].partitions)


def replay(
    consumer: Consumer, starts: list[TopicPartition], ends: Mapping[int, int] = EVERYTHING
) -> Iterator[Message]:
    """Yield each partition's records from its start: to its offset in `ends`, or to its end."""
    consumer.assign(starts)
    unread = {start.partition for start in starts}
    while unread:
        message = consumer.poll(1)
        if message is None:
            continue
        partition, error = message.partition(), message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001  # its public name
            raise KafkaException(error)
        if error is not None or message.offset() >= ends.get(partition, message.offset() + 1):
            unread.discard(partition)
        elif partition in unread:
            yield message


def end_on_sigterm() -> None:
    """Make SIGTERM end the program as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
