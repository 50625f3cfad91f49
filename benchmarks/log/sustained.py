"""Ten gigabytes through one producer without a pause: the server's memory, and the rate.

Records of 1 KiB into a topic of one partition, durability none, acks=all, linger.ms=5. The data is
deleted afterwards. Beside each gigabyte, a gigabyte is written to a file of the same disk: what
that can do changes when the system begins to write back.

    python -m benchmarks.log.sustained --rounds 10    (a round is a gigabyte)
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from confluent_kafka import Producer

from benchmarks.log.clients import PRODUCER, Stream, measure
from benchmarks.log.peers import accord
from benchmarks.rounds import Claim, main, ratio
from benchmarks.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.log.peers import Peer

GIGABYTE = 1_000_000_000
VALUE = b"x" * 1024
RECORDS = GIGABYTE // len(VALUE)
CHUNK = b"x" * 1_000_000
REACH_MB = 64.0
SAMPLE_SECONDS = 0.1
QUEUE_KB = 64 * 1024  # of the client, whose memory is not endless either
WHAT = "sustained write of records of 1 KiB"


def claims(rounds: int) -> Iterator[Claim]:
    costs: dict[str, list[float]] = {"time": [], "CPU": [], "raw": []}
    peaks: list[float] = []
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".benchmark-") as folder, ExitStack() as kept:
        peer = kept.enter_context(accord(Path(folder), "none"))
        Stream(peer, "sustained")
        producer = Producer(
            {**PRODUCER, "bootstrap.servers": peer.address, "queue.buffering.max.kbytes": QUEUE_KB}
        )
        for _ in range(rounds):
            costs["raw"].append(_raw(Path(folder) / "raw"))
            with _peak(peer, peaks):
                spent = measure(peer, RECORDS, lambda: _write(producer))
            costs["time"].append(spent.time)
            costs["CPU"].append(spent.server)
    yield from _rows(costs, peaks)


def _rows(costs: dict[str, list[float]], peaks: list[float]) -> Iterator[Claim]:
    """Yield the rows; the memory is the highest of each gigabyte, beside that of the first."""
    growth = [peak - peaks[0] for peak in peaks[1:] or peaks]
    total = f"{len(peaks)} GB"
    yield Claim(
        f"{WHAT}, {total}: growth of the server's memory",
        "its highest in the first GB",
        [max(growth)],
        REACH_MB,
        " MB",
    )
    yield Claim(f"{WHAT}, {total}: highest memory of the server", "", [max(peaks)], unit=" MB")
    rates = [len(VALUE) / 1e6 / cost for cost in costs["time"]]
    yield Claim(f"{WHAT}, rate by GB", "", rates, unit=" MB/s")
    yield ratio(f"{WHAT}, time by GB", "write of as much to a file", costs, of=("time", "raw"))
    cpu = [cost * 1e6 for cost in costs["CPU"]]
    yield Claim(f"{WHAT}, server CPU of a record by GB", "", cpu, unit=" us")


def _write(producer: Producer) -> None:
    for _ in range(RECORDS):
        while True:
            try:
                producer.produce("sustained", VALUE)
            except BufferError:
                producer.poll(0.01)
            else:
                break
    assert producer.flush(300) == 0


def _raw(path: Path) -> float:
    """Return the seconds that the bytes of one record take."""
    began = time.perf_counter()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for _ in range(GIGABYTE // len(CHUNK)):
        os.write(descriptor, CHUNK)
    os.close(descriptor)
    taken = time.perf_counter() - began
    path.unlink()
    return taken / RECORDS


@contextmanager
def _peak(peer: Peer, peaks: list[float]) -> Iterator[None]:
    """Note the most memory that the server has had meanwhile."""
    seen, is_over = [peer.resident_mb()], threading.Event()

    def sample() -> None:
        while not is_over.wait(SAMPLE_SECONDS):
            seen.append(peer.resident_mb())

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    peaks.append(max(seen))


if __name__ == "__main__":
    main(claims, rounds=10)
