"""Whatever clients ask, whenever the disk answers, wherever the process ends."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from transaction_world import PLACES, TIMEOUT_MS, World

from accord_log.broker.offsets_record import CommittedOffset
from accord_log.broker.transaction_completion import RETRY_MS
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from accord_log.broker.promise import Promise
    from accord_log.broker.transaction_state import ProducerIdentity, TopicPartition
    from accord_log.broker.transactions import Granted

NAMES = ("x", "y")
PLENTY = 1 << 30
PART = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)
PARTS = st.lists(PART, min_size=len(PLACES), max_size=len(PLACES))
GROUP = "g"
MANY_ROUNDS = 50


@dataclass(eq=False)
class Client:
    """A producer, which may be a zombie. `tag` numbers its transactions among all.

    `wanted` is how it wants its transaction to end, and was not told yet that it has: until it is,
    it asks for nothing else.
    """

    name: str
    producer: ProducerIdentity
    tag: int
    sequences: dict[TopicPartition, int] = field(default_factory=dict)
    wanted: bool | None = None


class Machine(RuleBasedStateMachine):
    """The promises: what is told to a client, and what readers see, fit together."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.world = World(self.directory)
        self.clients: list[Client] = []
        self.latest: dict[str, ProducerIdentity] = {}
        self.granted: dict[ProducerIdentity, ProducerIdentity | None] = {}
        self.tags = 0
        self.acknowledged: dict[int, list[tuple[TopicPartition, int]]] = defaultdict(list)
        self.told: dict[int, bool] = {}
        self.staged: dict[int, int] = {}

    def next_tag(self) -> int:
        self.tags += 1
        return self.tags

    def client(self, data: st.DataObject) -> Client:
        return data.draw(st.sampled_from(self.clients))

    def idle(self, data: st.DataObject) -> Client:
        """Return one who is not in doubt."""
        client = self.client(data)
        assume(client.wanted is None)
        return client

    def is_latest(self, client: Client) -> bool:
        return self.latest[client.name] == client.producer

    # clients

    @initialize()
    def begin(self) -> None:
        for name in NAMES:
            self.begin_anew(name)
        self.flush()

    @rule(name=st.sampled_from(NAMES))
    def begin_anew(self, name: str) -> None:
        promise = self.world.transactions.init_producer_id(name, TIMEOUT_MS)
        promise.then(lambda granted: self.grant(name, granted, None))

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        client = self.client(data)
        claimed = client.producer
        promise = self.world.transactions.init_producer_id(client.name, TIMEOUT_MS, claimed)
        promise.then(lambda granted: self.grant(client.name, granted, claimed))

    def grant(self, name: str, granted: Granted, claimed: ProducerIdentity | None) -> None:
        if granted.code is not ErrorCode.NONE:
            return
        producer = granted.producer
        if producer in self.granted:
            assert claimed is not None
            assert self.granted[producer] == claimed, "given to two"
            self.clients = [client for client in self.clients if client.producer != producer]
        self.granted[producer] = claimed
        self.latest[name] = producer
        self.clients.append(Client(name, producer, self.next_tag()))

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), places=st.sets(st.sampled_from(PLACES), min_size=1))
    def add(self, data: st.DataObject, places: set[TopicPartition]) -> None:
        client = self.idle(data)
        promise = self.world.transactions.add_partitions(
            client.name, client.producer, frozenset(places)
        )
        self.expect_refusal(client, promise)

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def add_group(self, data: st.DataObject) -> None:
        client = self.idle(data)
        self.expect_refusal(
            client, self.world.transactions.add_group(client.name, client.producer, GROUP)
        )

    def expect_refusal(self, client: Client, promise: Promise[ErrorCode]) -> None:
        if not self.is_latest(client):
            assert promise.wait(0) in {
                ErrorCode.PRODUCER_FENCED,
                ErrorCode.INVALID_PRODUCER_ID_MAPPING,
            }

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), place=st.sampled_from(PLACES))
    def write(self, data: st.DataObject, place: TopicPartition) -> None:
        self.append(self.idle(data), place)

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), places=st.sets(st.sampled_from(PLACES), min_size=1))
    def add_and_write(self, data: st.DataObject, places: set[TopicPartition]) -> None:
        """Do what most transactions consist of."""
        client = self.idle(data)
        add = self.world.transactions.add_partitions
        add(client.name, client.producer, frozenset(places))
        self.flush()
        for place in sorted(places):
            self.append(client, place)

    def append(self, client: Client, place: TopicPartition) -> None:
        partition = self.world.partition(place)
        sequence = client.sequences.get(place, 0)
        try:
            partition.append(client.producer, sequence, client.tag)
        except KafkaError:
            return
        assert self.is_latest(client), "a zombie writes"
        client.sequences[place] = sequence + 1
        tag, number = client.tag, len(partition.written)
        self.world.now.flusher.settle(
            [partition],
            lambda error: error or self.acknowledged[tag].append((place, number)),
        )

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def stage(self, data: st.DataObject) -> None:
        client = self.idle(data)
        try:
            self.world.transactions.check_staging(client.name, client.producer, GROUP)
        except KafkaError:
            return
        assert self.is_latest(client), "a zombie stages offsets"
        offsets = {PLACES[0]: CommittedOffset(client.tag)}
        self.world.offsets.stage(
            client.producer.producer_id,
            GROUP,
            offsets,
            lambda error: error or self.staged.update({client.tag: client.tag}),
        )

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), commit=st.booleans())
    def end(self, data: st.DataObject, commit: bool) -> None:
        self.finish(self.client(data), commit=commit)

    def finish(self, client: Client, *, commit: bool) -> None:
        commit = commit if client.wanted is None else client.wanted
        tag, client.wanted = client.tag, commit
        promise = self.world.transactions.end(client.name, client.producer, commit=commit)
        promise.then(lambda code: self.ended(client, tag, code, commit=commit))
        self.expect_refusal(client, promise)

    def ended(self, client: Client, tag: int, code: ErrorCode, *, commit: bool) -> None:
        if code is ErrorCode.NONE:
            assert self.told.setdefault(tag, commit) == commit
            if client.tag == tag:
                client.tag, client.wanted = self.next_tag(), None
        elif code is ErrorCode.INVALID_TXN_STATE and client in self.clients:
            self.clients.remove(client)  # it does not know where it is, as after a repetition

    # the world

    @rule()
    def flush(self) -> None:
        self.world.settle()

    @rule(most=st.integers(1, 3))
    def flush_some(self, most: int) -> None:
        self.world.now.flusher.round(most)

    @rule(most=st.integers(1, 3))
    def fail_to_flush(self, most: int) -> None:
        """Lose what was written, and say so."""
        self.world.now.files.faults.refused = {"sync"}
        self.world.now.flusher.round(most)
        self.world.now.files.faults.refused = set()

    @rule(milliseconds=st.sampled_from([1, RETRY_MS, TIMEOUT_MS // 2, TIMEOUT_MS]))
    def pass_time(self, milliseconds: int) -> None:
        self.world.pass_time(milliseconds)

    @rule(places=st.sets(st.sampled_from(PLACES)), room=st.sampled_from([0, 100, PLENTY]))
    def fill(self, places: set[TopicPartition], room: int) -> None:
        self.world.now.files.faults.room = room
        for place in PLACES:
            self.world.partition(place).is_full = place in places

    @rule()
    def make_room(self) -> None:
        self.fill(set(), PLENTY)

    @rule()
    def kill(self) -> None:
        self.world.restart()

    @rule(of_ledgers=PART, of_partitions=PARTS)
    def cut_power(self, of_ledgers: float, of_partitions: list[float]) -> None:
        self.world.cut_power(of_ledgers, of_partitions)

    @precondition(lambda self: self.clients)
    @rule(
        data=st.data(),
        commit=st.booleans(),
        rounds=st.integers(0, 3),
        of_ledgers=PART,
        of_partitions=PARTS,
    )
    def cut_power_at_the_end(
        self,
        data: st.DataObject,
        commit: bool,
        rounds: int,
        of_ledgers: float,
        of_partitions: list[float],
    ) -> None:
        """Cut the power somewhere between the request and its last effect."""
        self.flush()
        self.finish(self.client(data), commit=commit)
        self.flush_some(rounds)
        self.cut_power(of_ledgers, of_partitions)

    # the promises

    def teardown(self) -> None:
        try:
            self.come_to_rest()
            self.check_outcomes()
            self.check_offsets()
        finally:
            self.world.stop()
            shutil.rmtree(self.directory)

    def come_to_rest(self) -> None:
        self.fill(set(), PLENTY)
        for _ in range(MANY_ROUNDS):
            self.world.settle()
            self.world.pass_time(TIMEOUT_MS)
        self.world.settle()
        for partition in self.world.partitions.partitions():
            assert partition.log.producers.first_unstable() is None, "pinned for ever"
        assert self.world.offsets.staged() == []
        for name in self.world.transactions.names():
            transaction = self.world.transactions.get(name)
            assert transaction is not None
            assert transaction.state.value in {"Empty", "CompleteCommit", "CompleteAbort"}

    def check_outcomes(self) -> None:
        found: dict[object, set[bool | None]] = defaultdict(set)
        for partition in self.world.partitions.partitions():
            for tag, outcome in partition.outcomes():
                found[tag].add(outcome)
        for tag, ways in found.items():
            assert len(ways) == 1, "a transaction ended in two ways"
            assert self.told.get(tag, *ways) in ways, "told otherwise"
        for tag, places in self.acknowledged.items():
            for place, number in places:
                written = self.world.partition(place).written
                assert written[number - 1].tag == tag, "an acknowledged batch is gone"

    def check_offsets(self) -> None:
        found = self.world.offsets.of(GROUP).get(PLACES[0])
        aborted = {tag for tag, commit in self.told.items() if not commit}
        kept = [tag for tag in self.staged if self.told.get(tag)]
        if found is not None:
            assert found.offset not in aborted, "an aborted offset counts"
        if kept:
            assert found is not None, "a committed offset is gone"


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
