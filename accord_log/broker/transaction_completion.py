"""Carrying out what was decided about a transaction, however long that takes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from accord_log.broker.services import Services
    from accord_log.broker.transaction_parties import Partitions, StagedOffsets
    from accord_log.broker.transaction_state import ProducerIdentity, TopicPartition

    Step: TypeAlias = Callable[[Callable[[Exception | None], None]], None]

RETRY_MS = 500


def marker_step(
    services: Services,
    partitions: Partitions,
    where: TopicPartition,
    producer: ProducerIdentity,
    *,
    commit: bool,
) -> Step:
    """Return the step that ends the transaction in one partition; one that is gone has no end."""

    def step(then: Callable[[Exception | None], None]) -> None:
        partition = partitions.partition(*where)
        if partition is None:
            then(None)
            return
        partition.write_marker(
            commit=commit,
            producer_id=producer.producer_id,
            producer_epoch=producer.epoch,
            now_ms=services.clock(),
            then=then,
        )

    return step


def offsets_step(
    offsets: StagedOffsets, groups: Iterable[str], producer_id: int, *, commit: bool
) -> Step:
    """Return the step that lets staged offsets count, or drops them."""

    def step(then: Callable[[Exception | None], None]) -> None:
        offsets.finish(producer_id, groups, commit=commit, callback=then)

    return step


class Completion:
    """Steps that may be done in any order and more than once, each tried until it succeeds.

    `done` is called under the broker's lock when all have; `stuck` each time that one has not.
    """

    def __init__(
        self,
        services: Services,
        steps: Iterable[Step],
        *,
        done: Callable[[], object],
        stuck: Callable[[], object],
    ) -> None:
        self._services = services
        self._steps = dict(enumerate(steps))
        self._done = done
        self._stuck = stuck

    def start(self) -> None:
        """Try all steps. The broker's lock is held."""
        if not self._steps:
            self._done()
        for number in tuple(self._steps):
            self._try(number)

    def _try(self, number: int) -> None:
        with self._services.lock:
            try:
                self._steps[number](partial(self._settled, number))
            except KafkaError as error:
                self._settled(number, error)

    def _settled(self, number: int, error: Exception | None) -> None:
        with self._services.lock:
            if error is None or _is_pointless(error):
                del self._steps[number]
                if not self._steps:
                    self._done()
            else:
                self._services.timers.call_in(RETRY_MS, partial(self._try, number))
                self._stuck()


def _is_pointless(error: Exception) -> bool:
    """Tell whether the partition has been deleted."""
    return isinstance(error, KafkaError) and error.code is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
