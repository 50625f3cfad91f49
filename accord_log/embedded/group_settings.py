"""How a consumer takes part in its group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord_log.embedded.assignors import ASSIGNORS, COOPERATIVE
from accord_log.embedded.error import Local, failure

if TYPE_CHECKING:
    from accord_log.embedded.conf import Conf


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    """Read from the conf."""

    group_id: str
    instance_id: str | None
    session_timeout_ms: int
    max_poll_interval_ms: int
    heartbeat_seconds: float
    strategies: tuple[str, ...]

    @property
    def is_cooperative(self) -> bool:
        """Tell whether partitions are given up only when another member is to have them."""
        return self.strategies == (COOPERATIVE,)


def group_settings(conf: Conf) -> GroupSettings:
    """Return what the conf says. Raises KafkaException."""
    strategies = tuple(
        name.strip() for name in conf["partition.assignment.strategy"].split(",") if name.strip()
    )
    unknown = [name for name in strategies if name not in ASSIGNORS]
    if unknown or not strategies:
        text = f"Unsupported partition.assignment.strategy: {', '.join(unknown)}"
        raise failure(Local.INVALID_ARG, text)
    if COOPERATIVE in strategies and strategies != (COOPERATIVE,):
        text = "partition.assignment.strategy: eager and cooperative assignors cannot be mixed"
        raise failure(Local.INVALID_ARG, text)
    if conf["max.poll.interval.ms"] < conf["session.timeout.ms"]:
        text = "max.poll.interval.ms must be at least session.timeout.ms"
        raise failure(Local.INVALID_ARG, text)
    return GroupSettings(
        group_id=conf["group.id"],
        instance_id=conf["group.instance.id"],
        session_timeout_ms=conf["session.timeout.ms"],
        max_poll_interval_ms=conf["max.poll.interval.ms"],
        heartbeat_seconds=conf["heartbeat.interval.ms"] / 1000,
        strategies=strategies,
    )
