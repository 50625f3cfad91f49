"""Transactions when a disk is full, a process ends, or the ledger is not what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from transaction_client import (
    CONCURRENT,
    HERE,
    NONE,
    STATES,
    THERE,
    Client,
    markers,
    outcomes,
)
from transaction_world import TIMEOUT_MS, World

from accord_log.broker.settings import BrokerSettings
from accord_log.broker.transaction_completion import RETRY_MS
from accord_log.broker.transaction_record import NewerTransaction
from accord_log.broker.transaction_state import (
    ProducerIdentity,
)
from accord_log.broker.transactions import EXPIRY_INTERVAL_MS
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


# a disk that is full


def test_without_room_for_the_outcome_nothing_is_decided(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    client.world.now.files.faults.room = 0
    assert client.end() is ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert outcomes(client.world) == [None]
    client.world.now.files.faults.room = 1 << 30
    assert client.end() is NONE
    assert outcomes(client.world) == [True]


def test_a_disk_that_fails_with_the_outcome_decides_nothing(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    client.world.now.files.faults.refused = {"sync"}
    assert client.end(commit=True) is ErrorCode.COORDINATOR_NOT_AVAILABLE
    client.world.now.files.faults.refused = set()
    assert client.end(commit=False) is NONE
    client.world.restart()
    client.world.settle()
    assert outcomes(client.world) == [False]


def test_without_room_for_a_marker_the_outcome_stands_and_is_carried_out_later(
    client: Client,
) -> None:
    client.add(HERE, THERE)
    client.write(HERE, THERE)
    client.world.partition(HERE).is_full = True
    assert client.end() is NONE
    assert client.end() is CONCURRENT
    assert outcomes(client.world) == [None]
    assert outcomes(client.world, THERE) == [True]
    client.world.pass_time(RETRY_MS)
    client.world.partition(HERE).is_full = False
    client.world.pass_time(RETRY_MS)
    client.world.settle()
    assert outcomes(client.world) == [True]
    assert markers(client.world, THERE) == [(True, 0)]
    assert client.add(HERE) is NONE


def test_without_room_for_the_completion_it_is_noted_later(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    promise = client.ending(commit=True)
    client.world.now.flusher.round(1)
    client.world.now.files.faults.room = 0
    assert client.world.kept(promise) is NONE
    assert client.state is STATES.PREPARE_COMMIT
    client.world.now.files.faults.room = 1 << 30
    client.world.pass_time(RETRY_MS)
    assert client.state is STATES.COMPLETE_COMMIT
    assert markers(client.world) == [(True, 0)]


def test_without_room_nothing_is_added(client: Client) -> None:
    client.world.now.files.faults.room = 0
    assert client.add(HERE) is ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert client.state is STATES.EMPTY
    assert client.refusal(HERE) == ErrorCode.INVALID_TXN_STATE


def test_a_partition_that_is_gone_holds_nothing_up(client: Client) -> None:
    client.add(HERE, THERE)
    client.write(HERE, THERE)
    del client.world.partitions.by_place[THERE]
    assert client.end() is NONE
    assert outcomes(client.world) == [True]


# offsets


def committed(world: World, group: str = "g") -> int | None:
    found = world.offsets.of(group).get(HERE)
    return None if found is None else found.offset


def test_offsets_count_when_the_transaction_is_committed(client: Client) -> None:
    assert client.add_group() is NONE
    client.stage(5)
    assert committed(client.world) is None
    assert client.end() is NONE
    assert committed(client.world) == 5
    assert client.world.offsets.staged() == []


def test_offsets_never_count_when_it_is_aborted(client: Client) -> None:
    client.add(HERE)
    client.add_group()
    client.stage(5)
    client.end(commit=False)
    assert committed(client.world) is None
    assert client.world.offsets.staged() == []


def test_offsets_survive_until_the_commit(client: Client) -> None:
    client.add_group()
    client.stage(5)
    client.world.settle()
    client.world.cut_power()
    assert client.end() is NONE
    assert committed(client.world) == 5


def test_offsets_are_dropped_when_the_time_is_over(client: Client) -> None:
    client.add_group()
    client.stage(5)
    client.world.pass_time(TIMEOUT_MS)
    client.world.settle()
    assert client.world.offsets.staged() == []
    assert committed(client.world) is None


def test_offsets_are_staged_only_in_a_transaction_with_their_group(client: Client) -> None:
    def refusal(name: str = "x", group: str = "g", epoch: int = 0) -> ErrorCode:
        producer = client.producer._replace(epoch=epoch)
        with pytest.raises(KafkaError) as caught:
            client.world.transactions.check_staging(name, producer, group)
        return caught.value.code

    assert refusal() is ErrorCode.INVALID_TXN_STATE
    client.add_group()
    assert refusal(group="other") is ErrorCode.INVALID_TXN_STATE
    assert refusal(name="nobody") is ErrorCode.INVALID_PRODUCER_ID_MAPPING
    assert refusal(epoch=1) is ErrorCode.INVALID_PRODUCER_EPOCH
    client.ending(commit=True)
    assert refusal() is ErrorCode.INVALID_TXN_STATE


# recovery


@pytest.mark.parametrize("commit", [True, False])
def test_what_was_certain_is_carried_out_after_a_crash(client: Client, commit: bool) -> None:
    client.add(HERE, THERE)
    client.add_group()
    client.write(HERE, THERE)
    client.stage(5)
    client.world.partition(HERE).sync()
    client.world.partition(THERE).sync()
    client.ending(commit=commit)
    client.world.now.flusher.round(2)  # what is staged, and the outcome
    assert client.state.is_prepared
    client.world.cut_power()
    client.world.settle()
    assert outcomes(client.world) == outcomes(client.world, THERE) == [commit]
    assert committed(client.world) == (5 if commit else None)
    assert client.end(commit=commit) is NONE


def test_what_was_not_certain_is_still_open_after_a_crash(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    client.world.partition(HERE).sync()
    client.ending(commit=True)
    client.world.cut_power()
    assert client.state is STATES.ONGOING
    client.write(HERE)
    assert client.end(commit=False) is NONE
    assert outcomes(client.world) == [False, False]


def test_what_the_ledger_has_lost_is_aborted_and_its_producer_fenced(client: Client) -> None:
    """As after a power cut where acknowledgements do not wait for the disk."""
    client.add(HERE)
    client.end()
    path = client.world.directory / "transactions"
    before = path.read_bytes()
    client.add(HERE, THERE)
    client.add_group()
    client.write(HERE, THERE)
    client.stage(5)
    client.world.stop()
    path.write_bytes(before)
    client.world.restart()
    client.world.settle()
    assert outcomes(client.world) == outcomes(client.world, THERE) == [False]
    assert client.world.offsets.staged() == []
    assert client.end(commit=True) is ErrorCode.PRODUCER_FENCED
    assert client.refusal(HERE) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert client.init().producer == ProducerIdentity(0, 2)


def test_a_transaction_that_has_lost_a_part_is_aborted_whole(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    path = client.world.directory / "transactions"
    before = path.read_bytes()
    client.add(THERE)
    client.write(THERE)
    client.world.stop()
    path.write_bytes(before)
    client.world.restart()
    client.world.settle()
    assert outcomes(client.world) == outcomes(client.world, THERE) == [False]
    assert client.end(commit=True) is ErrorCode.PRODUCER_FENCED


def test_without_its_ledger_a_coordinator_pins_nothing_and_repeats_no_id(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    client.world.stop()
    for name in ("transactions", "producers"):
        (client.world.directory / name).unlink()
    client.world.restart()
    client.world.settle()
    assert outcomes(client.world) == [False]
    assert client.init().producer.producer_id > client.producer.producer_id


def test_an_epoch_that_the_ledger_has_lost_is_not_given_again(client: Client) -> None:
    path = client.world.directory / "transactions"
    before = path.read_bytes()
    heir = Client(client.world)
    heir.add(HERE)
    heir.write(HERE)
    heir.end()
    client.world.stop()
    path.write_bytes(before)
    client.world.restart()
    client.world.settle()
    assert heir.end() is ErrorCode.PRODUCER_FENCED
    assert client.init().producer.epoch > heir.producer.epoch


def test_a_ledger_of_a_newer_program_is_refused(client: Client) -> None:
    client.world.now.ledgers["transactions"].put_many({b"x": b'{"version":2}'})
    with pytest.raises(NewerTransaction):
        client.world.restart()


# forgetting


def test_names_that_nobody_uses_are_forgotten(tmp_path: Path) -> None:
    settings = BrokerSettings(
        transactional_id_expiration_ms=EXPIRY_INTERVAL_MS,
        transaction_max_timeout_ms=EXPIRY_INTERVAL_MS * 5,
    )
    world = World(tmp_path, settings)
    idle = Client(world, "idle")
    busy = Client(world, "busy")
    world.kept(world.transactions.init_producer_id("open", EXPIRY_INTERVAL_MS * 4))
    opened = world.transactions.get("open")
    assert opened is not None
    world.kept(world.transactions.add_partitions("open", opened.producer, frozenset({HERE})))
    world.pass_time(1)
    busy.add(THERE)
    busy.end()
    world.pass_time(EXPIRY_INTERVAL_MS - 1)
    assert world.transactions.names() == ["busy", "open"]
    assert idle.end() is ErrorCode.INVALID_PRODUCER_ID_MAPPING
    world.pass_time(EXPIRY_INTERVAL_MS)
    world.restart()
    assert world.transactions.names() == ["open"]
    assert Client(world, "idle").producer.producer_id > idle.producer.producer_id


def test_without_room_names_are_forgotten_later(client: Client) -> None:
    client.world.now.files.faults.room = 0
    client.world.pass_time(client.world.settings.transactional_id_expiration_ms)
    assert client.world.transactions.names() == ["x"]
    client.world.now.files.faults.room = 1 << 30
    client.world.pass_time(EXPIRY_INTERVAL_MS)
    assert client.world.transactions.names() == []
