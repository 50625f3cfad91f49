"""Members of a group that are polled in turn by the test itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord_log import Consumer, Message

PATIENCE_SECONDS = 60


def drain(consumer: Consumer, count: int) -> list[Message]:
    """Return the next `count` records."""
    messages: list[Message] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(messages) < count and time.monotonic() < deadline:
        messages += consumer.consume(count - len(messages), 0.2)
    assert [message.error() for message in messages] == [None] * count
    return messages


def parts(consumer: Any) -> set[int]:
    """Return the partitions that a consumer of one topic reads."""
    return {place.partition for place in consumer.assignment()}


def poll_until(consumers: Sequence[Any], is_so: Callable[[], bool]) -> list[Any]:
    """Poll all of them until something is so; return the records that came."""
    found = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, [parts(consumer) for consumer in consumers]
        for consumer in consumers:
            message = consumer.poll(0.01)
            if message is not None and message.error() is None:
                found.append(message)
    return found


def share(consumers: Sequence[Any], count: int) -> list[Any]:
    """Poll until the consumers read every partition of one topic, each by one of them, evenly."""

    def is_shared() -> bool:
        read = [parts(consumer) for consumer in consumers]
        sizes = [len(each) for each in read]
        is_even = sum(sizes) == count and max(sizes) - min(sizes) <= 1
        return is_even and set.union(*read) == set(range(count))

    return poll_until(consumers, is_shared)
