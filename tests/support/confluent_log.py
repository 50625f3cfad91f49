"""confluent_kafka with settings under which a test waits for nothing but the log."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PATIENCE_SECONDS = 60
QUICK_CONSUMER = {
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "fetch.queue.backoff.ms": 5,
    "fetch.wait.max.ms": 50,
    "fetch.error.backoff.ms": 50,
    "heartbeat.interval.ms": 100,
    "session.timeout.ms": 6000,
}


def producer(bootstrap: str, **settings: Any) -> Producer:
    """Return a producer; a setting's dots are written as underscores."""
    return Producer({"bootstrap.servers": bootstrap, **dotted(settings)})


def consumer(bootstrap: str, group: str, **settings: Any) -> Consumer:
    """Return a consumer; a setting's dots are written as underscores."""
    whole = {"bootstrap.servers": bootstrap, "group.id": group, **QUICK_CONSUMER}
    return Consumer(whole | dotted(settings))


def dotted(settings: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "."): value for name, value in settings.items()}


class Deliveries:
    """What became of the records that a producer was given, in the order of the answers."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.errors: list[int] = []

    def __call__(self, error: Any, message: Message) -> None:
        if error is None:
            self.messages.append(message)
        else:
            self.errors.append(error.code())

    @property
    def offsets(self) -> list[int]:
        return [offset(message) for message in self.messages]


def send(to: Producer, topic: str, values: Iterable[bytes | None], **fields: Any) -> Deliveries:
    """Produce the values and wait for the answers to all of them."""
    report = Deliveries()
    for value in values:
        to.produce(topic, value, on_delivery=report, **fields)
        to.poll(0)
    assert to.flush(PATIENCE_SECONDS) == 0
    return report


def drain(source: Consumer, count: int) -> list[Message]:
    """Return the next `count` records."""
    messages: list[Message] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(messages) < count and time.monotonic() < deadline:
        for message in source.consume(count - len(messages), 0.1):
            if (error := message.error()) is not None:
                raise KafkaException(error)
            messages.append(message)
    assert len(messages) == count, f"{len(messages)} of {count} records came"
    return messages


def read(bootstrap: str, topic: str, count: int, **settings: Any) -> list[bytes]:
    """Return the values of the first `count` records of partition 0, read outside any group."""
    source = consumer(bootstrap, "unused", **settings)
    try:
        source.assign([TopicPartition(topic, 0, 0)])
        return values(drain(source, count))
    finally:
        source.close()


def values(messages: Iterable[Message]) -> list[Any]:
    return [message.value() for message in messages]


def offset(message: Message) -> int:
    found = message.offset()
    assert found is not None
    return found


class Member:
    """A consumer in a group, polled by a thread of its own."""

    def __init__(self, source: Consumer, topics: Sequence[str]) -> None:
        self.consumer = source
        self.assigned: set[tuple[str, int]] = set()
        self.gained: list[int] = []
        self.lost: list[int] = []
        self.seen: Counter[bytes | None] = Counter()
        self.errors: list[Any] = []
        self._leave = threading.Event()
        source.subscribe(list(topics), on_assign=self._gain, on_revoke=self._lose)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def partitions(self) -> set[int]:
        """The partitions that are its own just now."""
        return {partition for _, partition in self.assigned}

    def leave(self) -> None:
        """Close the consumer."""
        self._leave.set()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()

    def _gain(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self.gained.append(len(partitions))

    def _lose(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self.lost.append(len(partitions))

    def _run(self) -> None:
        try:
            while not self._leave.is_set():
                message = self.consumer.poll(0.05)
                self.assigned = {(p.topic, p.partition) for p in self.consumer.assignment()}
                if message is not None:
                    self._take(message)
        except KafkaException as error:
            self.errors.append(error.args[0])
        finally:
            self.consumer.close()
            self.assigned = set()

    def _take(self, message: Message) -> None:
        if (error := message.error()) is None:
            self.seen[message.value()] += 1
        else:
            self.errors.append(error)


def eventually(look: Callable[[], Any]) -> Any:
    """Return the first true value that `look` gives."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    found = look()
    while not found and time.monotonic() < deadline:
        time.sleep(0.02)
        found = look()
    assert found, f"never came true: {look}"
    return found
