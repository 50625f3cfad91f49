"""Fetch: whole batches as they lie on disk, now or as soon as there are enough.

Sessions of incremental fetches are not kept: session id 0 tells clients to ask in full.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from accord_log.broker.promise import Promise
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.fetch import (
    AbortedTransaction,
    FetchableTopicResponse,
    FetchRequest,
    FetchResponse,
    PartitionData,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.partition import Partition
    from accord_log.broker.topics import Topic
    from accord_log.kafka.messages.fetch import FetchPartition, FetchTopic

READ_COMMITTED = 1
FIRST_VERSION_WITH_TOPIC_IDS = 13
NO_SESSION = 0
NO_TOPIC_ID = bytes(16)


def handle(
    broker: Broker, request: FetchRequest, context: Context
) -> FetchResponse | Promise[FetchResponse]:
    """Answer at once when there is enough or no time to wait, and later otherwise."""
    if request.session_id != NO_SESSION:
        return FetchResponse(error_code=ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    fetch = Fetch(broker, request, by_id=context.version >= FIRST_VERSION_WITH_TOPIC_IDS)
    response = fetch.read()
    if fetch.is_enough or request.max_wait_ms <= 0:
        return response
    wait = Wait(fetch, min(request.max_wait_ms, broker.services.settings.max_fetch_wait_ms))
    context.on_close(wait.give_up)
    return wait.promise


class Fetch:
    """One request, read as often as it takes to have enough for it."""

    def __init__(self, broker: Broker, request: FetchRequest, *, by_id: bool) -> None:
        self.broker = broker
        self._request = request
        self._by_id = by_id
        self._committed = request.isolation_level == READ_COMMITTED
        self.partitions: list[Partition] = []
        self.is_enough = False
        self._left = 0

    def read(self) -> FetchResponse:
        """Return what there is now; `is_enough` tells whether the client would take it."""
        most = self.broker.services.settings.max_fetch_bytes
        self._left = total = min(self._request.max_bytes, most)
        self.partitions.clear()
        self.is_enough = False
        response = FetchResponse(responses=[self._topic(topic) for topic in self._request.topics])
        if total - self._left >= self._request.min_bytes or not self.partitions:
            self.is_enough = True
        return response

    def _topic(self, asked: FetchTopic) -> FetchableTopicResponse:
        topics = self.broker.topics
        topic = topics.by_id(asked.topic_id) if self._by_id else topics.get(asked.topic)
        return FetchableTopicResponse(
            topic=asked.topic,
            topic_id=asked.topic_id,
            partitions=[self._partition(topic, part) for part in asked.partitions],
        )

    def _partition(self, topic: Topic | None, asked: FetchPartition) -> PartitionData:
        part = PartitionData(asked.partition, high_watermark=-1, records=b"")
        try:
            if topic is None:
                raise KafkaError(
                    ErrorCode.UNKNOWN_TOPIC_ID
                    if self._by_id
                    else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                )
            if not 0 <= asked.partition < len(topic.partitions):
                raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
            self._read(topic.partitions[asked.partition], asked, part)
        except KafkaError as error:
            part.error_code = error.code
            self.is_enough = True
        return part

    def _read(self, partition: Partition, asked: FetchPartition, part: PartitionData) -> None:
        """Fill in the records: those of the first partition that has any come in any size."""
        if partition.is_deleted:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        self.partitions.append(partition)
        part.high_watermark = partition.high_watermark
        part.last_stable_offset = partition.last_stable_offset
        part.log_start_offset = partition.start_offset
        if self._left <= 0:
            return
        most = min(asked.partition_max_bytes, self._left)
        records = partition.read(asked.fetch_offset, most, committed=self._committed)
        if len(records) > most and self._left < self._whole:
            return
        part.records = records
        self._left -= len(records)
        if self._committed and records:
            part.aborted_transactions = [
                AbortedTransaction(producer_id, first)
                for producer_id, first in partition.aborted(asked.fetch_offset, records)
            ]

    @property
    def _whole(self) -> int:
        return min(self._request.max_bytes, self.broker.services.settings.max_fetch_bytes)


class Wait:
    """A fetch that waits for records, or for its time to be over."""

    def __init__(self, fetch: Fetch, wait_ms: int) -> None:
        self.promise: Promise[FetchResponse] = Promise()
        self._fetch = fetch
        self._lock = threading.Lock()
        self._watched = tuple(dict.fromkeys(fetch.partitions))
        self._timer = fetch.broker.services.timers.call_in(wait_ms, self.time_out)
        for partition in self._watched:
            partition.watch(self.look)
        self.look()  # something may have come between the first reading and the watching
        if self.promise.is_done:
            self._let_go()

    def look(self) -> None:
        """Read again, and answer when it is enough."""
        with self._lock:
            if self.promise.is_done:
                return
            response = self._fetch.read()
            is_enough = self._fetch.is_enough
        if is_enough:
            self._finish(response)

    def time_out(self) -> None:
        """Answer with what there is."""
        with self._lock:
            response = self._fetch.read()
        self._finish(response)

    def give_up(self) -> None:
        """Wait no more: nobody listens."""
        self._finish(FetchResponse())

    def _finish(self, response: FetchResponse) -> None:
        self._let_go()
        self.promise.resolve(response)

    def _let_go(self) -> None:
        for partition in self._watched:
            partition.unwatch(self.look)
        self._timer.cancel()
