"""The partitions that a consumer reads, in turn."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from accord_log.embedded.stream import Stream
from accord_log.embedded.topic_partition import OFFSET_INVALID, OFFSET_STORED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from accord_log.broker.broker import Broker
    from accord_log.embedded.message import Message
    from accord_log.embedded.stream import Reading
    from accord_log.embedded.topic_partition import TopicPartition


class Streams:
    """Streams by partition; used by one thread at a time."""

    def __init__(self, broker: Broker, reading: Reading, wake: Callable[[], object]) -> None:
        self._broker = broker
        self._reading = reading
        self._wake = wake
        self._by_place: dict[tuple[str, int], Stream] = {}
        self._turns: deque[Stream] = deque()
        self.has_placeless = False  # some of which it is not known where to begin

    def __iter__(self) -> Iterator[Stream]:
        return iter(list(self._by_place.values()))

    def __len__(self) -> int:
        return len(self._by_place)

    def get(self, place: tuple[str, int]) -> Stream | None:
        return self._by_place.get(place)

    def add(self, given: TopicPartition) -> None:
        """Read a partition from its offset, or from what is committed when it names none."""
        stream = Stream(self._broker, given.place, self._reading, self._wake)
        if given.offset not in {OFFSET_INVALID, OFFSET_STORED}:
            stream.seek(given.offset)
        self.has_placeless |= not stream.has_place
        self._by_place[given.place] = stream
        self._turns.append(stream)

    def remove(self, places: Iterable[tuple[str, int]]) -> None:
        """Read these no longer."""
        for place in places:
            stream = self._by_place.pop(place, None)
            if stream is not None:
                stream.close()
                self._turns.remove(stream)

    def clear(self) -> None:
        self.remove(list(self._by_place))

    def without_place(self) -> list[Stream]:
        """Return those of which it is not known where to begin."""
        found = [stream for stream in self._by_place.values() if not stream.has_place]
        self.has_placeless = False
        return found

    def take(self, count: int) -> tuple[Stream, list[Message]] | None:
        """Return records, or an event, of one partition; None when none of them has any."""
        for _ in range(len(self._turns)):
            stream = self._turns[0]
            if not stream.is_paused and stream.has_place:
                messages = stream.take(count)
                if messages:
                    if not stream.has_fetched:
                        self._turns.rotate(-1)
                    return stream, messages
            self._turns.rotate(-1)
        return None
