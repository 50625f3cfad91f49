"""No producer id is given twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from batch_headers import header_of
from transaction_world import PLACES, World

from accord_log.broker.producer_ids import BLOCK, ProducerIds
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def ids_of(world: World) -> ProducerIds:
    return ProducerIds(world.now.services, world.now.ledgers["producers"], world.partitions)


def take(world: World, ids: ProducerIds, count: int = 1) -> list[int]:
    promises = [ids.take() for _ in range(count)]
    world.settle()
    taken = [promise.wait(0) for promise in promises]
    assert all(isinstance(producer_id, int) for producer_id in taken)
    return taken


def test_ids_are_given_one_by_one_over_blocks(world: World) -> None:
    assert take(world, ids_of(world), 2 * BLOCK + 5) == list(range(2 * BLOCK + 5))


def test_nobody_is_given_an_id_before_its_block_is_durable(world: World) -> None:
    ids = ids_of(world)
    promise = ids.take()
    assert not promise.is_done
    world.now.flusher.round()
    assert promise.wait(0) == 0


def test_within_a_block_nothing_is_waited_for(world: World) -> None:
    ids = ids_of(world)
    take(world, ids)
    assert ids.take().wait(0) == 1


def test_after_a_restart_the_block_is_not_used_again(world: World) -> None:
    given = take(world, ids_of(world), 3)
    world.restart()
    assert not set(given) & set(take(world, ids_of(world), 3))


def test_without_the_ledger_no_id_is_given_that_a_partition_has_seen(world: World) -> None:
    states = world.partition(PLACES[1]).log.producers
    states.note(header_of(3 * BLOCK + 7))
    assert take(world, ids_of(world)) == [4 * BLOCK]


def test_an_id_seen_elsewhere_is_skipped(world: World) -> None:
    ids = ids_of(world)
    take(world, ids)
    ids.skip(5)
    assert take(world, ids) == [1]
    ids.skip(BLOCK)
    assert take(world, ids) == [2 * BLOCK]


@pytest.mark.parametrize("fault", ["room", "sync"])
def test_who_cannot_be_given_an_id_may_ask_again(world: World, fault: str) -> None:
    ids = ids_of(world)
    faults = world.now.files.faults
    if fault == "room":
        faults.room = 0
    else:
        faults.refused = {"sync"}
    promises = [ids.take(), ids.take()]
    world.settle()
    refusals = [promise.wait(0) for promise in promises]
    assert all(isinstance(refusal, KafkaError) for refusal in refusals)
    assert {refusal.code for refusal in refusals} == {ErrorCode.COORDINATOR_NOT_AVAILABLE}
    faults.room, faults.refused = 1 << 30, set()
    assert take(world, ids) == [0]
