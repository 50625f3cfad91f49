"""What takes part in a transaction, as the coordinator sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any, TypeAlias

    from accord_log.kafka.errors import KafkaError
    from accord_log.log.producers import ProducerStates

    Settled: TypeAlias = Callable[[KafkaError | None], object]
    AnySettled: TypeAlias = Callable[[Exception | None], None]


class Log(Protocol):
    """The log of a partition."""

    @property
    def producers(self) -> ProducerStates:
        """Return who writes to it; to be used under the partition's lock."""


class Partition(Protocol):
    """A partition that transactions write to."""

    @property
    def topic(self) -> str: ...

    @property
    def index(self) -> int: ...

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Return what is taken after the broker's lock, never before it."""

    @property
    def log(self) -> Log: ...

    def write_marker(
        self, *, commit: bool, producer_id: int, producer_epoch: int, now_ms: int, then: Settled
    ) -> None:
        """End the producer's transaction here; `then` is called once that is durable.

        Raises KafkaError.
        """


class Partitions(Protocol):
    """All partitions."""

    def partition(self, name: str, index: int) -> Partition | None:
        """Return a partition of a topic, if there is one."""

    def partitions(self) -> Iterator[Partition]:
        """Return every partition there is."""


class StagedOffsets(Protocol):
    """Offsets that count once their transaction is committed."""

    def staged(self) -> Iterable[tuple[int, str]]:
        """Return every producer id with each group for which it has staged offsets."""

    def finish(
        self, producer_id: int, groups: Iterable[str], *, commit: bool, callback: AnySettled
    ) -> None:
        """Let them count now, or never; doing it again has no effect."""
