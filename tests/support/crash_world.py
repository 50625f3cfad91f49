"""A log that is killed again and again, all who work with it, and what must be true in the end."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec
from confluent_log import eventually
from crash_actor import LASTING, Actor, Place
from crash_contents import contents
from crash_groups import Copier, Progress, Reader, Witness
from crash_topics import Founder
from crash_verdicts import (
    each_once_and_in_order,
    the_last_of_each_key,
    the_last_of_each_key_committed,
    the_latest_in_order,
    whole_or_not_at_all,
)
from crash_victims import Killer
from crash_writers import IdempotentWriter, TransactionalWriter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crash_contents import Row
    from crashing_log import CrashingLog

PATIENCE_SECONDS = 120
SMALL = {"segment.bytes": "4096"}
COMPACTED = {**SMALL, "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01"}
TOPICS = {
    "plain": (3, {}),
    "copies": (3, {}),
    "money": (3, {"segment.bytes": "20000"}),
    "table": (2, COMPACTED),
    "ledger": (2, COMPACTED),
    "recent": (2, {**SMALL, "retention.bytes": "20000"}),
}
KEYS = 20
_END = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # confluent_kafka has no type for it


def places(topic: str) -> list[Place]:
    return [Place(topic, index) for index in range(TOPICS[topic][0])]


class World:
    """Everybody who works with a log."""

    def __init__(self, log: CrashingLog, seed: int) -> None:
        self._log = log
        self._bootstrap = at = log.bootstrap
        self._random = Random(seed)  # noqa: S311 - nothing is guarded by it
        self._found()
        self.plain = [
            IdempotentWriter(at, f"plain-{number}", places("plain"), self._chance())
            for number in range(2)
        ]
        self.table = IdempotentWriter(at, "table", places("table"), self._chance(), keys=KEYS)
        self.recent = IdempotentWriter(at, "recent", places("recent"), self._chance())
        self.money = [
            TransactionalWriter(at, f"money-{number}", places("money"), self._chance())
            for number in range(2)
        ]
        self.ledger = TransactionalWriter(at, "ledger", places("ledger"), self._chance(), keys=KEYS)
        self.killer = Killer(at, "victim", "money", len(places("money")), self._chance())
        self.founder = Founder(at, "fleeting", self._chance())
        self.strict, self.rough, self.copying = map(Progress, ("strict", "rough", "copiers"))
        self.readers = [*self._readers(self.strict), *self._readers(self.rough)]
        self.copiers = [
            Copier(at, f"copier-{number}", "plain", "copies", self._chance()) for number in range(2)
        ]
        watched = [*places("plain"), *places("money")]
        groups = [self.strict, self.rough, self.copying]
        self.witness = Witness(at, groups, watched, self._chance())
        for writer in self.plain:
            writer.ceiling = self._ceiling
        self._sources: list[Actor] = [
            *self.plain, self.table, self.recent, *self.money, self.ledger, self.killer,
            self.founder,
        ]  # fmt: skip
        self._followers: list[Actor] = [*self.readers, *self.copiers]

    def _ceiling(self) -> float:
        """Return how much a writer may send: not much more than those who follow have copied."""
        copied = self.copying.floor()
        return 1000 + sum(copied.get(place, 0) for place in places("plain")) / len(self.plain)

    def _chance(self) -> Random:
        return Random(self._random.random())  # noqa: S311 - likewise

    def _readers(self, progress: Progress) -> list[Reader]:
        is_strict = progress.group == "strict"
        isolation = "read_committed" if is_strict else "read_uncommitted"
        strategy = "cooperative-sticky" if is_strict else "range"
        return [
            Reader(
                self._bootstrap,
                f"{progress.group}-{number}",
                ["plain", "money"],
                progress,
                self._chance(),
                isolation_level=isolation,
                partition_assignment_strategy=strategy,
            )
            for number in range(2)
        ]

    def _found(self) -> None:
        self._admin = AdminClient({**LASTING, "bootstrap.servers": self._bootstrap})
        new = [NewTopic(name, count, 1, config=dict(c)) for name, (count, c) in TOPICS.items()]
        for made in self._admin.create_topics(new).values():
            made.result()

    # running

    def begin(self) -> None:
        for actor in (*self._sources, *self._followers, self.witness):
            actor.begin()

    def check_alive(self) -> None:
        """Check that nobody has met anything that must not be."""
        for actor in (*self._sources, *self._followers, self.witness):
            assert not actor.failure, f"{actor.name}: {actor.failure}"

    def await_work(self) -> None:
        """Wait until everybody has got on, so that there is something to lose."""
        before = self._work()
        eventually(lambda: all(now > then for now, then in zip(self._work(), before, strict=True)))

    def _work(self) -> list[int]:
        self.check_alive()
        return [
            *(sum(map(len, tuple(writer.acknowledged.values()))) for writer in self.plain),
            *(len(writer.outcomes) for writer in (*self.money, self.ledger)),
            *(sum(p.floor().values()) for p in (self.strict, self.rough, self.copying)),
        ]

    def end(self) -> None:
        """Let everybody finish: first who writes, then who reads what is written."""
        _end(self._sources)
        self._held = contents(self._bootstrap, places("plain"), "read_committed")
        self._await_stable()
        self._committed = contents(self._bootstrap, places("money"), "read_committed")
        self._everything = contents(self._bootstrap, places("money"), "read_uncommitted")
        eventually(self._is_caught_up)
        _end(self._followers)
        _end([self.witness])

    def _is_caught_up(self) -> bool:
        self.check_alive()
        return (
            _seen(self.strict) >= _there(self._held | self._committed)
            and _seen(self.rough) >= _there(self._held | self._everything)
            and all(
                self.copying.floor().get(place, 0) == rows[-1].offset + 1
                for place, rows in self._held.items()
            )
        )

    def _await_stable(self) -> None:
        """Wait until no transaction is open anywhere."""
        everywhere = [place for topic in TOPICS for place in places(topic)]
        stable, unstable = IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED
        eventually(lambda: self._ends(everywhere, stable) == self._ends(everywhere, unstable))

    def _ends(self, of: Iterable[Place], isolation: IsolationLevel) -> list[int]:
        asked = {TopicPartition(*place): _END for place in of}
        found = self._admin.list_offsets(asked, isolation_level=isolation)
        return [found[one].result().offset for one in asked]

    # verdicts

    def judge(self) -> dict[str, int]:
        """Check everything, and return how much it was."""
        recent = contents(self._bootstrap, places("recent"), "read_committed")
        table = contents(self._bootstrap, places("table"), "read_committed")
        ledger = contents(self._bootstrap, places("ledger"), "read_committed")
        the_latest_in_order(self.recent, recent)
        the_last_of_each_key(self.table, table)
        the_last_of_each_key_committed(self.ledger, ledger)
        records = sum(each_once_and_in_order(writer, self._held) for writer in self.plain)
        committed = whole_or_not_at_all(self.money, self._committed)
        self._judge_readers()
        self._judge_copies()
        return {
            "kills": self._log.kills,
            "records": records + self.recent.sent.total() + self.table.sent.total(),
            "transactions": committed + len(self.ledger.outcomes),
            "copied": sum(map(len, self._held.values())),
            "victims": self.killer.killed,
            "topics": self.founder.lives,
            "looks": self.witness.looks,
        }

    def _judge_readers(self) -> None:
        """Check that the groups saw what there is, all of it and nothing else."""
        for progress, held in (
            (self.strict, self._held | self._committed),
            (self.rough, self._held | self._everything),
        ):
            for place, rows in held.items():
                there = {row.offset: row.value for row in rows}
                assert progress.seen[place] == there, f"{progress.group} at {place}"

    def _judge_copies(self) -> None:
        copies = contents(self._bootstrap, places("copies"), "read_committed")
        for place, rows in self._held.items():
            copied = [row.value for row in copies[Place("copies", place.partition)]]
            assert copied == [row.value for row in rows], place


def _seen(progress: Progress) -> set[tuple[Place, int]]:
    seen = dict(progress.seen)
    return {(place, offset) for place, rows in seen.items() for offset in dict(rows)}


def _there(held: dict[Place, list[Row]]) -> set[tuple[Place, int]]:
    return {(place, row.offset) for place, rows in held.items() for row in rows}


def _end(actors: Iterable[Actor]) -> None:
    for actor in actors:
        actor.stop()
    for actor in actors:
        actor.join(PATIENCE_SECONDS)
