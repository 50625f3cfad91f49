"""Topics that are made, changed, filled and deleted while the log is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)
from crash_actor import LASTING, Actor, Place
from crash_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from random import Random

SETTING = "retention.ms"


class Founder(Actor):
    """Takes one name through the lives of topics, and checks each step that was acknowledged.

    What was asked for and not answered may have happened or not; it is asked for again.
    """

    def __init__(self, bootstrap: str, name: str, random: Random) -> None:
        super().__init__(name, random)
        self.lives = 0
        self.partitions = 0  # 0 while there is no topic
        self._bootstrap = bootstrap
        self._admin = AdminClient({**LASTING, "bootstrap.servers": bootstrap})

    def turn(self) -> None:
        """Take one topic from its creation to its deletion."""
        self._create()
        held = self._fill()
        for _ in range(self.random.randrange(4)):
            self.random.choice([self._grow, self._configure, self._check])()
            self.pause(0.2)
        self._check_contents(held)
        self._delete()
        self._check()
        self.lives += 1

    def _create(self) -> None:
        count = self.random.randrange(1, 4)
        config = {SETTING: str(self.random.randrange(10**6, 10**7))}
        new = NewTopic(self.name, count, 1, config=config)
        self._ask(
            lambda: self._admin.create_topics([new])[self.name],
            done=KafkaError.TOPIC_ALREADY_EXISTS,
        )
        self.partitions = count
        self._check()
        assert self._setting() == config[SETTING]

    def _grow(self) -> None:
        grown = NewPartitions(self.name, self.partitions + 1)
        self._ask(
            lambda: self._admin.create_partitions([grown])[self.name],
            done=KafkaError.INVALID_PARTITIONS,
        )
        self.partitions += 1
        self._check()

    def _configure(self) -> None:
        value = str(self.random.randrange(10**6, 10**7))
        entry = ConfigEntry(SETTING, value, incremental_operation=AlterConfigOpType.SET)
        changed = ConfigResource(ResourceType.TOPIC, self.name, incremental_configs=[entry])
        self._ask(lambda: self._admin.incremental_alter_configs([changed])[changed])
        assert self._setting() == value

    def _delete(self) -> None:
        self._ask(
            lambda: self._admin.delete_topics([self.name])[self.name],
            done=KafkaError.UNKNOWN_TOPIC_OR_PART,
        )
        self.partitions = 0

    def _fill(self) -> dict[Place, list[bytes]]:
        producer = Producer(
            {
                **LASTING,
                "bootstrap.servers": self._bootstrap,
                "enable.idempotence": True,
                "message.timeout.ms": 0,
            }
        )
        sent: dict[Place, list[bytes]] = {}
        for index in range(self.partitions):
            values = [f"life {self.lives}, {number}".encode() for number in range(20)]
            sent[Place(self.name, index)] = values
            for value in values:
                producer.produce(self.name, value, partition=index)
        assert producer.flush(60) == 0
        return sent

    def _check_contents(self, sent: dict[Place, list[bytes]]) -> None:
        """Check that the topic holds what was written, and nothing of one before it."""
        held = contents(self._bootstrap, sent, "read_committed")
        for place, values in sent.items():
            assert [row.value for row in held[place]] == values, place

    def _check(self) -> None:
        while True:
            try:
                found = self._admin.list_topics(timeout=5).topics.get(self.name)
            except KafkaException:
                continue
            there = 0 if found is None else len(found.partitions)
            assert there == self.partitions, f"{there} partitions, not {self.partitions}"
            return

    def _setting(self) -> str | None:
        asked = ConfigResource(ResourceType.TOPIC, self.name)
        entries = self._ask(lambda: self._admin.describe_configs([asked])[asked])
        value: str | None = entries[SETTING].value
        return value

    def _ask(self, call: Callable[[], Future[Any]], done: int | None = None) -> Any:
        """Ask until it is answered; `done` says that an earlier attempt had succeeded."""
        attempts = 0
        while True:
            attempts += 1
            try:
                return call().result()
            except KafkaException as error:
                code = error.args[0].code()
                if code == done and attempts > 1:
                    return None
                if code >= 0 and not error.args[0].retriable():
                    raise
