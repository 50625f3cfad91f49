"""Transactions from beginning to end, and what happens when one of the steps does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from transaction_client import (
    CONCURRENT,
    ELSEWHERE,
    HERE,
    NONE,
    STATES,
    THERE,
    Client,
    markers,
    outcomes,
)
from transaction_world import TIMEOUT_MS, World

from accord_log.broker.transaction_completion import RETRY_MS
from accord_log.broker.transaction_state import (
    FENCING_EPOCH,
    LAST_EPOCH,
    ProducerIdentity,
)
from accord_log.broker.transactions import Granted
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


# identities


def test_without_a_name_everybody_gets_an_id_of_his_own(world: World) -> None:
    granted = [world.transactions.init_producer_id(None, 0) for _ in range(3)]
    world.settle()
    assert [promise.wait(0) for promise in granted] == [
        Granted(NONE, ProducerIdentity(number, 0)) for number in range(3)
    ]


def test_an_identity_is_given_when_it_is_durable(world: World) -> None:
    promise = world.transactions.init_producer_id("x", TIMEOUT_MS)
    while world.now.flusher.waiting:
        assert not promise.is_done
        world.now.flusher.round(1)
    assert promise.wait(0) == Granted(NONE, ProducerIdentity(0, 0))


def test_the_next_of_the_same_name_gets_the_next_epoch(client: Client) -> None:
    assert client.producer == ProducerIdentity(0, 0)
    assert client.init().producer == ProducerIdentity(0, 1)
    assert Client(client.world, "y").producer == ProducerIdentity(1, 0)


def test_epochs_go_on_after_a_restart(client: Client) -> None:
    client.world.restart()
    assert client.init().producer == ProducerIdentity(0, 1)
    assert Client(client.world, "y").producer.producer_id > 0


@pytest.mark.parametrize(
    ("name", "timeout_ms", "code"),
    [
        ("", 1, ErrorCode.INVALID_REQUEST),
        ("x", 0, ErrorCode.INVALID_TRANSACTION_TIMEOUT),
        ("x", -1, ErrorCode.INVALID_TRANSACTION_TIMEOUT),
        ("x", 15 * 60 * 1000 + 1, ErrorCode.INVALID_TRANSACTION_TIMEOUT),
    ],
)
def test_what_cannot_be_granted(world: World, name: str, timeout_ms: int, code: ErrorCode) -> None:
    assert world.kept(world.transactions.init_producer_id(name, timeout_ms)).code is code
    assert world.transactions.names() == []


def test_two_who_ask_at_once_do_not_get_the_same(world: World) -> None:
    first = world.transactions.init_producer_id("x", TIMEOUT_MS)
    assert world.transactions.init_producer_id("x", TIMEOUT_MS).wait(0).code is CONCURRENT
    assert world.kept(first).code is NONE


def test_a_full_disk_grants_nothing_and_can_be_asked_again(world: World) -> None:
    world.now.files.faults.room = 0
    granted = world.kept(world.transactions.init_producer_id("x", TIMEOUT_MS))
    assert granted.code is ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert world.transactions.names() == []
    world.now.files.faults.room = 1 << 30
    assert Client(world).producer == ProducerIdentity(0, 0)


def test_a_disk_that_fails_grants_nothing_and_can_be_asked_again(world: World) -> None:
    world.now.files.faults.refused = {"sync"}
    granted = world.kept(world.transactions.init_producer_id("x", TIMEOUT_MS))
    assert granted.code is ErrorCode.COORDINATOR_NOT_AVAILABLE
    world.now.files.faults.refused = set()
    assert Client(world).producer == ProducerIdentity(0, 0)


# going on in a new epoch (KIP-360)


def test_the_latest_producer_may_go_on_in_a_new_epoch(client: Client) -> None:
    assert client.init(client.producer).producer == ProducerIdentity(0, 1)


def test_who_did_not_get_the_answer_gets_it_again(client: Client) -> None:
    first = client.init(client.producer)
    assert client.init(client.producer) == first
    client.world.restart()
    assert client.init(client.producer) == first


def test_who_has_been_replaced_cannot_go_on(client: Client) -> None:
    Client(client.world)
    assert client.init(client.producer).code is ErrorCode.PRODUCER_FENCED
    stranger = ProducerIdentity(77, 0)
    assert client.init(stranger).code is ErrorCode.PRODUCER_FENCED


def test_a_name_that_is_new_takes_anybody(world: World) -> None:
    asked = world.transactions.init_producer_id("new", TIMEOUT_MS, ProducerIdentity(9, 4))
    assert world.kept(asked) == Granted(NONE, ProducerIdentity(0, 0))


def test_a_repetition_does_not_touch_a_transaction_that_has_begun(client: Client) -> None:
    old = client.producer
    client.producer = client.init(old).producer
    client.add(HERE)
    assert client.init(old).code is ErrorCode.PRODUCER_FENCED
    assert client.state is STATES.ONGOING


def test_going_on_aborts_the_transaction(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    granted = client.init(client.producer)
    assert granted == Granted(NONE, ProducerIdentity(0, 1))
    assert outcomes(client.world) == [False]
    assert client.init(client.producer) == granted


def use_up_epochs(client: Client, last: int = LAST_EPOCH) -> None:
    """Give the client the last epoch of his id, without the many requests before."""
    entry = client.world.transactions._entries[client.name]  # noqa: SLF001 - 32 766 requests
    client.producer = ProducerIdentity(client.producer.producer_id, last)
    object.__setattr__(entry.transaction, "producer", client.producer)


def test_when_the_epochs_are_used_up_there_is_a_new_id(client: Client) -> None:
    use_up_epochs(client, LAST_EPOCH - 1)
    last = client.init().producer
    assert last == ProducerIdentity(0, LAST_EPOCH)
    new = client.init(last)
    assert new == Granted(NONE, ProducerIdentity(1, 0))
    assert client.init(last) == new
    assert client.init().producer == ProducerIdentity(1, 1)
    assert client.init(last).code is ErrorCode.PRODUCER_FENCED


def test_the_last_epoch_can_be_fenced(client: Client) -> None:
    use_up_epochs(client)
    client.add(HERE)
    client.write(HERE)
    assert client.init().producer == ProducerIdentity(1, 0)
    assert markers(client.world) == [(False, FENCING_EPOCH)]
    assert client.refusal(HERE) == ErrorCode.INVALID_PRODUCER_EPOCH


def test_the_last_epoch_can_go_on(client: Client) -> None:
    use_up_epochs(client)
    client.add(HERE)
    granted = client.init(client.producer)
    assert granted.producer == ProducerIdentity(1, 0)
    assert client.init(client.producer) == granted


# to the end


@pytest.mark.parametrize("commit", [True, False])
def test_a_transaction_ends_alike_everywhere(client: Client, commit: bool) -> None:
    assert client.add(HERE, THERE) is NONE
    client.write(HERE, THERE, HERE)
    assert client.end(commit=commit) is NONE
    assert outcomes(client.world) == [commit, commit]
    assert outcomes(client.world, THERE) == [commit]
    assert markers(client.world, ELSEWHERE) == []
    assert client.state is (STATES.COMPLETE_COMMIT if commit else STATES.COMPLETE_ABORT)


def test_transactions_follow_each_other(client: Client) -> None:
    for commit in (True, False, True):
        client.add(HERE)
        client.write(HERE)
        client.end(commit=commit)
    assert outcomes(client.world) == [True, False, True]
    assert markers(client.world) == [(True, 0), (False, 0), (True, 0)]


def test_partitions_can_be_added_while_it_goes_on(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    assert client.add(HERE, THERE) is NONE
    client.write(HERE, THERE)
    client.end()
    assert outcomes(client.world) == [True, True]
    assert outcomes(client.world, THERE) == [True]


def test_what_is_added_already_is_answered_at_once(client: Client) -> None:
    client.add(HERE, THERE)
    add = client.world.transactions.add_partitions
    assert add(client.name, client.producer, frozenset({HERE})).wait(0) is NONE


def test_a_partition_takes_nothing_before_it_is_added_or_after_the_end(client: Client) -> None:
    assert client.refusal(HERE) == ErrorCode.INVALID_TXN_STATE
    client.add(HERE)
    assert client.refusal(THERE) == ErrorCode.INVALID_TXN_STATE
    client.write(HERE)
    client.end()
    assert client.refusal(HERE) == ErrorCode.INVALID_TXN_STATE
    client.add(THERE)
    assert client.refusal(HERE) == ErrorCode.INVALID_TXN_STATE


def test_a_partition_takes_nothing_before_adding_it_is_durable(client: Client) -> None:
    add = client.world.transactions.add_partitions
    promise = add(client.name, client.producer, frozenset({HERE}))
    assert client.refusal(HERE) == ErrorCode.INVALID_TXN_STATE
    assert not promise.is_done
    client.world.settle()
    client.write(HERE)


def test_while_partitions_are_added_others_are_written_to(client: Client) -> None:
    client.add(HERE)
    client.add_group()
    add = client.world.transactions.add_partitions
    add(client.name, client.producer, frozenset({THERE}))
    client.write(HERE)
    client.stage(4)
    assert client.ending(commit=True).wait(0) is CONCURRENT


def test_no_marker_is_written_before_the_outcome_is_durable(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    promise = client.ending(commit=True)
    assert markers(client.world) == []
    client.world.now.flusher.round(1)
    assert markers(client.world) == [(True, 0)]
    assert (client.state, promise.is_done) == (STATES.PREPARE_COMMIT, False)
    client.world.now.flusher.round(1)
    assert (client.state, promise.wait(0)) == (STATES.COMPLETE_COMMIT, NONE)


def test_an_end_is_answered_the_same_when_asked_again(client: Client) -> None:
    for commit in (True, False):
        client.add(HERE)
        assert [client.end(commit=commit), client.end(commit=commit)] == [NONE, NONE]
        assert client.end(commit=not commit) is ErrorCode.INVALID_TXN_STATE
    client.world.restart()
    assert client.end(commit=False) is NONE
    assert len(markers(client.world)) == 2


def test_a_transaction_that_never_began_cannot_end(client: Client) -> None:
    for commit in (True, False):
        assert client.end(commit=commit) is ErrorCode.INVALID_TXN_STATE


def test_while_it_is_being_completed_everything_else_waits(client: Client) -> None:
    client.add(HERE)
    client.ending(commit=True)
    for _ in range(2):  # while the outcome is made durable, and while the marker is
        assert client.ending(commit=True).wait(0) is CONCURRENT
        add = client.world.transactions.add_partitions
        assert add("x", client.producer, frozenset({THERE})).wait(0) is CONCURRENT
        assert client.ask().wait(0).code is CONCURRENT
        assert client.ask(client.producer).wait(0).code is CONCURRENT
        client.world.now.flusher.round(1)
    assert client.add(THERE) is NONE


def test_the_other_outcome_is_refused_as_soon_as_one_is_certain(client: Client) -> None:
    client.add(HERE)
    client.ending(commit=True)
    client.world.now.flusher.round(1)
    assert client.ending(commit=False).wait(0) is ErrorCode.INVALID_TXN_STATE


def test_strangers_are_refused(client: Client) -> None:
    client.add(HERE)
    transactions = client.world.transactions
    wrong = {
        ("", client.producer): ErrorCode.INVALID_REQUEST,
        ("nobody", client.producer): ErrorCode.INVALID_PRODUCER_ID_MAPPING,
        ("x", ProducerIdentity(5, 0)): ErrorCode.INVALID_PRODUCER_ID_MAPPING,
        ("x", ProducerIdentity(0, 1)): ErrorCode.PRODUCER_FENCED,
    }
    for (name, producer), code in wrong.items():
        assert transactions.add_partitions(name, producer, frozenset({HERE})).wait(0) is code
        assert transactions.add_group(name, producer, "g").wait(0) is code
        assert transactions.end(name, producer, commit=True).wait(0) is code


# fencing


def test_a_new_producer_aborts_the_transaction_of_the_old_one(client: Client) -> None:
    client.add(HERE, THERE)
    client.write(HERE, THERE)
    heir = Client(client.world)
    assert heir.producer == ProducerIdentity(0, 2)  # 1 was the fence
    assert outcomes(client.world) == outcomes(client.world, THERE) == [False]
    assert markers(client.world) == [(False, 1)]
    assert client.refusal(HERE) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert client.end() is ErrorCode.PRODUCER_FENCED
    assert client.add(HERE) is ErrorCode.PRODUCER_FENCED
    heir.add(HERE)
    heir.write(HERE)
    heir.end()
    assert outcomes(client.world) == [False, True]


def test_a_new_producer_waits_for_the_abort(client: Client) -> None:
    client.add(HERE)
    asked = client.ask()
    client.world.now.flusher.round(1)
    assert (asked.is_done, client.state) == (False, STATES.PREPARE_ABORT)
    assert client.world.kept(asked).code is NONE


def test_a_new_producer_does_not_wait_for_a_full_disk(client: Client) -> None:
    client.add(HERE)
    client.world.partition(HERE).is_full = True
    assert client.init().code is CONCURRENT
    assert client.init().code is CONCURRENT
    client.world.partition(HERE).is_full = False
    client.world.pass_time(RETRY_MS)
    client.world.settle()
    assert client.init().code is NONE


# time


def test_a_transaction_that_takes_too_long_is_aborted(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    client.world.pass_time(TIMEOUT_MS - 1)
    client.world.settle()
    assert outcomes(client.world) == [None]
    client.world.pass_time(1)
    client.world.settle()
    assert outcomes(client.world) == [False]
    assert client.end() is ErrorCode.PRODUCER_FENCED
    assert client.refusal(HERE) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert client.init(client.producer).code is ErrorCode.PRODUCER_FENCED


def test_time_is_counted_from_the_beginning_of_each_transaction(client: Client) -> None:
    for _ in range(3):
        client.add(HERE)
        client.world.pass_time(TIMEOUT_MS - 1)
        client.add(THERE)
        assert client.end() is NONE
    client.world.pass_time(TIMEOUT_MS * 5)
    client.world.settle()
    assert client.state is STATES.COMPLETE_COMMIT


def test_the_time_goes_on_over_a_restart(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    client.world.pass_time(TIMEOUT_MS - 1)
    client.world.restart()
    client.write(HERE)
    client.world.pass_time(1)
    client.world.settle()
    assert outcomes(client.world) == [False, False]


def test_an_end_that_comes_first_is_not_undone_by_the_time(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    promise = client.ending(commit=True)
    client.world.pass_time(TIMEOUT_MS)
    client.world.pass_time(RETRY_MS)
    assert client.world.kept(promise) is NONE
    client.world.pass_time(TIMEOUT_MS)
    client.world.settle()
    assert outcomes(client.world) == [True]


def test_a_time_out_that_cannot_be_written_comes_again(client: Client) -> None:
    client.add(HERE)
    client.write(HERE)
    client.world.now.files.faults.room = 0
    client.world.pass_time(TIMEOUT_MS)
    client.world.settle()
    assert client.state is STATES.ONGOING
    client.world.now.files.faults.room = 1 << 30
    client.world.pass_time(RETRY_MS)
    client.world.settle()
    assert outcomes(client.world) == [False]
