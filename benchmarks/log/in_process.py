"""Append and read in this process, beside a write and a read of the same bytes; CPU time.

A thousand values at a time, durability none. `Log` is the embedded API; below it, batches are made
by accord_log.kafka.records and appended to the broker's partition.

    python -m benchmarks.log.in_process --rounds 20
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from accord_log import Log
from accord_log.kafka.records import check_batch, encode_values, read_values, split_batches
from benchmarks.rounds import Claim, cpu_costs, main, ratio
from benchmarks.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accord_log.broker.partition import Partition
    from accord_log.broker.topic_config import TopicConfig

    Cases = dict[str, Callable[[], object]]

SIZES = {"100 B": 100, "1 KiB": 1024}
REACH = {("append", "100 B"): 2.5, ("read", "100 B"): 4.0}  # million records a second
VALUES = 1000
READ_BYTES = 1 << 20
FILL = 20  # batches that are read
SECONDS = 0.03
TOPIC, READ_TOPIC = "appended", "read"


def claims(rounds: int) -> Iterator[Claim]:
    for label, size in SIZES.items():
        with tempfile.TemporaryDirectory(dir=ROOT, prefix=".benchmark-") as folder:
            yield from _compared(Path(folder), label, [os.urandom(size)] * VALUES, rounds)


def _compared(directory: Path, label: str, values: list[bytes], rounds: int) -> Iterator[Claim]:
    with ExitStack() as kept:
        log = kept.enter_context(Log(directory / "log", durability="none"))
        for topic in (TOPIC, READ_TOPIC):
            log.create_topic(topic)
        for _ in range(FILL):
            log.append(READ_TOPIC, values)
        append, read = _appends(log, values, directory, kept), _reads(log, directory, kept)
        for action, cases, count in (("append", append, VALUES), ("read", read, VALUES * FILL)):
            costs = cpu_costs(cases, rounds, SECONDS)
            yield from _rows(f"{action} {label}", costs, count, REACH.get((action, label)))


def _rows(
    what: str, costs: dict[str, list[float]], count: int, reach: float | None
) -> Iterator[Claim]:
    for name in ("Log", "partition"):
        millions = [count / cost / 1e6 for cost in costs[name]]
        yield Claim(
            f"{what} in process, {name}, records of a CPU second",
            "",
            millions,
            reach if name == "Log" else None,
            " M",
            at_least=True,
        )
        yield ratio(f"{what} in process, {name}", "the same bytes raw", costs, of=(name, "raw"))


def _appends(log: Log, values: list[bytes], directory: Path, kept: ExitStack) -> Cases:
    topic = log.broker.topics.get(TOPIC)
    assert topic is not None
    batch = encode_values(values, int(time.time() * 1000))
    descriptor = os.open(directory / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    kept.callback(os.close, descriptor)
    return {
        "Log": lambda: log.append(TOPIC, values),
        "partition": lambda: _append(topic.partitions[0], topic.config, values),
        "raw": lambda: os.write(descriptor, batch),
    }


def _append(partition: Partition, config: TopicConfig, values: list[bytes]) -> None:
    now_ms = int(time.time() * 1000)
    batch = encode_values(values, now_ms)
    partition.append(batch, check_batch(batch), config, now_ms=now_ms, then=_acknowledged)


def _acknowledged(error: Exception | None) -> None:
    assert error is None


def _reads(log: Log, directory: Path, kept: ExitStack) -> Cases:
    partition = log.broker.topics.partition(READ_TOPIC, 0)
    assert partition is not None
    size = partition.log.size
    path = directory / "readable"
    path.write_bytes(b"x" * size)
    descriptor = os.open(path, os.O_RDONLY)
    kept.callback(os.close, descriptor)

    def read() -> None:
        for position in range(0, size, READ_BYTES):
            os.pread(descriptor, READ_BYTES, position)

    return {
        "Log": lambda: sum(1 for _ in log.values(READ_TOPIC)),
        "partition": lambda: _values(partition),
        "raw": read,
    }


def _values(partition: Partition) -> int:
    offset, end = 0, partition.high_watermark
    while offset < end:
        for batch in split_batches(partition.read(offset, READ_BYTES, committed=False)):
            offset += len(read_values(batch))
    return offset


if __name__ == "__main__":
    main(claims, rounds=20)
