"""One record of 100 bytes in flight, acks=all: how long until it is acknowledged.

The request is librdkafka's (Produce 10), sent by asyncio, so that no client's threads are part of
it; rows of confluent_kafka say what they add. The echo gets the same bytes from the same sender.
What commit adds is beside a write and an fdatasync of the same bytes on the same disk.

    python -m benchmarks.log.latency --rounds 10
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from confluent_kafka import Producer

from accord_log.kafka.frame import RequestHeader, write_request
from accord_log.kafka.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from accord_log.kafka.records import encode_values
from benchmarks.log.clients import PRODUCER, Stream
from benchmarks.log.echo import LOOPS, echo
from benchmarks.log.peers import accord
from benchmarks.rounds import Claim, main, ratio, turns
from benchmarks.servers import LOAD_CPU, ROOT, SERVED_CPU, pin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.log.peers import Peer

REACH = 2
REQUESTS = 400
TOPIC = "latency"
VALUE = b"x" * 100
FSYNC, CLIENT = "fdatasync", "confluent_kafka"
DURABILITIES = ("none", "commit")


class Delays(NamedTuple):
    """Seconds that half of the requests took at most, and 99 of 100."""

    p50: float
    p99: float


def claims(rounds: int) -> Iterator[Claim]:
    delays: dict[str, list[Delays]] = {}
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".benchmark-") as folder, ExitStack() as kept:
        sides = _sides(Path(folder), kept)
        for name, counts in turns(sides, rounds):
            cuts = statistics.quantiles(sides[name](), n=100)
            if counts:
                delays.setdefault(name, []).append(Delays(cuts[49], cuts[98]))
    yield from _rows(delays)


def _sides(directory: Path, kept: ExitStack) -> dict[str, Callable[[], list[float]]]:
    sides: dict[str, Callable[[], list[float]]] = {}
    request = _request()
    pin(SERVED_CPU)  # the servers, that is: they inherit it
    for loop in LOOPS:
        sides[loop] = _asker(kept.enter_context(echo(loop)), request, kept)
    for durability in DURABILITIES:
        peer = kept.enter_context(accord(directory / durability, durability))
        Stream(peer, TOPIC)
        sides[durability] = _asker(peer, request, kept)
        sides[f"{CLIENT}, {durability}"] = _producer(peer)
    pin(LOAD_CPU)
    descriptor = os.open(directory / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    kept.callback(os.close, descriptor)
    sides[FSYNC] = partial(_timed, partial(_write, descriptor, request))
    return sides


def _request() -> bytes:
    batch = encode_values([VALUE], int(time.time() * 1000))
    data = [TopicProduceData(TOPIC, [PartitionProduceData(0, batch)])]
    header = RequestHeader(ProduceRequest.api_key, 10, 1, "rdkafka")
    return bytes(write_request(header, ProduceRequest(acks=-1, timeout_ms=30_000, topic_data=data)))


class Asker(asyncio.Protocol):
    """Sends a request, waits for its answer, and sends the next."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._answer = b""
        self._taken: list[float] = []
        self._done: asyncio.Future[list[float]]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    async def ask(self) -> list[float]:
        """Return the seconds that each request took."""
        self._done = asyncio.get_running_loop().create_future()
        self._taken = []
        self._send()
        return await self._done

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if len(self._answer) < 4 + int.from_bytes(self._answer[:4], "big"):
            return
        self._taken.append(time.perf_counter() - self._began)
        self._answer = b""
        if len(self._taken) < REQUESTS:
            self._send()
        else:
            self._done.set_result(self._taken)

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._request)


def _asker(peer: Peer, request: bytes, kept: ExitStack) -> Callable[[], list[float]]:
    runner = kept.enter_context(asyncio.Runner(loop_factory=asyncio.new_event_loop))
    loop = runner.get_loop()
    _, asker = loop.run_until_complete(
        loop.create_connection(partial(Asker, request), peer.host, peer.port)
    )
    return lambda: loop.run_until_complete(asker.ask())


def _producer(peer: Peer) -> Callable[[], list[float]]:
    conf = {**PRODUCER, "bootstrap.servers": peer.address, "linger.ms": 0}
    producer = Producer(conf)

    def produce() -> None:
        producer.produce(TOPIC, VALUE)
        assert producer.flush(30) == 0

    return partial(_timed, produce)


def _write(descriptor: int, data: bytes) -> None:
    os.write(descriptor, data)
    os.fdatasync(descriptor)


def _timed(action: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return taken


def _rows(delays: dict[str, list[Delays]]) -> Iterator[Claim]:
    columns = {name: [each.p50 for each in found] for name, found in delays.items()}
    record = "one record in flight, durability"
    for loop in LOOPS:
        yield ratio(
            f"{record} none, p50",
            f"an echo of the same bytes on {loop}",
            columns,
            of=("none", loop),
            reach=REACH if loop == "asyncio" else None,
        )
    yield ratio(f"{record} commit, p50", "write and fdatasync", columns, of=("commit", FSYNC))
    names = [*DURABILITIES, *(f"{CLIENT}, {mode}" for mode in DURABILITIES), *LOOPS, FSYNC]
    for name in names:
        what = f"{record} {name}" if name in DURABILITIES else name
        yield Claim(f"{what}, p50", "", [each.p50 * 1e6 for each in delays[name]], unit=" us")
        yield Claim(f"{what}, p99", "", [each.p99 * 1e6 for each in delays[name]], unit=" us")


if __name__ == "__main__":
    main(claims, rounds=10)
