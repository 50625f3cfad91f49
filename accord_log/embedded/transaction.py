"""A producer's transactions, as its client sees them."""

from __future__ import annotations

import time
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from accord_log.embedded.error import KafkaError, KafkaException, Local, described, failure
from accord_log.embedded.identity import Identity
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.add_offsets_to_txn import (
    AddOffsetsToTxnRequest,
    AddOffsetsToTxnResponse,
)
from accord_log.kafka.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
)
from accord_log.kafka.messages.end_txn import EndTxnRequest, EndTxnResponse
from accord_log.kafka.messages.init_producer_id import (
    InitProducerIdRequest,
    InitProducerIdResponse,
)
from accord_log.kafka.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord_log.embedded.caller import Caller
    from accord_log.embedded.group_metadata import ConsumerGroupMetadata
    from accord_log.embedded.topic_partition import TopicPartition
    from accord_log.kafka.fields import Message

R = TypeVar("R")
PAUSE_SECONDS = 0.01
RETRIED = frozenset({ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.COORDINATOR_NOT_AVAILABLE})
FENCED = frozenset({ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_PRODUCER_EPOCH})
FATAL = FENCED | {ErrorCode.INVALID_TXN_STATE, ErrorCode.INVALID_PRODUCER_ID_MAPPING}


class State(Enum):
    """What a producer may do next."""

    NEW = "the transactions are not initialized"
    READY = "no transaction was begun"
    ONGOING = "a transaction is under way"
    ABORTABLE = "the transaction has failed and must be aborted"
    FATAL = "the producer cannot go on"


class TransactionalClient:
    """The transactions of one transactional id; every method may raise KafkaException."""

    def __init__(self, caller: Caller, name: str, timeout_ms: int) -> None:
        self._caller = caller
        self._name = name
        self._timeout_ms = timeout_ms
        self._parties: set[tuple[str, int] | str] = set()
        self._failure: KafkaError | None = None
        self.state = State.NEW
        self.identity = Identity(-1, -1, transactional=True)

    def require(self, *states: State) -> None:
        """Raise KafkaException in any other state."""
        if self.state in states:
            return
        if self._failure is not None:
            raise KafkaException(self._failure)
        raise failure(Local.STATE, f"Operation not valid: {self.state.value}")

    def init(self, deadline: float) -> None:
        """Become the only producer of the name; what another one has begun is aborted."""
        self.require(State.NEW, State.READY)
        request = InitProducerIdRequest(self._name, self._timeout_ms)
        answer = self._ask(request, InitProducerIdResponse, lambda a: a.error_code, deadline)
        self.identity = Identity(answer.producer_id, answer.producer_epoch, transactional=True)
        self.state = State.READY

    def begin(self) -> None:
        self.require(State.READY)
        self._parties.clear()
        self.state = State.ONGOING

    def include(self, place: tuple[str, int], deadline: float) -> None:
        """Have a partition take part."""
        self.require(State.ONGOING)
        if place in self._parties:
            return
        topic, partition = place
        request = AddPartitionsToTxnRequest(
            self._name, *self._who(), [AddPartitionsToTxnTopic(topic, [partition])]
        )
        self._ask(request, AddPartitionsToTxnResponse, _first_code, deadline)
        self._parties.add(place)

    def send_offsets(
        self, offsets: Sequence[TopicPartition], group: ConsumerGroupMetadata, deadline: float
    ) -> None:
        """Commit a group's offsets when the transaction is committed."""
        self.require(State.ONGOING)
        real = [each for each in offsets if each.offset >= 0]
        if not real:
            return
        if group.group_id not in self._parties:
            adding = AddOffsetsToTxnRequest(self._name, *self._who(), group.group_id)
            self._ask(adding, AddOffsetsToTxnResponse, lambda a: a.error_code, deadline)
            self._parties.add(group.group_id)
        request = TxnOffsetCommitRequest(
            self._name,
            group.group_id,
            *self._who(),
            group.generation_id,
            group.member_id,
            group.group_instance_id,
            [_topic_of(each) for each in real],
        )
        self._ask(request, TxnOffsetCommitResponse, _worst_code, deadline)

    def end(self, deadline: float, *, commit: bool) -> None:
        """Commit or abort."""
        self.require(State.ONGOING, *(() if commit else (State.ABORTABLE,)))
        if self._parties:
            request = EndTxnRequest(self._name, *self._who(), commit)
            self._ask(request, EndTxnResponse, lambda a: a.error_code, deadline)
        self._failure = None
        self.state = State.READY

    def fail(self, code: int, text: str | None = None) -> KafkaError:
        """Note that something went wrong, and return it as the program is told."""
        if code in FATAL:
            told = Local.FENCED if code in FENCED else code
            error = KafkaError(told, text or described(told), fatal=True)
            self.state = State.FATAL
        else:
            error = KafkaError(code, text, txn_requires_abort=self.state is not State.NEW)
            if self.state is State.ONGOING:
                self.state = State.ABORTABLE
        if self._failure is None or error.fatal():
            self._failure = error
        return error

    def _who(self) -> tuple[int, int]:
        return self.identity.producer_id, self.identity.producer_epoch

    def _ask(
        self, request: Message, response: type[R], code_of: Callable[[R], int], deadline: float
    ) -> R:
        """Ask until the coordinator is not busy with the last transaction any more."""
        while True:
            left = max(0.0, deadline - time.monotonic())
            answer = self._caller.ask(request, response, None if left == float("inf") else left)
            code = code_of(answer)
            if code == ErrorCode.NONE:
                return answer
            if code not in RETRIED:
                raise KafkaException(self._failed(code))
            if time.monotonic() + PAUSE_SECONDS > deadline:
                raise failure(Local.TIMED_OUT)
            time.sleep(PAUSE_SECONDS)

    def _failed(self, code: int) -> KafkaError:
        if self.state in {State.NEW, State.READY} and code not in FATAL:
            return KafkaError(code)
        return self.fail(code)


def _first_code(answer: AddPartitionsToTxnResponse) -> int:
    return answer.results_by_topic[0].results_by_partition[0].partition_error_code


def _worst_code(answer: TxnOffsetCommitResponse) -> int:
    codes = [part.error_code for topic in answer.topics for part in topic.partitions]
    return next((code for code in codes if code != ErrorCode.NONE), ErrorCode.NONE)


def _topic_of(place: TopicPartition) -> TxnOffsetCommitRequestTopic:
    part = TxnOffsetCommitRequestPartition(
        place.partition, place.offset, committed_metadata=place.metadata
    )
    return TxnOffsetCommitRequestTopic(place.topic, [part])
