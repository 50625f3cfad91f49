"""What the clients do, and what it costs them and their server.

The librdkafka of confluent_kafka waits a second before it fetches again when its queue was full
(fetch.queue.backoff.ms); it is 5 ms here, or the consumer would sleep through the measurement.
"""

from __future__ import annotations

import csv
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple, cast

import redis
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.log.peers import Peer

# A client that is left when its server has been stopped would say so for ever.
QUIET = {"log_level": 0}
PRODUCER = {**QUIET, "acks": "all", "linger.ms": 5, "queue.buffering.max.messages": 10_000_000}
CONSUMER = {
    **QUIET,
    "group.id": "benchmark",
    "enable.auto.commit": False,
    "fetch.queue.backoff.ms": 5,
    "queued.min.messages": 10_000_000,
    "queued.max.messages.kbytes": 2_000_000,
}
AT_ONCE = 10_000  # records of one consume() or XREAD
PIPELINED = 1000  # XADDs
PATIENCE_SECONDS = 30


class Spent(NamedTuple):
    """Seconds of one record; `client` and `server` are CPU time."""

    time: float
    client: float
    server: float


def measure(peer: Peer, count: int, work: Callable[[], object]) -> Spent:
    """Return what work over many records took of each."""
    server, client, began = peer.cpu_seconds(), time.process_time(), time.perf_counter()
    work()
    ended, client = time.perf_counter(), time.process_time() - client
    server = peer.cpu_seconds() - server
    return Spent((ended - began) / count, client / count, server / count)


class Stream:
    """A topic of one partition, and what writes and reads it; ends with `remove`."""

    def __init__(self, peer: Peer, name: str) -> None:
        self._peer = peer
        self._name = name
        self._admin = AdminClient({**QUIET, "bootstrap.servers": peer.address})
        self._admin.create_topics([NewTopic(name, 1, 1)])[name].result()

    def write(self, value: bytes, count: int) -> Spent:
        producer = Producer({**PRODUCER, "bootstrap.servers": self._peer.address})
        producer.list_topics(self._name)  # connects

        def work() -> None:
            for _ in range(count):
                producer.produce(self._name, value)
            assert producer.flush(PATIENCE_SECONDS) == 0

        return measure(self._peer, count, work)

    def read(self, count: int) -> Spent:
        consumer = Consumer({**CONSUMER, "bootstrap.servers": self._peer.address})

        def work() -> None:
            consumer.assign([TopicPartition(self._name, 0, 0)])
            left = count
            while left:
                records = consumer.consume(min(AT_ONCE, left), PATIENCE_SECONDS)
                assert records
                assert records[0].error() is None
                left -= len(records)

        spent = measure(self._peer, count, work)
        consumer.close()
        return spent

    def remove(self) -> None:
        self._admin.delete_topics([self._name])[self._name].result()


class RedisStream:
    """The same in Redis; `benchmark` writes as fast as Redis's own client in C does."""

    def __init__(self, peer: Peer, name: str) -> None:
        self._peer = peer
        self._name = name
        self._redis = redis.Redis(port=peer.port)

    def write(self, value: bytes, count: int) -> Spent:
        def work() -> None:
            for _ in range(count // PIPELINED):
                pipeline = self._redis.pipeline(transaction=False)
                for _ in range(PIPELINED):
                    pipeline.xadd(self._name, {"v": value})
                pipeline.execute()

        return measure(self._peer, count, work)

    def read(self, count: int) -> Spent:
        def work() -> None:
            last, left = b"0", count
            while left:
                [[_, entries]] = cast(
                    "list[tuple[bytes, list[tuple[bytes, object]]]]",
                    (self._redis.xread({self._name: last}, count=min(AT_ONCE, left))),
                )
                last, left = entries[-1][0], left - len(entries)

        return measure(self._peer, count, work)

    def benchmark(self, value: bytes, count: int) -> Spent:
        """Write with `redis-benchmark -P 64`, whose own CPU time is not taken."""
        command = ["redis-benchmark", "-p", str(self._peer.port), "-P", "64", "-n", str(count)]
        command += ["--csv", "xadd", self._name, "*", "v", value.decode()]
        server = self._peer.cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        server = self._peer.cpu_seconds() - server
        *_, row = csv.reader(done.stdout.splitlines())
        return Spent(1 / float(row[1]), 0.0, server / count)

    def remove(self) -> None:
        self._redis.delete(self._name)
