"""A log in a directory, in this process."""

from __future__ import annotations

import weakref
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord_log.broker.broker import Broker
from accord_log.broker.settings import BrokerSettings
from accord_log.embedded.appending import BatchAppend, find
from accord_log.embedded.caller import Caller
from accord_log.embedded.consumer import Consumer
from accord_log.embedded.error import check
from accord_log.embedded.producer import Producer
from accord_log.embedded.reading import records_from, values_from
from accord_log.embedded.topics import create_topic, delete_topic, ensure_topic
from accord_log.log.flush import INTERVAL_MS, Durability, Flusher
from accord_log.server import ListenerSettings, ServerSettings, serve_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self

    from accord_log.kafka.records import Record
    from accord_log.server import ServerThread

NAME = "embedded"
ONLY = 0
SETTINGS = frozenset(field.name for field in fields(BrokerSettings))


class Log:
    """Topics of records in a directory; safe to use from many threads.

    Raises accord_log.DirectoryInUse when a log over the directory is open, in this process or in
    another, and ValueError for a durability that is none. `settings` are those of BrokerSettings.
    """

    def __init__(
        self,
        directory: Path | str,
        *,
        durability: Durability | str = Durability.COMMIT,
        flush_interval_ms: int = INTERVAL_MS,
        **settings: Any,
    ) -> None:
        _check_names(settings)
        mode, chosen = Durability(durability), BrokerSettings(**settings)
        self._clients: weakref.WeakSet[Producer | Consumer] = weakref.WeakSet()
        self._servers: list[ServerThread] = []
        self._is_closed = False
        self.broker = Broker(Path(directory), chosen, flusher=Flusher(mode, flush_interval_ms))
        self.broker.start()
        self._caller = Caller(self.broker, NAME)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close producers, consumers and servers of this log, and leave everything on disk."""
        if self._is_closed:
            return
        self._is_closed = True
        for server in self._servers:
            server.stop()
        for client in list(self._clients):
            client.close()
        self.broker.close()

    # topics

    def create_topic(
        self, name: str, partitions: int = 1, configs: Mapping[str, str] | None = None
    ) -> None:
        """Create a topic, durable on return. Raises KafkaException, as when it is there."""
        create_topic(self._caller, name, partitions, configs or {})

    def delete_topic(self, name: str) -> None:
        """Delete a topic and its records. Raises KafkaException."""
        delete_topic(self._caller, name)

    def topics(self) -> dict[str, int]:
        """Return the number of partitions of each topic."""
        return {topic.name: len(topic.partitions) for topic in self.broker.topics}

    # records

    def append(
        self,
        topic: str,
        values: Sequence[bytes | None],
        *,
        keys: Sequence[bytes | None] | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        wait: bool = True,
    ) -> int:
        """Append records, in order and in as few batches as the topic takes; return the offset.

        `values` are at least one, and all go to one partition, the first unless it is named; keys
        are as many. A topic that is not there is created as when a producer names it. With `wait`
        the records are as durable as the log promises on return. Raises KafkaException; batches
        before the one that was refused stay. ValueError for no values.
        """
        if not values or (keys is not None and len(keys) != len(values)):
            raise ValueError(f"{len(values)} values, {'no' if keys is None else len(keys)} keys")
        if self.broker.topics.get(topic) is None:
            check(ensure_topic(self._caller, topic))
        found, place = find(self.broker, topic, ONLY if partition is None else partition)
        work = BatchAppend(self.broker, found, place)
        now_ms = self.broker.services.clock()
        work.run(values, keys, now_ms if timestamp_ms is None else timestamp_ms)
        if wait:
            work.settlement.wait()
        return work.base_offset

    def read(
        self, topic: str, partition: int = ONLY, offset: int = 0, *, committed: bool = False
    ) -> Iterator[Record]:
        """Yield records from an offset to what is now the end; raises KafkaException.

        With `committed`, without those of transactions that were aborted or are not decided.
        """
        _, place = find(self.broker, topic, partition)
        return records_from(place, offset, committed=committed)

    def values(
        self, topic: str, partition: int = ONLY, offset: int = 0, *, committed: bool = False
    ) -> Iterator[bytes | None]:
        """Yield values as `read` does records, in a third of the time."""
        _, place = find(self.broker, topic, partition)
        return values_from(place, offset, committed=committed)

    def start_offset(self, topic: str, partition: int = ONLY) -> int:
        """Return the offset of the first record that is still there. Raises KafkaException."""
        return find(self.broker, topic, partition)[1].start_offset

    def end_offset(self, topic: str, partition: int = ONLY) -> int:
        """Return the offset that the next record gets. Raises KafkaException."""
        return find(self.broker, topic, partition)[1].high_watermark

    # clients

    def producer(self, conf: Mapping[str, Any] | None = None) -> Producer:
        """Return a producer, which `close` closes."""
        return Producer(conf or {}, log=self)

    def consumer(self, conf: Mapping[str, Any]) -> Consumer:
        """Return a consumer, which `close` closes."""
        return Consumer(conf, log=self)

    def adopt(self, client: Producer | Consumer) -> None:
        """Close a client when the log is closed."""
        self._clients.add(client)

    def serve(self, host: str = "localhost", port: int = 9092, **settings: Any) -> str:
        """Serve the log on the network from now on; return the address for `bootstrap.servers`.

        Port 0 is any that is free. `settings` are those of ListenerSettings and ServerSettings.
        Raises accord_log.server.CannotListen.
        """
        ours = {field.name for field in fields(ListenerSettings)} & settings.keys()
        listener = ListenerSettings(
            host=host, port=port, **{name: settings.pop(name) for name in ours}
        )
        bounds = ServerSettings(listeners=(listener,), **settings)
        server = serve_in_thread(self.broker, bounds)
        self._servers.append(server)
        return f"{host or 'localhost'}:{server.port}"


def _check_names(settings: Mapping[str, object]) -> None:
    unknown = sorted(settings.keys() - SETTINGS)
    if unknown:
        known = ", ".join(sorted(SETTINGS))
        raise TypeError(f"Log has no setting {', '.join(unknown)}; there are: {known}")
