"""Answers on their way out: in the order of the requests, and no faster than the client reads."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from accord_log.kafka.messages.fetch import FetchRequest
from accord_log.kafka.messages.join_group import JoinGroupRequest
from accord_log.kafka.messages.produce import ProduceRequest
from accord_log.kafka.messages.sasl_authenticate import SaslAuthenticateRequest
from accord_log.kafka.messages.sasl_handshake import SaslHandshakeRequest
from accord_log.kafka.messages.sync_group import SyncGroupRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.kafka.fields import Message
    from accord_log.kafka.frame import RequestHeader

# asyncio moves what is left of a write whenever a part of it is sent.
SLICE_BYTES = 256 * 1024
# Requests that others may start behind. Apache Kafka starts none before the last one is answered,
# and so do we behind all that change what a later one may ask for. These wait for the disk or for
# other clients, and what they do to the log or to a group is done when they have been started.
PASSABLE = frozenset(
    {
        ProduceRequest.api_key,
        FetchRequest.api_key,
        JoinGroupRequest.api_key,
        SyncGroupRequest.api_key,
    }
)
# Those that wait for other clients: when the connection is about to be closed, they may as well not
# be answered, as their clients ask again elsewhere.
POLLS = PASSABLE - {ProduceRequest.api_key}
# Those that start behind no other one: they say for whom the others are answered.
ALONE = frozenset({SaslHandshakeRequest.api_key, SaslAuthenticateRequest.api_key})


class Slot:
    """The place of an answer that is not there yet."""

    __slots__ = ("answer", "header", "watchers")

    def __init__(
        self,
        header: RequestHeader,
        watchers: list[Callable[[], object]],
        answer: Message | None = None,
    ) -> None:
        self.header = header
        self.watchers = watchers
        self.answer = answer

    def give(self, answer: Message) -> None:
        """Put the answer where it belongs."""
        self.answer = answer


class Queue:
    """The slots of one connection, oldest first."""

    def __init__(self) -> None:
        self._slots: deque[Slot] = deque()
        # Of those that are no Produce, at most one each.
        self._keys: set[int] = set()

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left that has to be answered before the connection is closed."""
        return len(self._slots) == len(self._keys & POLLS)  # of which there is one each at most

    def add(self, slot: Slot) -> None:
        self._slots.append(slot)
        if slot.header.api_key != ProduceRequest.api_key:
            self._keys.add(slot.header.api_key)

    def take(self) -> Slot | None:
        """Return the oldest slot if its answer is there."""
        if not self._slots or self._slots[0].answer is None:
            return None
        slot = self._slots.popleft()
        self._keys.discard(slot.header.api_key)
        return slot

    def may_start(self, api_key: int) -> bool:
        """Tell whether a request may start before those that are waiting are answered.

        Two of a kind may not: the answers to a hundred Fetches at a time would have no bound.
        """
        if not self._slots:
            return True
        return api_key not in self._keys and api_key not in ALONE and self._keys <= PASSABLE

    def abandon(self) -> None:
        """Tell those who work on answers that nobody waits for them."""
        slots, self._slots = self._slots, deque()
        for slot in slots:
            for watcher in slot.watchers:
                watcher()


class Outbox:
    """Bytes that the transport did not take yet."""

    def __init__(self) -> None:
        self._chunks: deque[bytes | memoryview] = deque()
        self.size = 0

    def add(self, answer: bytes) -> None:
        self.size += len(answer)
        if len(answer) <= SLICE_BYTES:
            self._chunks.append(answer)
            return
        view = memoryview(answer)
        for start in range(0, len(view), SLICE_BYTES):
            self._chunks.append(view[start : start + SLICE_BYTES])

    def take(self) -> bytes | memoryview:
        """Return the next slice, of several answers where they are small."""
        chunks = [self._chunks.popleft()]
        size = len(chunks[0])
        while self._chunks and size + len(self._chunks[0]) <= SLICE_BYTES:
            size += len(self._chunks[0])
            chunks.append(self._chunks.popleft())
        self.size -= size
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
