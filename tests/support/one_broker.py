"""A broker in this process, with clocks that are set by hand."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from accord_log.broker.broker import Broker
from accord_log.broker.context import Context
from accord_log.broker.promise import Promise
from accord_log.broker.settings import BrokerSettings
from accord_log.broker.timers import Timers
from accord_log.kafka.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from accord_log.kafka.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from accord_log.kafka.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from accord_log.log.flush import Durability, Flusher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from accord_log.broker.validation import RecordValidator
    from accord_log.kafka.fields import Buffer

NOW_MS = 1_700_000_000_000
MUCH = 1 << 30


class World:
    """A broker, what time it is, and the requests that most tests make."""

    def __init__(
        self, directory: Path, validator: RecordValidator | None = None, **settings: Any
    ) -> None:
        self.now_ms = NOW_MS
        self.broker = Broker(
            directory,
            BrokerSettings(**settings),
            flusher=Flusher(Durability.NONE),
            clock=lambda: self.now_ms,
            timers=Timers(lambda: self.now_ms),
            validator=validator,
        )

    def advance(self, milliseconds: int) -> None:
        """Let time pass, and what is due happen."""
        self.now_ms += milliseconds
        self.broker.services.timers.run_due()

    def begin(self, request: Any, version: int | None = None, **context: Any) -> Promise[Any]:
        """Make a request whose answer may come later."""
        spoken = type(request).versions.stop - 1 if version is None else version
        answer = self.broker.handle(request, Context(spoken, **context))
        if isinstance(answer, Promise):
            return answer
        promise: Promise[Any] = Promise()
        promise.resolve(answer)
        return promise

    def ask(self, request: Any, version: int | None = None) -> Any:
        """Return the answer of a request that needs no waiting."""
        return self.begin(request, version).wait(10)

    def create(self, name: str, partitions: int = 1, **configs: str) -> Any:
        """Create a topic; in the names of configs, an underscore stands for a dot."""
        wanted = [
            CreatableTopicConfig(config.replace("_", "."), value)
            for config, value in configs.items()
        ]
        topic = CreatableTopic(name, partitions, -1, configs=wanted)
        return self.ask(CreateTopicsRequest([topic])).topics[0]

    def produce(self, topic: str, batch: Buffer, partition: int = 0, acks: int = -1) -> Any:
        """Produce one batch; return the partition's part of the answer."""
        part = PartitionProduceData(partition, batch)
        answer = self.ask(ProduceRequest(acks=acks, topic_data=[TopicProduceData(topic, [part])]))
        return answer and answer.responses[0].partition_responses[0]

    def fetch(self, topic: str, offset: int = 0, **fields: Any) -> Promise[Any]:
        """Fetch from the first partition, by name."""
        part = FetchPartition(0, fetch_offset=offset, partition_max_bytes=MUCH)
        request = FetchRequest(topics=[FetchTopic(topic, partitions=[part])], **fields)
        return self.begin(request, 12)

    def fetched(self, topic: str, offset: int = 0, **fields: Any) -> Any:
        """Return the partition's part of the answer to a fetch."""
        return self.fetch(topic, offset, **fields).wait(10).responses[0].partitions[0]


@contextlib.contextmanager
def world(directory: Path, **settings: Any) -> Iterator[World]:
    """Open a broker for a while."""
    made = World(directory, **settings)
    try:
        yield made
    finally:
        made.broker.close()
