"""A record as producers' callbacks and consumers are handed it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from accord_log.embedded.topic_partition import NO_PARTITION, OFFSET_INVALID

if TYPE_CHECKING:
    from typing import TypeAlias

    from accord_log.embedded.error import KafkaError

    Headers: TypeAlias = list[tuple[str, bytes | None]]

TIMESTAMP_NOT_AVAILABLE = 0
TIMESTAMP_CREATE_TIME = 1
TIMESTAMP_LOG_APPEND_TIME = 2
LEADER_EPOCH = 0


class Message:
    """A record, or an event where `error()` is not None.

    Keys and values are Any because `set_key` and `set_value` put deserialized objects in.
    """

    __slots__ = (
        "_error",
        "_headers",
        "_key",
        "_latency",
        "_offset",
        "_partition",
        "_timestamp",
        "_timestamp_type",
        "_topic",
        "_value",
    )

    def __init__(
        self,
        topic: str | None = None,
        partition: int = NO_PARTITION,
        offset: int = OFFSET_INVALID,
        timestamp: int = -1,
        key: Any = None,
        value: Any = None,
        headers: Any = None,
        error: KafkaError | None = None,
        timestamp_type: int = TIMESTAMP_CREATE_TIME,
    ) -> None:
        self._topic = topic
        self._partition = partition
        self._offset = offset
        self._timestamp = timestamp
        self._key = key
        self._value = value
        self._headers = headers
        self._error = error
        self._timestamp_type = timestamp_type
        self._latency: float | None = None

    def error(self) -> KafkaError | None:
        """Return what happened, None for a record."""
        return self._error

    def topic(self) -> str | None:
        return self._topic

    def partition(self) -> int | None:
        return self._partition if self._partition >= 0 else None

    def offset(self) -> int | None:
        return self._offset if self._offset >= 0 else None

    def leader_epoch(self) -> int | None:
        return LEADER_EPOCH if self._offset >= 0 else None

    def key(self) -> Any:
        return self._key

    def value(self) -> Any:
        return self._value

    def headers(self) -> Headers | None:
        """Return the headers in order, None when there are none."""
        return list(self._headers) if self._headers else None

    def timestamp(self) -> tuple[int, int]:
        """Return (TIMESTAMP_*, milliseconds since 1970)."""
        if self._timestamp < 0:
            return (TIMESTAMP_NOT_AVAILABLE, 0)
        return (self._timestamp_type, self._timestamp)

    def latency(self) -> float | None:
        """Return the seconds from `produce` to the acknowledgement; None for what was consumed."""
        return self._latency

    def set_error(self, error: KafkaError | None) -> None:
        self._error = error

    def set_headers(self, value: Any) -> None:
        self._headers = value

    def set_key(self, value: Any) -> None:
        self._key = value

    def set_topic(self, value: str) -> None:
        self._topic = value

    def set_value(self, value: Any) -> None:
        self._value = value

    def settle(self, offset: int, error: KafkaError | None, began: float) -> Message:
        """Note what became of a produced record."""
        self._offset = offset
        self._error = error
        self._latency = time.monotonic() - began
        return self

    def __len__(self) -> int:
        return 0 if self._value is None else len(self._value)

    def __bool__(self) -> bool:
        """Be true, also with an empty value."""
        return True
