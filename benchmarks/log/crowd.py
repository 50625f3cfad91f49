"""A thousand partitions and a hundred consumers.

Start: `accord serve --only log` until it says that it is ready, over a thousand partitions with
records, beside one over an empty directory, after a clean stop and after kill -9. Idle: CPU time of
the server while a hundred consumers of one group wait for records (fetch.wait.max.ms is the
client's default, 500), beside the same without them. Then records are written to all partitions,
and read.

    python -m benchmarks.log.crowd --rounds 3
"""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from benchmarks.log.clients import PRODUCER, QUIET
from benchmarks.log.peers import accord
from benchmarks.rounds import Claim, main, ratio
from benchmarks.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.log.peers import Peer

PARTITIONS, CONSUMERS = 1000, 100
TOPIC = "crowd"
VALUE = b"x" * 100
RECORDS = 100_000
IDLE_SECONDS = 3.0
PATIENCE_SECONDS = 120
WHAT = f"{PARTITIONS} partitions"


class Start(NamedTuple):
    """Seconds until a server was ready."""

    time: float
    cpu: float


def claims(rounds: int) -> Iterator[Claim]:
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".benchmark-") as folder:
        full, empty = Path(folder) / "full", Path(folder) / "empty"
        with accord(full, "none") as peer:
            _create(peer)
            _write(peer)
        yield from _starts(full, empty, rounds)
        with accord(full, "none") as peer:
            yield from _crowded(peer, rounds)


def _create(peer: Peer) -> None:
    admin = AdminClient({**QUIET, "bootstrap.servers": peer.address})
    admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result()


def _write(peer: Peer) -> None:
    """Write as many records to each partition."""
    producer = Producer({**PRODUCER, "bootstrap.servers": peer.address})
    for number in range(RECORDS):
        producer.produce(TOPIC, VALUE, partition=number % PARTITIONS)
    assert producer.flush(PATIENCE_SECONDS) == 0


def _starts(full: Path, empty: Path, rounds: int) -> Iterator[Claim]:
    for how, number in (("a clean stop", signal.SIGTERM), ("kill -9", signal.SIGKILL)):
        starts: dict[str, list[Start]] = {"full": [], "empty": []}
        for directory in (full, empty):
            _start(directory, number)  # leaves it in the state that is measured
        for _ in range(rounds):
            for directory in (full, empty):
                starts[directory.name].append(_start(directory, number))
        what, of = f"start with {WHAT} after {how}", ("full", "empty")
        cpu = {name: [start.cpu for start in found] for name, found in starts.items()}
        yield ratio(f"{what}, CPU", "with none", cpu, of=of)
        times = {name: [start.time for start in found] for name, found in starts.items()}
        yield ratio(f"{what}, time", "with none", times, of=of)
        yield Claim(f"{what}, time", "", [cost * 1e3 for cost in times["full"]], unit=" ms")


def _start(directory: Path, number: int) -> Start:
    """Return what a start costs; end it with the signal."""
    began = time.perf_counter()
    with accord(directory, "none") as peer:
        start = Start(time.perf_counter() - began, peer.cpu_seconds())
        subprocess.run(["kill", f"-{number}", str(peer.pid)], check=True)
    return start


def _crowded(peer: Peer, rounds: int) -> Iterator[Claim]:
    alone = [_idle(peer) for _ in range(rounds)]
    with ExitStack() as kept:
        began = time.perf_counter()
        consumers = [_consumer(peer, kept) for _ in range(CONSUMERS)]
        _await_assignment(consumers)
        joined = time.perf_counter() - began
        crowded = [_idle(peer) for _ in range(rounds)]
        began, before = time.perf_counter(), peer.cpu_seconds()
        _write(peer)
        _read(consumers)
        taken, spent = time.perf_counter() - began, peer.cpu_seconds() - before
    who = f"{CONSUMERS} consumers of {WHAT}"
    yield Claim(f"{who}, until the group has all assigned", "", [joined], unit=" s")
    yield Claim(f"{who}, waiting: CPU of the server", "", crowded, unit=" %")
    yield Claim("the same without consumers", "", alone, unit=" %")
    rate = RECORDS / taken / 1e3
    yield Claim(f"{who}, records written and read in a second", "", [rate], unit=" thousand")
    cost = spent / RECORDS * 1e6
    yield Claim(f"{who}, server CPU of a record written and read", "", [cost], unit=" us")


def _idle(peer: Peer) -> float:
    """Return the part of a core, in percent, that the server takes when nothing happens."""
    before = peer.cpu_seconds()
    time.sleep(IDLE_SECONDS)
    return (peer.cpu_seconds() - before) / IDLE_SECONDS * 100


def _consumer(peer: Peer, kept: ExitStack) -> Consumer:
    conf = {"group.id": "crowd", "enable.auto.commit": False, "auto.offset.reset": "latest"}
    consumer = Consumer({**conf, **QUIET, "bootstrap.servers": peer.address})
    kept.callback(consumer.close)
    consumer.subscribe([TOPIC])
    return consumer


def _await_assignment(consumers: list[Consumer]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    share = PARTITIONS // CONSUMERS
    while not all(len(consumer.assignment()) == share for consumer in consumers):
        assert time.monotonic() < deadline, "the group does not settle"
        for consumer in consumers:
            assert consumer.poll(0) is None
        time.sleep(0.01)
    for consumer in consumers:
        assert len(consumer.position(consumer.assignment())) == share
    time.sleep(1)  # until each has found the end of its partitions, and waits there


def _read(consumers: list[Consumer]) -> None:
    """Read every record once."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    left = RECORDS
    while left:
        assert time.monotonic() < deadline, f"{left} records do not come"
        for consumer in consumers:
            records = consumer.consume(RECORDS // CONSUMERS, 0)
            assert all(record.error() is None for record in records)
            left -= len(records)
    assert left == 0
    assert not any(consumer.consume(1, 0) for consumer in consumers)


if __name__ == "__main__":
    main(claims, rounds=3)
