"""The topic that the registry's changes go to, written without the network.

Each record says in a header which change of the journal it tells. Whoever goes on later finds in
the last record how far the topic has got: what was appended is there, and what is not was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise
from accord_log.kafka.records import encode_batch, read_header, read_records, split_batches
from accord_log.kafka.records.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_log.broker.broker import Broker
    from accord_log.broker.topics import Topic
    from accord_log.kafka.errors import KafkaError
    from accord_log.log.partition_log import PartitionLog
    from registry.pairing.schemas_topic import Entry

NAME = "_schemas"
CONFIGS = {"cleanup.policy": "compact"}
SEQUENCE = "accord.sequence"
READ_BYTES = 1 << 20
ANSWER_SECONDS = 60.0


class SchemasTopic:
    """The only partition of the topic, which is made when there is none."""

    def __init__(self, broker: Broker, name: str = NAME) -> None:
        self._broker = broker
        self._name = name
        # The topic that was looked into, and the change that it had got to.
        self._reached: tuple[bytes, int] | None = None

    def reached(self) -> int:
        """Return the number of the last change that the topic tells, 0 when it tells none.

        Raises KafkaError.
        """
        topic = self._topic()
        if self._reached is None or self._reached[0] != topic.id:
            self._reached = (topic.id, _find(topic.partitions[0].log))
        return self._reached[1]

    def append(self, entries: Sequence[tuple[int, Entry]], *, at_ms: int) -> None:
        """Append what changes have to say, in their order; returns when it is durable.

        A change has all of its entries in one call. Raises KafkaError: nothing was appended, or,
        when the disk failed while it was synced, something may have been.
        """
        topic = self._topic()
        batch = encode_batch(
            [
                Record(0, at_ms, entry.key, entry.value, ((SEQUENCE, str(sequence).encode()),))
                for sequence, entry in entries
            ]
        )
        self._reached = None  # until it is known what came of this
        settled: Promise[KafkaError | None] = Promise()
        topic.partitions[0].append(
            batch, read_header(batch), topic.config, now_ms=at_ms, then=settled.resolve
        )
        error = settled.wait(ANSWER_SECONDS)
        if error is not None:
            raise error
        self._reached = (topic.id, entries[-1][0])

    def _topic(self) -> Topic:
        topics = self._broker.topics
        with self._broker.services.lock:
            found = topics.get(self._name)
            if found is not None:
                return found
            topics.check_new(self._name, 1, CONFIGS)
            created: Promise[KafkaError | None] = Promise()
            topic = topics.create(self._name, 1, CONFIGS, created.resolve)
        error = created.wait(ANSWER_SECONDS)
        if error is not None:
            raise error
        return topic


def _find(log: PartitionLog) -> int:
    """Return the number of the last change that a log tells.

    The last batch says it. If somebody else has written there, all of them are asked: what
    compaction has removed was told before what is left.
    """
    if log.end_offset == log.start_offset:
        return 0
    last = _highest(log, log.end_offset - 1)
    return last or _highest(log, log.start_offset)


def _highest(log: PartitionLog, offset: int) -> int:
    """Return the highest number from an offset on."""
    reached = 0
    while offset < log.end_offset:
        read = log.read(offset, READ_BYTES, below=log.end_offset)
        for batch in split_batches(read):
            header = read_header(batch)
            offset = header.last_offset + 1
            if not header.is_control:
                reached = max(reached, *map(_sequence_of, read_records(batch)))
    return reached


def _sequence_of(record: Record) -> int:
    told = next((value for name, value in record.headers if name == SEQUENCE), None)
    return int(told) if told is not None and told.isdigit() else 0
