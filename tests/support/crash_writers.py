"""Producers that go on through crashes, and know what was acknowledged."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaError, KafkaException, Producer
from crash_actor import LASTING, Actor, Place, insist

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from confluent_kafka import Message

PATIENCE_SECONDS = 60
FOREVER = {"message.timeout.ms": 0}
# No transaction is ended by its time-out unless that is what is tested.
UNHURRIED_MS = 600_000
COMMITTED = "committed"
ABORTED = "aborted"
SHORT_SECONDS = 5


class IdempotentWriter(Actor):
    """Numbers its records in each partition; `acknowledged` has offset and value of each.

    With `keys` the number of the record modulo so many is its key.
    """

    def __init__(
        self, bootstrap: str, name: str, places: Sequence[Place], random: Random, *, keys: int = 0
    ) -> None:
        super().__init__(name, random)
        self.places = places
        self.keys = keys
        self.ceiling: Callable[[], float] = lambda: math.inf  # of the records that it may send
        self.sent: Counter[Place] = Counter()
        self.acknowledged: dict[Place, list[tuple[int, bytes]]] = defaultdict(list)
        self.refused: list[str] = []
        settings = {"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 2}
        self._producer = Producer({**LASTING, **FOREVER, **settings})

    def turn(self) -> None:
        """Send some records; there are never many under way."""
        if len(self._producer) < 500 and self.sent.total() < self.ceiling():
            for _ in range(self.random.randrange(1, 30)):
                self._send(self.random.choice(self.places))
        self._producer.poll(0)
        self.pause(0.06)

    def finish(self) -> None:
        """Wait for the last answers: every record is acknowledged in the end."""
        assert self._producer.flush(PATIENCE_SECONDS) == 0
        assert not self.refused, self.refused

    def value(self, number: int) -> bytes:
        return f"{self.name}/{number}".encode()

    def _send(self, place: Place) -> None:
        number = self.sent[place]
        self.sent[place] += 1
        key = b"%d" % (number % self.keys) if self.keys else None
        self._producer.produce(
            place.topic, self.value(number), key, place.partition, on_delivery=self._hear
        )

    def _hear(self, error: Any, message: Message) -> None:
        if error is not None:
            self.refused.append(str(error))
            return
        topic, partition, offset, value = (
            message.topic(),
            message.partition(),
            message.offset(),
            message.value(),
        )
        assert topic is not None
        assert partition is not None
        assert offset is not None
        assert isinstance(value, bytes)
        self.acknowledged[Place(topic, partition)].append((offset, value))


class MustAbort(Exception):
    """The transaction can only be aborted."""


class Session:
    """A producer of transactions, each of which is brought to a known end."""

    def __init__(self, bootstrap: str, name: str, **settings: Any) -> None:
        whole = {
            "bootstrap.servers": bootstrap,
            "transactional.id": name,
            "transaction.timeout.ms": UNHURRIED_MS,
            "linger.ms": 2,
        }
        self.is_over = False
        self.producer = Producer({**LASTING, **whole, **settings})
        insist(self.producer.init_transactions, 10)

    def attempt(self, call: Any, *arguments: Any) -> None:
        """Make a call of the transaction. Raises MustAbort."""
        try:
            insist(call, *arguments)
        except KafkaException as error:
            if not error.args[0].txn_requires_abort():
                raise
            raise MustAbort from error

    def commit(self) -> None:
        """Raises MustAbort."""
        self.attempt(self.producer.commit_transaction, 10)

    def abort(self) -> None:
        """End the transaction; the session may be over with it.

        librdkafka 2.16 takes records that are left for ones never sent, and gives their sequence
        numbers to others. Some may have been written; then the broker refuses those others, or
        takes them for the ones that it has.
        """
        self.is_over = self.producer.flush(SHORT_SECONDS) > 0
        try:
            insist(self.producer.abort_transaction, 10)
        except KafkaException as error:
            # librdkafka does not know whether its request to begin the transaction came through.
            # Where it did not, there is nothing to abort, and the broker says so, as Apache
            # Kafka does.
            if error.args[0].code() != KafkaError.INVALID_TXN_STATE:
                raise
            self.is_over = True


class TransactionalWriter(Actor):
    """Writes numbered transactions of several records each, commits most, and aborts the others.

    A record says whose it is, of which transaction, which of its records and of how many.
    """

    def __init__(
        self, bootstrap: str, name: str, places: Sequence[Place], random: Random, *, keys: int = 0
    ) -> None:
        super().__init__(name, random)
        self.places = places
        self.keys = keys
        self.outcomes: dict[int, str] = {}
        self.tables: dict[Place, dict[bytes | None, bytes]] = defaultdict(dict)
        self._bootstrap = bootstrap
        self._session: Session | None = None

    def turn(self) -> None:
        if self._session is None or self._session.is_over or self.random.random() < 0.02:
            # One in fifty leaves its work to a successor of the same name.
            self._session = Session(self._bootstrap, self.name)
        number = len(self.outcomes)
        self.outcomes[number] = self._transact(self._session, number)
        self.pause(0.05)

    def _transact(self, session: Session, number: int) -> str:
        session.producer.begin_transaction()
        try:
            written = self._write(session, number)
            if self.random.random() < 0.75:
                session.commit()
                for place, key, value in written:
                    self.tables[place][key] = value
                return COMMITTED
        except MustAbort:
            pass
        session.abort()
        return ABORTED

    def _write(self, session: Session, number: int) -> list[tuple[Place, bytes | None, bytes]]:
        written = []
        count = self.random.randrange(1, 12)
        for index in range(count):
            place = self.random.choice(self.places)
            value = f"{self.name}/{number}/{index}/{count}".encode()
            key = b"%d" % self.random.randrange(self.keys) if self.keys else None
            session.attempt(session.producer.produce, place.topic, value, key, place.partition)
            written.append((place, key, value))
        if self.random.random() < 0.5:
            session.producer.flush(0.5)
            self.pause(0.1)
        return written
