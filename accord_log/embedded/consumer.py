"""A consumer in confluent_kafka's shape."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from accord_log.embedded.caller import Caller
from accord_log.embedded.cluster import describe
from accord_log.embedded.commits import begin_commit, fetch_committed, worst
from accord_log.embedded.conf import Conf
from accord_log.embedded.error import KafkaException, Local, error_of, failure
from accord_log.embedded.group_events import Failed, Gained, Lost
from accord_log.embedded.group_metadata import NO_GENERATION, ConsumerGroupMetadata
from accord_log.embedded.group_settings import group_settings
from accord_log.embedded.membership import Membership
from accord_log.embedded.message import Message
from accord_log.embedded.offset_lookup import find_offsets, watermarks
from accord_log.embedded.stream import Reading
from accord_log.embedded.streams import Streams
from accord_log.embedded.subscription import Wanted
from accord_log.embedded.topic_partition import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    TopicPartition,
)
from accord_log.embedded.topics import ensure_topic
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Self, TypeAlias

    from accord_log.embedded.cluster import ClusterMetadata
    from accord_log.embedded.group_events import GroupEvent
    from accord_log.embedded.log import Log

    OnRebalance: TypeAlias = Callable[["Consumer", list[TopicPartition]], Any]

FOREVER = float("inf")
MOST_MESSAGES = 1_000_000
PATIENCE_SECONDS = 30.0
RESETS = {"earliest": OFFSET_BEGINNING, "latest": OFFSET_END}


class Consumer:
    """Reads partitions that it names, or those that its group gives it.

    One thread at a time may use it; another may close it. `conf` is librdkafka's:
    docs/embedded.md tells what has no effect here.
    """

    def __init__(self, conf: Mapping[str, Any], *, log: Log) -> None:
        if not conf.get("group.id"):
            raise ValueError("Failed to create consumer: group.id must be set")
        self._conf = Conf(conf, "consumer")
        self._group = group_settings(self._conf)
        self._caller = Caller(log.broker, self._conf["client.id"])
        self._wake = threading.Event()
        self._lock = threading.RLock()
        reading = Reading(
            committed=self._conf["isolation.level"] == "read_committed",
            max_bytes=self._conf["fetch.message.max.bytes"],
            reset=self._conf["auto.offset.reset"],
            tells_end=self._conf["enable.partition.eof"],
        )
        self._reading = reading
        self._streams = Streams(log.broker, reading, self._wake.set)
        self._stores = self._conf["enable.auto.offset.store"]
        self._commits = self._conf["enable.auto.commit"]
        self._commit_seconds = self._conf["auto.commit.interval.ms"] / 1000
        self._commit_at = time.monotonic() + self._commit_seconds
        self._events: deque[GroupEvent] = deque()
        self._results: deque[list[TopicPartition]] = deque()  # of commits, for on_commit
        self._complaints: deque[Message] = deque()
        self._member: Membership | None = None
        self._callbacks: dict[str, OnRebalance | None] = {}
        self._has_assigned = False  # by the program itself, in a callback
        self._is_closed = False
        log.adopt(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # what to read

    def subscribe(
        self,
        topics: Sequence[str],
        on_assign: OnRebalance | None = None,
        on_revoke: OnRebalance | None = None,
        on_lost: OnRebalance | None = None,
    ) -> None:
        """Have the group give partitions of the topics; a name that begins with ^ is a pattern.

        The callbacks are called by `poll`. Raises KafkaException.
        """
        self._check_open()
        if isinstance(topics, str):
            raise TypeError("expected list of topic unicode strings")
        wanted = Wanted(topics)
        with self._lock:
            self._leave()
            self._callbacks = {"assign": on_assign, "revoke": on_revoke, "lost": on_lost}
            for name in sorted(wanted.names):
                self._expect(name)
            self._member = Membership(self._caller, self._group, wanted, self._tell)

    def _expect(self, topic: str) -> None:
        """Tell of a topic that is not there; it is read when it comes."""
        if self._caller.broker.topics.get(topic) is not None:
            return
        code: int = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        if self._conf["allow.auto.create.topics"]:
            code = ensure_topic(self._caller, topic)
        if code != ErrorCode.NONE:
            error = error_of(code, f"Subscribed topic not available: {topic}")
            self._complaints.append(Message(topic, error=error))

    def unsubscribe(self) -> None:
        """Leave the group."""
        self._check_open()
        with self._lock:
            self._leave()

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """Read these, and nothing else, from their offsets or from what is committed."""
        self._check_open()
        with self._lock:
            self._has_assigned = True
            self._streams.clear()
            for each in partitions:
                self._streams.add(each)

    def incremental_assign(self, partitions: Sequence[TopicPartition]) -> None:
        """Read these too. Raises KafkaException: CONFLICT."""
        self._check_open()
        with self._lock:
            self._has_assigned = True
            for each in partitions:
                if self._streams.get(each.place) is not None:
                    raise failure(Local.CONFLICT, f"{each.place} is assigned already")
                self._streams.add(each)

    def unassign(self) -> None:
        """Read nothing."""
        self._check_open()
        with self._lock:
            self._has_assigned = True
            self._streams.clear()

    def incremental_unassign(self, partitions: Sequence[TopicPartition]) -> None:
        """Read these no longer. Raises KafkaException: INVALID_ARG."""
        self._check_open()
        with self._lock:
            self._has_assigned = True
            for each in partitions:
                self._assigned(each, Local.INVALID_ARG)
            self._streams.remove([each.place for each in partitions])

    def assignment(self) -> list[TopicPartition]:
        """Return what is read."""
        self._check_open()
        return [TopicPartition(*stream.place, stream.position) for stream in self._streams]

    # reading

    def poll(self, timeout: float | None = None) -> Message | None:
        """Return a record or an event, None when there was none for so many seconds."""
        found = self._take(1, None if timeout is None or timeout < 0 else timeout)
        return found[0] if found else None

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        """Return at most so many records and events, after so many seconds at the latest."""
        if not 0 <= num_messages <= MOST_MESSAGES:
            raise ValueError("num_messages must be between 0 and 1000000 (1M)")
        seconds = None if timeout < 0 else timeout
        deadline = FOREVER if seconds is None else time.monotonic() + seconds
        messages: list[Message] = []
        while len(messages) < num_messages:
            left = None if deadline == FOREVER else max(0.0, deadline - time.monotonic())
            found = self._take(num_messages - len(messages), left)
            if not found:
                break
            messages += found
        return messages

    def _take(self, count: int, seconds: float | None) -> list[Message]:
        self._check_open()
        now = time.monotonic()
        with self._lock:
            found = self._look(count, now)
        if found or seconds == 0:
            if self._member is not None:
                self._member.polled_at = now
            return found
        return self._wait(count, FOREVER if seconds is None else now + seconds)

    def _wait(self, count: int, deadline: float) -> list[Message]:
        """Return records or events as soon as there are any."""
        try:
            while not self._is_closed:
                if self._member is not None:
                    self._member.polled_at = FOREVER
                self._wake.clear()
                now = time.monotonic()
                with self._lock:
                    found = self._look(count, now)
                if found or now >= deadline:
                    return found
                due = min(deadline, self._next_commit())
                self._wake.wait(None if due == FOREVER else max(0.0, due - now))
        finally:
            if self._member is not None:
                self._member.polled_at = time.monotonic()
        return []

    def _look(self, count: int, now: float) -> list[Message]:
        """Do what is due, and return records or events there are."""
        if self._is_closed:
            return []
        if self._events or self._results or now >= self._commit_at:
            self._serve(now)
        if self._complaints:
            return [self._complaints.popleft()]
        if self._streams.has_placeless:
            self._find_places()
        taken = self._streams.take(count)
        if taken is None:
            return []
        stream, messages = taken
        if self._stores and stream.position >= 0 and messages[-1].error() is None:
            stream.stored, stream.stored_metadata = stream.position, None
        return messages

    def _find_places(self) -> None:
        """Begin where the group has got to, or where auto.offset.reset says."""
        streams = self._streams.without_place()
        asked = [TopicPartition(*stream.place) for stream in streams]
        found = fetch_committed(self._caller, self._group.group_id, asked, None)
        for stream, committed in zip(streams, found, strict=True):
            if committed.offset >= 0:
                stream.seek(committed.offset)
                stream.committed = committed.offset
            elif self._reading.reset in RESETS:
                stream.seek(RESETS[self._reading.reset])
            else:
                self._complaints.append(stream.halt())

    # the group

    def _tell(self, event: GroupEvent) -> None:
        """Take what the membership's thread says, for the next poll."""
        self._events.append(event)
        self._wake.set()

    def _serve(self, now: float) -> None:
        while self._events:
            self._serve_event(self._events.popleft())
        if now >= self._commit_at:
            self._commit_at = now + self._commit_seconds
            if self._commits:
                self._begin_commit(self._to_commit())
        on_commit = self._conf["on_commit"]
        while self._results:
            results = self._results.popleft()
            if on_commit is not None:
                on_commit(worst(results), results)

    def _serve_event(self, event: GroupEvent) -> None:
        if isinstance(event, Failed):
            self._complaints.append(Message(error=event.error))
            if self._conf["error_cb"] is not None:
                self._conf["error_cb"](event.error)
            return
        places = [TopicPartition(*place) for place in sorted(event.places)]
        if isinstance(event, Gained):
            self._gain(places)
        else:
            # What was to be given up in good order may be another's by now.
            is_out = self._metadata().generation_id == NO_GENERATION
            self._give_up(places, is_lost=is_out or isinstance(event, Lost))

    def _gain(self, places: list[TopicPartition]) -> None:
        self._call(self._callbacks["assign"], places)
        if not self._has_assigned:
            self.incremental_assign(places)

    def _give_up(self, places: list[TopicPartition], *, is_lost: bool) -> None:
        if self._commits and not is_lost:
            self._commit_now([place for place in self._to_commit() if place in places])
        lost = self._callbacks["lost"] if is_lost else None
        if places:
            self._call(lost or self._callbacks["revoke"], places)
        if places and not self._has_assigned:
            self._streams.remove([each.place for each in places])
        if self._member is not None:
            self._member.revoked()

    def _call(self, callback: OnRebalance | None, places: list[TopicPartition]) -> None:
        self._has_assigned = False
        if callback is not None:
            callback(self, places)

    def _leave(self) -> None:
        """Give up everything, and leave the group."""
        member = self._member
        if member is None:
            return
        places = [TopicPartition(*stream.place) for stream in self._streams]
        if places:
            self._give_up(places, is_lost=False)
        self._member = None
        member.leave()
        self._events.clear()
        self._streams.clear()

    def memberid(self) -> str | None:
        """Return the id that the coordinator has given."""
        self._check_open()
        return (self._member.metadata.member_id or None) if self._member is not None else None

    def consumer_group_metadata(self) -> ConsumerGroupMetadata:
        """Return who this is in its group, for Producer.send_offsets_to_transaction."""
        self._check_open()
        return self._metadata()

    def _metadata(self) -> ConsumerGroupMetadata:
        if self._member is None:
            return ConsumerGroupMetadata(self._group.group_id)
        return self._member.metadata

    # committing

    def commit(
        self,
        message: Message | None = None,
        offsets: Sequence[TopicPartition] | None = None,
        asynchronous: bool = True,
    ) -> list[TopicPartition] | None:
        """Commit what comes after a message, the offsets, or what is stored of everything read.

        Returns at once, or with what was committed. Raises KafkaException: NO_OFFSET, or why
        nothing was committed.
        """
        self._check_open()
        places = _named(message, offsets)
        if places is None:
            places = self._to_commit()
        if asynchronous:
            self._begin_commit(places)
            return None
        if not places:
            raise failure(Local.NO_OFFSET, "Commit failed: Local: No offset stored")
        results = self._commit_now(places)
        error = worst(results)
        if error is not None:
            raise KafkaException(error)
        return results

    def store_offsets(
        self, message: Message | None = None, offsets: Sequence[TopicPartition] | None = None
    ) -> None:
        """Note what is to be committed next. Raises KafkaException: INVALID_ARG, STATE."""
        self._check_open()
        if self._stores:
            text = "StoreOffsets failed: enable.auto.offset.store must be set to false"
            raise failure(Local.INVALID_ARG, text)
        for each in _named(message, offsets) or ():
            stream = self._assigned(each, Local.STATE)
            stream.stored, stream.stored_metadata = each.offset, each.metadata

    def committed(
        self, partitions: Sequence[TopicPartition], timeout: float | None = None
    ) -> list[TopicPartition]:
        """Return what the group has committed. Raises KafkaException: TIMED_OUT."""
        self._check_open()
        return fetch_committed(self._caller, self._group.group_id, partitions, timeout)

    def _next_commit(self) -> float:
        return self._commit_at if self._commits and len(self._streams) else FOREVER

    def _to_commit(self) -> list[TopicPartition]:
        return [
            TopicPartition(*stream.place, stream.stored, stream.stored_metadata)
            for stream in self._streams
            if stream.stored >= 0 and stream.stored != stream.committed
        ]

    def _begin_commit(self, places: list[TopicPartition]) -> None:
        if not places:
            return
        for place in places:
            stream = self._streams.get(place.place)
            if stream is not None:
                stream.committed = place.offset
        begin_commit(self._caller, self._metadata(), places, self._note_results)

    def _note_results(self, results: list[TopicPartition]) -> None:
        for result in results:
            stream = self._streams.get(result.place)
            if result.error is not None and stream is not None:
                stream.committed = OFFSET_INVALID  # so that it is tried again
        self._results.append(results)
        self._wake.set()

    def _commit_now(self, places: list[TopicPartition]) -> list[TopicPartition]:
        done = threading.Event()
        results: list[TopicPartition] = []

        def settled(answer: list[TopicPartition]) -> None:
            results.extend(answer)
            done.set()

        if places:
            begin_commit(self._caller, self._metadata(), places, settled)
            if not done.wait(PATIENCE_SECONDS):
                raise failure(Local.TIMED_OUT)
        for result in results:
            stream = self._streams.get(result.place)
            if stream is not None and result.error is None:
                stream.committed = result.offset
        return results

    # places

    def position(self, partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
        """Return the offsets after what was read, OFFSET_INVALID where nothing was."""
        self._check_open()
        positions = []
        for each in partitions:
            stream = self._streams.get(each.place)
            offset = OFFSET_INVALID if stream is None else stream.position
            positions.append(TopicPartition(each.topic, each.partition, offset))
        return positions

    def seek(self, partition: TopicPartition) -> None:
        """Go on from an offset. Raises KafkaException: STATE for what is not read."""
        self._check_open()
        with self._lock:
            self._assigned(partition, Local.STATE).seek(partition.offset)
            self._streams.has_placeless = True
        self._wake.set()

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Return no records of these until `resume`. Raises KafkaException."""
        self._set_paused(partitions, to=True)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Return records of these again. Raises KafkaException."""
        self._set_paused(partitions, to=False)

    def _set_paused(self, partitions: Iterable[TopicPartition], *, to: bool) -> None:
        self._check_open()
        with self._lock:
            for each in partitions:
                self._assigned(each, Local.UNKNOWN_PARTITION).is_paused = to
        self._wake.set()

    def _assigned(self, place: TopicPartition, code: int) -> Any:
        stream = self._streams.get(place.place)
        if stream is None:
            raise failure(code, f"{place.topic} [{place.partition}] is not assigned")
        return stream

    def offsets_for_times(
        self, partitions: Sequence[TopicPartition], timeout: float | None = None
    ) -> list[TopicPartition]:
        """Return the first offsets that are not before the times given as offsets, or the end."""
        self._check_open()
        return find_offsets(
            self._caller, partitions, committed=self._reading.committed, seconds=timeout
        )

    def get_watermark_offsets(
        self,
        partition: TopicPartition,
        timeout: float | None = None,
        cached: bool = False,  # noqa: ARG002 - asking costs nothing here
    ) -> tuple[int, int]:
        """Return the first offset and the one after the last. Raises KafkaException."""
        self._check_open()
        return watermarks(self._caller, partition, timeout)

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        """Return what topics there are. Raises KafkaException: TIMED_OUT."""
        self._check_open()
        seconds = None if timeout < 0 else timeout
        may_create = self._conf["allow.auto.create.topics"]
        return describe(self._caller, topic, seconds, may_create=may_create)

    # the end

    def close(self) -> None:
        """Commit what is to be committed, leave the group, and refuse everything from now on."""
        if self._is_closed:
            return
        self._wake.set()
        with self._lock:
            if self._is_closed:
                return
            if self._commits:
                self._commit_now(self._to_commit())
            self._leave()
            self._streams.clear()
            self._is_closed = True
        self._wake.set()

    def _check_open(self) -> None:
        if self._is_closed:
            raise RuntimeError("Consumer closed")


def _named(
    message: Message | None, offsets: Sequence[TopicPartition] | None
) -> list[TopicPartition] | None:
    """Return what a call names, None when it names nothing."""
    if message is not None and offsets is not None:
        raise ValueError("message and offsets are mutually exclusive")
    if offsets is not None:
        return [each for each in offsets if each.offset >= 0]
    if message is None:
        return None
    error = message.error()
    if error is not None:
        raise KafkaException(error)
    return [
        TopicPartition(message.topic() or "", message.partition() or 0, (message.offset() or 0) + 1)
    ]
