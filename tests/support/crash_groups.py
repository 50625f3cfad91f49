"""Consumers in groups that go on through crashes, and a witness of what the groups commit."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from crash_actor import LASTING, Actor, Place, insist
from crash_writers import MustAbort, Session

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

MEMBER = {
    **LASTING,
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "fetch.wait.max.ms": 100,
    "fetch.queue.backoff.ms": 20,
    "heartbeat.interval.ms": 200,
    "session.timeout.ms": 6000,
}


class Progress:
    """What a group has seen and committed, as its members were told; for many threads."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.seen: dict[Place, dict[int, bytes]] = defaultdict(dict)
        self.committed: dict[Place, int] = {}
        self._lock = threading.Lock()

    def see(self, message: Message) -> None:
        """Note a record; a place in a log never holds another one later."""
        place, offset = place_of(message), message.offset()
        value = message.value()
        assert offset is not None
        assert isinstance(value, bytes)
        with self._lock:
            before = self.seen[place].setdefault(offset, value)
        assert before == value, f"{place} at {offset}: {before!r}, and then {value!r}"

    def commit(self, offsets: Iterable[TopicPartition]) -> None:
        """Note what was acknowledged or found."""
        with self._lock:
            for one in offsets:
                place = Place(one.topic, one.partition)
                self.committed[place] = max(one.offset, self.committed.get(place, 0))

    def floor(self) -> dict[Place, int]:
        with self._lock:
            return dict(self.committed)


class Reader(Actor):
    """A member that commits what it has seen, and now and then leaves to join anew."""

    def __init__(
        self,
        bootstrap: str,
        name: str,
        topics: Sequence[str],
        progress: Progress,
        random: Random,
        **settings: Any,
    ) -> None:
        super().__init__(name, random)
        self.progress = progress
        self.topics = topics
        self.restless = 0.01
        dotted = {key.replace("_", "."): value for key, value in settings.items()}
        self._settings = {
            **MEMBER,
            "bootstrap.servers": bootstrap,
            "group.id": progress.group,
            **dotted,
        }
        self._consumer: Consumer | None = None

    def turn(self) -> None:
        if self._consumer is None:
            self._consumer = Consumer(self._settings)
            self._consumer.subscribe(list(self.topics))
        self._read(self._consumer)
        if self.random.random() < self.restless:
            self.finish()

    def finish(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def _read(self, consumer: Consumer) -> None:
        ends: dict[Place, int] = {}
        for message in records(consumer.consume(500, 0.1)):
            self.progress.see(message)
            ends[place_of(message)] = next_offset(message)
        mine = {(one.topic, one.partition) for one in consumer.assignment()}
        offsets = [TopicPartition(*place, end) for place, end in ends.items() if place in mine]
        if offsets:
            self._commit(consumer, offsets)

    def _commit(self, consumer: Consumer, offsets: list[TopicPartition]) -> None:
        try:
            done = consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            if error.args[0].fatal():
                raise
            return  # others may have its part by now
        assert done is not None
        self.progress.commit(one for one in done if one.error is None)


class Copier(Actor):
    """Copies records to another topic, each exactly once: with the offsets in the transaction."""

    def __init__(self, bootstrap: str, name: str, source: str, target: str, random: Random) -> None:
        super().__init__(name, random)
        self.target = target
        self.copied = 0
        self._source = source
        self._bootstrap = bootstrap
        self._session: Session | None = None
        self._consumer: Consumer | None = None
        self._is_moved = False  # whether the group has dealt anew
        self._identity: Any = None

    def turn(self) -> None:
        if self._session is None or self._session.is_over:
            self._session = Session(self._bootstrap, self.name)
        if self._consumer is None:
            self._join()
        assert self._consumer is not None
        self._is_moved = False
        batch = self._collect(self._consumer)
        if self._is_moved:
            self._rewind(self._consumer)
        elif batch:
            self._copy(self._session, self._consumer, batch)
        if self.random.random() < 0.01:
            self.finish()
            self._session = None

    def finish(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def _join(self) -> None:
        member = {
            **MEMBER,
            "bootstrap.servers": self._bootstrap,
            "group.id": "copiers",
            "isolation.level": "read_committed",
        }
        self._consumer = Consumer(member)
        self._consumer.subscribe(
            [self._source], on_assign=self._gain, on_revoke=self._lose, on_lost=self._lose
        )

    def _gain(self, consumer: Consumer, _: list[TopicPartition]) -> None:
        # Not later: who has been thrown out of the group has no identity, which is taken for that
        # of a consumer without one.
        self._identity = consumer.consumer_group_metadata()
        self._is_moved = True

    def _lose(self, _: Consumer, __: list[TopicPartition]) -> None:
        self._is_moved = True

    def _collect(self, consumer: Consumer) -> list[Message]:
        batch: list[Message] = []
        for _ in range(self.random.randrange(1, 400)):
            message = consumer.poll(0.05)
            if message is None or self._is_moved:
                break
            batch += records([message])
        return batch

    def _copy(self, session: Session, consumer: Consumer, batch: list[Message]) -> None:
        producer = session.producer
        producer.begin_transaction()
        ends = {place_of(message): next_offset(message) for message in batch}
        offsets = [TopicPartition(*place, end) for place, end in ends.items()]
        try:
            for message in batch:
                partition = message.partition()
                assert partition is not None
                session.attempt(producer.produce, self.target, message.value(), None, partition)
            session.attempt(producer.send_offsets_to_transaction, offsets, self._identity, 10)
            session.commit()
        except MustAbort:
            session.abort()
            self._rewind(consumer)
        else:
            self.copied += len(batch)

    def _rewind(self, consumer: Consumer) -> None:
        """Go back to what is committed."""
        mine = consumer.assignment()
        if not mine:
            return
        try:
            for one in insist(consumer.committed, mine, 10):
                assert one.error is None, one.error
                consumer.seek(TopicPartition(one.topic, one.partition, max(0, one.offset)))
        except KafkaException as error:
            if error.args[0].fatal():
                raise
            self.finish()  # it begins anew from there


class Witness(Actor):
    """Looks at committed offsets all the time: they never go back."""

    def __init__(
        self, bootstrap: str, groups: Sequence[Progress], where: Sequence[Place], random: Random
    ) -> None:
        super().__init__("witness", random)
        self.looks = 0
        self._groups = groups
        self._asked = [TopicPartition(*place) for place in where]
        # Consumers, for librdkafka 2.16 may fail an assertion when an AdminClient asks for offsets
        # while the coordinator goes away.
        self._sources = [
            Consumer(
                {
                    **LASTING,
                    "bootstrap.servers": bootstrap,
                    "group.id": progress.group,
                    "isolation.level": "read_uncommitted",
                }
            )
            for progress in groups
        ]

    def turn(self) -> None:
        for number in range(len(self._groups)):
            self.look(number)
        self.pause(0.1)

    def look(self, number: int) -> None:
        """Compare what a group has committed with what it had."""
        progress = self._groups[number]
        floor = progress.floor()
        try:
            found = self._sources[number].committed(self._asked, 10)
        except KafkaException:
            return
        if any(one.error is not None for one in found):
            return
        there = {Place(one.topic, one.partition): max(0, one.offset) for one in found}
        back = {at: (end, there[at]) for at, end in floor.items() if there[at] < end}
        assert not back, f"{progress.group} went back: {back}"
        progress.commit(found)
        self.looks += 1

    def finish(self) -> None:
        """Look until it has been told of all groups once more."""
        for number, source in enumerate(self._sources):
            before = self.looks
            while self.looks == before:
                self.look(number)
            source.close()


def records(messages: Iterable[Message]) -> list[Message]:
    """Return the messages that are records; the others must be of an outage."""
    found = []
    for message in messages:
        error = message.error()
        if error is None:
            found.append(message)
        else:
            _check_passing(error)
    return found


def _check_passing(error: KafkaError) -> None:
    assert not error.fatal(), error
    lost = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}  # noqa: SLF001  # so are they published
    assert error.code() not in lost, error


def place_of(message: Message) -> Place:
    topic, partition = message.topic(), message.partition()
    assert topic is not None
    assert partition is not None
    return Place(topic, partition)


def next_offset(message: Message) -> int:
    offset = message.offset()
    assert offset is not None
    return offset + 1
