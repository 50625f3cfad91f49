"""A producer in confluent_kafka's shape."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from accord_log.embedded.caller import Caller
from accord_log.embedded.cluster import describe
from accord_log.embedded.conf import Conf
from accord_log.embedded.error import KafkaException, Local, failure
from accord_log.embedded.group_metadata import ConsumerGroupMetadata
from accord_log.embedded.outbox import now_ms
from accord_log.embedded.sender import Sender
from accord_log.embedded.transaction import State
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self, TypeAlias

    from accord_log.embedded.cluster import ClusterMetadata
    from accord_log.embedded.log import Log
    from accord_log.embedded.outbox import OnDelivery
    from accord_log.embedded.topic_partition import TopicPartition
    from accord_log.embedded.transaction import TransactionalClient
    from accord_log.kafka.records.record import Headers

    Content: TypeAlias = bytes | str | bytearray | memoryview | None
    GivenHeaders: TypeAlias = Mapping[str, Content] | Sequence[tuple[str, Content]]

ANY_PARTITION = -1
FOREVER = float("inf")
PATIENCE_SECONDS = 60.0
CLOSED = "Producer has been closed"


class Producer:
    """Writes records in batches, in the background; one may be used by many threads.

    `conf` is librdkafka's: docs/embedded.md tells what has no effect here.
    """

    def __init__(self, conf: Mapping[str, Any], *, log: Log) -> None:
        settings = Conf(conf, "producer")
        self._sender = Sender(Caller(log.broker, settings["client.id"]), settings)
        self._deliveries = self._sender.deliveries
        self._largest = settings["message.max.bytes"]
        self._most = settings["queue.buffering.max.messages"] or FOREVER
        self._on_delivery: OnDelivery | None = settings["on_delivery"]
        self._is_closed = False
        log.adopt(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        self.close()

    def __len__(self) -> int:
        """Return how many records are not acknowledged, or not yet reported to their callbacks."""
        return len(self._deliveries)

    def __bool__(self) -> bool:
        """Be true, also with nothing to do."""
        return True

    # records

    def produce(
        self,
        topic: str,
        value: Content = None,
        key: Content = None,
        partition: int = ANY_PARTITION,
        callback: OnDelivery | None = None,
        on_delivery: OnDelivery | None = None,
        timestamp: int = 0,
        headers: GivenHeaders | None = None,
    ) -> None:
        """Put a record into the queue; `on_delivery(error, message)` is called by `poll`.

        Raises BufferError when the queue is full, KafkaException: MSG_SIZE_TOO_LARGE,
        UNKNOWN_PARTITION, or STATE outside of a transaction; RuntimeError after `close`.
        """
        if self._is_closed:
            raise RuntimeError(CLOSED)
        content = value if type(value) is bytes else _content(value)
        name = key if type(key) is bytes else _content(key)
        size = (len(content) if content else 0) + (len(name) if name else 0)
        if size > self._largest:
            text = f"Unable to produce message: {size} bytes are more than message.max.bytes"
            raise failure(ErrorCode.MESSAGE_TOO_LARGE, text)
        if len(self._deliveries) >= self._most:
            raise BufferError("Local: Queue full")
        self._sender.add(
            topic,
            partition,
            (name, content, timestamp or now_ms(), _headers(headers) if headers else ()),
            size,
            on_delivery or callback or self._on_delivery,
        )

    def poll(self, timeout: float | None = None) -> int:
        """Call back for records that were acknowledged or refused; return for how many.

        Waits for the first of them, so many seconds, or for ever when it is negative or None.
        """
        served = self._deliveries.serve()
        if served or timeout == 0:
            return served
        self._deliveries.wait(None if timeout is None or timeout < 0 else timeout)
        return self._deliveries.serve()

    def flush(self, timeout: float | None = None) -> int:
        """Write everything now, and wait until it is reported; return how many records are left."""
        deadline = _deadline(timeout)
        self._sender.flush()
        while True:
            self._deliveries.serve()
            left = len(self._deliveries)
            if not left or time.monotonic() >= deadline:
                return left
            patience = deadline - time.monotonic()
            self._deliveries.wait(None if patience == FOREVER else patience, for_all=True)

    def purge(
        self,
        in_queue: bool = True,
        in_flight: bool = True,  # noqa: ARG002 - what is written cannot be taken back
        blocking: bool = True,  # noqa: ARG002 - there is nothing to wait for
    ) -> None:
        """Drop what is in the queue; its callbacks are told so."""
        if in_queue:
            self._sender.purge()

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        """Return what topics there are. Raises KafkaException: TIMED_OUT."""
        seconds = None if timeout < 0 else timeout
        return describe(self._sender.caller, topic, seconds, may_create=True)

    def close(self, timeout: float | None = None) -> bool:
        """Write what is in the queue, and refuse everything from now on.

        Callbacks that were not served are not called, and a transaction that is under way is
        aborted, at the latest when it times out.
        """
        if self._is_closed:
            return True
        self._is_closed = True
        transactional = self._sender.transactional
        if transactional is not None and transactional.state in {State.ONGOING, State.ABORTABLE}:
            self._abort_quietly(transactional, _deadline(PATIENCE_SECONDS))
        self._sender.close()
        return self._deliveries.wait_settled(timeout)

    def _abort_quietly(self, transactional: TransactionalClient, deadline: float) -> None:
        self._sender.purge()
        try:
            transactional.end(deadline, commit=False)
        except KafkaException:
            return  # the coordinator does it in time

    # transactions

    def init_transactions(self, timeout: float | None = None) -> None:
        """Be the only producer of the transactional id. Raises KafkaException."""
        self._transactional().init(_deadline(timeout))

    def begin_transaction(self) -> None:
        """Let records from now on count together. Raises KafkaException."""
        self._transactional().begin()

    def send_offsets_to_transaction(
        self,
        positions: Sequence[TopicPartition],
        group_metadata: ConsumerGroupMetadata,
        timeout: float | None = None,
    ) -> None:
        """Let a consumer's offsets count with the records. Raises KafkaException."""
        if not isinstance(group_metadata, ConsumerGroupMetadata):
            raise TypeError("group_metadata is what consumer_group_metadata() returns")
        self._transactional().send_offsets(positions, group_metadata, _deadline(timeout))

    def commit_transaction(self, timeout: float | None = None) -> None:
        """Let everything since the beginning count. Raises KafkaException."""
        transactional, deadline = self._transactional(), _deadline(timeout)
        transactional.require(State.ONGOING)
        self._sender.flush()
        self._settle(deadline)
        transactional.end(deadline, commit=True)

    def abort_transaction(self, timeout: float | None = None) -> None:
        """Let nothing since the beginning count. Raises KafkaException."""
        transactional, deadline = self._transactional(), _deadline(timeout)
        transactional.require(State.ONGOING, State.ABORTABLE)
        self._sender.purge()
        self._settle(deadline)
        transactional.end(deadline, commit=False)

    def _settle(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if not self._deliveries.wait_settled(None if left == FOREVER else left):
            raise failure(Local.TIMED_OUT)
        self._deliveries.serve()

    def _transactional(self) -> TransactionalClient:
        if self._is_closed:
            raise RuntimeError(CLOSED)
        if self._sender.transactional is None:
            text = "The Transactional API requires transactional.id to be configured"
            raise failure(Local.NOT_CONFIGURED, text)
        return self._sender.transactional


def _deadline(timeout: float | None) -> float:
    if timeout is None or timeout < 0:
        return FOREVER
    return time.monotonic() + timeout


def _content(given: Content) -> bytes | None:
    if given is None or isinstance(given, bytes):
        return given
    if isinstance(given, str):
        return given.encode()
    if isinstance(given, bytearray | memoryview):
        return bytes(given)
    raise TypeError(f"a bytes-like object is required, not '{type(given).__name__}'")


def _headers(given: GivenHeaders) -> Headers:
    pairs = given.items() if hasattr(given, "items") else given
    return tuple((name, _content(value)) for name, value in pairs)
