"""A producer with transactions, as the coordinator sees it, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from transaction_world import PLACES, TIMEOUT_MS, World

from accord_log.broker.offsets_record import CommittedOffset
from accord_log.broker.transaction_state import (
    ProducerIdentity,
    TransactionState,
)
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from accord_log.broker.promise import Promise
    from accord_log.broker.transaction_state import TopicPartition
    from accord_log.broker.transactions import Granted

NONE = ErrorCode.NONE
CONCURRENT = ErrorCode.CONCURRENT_TRANSACTIONS
STATES = TransactionState
HERE, THERE, ELSEWHERE = PLACES


class Client:
    """A transactional producer that waits for each answer."""

    def __init__(self, world: World, name: str = "x") -> None:
        self.world = world
        self.name = name
        granted = self.init()
        assert granted.code is NONE
        self.producer = granted.producer
        self.sent: dict[TopicPartition, int] = {}

    def ask(self, claimed: ProducerIdentity | None = None) -> Promise[Granted]:
        return self.world.transactions.init_producer_id(self.name, TIMEOUT_MS, claimed)

    def init(self, claimed: ProducerIdentity | None = None) -> Granted:
        return self.world.kept(self.ask(claimed))

    def add(self, *places: TopicPartition) -> ErrorCode:
        add = self.world.transactions.add_partitions
        return self.world.kept(add(self.name, self.producer, frozenset(places)))

    def add_group(self, group: str = "g") -> ErrorCode:
        add = self.world.transactions.add_group
        return self.world.kept(add(self.name, self.producer, group))

    def write(self, *places: TopicPartition, tag: object = None) -> None:
        for place in places:
            sequence = self.sent.get(place, 0)
            self.world.partition(place).append(self.producer, sequence, tag or self.name)
            self.sent[place] = sequence + 1

    def stage(self, offset: int, group: str = "g") -> None:
        transactions, offsets = self.world.transactions, self.world.offsets
        transactions.check_staging(self.name, self.producer, group)
        staged = {HERE: CommittedOffset(offset)}
        offsets.stage(self.producer.producer_id, group, staged, lambda _: None)

    def ending(self, *, commit: bool) -> Promise[ErrorCode]:
        return self.world.transactions.end(self.name, self.producer, commit=commit)

    def end(self, *, commit: bool = True) -> ErrorCode:
        return self.world.kept(self.ending(commit=commit))

    @property
    def state(self) -> TransactionState:
        transaction = self.world.transactions.get(self.name)
        assert transaction is not None
        return transaction.state

    def refusal(self, place: TopicPartition) -> ErrorCode:
        with pytest.raises(KafkaError) as caught:
            self.write(place)
        return caught.value.code


def outcomes(world: World, place: TopicPartition = HERE) -> list[bool | None]:
    return [outcome for _, outcome in world.partition(place).outcomes()]


def markers(world: World, place: TopicPartition = HERE) -> list[tuple[bool, int]]:
    """Return of each marker whether it commits, and its epoch."""
    return [
        (written.marker.commit, written.header.producer_epoch)
        for written in world.partition(place).written
        if written.marker is not None
    ]
