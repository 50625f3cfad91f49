"""All that a reader of committed records finds in a topic."""

from __future__ import annotations

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

PATIENCE_SECONDS = 30


def committed(bootstrap: str, topic: str) -> list[Message]:
    """Return the messages of all partitions, up to where each ends now."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tests",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 10,
        }
    )
    try:
        numbers = consumer.list_topics(topic, timeout=PATIENCE_SECONDS).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers])
        messages, unread = [], set(numbers)
        while unread:
            message = consumer.poll(PATIENCE_SECONDS)
            assert message is not None
            if message.error() is None:
                messages.append(message)
            else:
                assert message.error().code() == KafkaError._PARTITION_EOF  # noqa: SLF001  # its public name
                unread.discard(message.partition())
        return messages
    finally:
        consumer.close()
