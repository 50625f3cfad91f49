"""The requests of transactional producers, as a whole broker answers them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from accord_log.broker.broker import Broker
from accord_log.broker.context import Context
from accord_log.broker.promise import Promise
from accord_log.broker.settings import BrokerSettings
from accord_log.broker.timers import Timers
from accord_log.kafka.codec import decode, encode
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from accord_log.kafka.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
)
from accord_log.kafka.messages.create_topics import CreatableTopic, CreateTopicsRequest
from accord_log.kafka.messages.describe_producers import DescribeProducersRequest, TopicRequest
from accord_log.kafka.messages.describe_transactions import DescribeTransactionsRequest
from accord_log.kafka.messages.end_txn import EndTxnRequest
from accord_log.kafka.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from accord_log.kafka.messages.find_coordinator import FindCoordinatorRequest
from accord_log.kafka.messages.init_producer_id import InitProducerIdRequest
from accord_log.kafka.messages.list_transactions import ListTransactionsRequest
from accord_log.kafka.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from accord_log.kafka.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from accord_log.kafka.records import encode_values
from accord_log.log.flush import Durability, Flusher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from accord_log.kafka.fields import Message

NONE = ErrorCode.NONE
TIMEOUT_MS = 1000
ALL_VERSIONS = 99


class Clock:
    now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


class Room:
    """A broker on a disk that is quick to promise, and what one asks it."""

    def __init__(self, directory: Path) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.broker = Broker(
            directory,
            BrokerSettings(default_partitions=2),
            flusher=Flusher(Durability.NONE),
            clock=self.clock,
            timers=self.timers,
        )

    def ask(self, request: Message, version: int = ALL_VERSIONS) -> Any:
        """Return the answer as a client of that version, or of the latest, reads it."""
        spoken = min(version, request.versions[-1])
        received = decode(type(request), encode(request, spoken), spoken)
        answer = self.broker.handle(received, Context(spoken, advertised=("here", 9)))
        if isinstance(answer, Promise):
            assert answer.is_done
            answer = answer.wait(0)
        assert answer is not None
        return decode(type(answer), encode(answer, spoken), spoken)

    def init(self, name: str | None = "x", **fields: int) -> Any:
        request = InitProducerIdRequest(name, fields.pop("timeout_ms", TIMEOUT_MS))
        version = fields.pop("version", ALL_VERSIONS)
        for field, value in fields.items():
            setattr(request, field, value)
        return self.ask(request, version)

    def add(
        self, *partitions: int, topic: str = "t", epoch: int = 0, version: int = 3
    ) -> list[int]:
        request = AddPartitionsToTxnRequest(
            "x", 0, epoch, [AddPartitionsToTxnTopic(topic, list(partitions))]
        )
        (found,) = self.ask(request, version).results_by_topic
        assert [part.partition_index for part in found.results_by_partition] == list(partitions)
        return [part.partition_error_code for part in found.results_by_partition]

    def add_group(self, group: str = "g", epoch: int = 0, version: int = 3) -> int:
        request = AddOffsetsToTxnRequest("x", 0, epoch, group)
        return self.ask(request, version).error_code

    def end(self, *, commit: bool = True, epoch: int = 0, version: int = 3) -> int:
        return self.ask(EndTxnRequest("x", 0, epoch, commit), version).error_code

    def produce(self, *values: bytes, sequence: int = 0, epoch: int = 0, index: int = 0) -> int:
        batch = encode_values(
            values,
            self.clock(),
            producer_id=0,
            producer_epoch=epoch,
            base_sequence=sequence,
            transactional=True,
        )
        data = TopicProduceData("t", [PartitionProduceData(index, bytes(batch))])
        answer = self.ask(ProduceRequest("x", -1, 1000, [data]))
        return answer.responses[0].partition_responses[0].error_code

    def stage(self, *offsets: tuple[str, int, int], epoch: int = 0, **fields: Any) -> list[int]:
        """Stage (topic, partition, offset)."""
        request = TxnOffsetCommitRequest("x", "g", 0, epoch, **fields)
        for topic, index, offset in offsets:
            part = TxnOffsetCommitRequestPartition(index, offset)
            request.topics.append(TxnOffsetCommitRequestTopic(topic, [part]))
        answer = self.ask(request)
        return [part.error_code for topic in answer.topics for part in topic.partitions]

    def fetched(self, index: int = 0) -> Any:
        """Return what a reader of what is committed is given from the start."""
        part = FetchPartition(index, fetch_offset=0, partition_max_bytes=1 << 20)
        request = FetchRequest(
            max_wait_ms=0,
            min_bytes=0,
            isolation_level=1,
            topics=[FetchTopic("t", partitions=[part])],
        )
        answer = self.ask(request, 12)
        return answer.responses[0].partitions[0]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def room(directory: Path) -> Iterator[Room]:
    room = Room(directory)
    room.ask(CreateTopicsRequest([CreatableTopic("t", 2, 1)], 1000))
    yield room
    room.broker.close()


# who


@pytest.mark.parametrize("version", FindCoordinatorRequest.versions)
@pytest.mark.parametrize("key_type", [0, 1])
def test_the_coordinator_is_this_broker(room: Room, version: int, key_type: int) -> None:
    request = FindCoordinatorRequest("x", key_type if version else 0, ["x"] if version > 3 else [])
    answer = room.ask(request, version)
    found = answer.coordinators[0] if version > 3 else answer
    assert (found.error_code, found.node_id, found.host, found.port) == (NONE, 1, "here", 9)


def test_many_coordinators_are_found_at_once(room: Room) -> None:
    answer = room.ask(FindCoordinatorRequest("", 0, ["a", "b"]))
    assert [found.key for found in answer.coordinators] == ["a", "b"]
    assert room.ask(FindCoordinatorRequest("", 0, [])).coordinators == []


@pytest.mark.parametrize("version", [1, 4])
def test_keys_of_other_types_have_no_coordinator(room: Room, version: int) -> None:
    answer = room.ask(FindCoordinatorRequest("x", 2, ["x"] if version > 3 else []), version)
    found = answer.coordinators[0] if version > 3 else answer
    assert (found.error_code, found.node_id) == (ErrorCode.INVALID_REQUEST, -1)
    assert found.error_message


@pytest.mark.parametrize("version", InitProducerIdRequest.versions)
def test_an_identity_is_granted_in_every_version(room: Room, version: int) -> None:
    granted = room.init(None, version=version)
    assert (granted.error_code, granted.producer_id, granted.producer_epoch) == (NONE, 0, 0)
    granted = room.init("x", version=version)
    assert (granted.error_code, granted.producer_id, granted.producer_epoch) == (NONE, 1, 0)


@pytest.mark.parametrize("fields", [{"producer_id": 0}, {"producer_epoch": 0}])
def test_half_an_identity_is_refused(room: Room, fields: dict[str, int]) -> None:
    assert room.init(**fields).error_code == ErrorCode.INVALID_REQUEST


def test_who_is_fenced_is_told_in_his_version(room: Room) -> None:
    room.init()
    room.init()
    claim = {"producer_id": 0, "producer_epoch": 0}
    assert room.init(**claim).error_code == ErrorCode.PRODUCER_FENCED
    assert room.init(**claim, version=3).error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    refused = room.init(**claim)
    assert (refused.producer_id, refused.producer_epoch) == (-1, -1)


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_requests_of_who_is_fenced_are_refused_in_his_version(room: Room, version: int) -> None:
    room.init()
    room.init()
    code = ErrorCode.PRODUCER_FENCED if version > 1 else ErrorCode.INVALID_PRODUCER_EPOCH
    assert room.add(0, version=version) == [code]
    assert room.add_group(version=version) == code
    assert room.end(version=version) == code


# a whole transaction


@pytest.mark.parametrize("version", [0, 3])
@pytest.mark.parametrize("commit", [True, False])
def test_readers_see_what_was_committed(room: Room, version: int, commit: bool) -> None:
    room.init()
    assert room.add(0, 1, version=version) == [NONE, NONE]
    assert [room.produce(b"a", b"b"), room.produce(b"c", index=1)] == [NONE, NONE]
    assert room.fetched().last_stable_offset == 0
    assert room.fetched().high_watermark == 2
    assert room.end(commit=commit, version=version) == NONE
    part = room.fetched()
    assert part.last_stable_offset == part.high_watermark == 3
    aborted = [(found.producer_id, found.first_offset) for found in part.aborted_transactions or []]
    assert aborted == ([] if commit else [(0, 0)])
    assert room.fetched(1).last_stable_offset == 2


def test_with_a_partition_that_does_not_exist_none_is_added(room: Room) -> None:
    room.init()
    assert room.add(0, 7) == [
        ErrorCode.OPERATION_NOT_ATTEMPTED,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]
    assert room.produce(b"a") == ErrorCode.INVALID_TXN_STATE
    assert room.end() == ErrorCode.INVALID_TXN_STATE


def test_a_batch_of_no_transaction_is_refused(room: Room) -> None:
    room.init()
    assert room.produce(b"a") == ErrorCode.INVALID_TXN_STATE
    room.add(1)
    assert room.produce(b"a") == ErrorCode.INVALID_TXN_STATE
    assert room.produce(b"a", index=1) == NONE
    room.end()
    assert room.produce(b"b", index=1, sequence=1) == ErrorCode.INVALID_TXN_STATE
    assert room.fetched(1).high_watermark == 2


def test_a_batch_that_is_sent_again_after_the_end_is_known(room: Room) -> None:
    room.init()
    room.add(0)
    room.produce(b"a")
    room.end()
    assert room.produce(b"a") == NONE
    assert room.fetched().high_watermark == 2


def test_a_zombie_cannot_write(room: Room) -> None:
    room.init()
    room.add(0)
    room.produce(b"a")
    room.init()
    assert room.produce(b"b", sequence=1) == ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_transaction_whose_time_is_over_lets_readers_on(room: Room) -> None:
    room.init()
    room.add(0)
    room.produce(b"a")
    room.clock.now_ms += TIMEOUT_MS
    room.timers.run_due()
    assert room.fetched().last_stable_offset == 2
    assert room.end() == ErrorCode.PRODUCER_FENCED


# offsets


def committed(room: Room) -> dict[tuple[str, int], int]:
    return {where: found.offset for where, found in room.broker.offsets.of("g").items()}


def test_staged_offsets_count_with_the_commit(room: Room) -> None:
    room.init()
    assert room.add_group() == NONE
    assert room.stage(("t", 0, 5), ("t", 1, 6)) == [NONE, NONE]
    assert committed(room) == {}
    assert room.end() == NONE
    assert committed(room) == {("t", 0): 5, ("t", 1): 6}


def test_offsets_are_staged_one_by_one(room: Room) -> None:
    room.init()
    room.add_group()
    assert room.stage(("t", 9, 5), ("t", 1, 6)) == [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, NONE]
    room.end()
    assert committed(room) == {("t", 1): 6}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"epoch": 3}, ErrorCode.INVALID_PRODUCER_EPOCH),
        ({"generation_id": 1, "member_id": "m"}, ErrorCode.ILLEGAL_GENERATION),
    ],
)
def test_offsets_that_cannot_be_staged(room: Room, fields: Any, code: ErrorCode) -> None:
    room.init()
    assert room.stage(("t", 0, 5)) == [ErrorCode.INVALID_TXN_STATE]
    room.add_group()
    assert room.stage(("t", 0, 5), **fields) == [code]
    room.end()
    assert committed(room) == {}


def test_metadata_has_a_limit(room: Room) -> None:
    room.init()
    room.add_group()
    part = TxnOffsetCommitRequestPartition(0, 5, committed_metadata="m" * 5000)
    topics = [TxnOffsetCommitRequestTopic("t", [part])]
    answer = room.ask(TxnOffsetCommitRequest("x", "g", 0, 0, topics=topics))
    (found,) = answer.topics[0].partitions
    assert found.error_code == ErrorCode.OFFSET_METADATA_TOO_LARGE


# administration


def test_transactions_are_described(room: Room) -> None:
    room.init()
    room.add(1, 0)
    request = DescribeTransactionsRequest(["x", "nobody", ""])
    known, unknown, empty = room.ask(request).transaction_states
    assert (known.transactional_id, known.transaction_state) == ("x", "Ongoing")
    assert (known.producer_id, known.producer_epoch) == (0, 0)
    assert known.transaction_timeout_ms == TIMEOUT_MS
    assert known.transaction_start_time_ms == room.clock.now_ms
    assert [(topic.topic, topic.partitions) for topic in known.topics] == [("t", [0, 1])]
    assert unknown.error_code == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND
    assert empty.error_code == ErrorCode.INVALID_REQUEST


def test_transactions_are_listed(room: Room) -> None:
    room.init("x")
    room.init("y")
    room.add(0)
    room.clock.now_ms += 10

    def listed(version: int = 1, **filters: Any) -> list[str]:
        answer = room.ask(ListTransactionsRequest(**filters), version)
        assert answer.error_code == NONE
        return [found.transactional_id for found in answer.transaction_states]

    assert listed(0) == ["x", "y"]
    assert listed(state_filters=["Ongoing"]) == ["x"]
    assert listed(state_filters=["Empty", "Dead"]) == ["y"]
    assert listed(producer_id_filters=[1]) == ["y"]
    assert listed(duration_filter=9, state_filters=["Ongoing"]) == ["x"]
    assert listed(duration_filter=10, state_filters=["Ongoing"]) == []
    answer = room.ask(ListTransactionsRequest(["Going", "Dead"]))
    assert (answer.unknown_state_filters, answer.transaction_states) == (["Going"], [])


def test_producers_are_described(room: Room) -> None:
    room.init()
    room.add(0)
    room.produce(b"a", b"b")
    request = DescribeProducersRequest([TopicRequest("t", [0, 1, 2])])
    here, empty, nowhere = room.ask(request).topics[0].partitions
    (producer,) = here.active_producers
    assert (producer.producer_id, producer.producer_epoch, producer.last_sequence) == (0, 0, 1)
    assert (producer.current_txn_start_offset, producer.coordinator_epoch) == (0, -1)
    assert (empty.error_code, empty.active_producers) == (NONE, [])
    assert nowhere.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    room.end()
    (producer,) = room.ask(request).topics[0].partitions[0].active_producers
    assert (producer.current_txn_start_offset, producer.coordinator_epoch) == (-1, 0)


# after a crash


def test_a_killed_broker_goes_on_with_its_transactions(
    room: Room, directory: Path, tmp_path: Path
) -> None:
    room.init()
    room.add(0)
    room.add_group()
    room.produce(b"a")
    room.stage(("t", 0, 5))
    shutil.copytree(directory, tmp_path / "left")
    heir = Room(tmp_path / "left")
    assert heir.fetched().last_stable_offset == 0
    assert heir.produce(b"b", sequence=1) == NONE
    assert heir.end() == NONE
    assert heir.fetched().last_stable_offset == 3
    assert committed(heir) == {("t", 0): 5}
    heir.broker.close()


def test_a_broker_that_stopped_goes_on_with_its_transactions(directory: Path) -> None:
    room = Room(directory)
    room.ask(CreateTopicsRequest([CreatableTopic("t", 2, 1)], 1000))
    room.init()
    room.add(0)
    room.produce(b"a")
    room.broker.close()
    heir = Room(directory)
    assert heir.produce(b"a") == NONE
    assert heir.produce(b"b", sequence=1) == NONE
    assert heir.end(commit=False) == NONE
    assert [(a.producer_id, a.first_offset) for a in heir.fetched().aborted_transactions] == [
        (0, 0)
    ]
    heir.broker.close()
