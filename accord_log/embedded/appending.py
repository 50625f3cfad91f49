"""Records into partitions, in batches no larger than their topic takes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from accord_log.broker.topic_policy import check_by_policy
from accord_log.embedded.error import Local, failure
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import encode_keyed, encode_values, read_header

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord_log.broker.broker import Broker
    from accord_log.broker.partition import Appended, Partition, Settled
    from accord_log.broker.topics import Topic

# What is written at once: enough to make the cost of a batch small, and not more than caches hold.
TARGET_BYTES = 512 * 1024
FIRST_COUNT = 256
MOST_RECORDS = 16_384  # readers decode a whole batch at a time
OVERHEAD = 12  # bytes of a record beside key and value, more or less


def append_batch(
    broker: Broker, topic: Topic, partition: Partition, batch: bytearray, then: Settled
) -> Appended:
    """Append a batch that was encoded here. Raises KafkaError, like the handler of Produce."""
    if len(batch) > topic.config.max_message_bytes:
        text = f"The batch has {len(batch)} bytes; {topic.name} takes at most "
        text += str(topic.config.max_message_bytes)
        raise KafkaError(ErrorCode.MESSAGE_TOO_LARGE, text)
    checked, header = check_by_policy(broker, topic, batch, read_header(batch))
    now_ms = broker.services.clock()
    try:
        return partition.append(checked, header, topic.config, now_ms=now_ms, then=then)
    except RuntimeError as error:
        raise KafkaError(ErrorCode.BROKER_NOT_AVAILABLE, "The log is closed") from error


class Settlement:
    """Waits until everything that was appended is as durable as the log promises."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._pending = 0
        self._error: KafkaError | None = None

    def expect(self) -> Settled:
        """Return a callback that is to be called once."""
        with self._condition:
            self._pending += 1
        return self._settle

    def _settle(self, error: KafkaError | None) -> None:
        with self._condition:
            self._pending -= 1
            self._error = self._error or error
            if not self._pending:
                self._condition.notify_all()

    def wait(self) -> None:
        """Return when all callbacks were called. Raises KafkaException."""
        with self._condition:
            self._condition.wait_for(lambda: not self._pending)
            if self._error is not None:
                raise failure(self._error.code, self._error.text)


class BatchAppend:
    """One call of Log.append."""

    def __init__(self, broker: Broker, topic: Topic, partition: Partition) -> None:
        self._broker = broker
        self._topic = topic
        self._partition = partition
        self._most = topic.config.max_message_bytes
        self._target = min(TARGET_BYTES, self._most)
        self.settlement = Settlement()
        self.base_offset = -1

    def run(
        self,
        values: Sequence[bytes | None],
        keys: Sequence[bytes | None] | None,
        timestamp_ms: int,
    ) -> None:
        """Append everything, in order. Raises KafkaException; what came before stays."""
        encode = self._encoder(values, keys, timestamp_ms)
        position, count = 0, FIRST_COUNT
        try:
            while position < len(values):
                count = min(count, MOST_RECORDS, len(values) - position)
                batch = encode(position, position + count)
                if len(batch) > self._most and count > 1:
                    count = max(1, min(count // 2, self._fitting(len(batch), count)))
                    continue
                self._append(batch)
                position += count
                count = self._fitting(len(batch), count)
        except KafkaError as error:
            raise failure(error.code, error.text) from error

    def _fitting(self, size: int, count: int) -> int:
        """Return how many records like these make a batch of the size that is wanted."""
        return max(1, self._target * count // max(1, size))

    def _append(self, batch: bytearray) -> None:
        then = self.settlement.expect()
        try:
            appended = append_batch(self._broker, self._topic, self._partition, batch, then)
        except KafkaError:
            then(None)
            raise
        if self.base_offset < 0:
            self.base_offset = appended.base_offset

    @staticmethod
    def _encoder(
        values: Sequence[bytes | None], keys: Sequence[bytes | None] | None, timestamp_ms: int
    ) -> Callable[[int, int], bytearray]:
        if keys is None:
            return lambda start, end: encode_values(values[start:end], timestamp_ms)
        return lambda start, end: encode_keyed(keys[start:end], values[start:end], timestamp_ms)


def find(broker: Broker, name: str, index: int) -> tuple[Topic, Partition]:
    """Return a partition that is there. Raises KafkaException."""
    topic = broker.topics.get(name)
    if topic is None:
        raise failure(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"There is no topic {name}")
    if not 0 <= index < len(topic.partitions):
        text = f"{name} has {len(topic.partitions)} partitions, and no partition {index}"
        raise failure(Local.UNKNOWN_PARTITION, text)
    return topic, topic.partitions[index]
