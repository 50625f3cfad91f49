"""Gathers a producer's records into batches, and writes these when they are full or due.

A full batch is written by the thread that filled it, so that producers never outrun the log;
others by a thread of the sender's own, after linger.ms. Batches are written in the order in which
they were closed. Locks: `_writing` comes before `_lock`, and no callback runs under either.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from accord_log.embedded.appending import append_batch
from accord_log.embedded.deliveries import Deliveries, Delivery
from accord_log.embedded.error import (
    KafkaError,
    KafkaException,
    Local,
    error_of,
    failure,
    translated,
)
from accord_log.embedded.identity import Identity, new_identity
from accord_log.embedded.outbox import OVERHEAD, Batch, Told, TopicOutbox
from accord_log.embedded.partitioners import PARTITIONERS
from accord_log.embedded.topics import ensure_topic
from accord_log.embedded.transaction import State, TransactionalClient
from accord_log.kafka.compression import Codec
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.errors import KafkaError as Refusal

if TYPE_CHECKING:
    from typing import TypeAlias

    from accord_log.broker.topics import Topic
    from accord_log.embedded.caller import Caller
    from accord_log.embedded.conf import Conf
    from accord_log.embedded.outbox import OnDelivery
    from accord_log.kafka.records.record import Headers

    Row: TypeAlias = tuple[bytes | None, bytes | None, int, Headers]

FOREVER = float("inf")


class Sender:
    """The queue of one producer."""

    def __init__(self, caller: Caller, conf: Conf) -> None:
        self.caller = caller
        self.deliveries = Deliveries()
        self.transactional: TransactionalClient | None = None
        if conf["transactional.id"]:
            self.transactional = TransactionalClient(
                caller, conf["transactional.id"], conf["transaction.timeout.ms"]
            )
        self._topics = caller.broker.topics
        self._identity: Identity | None = None
        self._is_idempotent = conf["enable.idempotence"]
        self._is_acknowledged = conf["acks"] != "0"
        self._codec = Codec[conf["compression.type"].upper()]
        self._choice = PARTITIONERS[conf["partitioner"]]
        self._most_records = conf["batch.num.messages"]
        self._most_bytes = conf["batch.size"]
        self._linger_seconds = conf["linger.ms"] / 1000
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._wakes = threading.Condition(self._lock)
        self._outboxes: dict[str, TopicOutbox] = {}
        self._closed: deque[Batch] = deque()
        self._next_due = FOREVER
        self._is_over = False
        self._thread: threading.Thread | None = None

    # gathering

    def add(
        self, topic: str, partition: int, row: Row, size: int, callback: OnDelivery | None
    ) -> None:
        """Put a record into a batch. Raises KafkaException."""
        if self.transactional is not None:
            self.transactional.require(State.ONGOING)
        found = self._topics.get(topic)
        if found is None:
            found = self._created(topic, row, callback)
            if found is None:
                return
        count = len(found.partitions)
        if partition >= count:
            raise failure(Local.UNKNOWN_PARTITION, "Unable to produce message")
        with self._lock:
            is_full = self._put(topic, count, partition, row, size, callback)
        if is_full:
            self._write_closed()

    def _put(
        self,
        topic: str,
        count: int,
        partition: int,
        row: Row,
        size: int,
        callback: OnDelivery | None,
    ) -> bool:
        """Put it in, and return whether that has filled the batch."""
        key, value, timestamp, headers = row
        outbox = self._outboxes.get(topic)
        if outbox is None:
            outbox = self._outboxes[topic] = TopicOutbox()
        if partition < 0:
            chosen = self._choice.choose(key, count)
            if chosen is None:
                chosen = outbox.sticky
                if not 0 <= chosen < count:
                    chosen = outbox.sticky = random.randrange(count)  # noqa: S311 - no secret
            partition = chosen
        batch = outbox.open.get(partition)
        if batch is None:
            batch = self._open(outbox, topic, partition)
        if key is not None:
            batch.has_keys = True
        if headers:
            batch.headers[len(batch.values)] = headers
            size += sum(len(name) + len(held or b"") + 10 for name, held in headers)
        if callback is not None:
            batch.told.append(Told(len(batch.values), callback, time.monotonic()))
        batch.keys.append(key)
        batch.values.append(value)
        batch.timestamps.append(timestamp)
        batch.size += size + OVERHEAD
        self.deliveries.added += 1
        if batch.size < self._most_bytes and len(batch.values) < self._most_records:
            return False
        self._close(outbox, partition)
        return True

    def _open(self, outbox: TopicOutbox, topic: str, partition: int) -> Batch:
        due = time.monotonic() + self._linger_seconds
        batch = outbox.open[partition] = Batch(topic, partition, due)
        if due < self._next_due:
            self._next_due = due
            self._wake()
        return batch

    def _close(self, outbox: TopicOutbox, partition: int) -> None:
        self._closed.append(outbox.open.pop(partition))
        if outbox.sticky == partition:
            outbox.sticky = -1

    def _created(self, topic: str, row: Row, callback: OnDelivery | None) -> Topic | None:
        """Return a topic made for the record; without one, the record's callback is told."""
        code = ensure_topic(self.caller, topic)
        found = self._topics.get(topic)
        if found is not None:
            return found
        batch = Batch(topic, 0, 0)
        batch.keys, batch.values, batch.timestamps = [row[0]], [row[1]], [row[2]]
        if callback is not None:
            batch.told.append(Told(0, callback, time.monotonic()))
        with self._lock:
            self.deliveries.added += 1
        self._fail(batch, error_of(code or Local.UNKNOWN_TOPIC))
        return None

    # writing

    def flush(self) -> None:
        """Write everything that is there."""
        self._close_due(FOREVER)
        self._write_closed()

    def _close_due(self, now: float) -> None:
        with self._lock:
            self._next_due = FOREVER
            for outbox in self._outboxes.values():
                for partition, batch in list(outbox.open.items()):
                    if batch.due <= now:
                        self._close(outbox, partition)
                    else:
                        self._next_due = min(self._next_due, batch.due)

    def _write_closed(self) -> None:
        with self._writing:
            while True:
                try:
                    batch = self._closed.popleft()
                except IndexError:
                    return
                self._write(batch)

    def _write(self, batch: Batch) -> None:
        topic = self._topics.get(batch.topic)
        if topic is None or batch.partition >= len(topic.partitions):
            self._fail(batch, error_of(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
            return
        try:
            identity = self._identity_for(batch.place)
        except KafkaException as error:
            self._fail(batch, error.error)
            return
        fields: Any = {} if identity is None else identity.fields(batch.place)
        encoded = batch.encode(codec=self._codec, **fields)
        if len(encoded) > topic.config.max_message_bytes and len(batch) > 1:
            for half in batch.halves():
                self._write(half)
            return
        self._append(topic, batch, encoded, identity)

    def _identity_for(self, place: tuple[str, int]) -> Identity | None:
        if self.transactional is not None:
            self.transactional.include(place, FOREVER)
            return self.transactional.identity
        if self._is_idempotent and self._identity is None:
            self._identity = new_identity(self.caller)
        return self._identity

    def _append(
        self, topic: Topic, batch: Batch, encoded: bytearray, identity: Identity | None
    ) -> None:
        delivery = Delivery(self.deliveries, batch)

        def settled(refusal: Refusal | None) -> None:
            if self._is_acknowledged:
                delivery.settle(None if refusal is None else self._failed(refusal))

        try:
            partition = topic.partitions[batch.partition]
            appended = append_batch(self.caller.broker, topic, partition, encoded, settled)
        except Refusal as refusal:
            delivery.fail(self._failed(refusal))
            return
        if identity is not None:
            identity.note(batch.place, len(batch))
        delivery.place(appended.base_offset)
        if not self._is_acknowledged:
            delivery.settle(None)

    def _failed(self, refusal: Refusal) -> KafkaError:
        if self.transactional is not None:
            return self.transactional.fail(refusal.code, refusal.text)
        return translated(refusal)

    def _fail(self, batch: Batch, error: KafkaError) -> None:
        if self.transactional is not None and self.transactional.state is State.ONGOING:
            self.transactional.fail(error.code(), error.str())
        self.deliveries.settle(batch, -1, error)

    def purge(self) -> None:
        """Drop what is not written."""
        with self._writing:
            self._close_due(FOREVER)
            dropped, self._closed = self._closed, deque()
        for batch in dropped:
            self.deliveries.settle(batch, -1, KafkaError(Local.PURGE_QUEUE))

    # the thread

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="accord-log-producer", daemon=True
            )
            self._thread.start()
        else:
            self._wakes.notify()

    def _run(self) -> None:
        while not self._is_over:
            with self._lock:
                left = self._next_due - time.monotonic()
                if left > 0 and not self._is_over:
                    self._wakes.wait(None if left == FOREVER else left)
                    continue
            self._close_due(time.monotonic())
            self._write_closed()

    def close(self) -> None:
        """Write everything, and end the thread."""
        self.flush()
        with self._lock:
            self._is_over = True
            self._wakes.notify_all()
        if self._thread is not None:
            self._thread.join()
