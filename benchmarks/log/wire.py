"""Records through confluent_kafka, beside the same client on Apache Kafka, and Redis Streams.

One producer and then one consumer of one partition; every round has a topic of its own. Accord's
log has durability none, as the other two have, except where `commit` is named. acks=all,
linger.ms=5, fetch.queue.backoff.ms=5 for all; redis-py pipelines a thousand XADD and reads ten
thousand entries at a time; redis-benchmark has 50 connections with 64 XADD in flight each.

    python -m benchmarks.log.wire --rounds 8
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.log import clients
from benchmarks.log.peers import accord, apache_kafka, redis_server
from benchmarks.rounds import Claim, main, ratio, turns
from benchmarks.servers import ROOT
from tests.support.apache_kafka import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.log.clients import Spent
    from benchmarks.log.peers import Peer

    Sides = dict[str, Callable[[str, bytes], dict[str, Spent]]]
    # By side and by what was done.
    Table = dict[tuple[str, str], list[Spent]]

SIZES = {"100 B": 100, "1 KiB": 1024}
BYTES = 30_000_000  # a round writes to a topic
REDIS_BYTES = BYTES // 10  # through redis-py, a tenth as fast
SHARE, TIMES, TIMES_OF_C = 1 / 8, 10, 1
KAFKA, REDIS, REDIS_C = "Apache Kafka", "redis-py", "redis-benchmark -P 64"


def claims(rounds: int) -> Iterator[Claim]:
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".benchmark-") as folder, ExitStack() as kept:
        sides = _sides(Path(folder), kept)
        for label, size in SIZES.items():
            table = _measured(sides, b"x" * size, rounds)
            for action in ("produce", "consume"):
                yield from _rows(table, action, label)


def _sides(directory: Path, kept: ExitStack) -> Sides:
    sides: Sides = {}
    for durability in ("none", "commit"):
        peer = kept.enter_context(accord(directory / durability, durability))
        sides[durability] = partial(_through_kafka, peer)
    try:
        sides[KAFKA] = partial(_through_kafka, kept.enter_context(apache_kafka(directory)))
    except Unavailable as reason:
        print(f"not beside Apache Kafka: {reason}", file=sys.stderr)
    try:
        peer = kept.enter_context(redis_server(directory))
        sides |= {REDIS: partial(_through_redis, peer), REDIS_C: partial(_through_c, peer)}
    except Unavailable as reason:
        print(f"not beside Redis: {reason}", file=sys.stderr)
    return sides


def _through_kafka(peer: Peer, name: str, value: bytes) -> dict[str, Spent]:
    count = BYTES // len(value)
    stream = clients.Stream(peer, name)
    spent = {"produce": stream.write(value, count), "consume": stream.read(count)}
    stream.remove()
    return spent


def _through_redis(peer: Peer, name: str, value: bytes) -> dict[str, Spent]:
    count = REDIS_BYTES // len(value) // clients.PIPELINED * clients.PIPELINED
    stream = clients.RedisStream(peer, name)
    spent = {"produce": stream.write(value, count), "consume": stream.read(count)}
    stream.remove()
    return spent


def _through_c(peer: Peer, name: str, value: bytes) -> dict[str, Spent]:
    stream = clients.RedisStream(peer, name)
    spent = {"produce": stream.benchmark(value, BYTES // len(value))}
    stream.remove()
    return spent


def _measured(sides: Sides, value: bytes, rounds: int) -> Table:
    table: Table = {}
    for number, (side, counts) in enumerate(turns(sides, rounds)):
        spent = sides[side](f"round{len(value)}-{number}", value)
        if counts:
            for action, cost in spent.items():
                table.setdefault((side, action), []).append(cost)
    return table


def _rows(table: Table, action: str, label: str) -> Iterator[Claim]:
    """Yield what one direction costs with records of one size."""
    here = {side: spent for (side, done), spent in table.items() if done == action}
    ours, what, is_goal = here["none"], f"{action} {label}", (action, label) == ("produce", "100 B")
    for side in ("server", "client"):
        costs = [getattr(spent, side) * 1e6 for spent in ours]
        yield Claim(f"{what}, {side} CPU of a record", "", costs, unit=" us")
    shares = {"server": [s.server for s in ours], "client": [s.client for s in ours]}
    yield ratio(
        f"{what}, server CPU",
        "the client's own CPU",
        shares,
        of=("server", "client"),
        reach=SHARE if is_goal else None,
    )
    for side, spent in here.items():
        if side != "none":
            yield from _beside(what, side, spent, ours, is_goal=is_goal)


def _beside(
    what: str, side: str, theirs: list[Spent], ours: list[Spent], *, is_goal: bool
) -> Iterator[Claim]:
    against = "with durability commit" if side == "commit" else side
    times = {"ours": [s.time for s in ours], "theirs": [s.time for s in theirs]}
    reach = {REDIS: TIMES, REDIS_C: TIMES_OF_C}.get(side) if is_goal else None
    yield ratio(
        f"{what}, records a second",
        against,
        times,
        of=("theirs", "ours"),
        reach=reach,
        at_least=True,
    )
    cpu = {"ours": [s.server for s in ours], "theirs": [s.server for s in theirs]}
    yield ratio(f"{what}, server CPU", against, cpu, of=("ours", "theirs"))


if __name__ == "__main__":
    main(claims, rounds=8)
