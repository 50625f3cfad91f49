"""What a group's member tells the consumer, which tells the program when it polls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from accord_log.embedded.consumer_protocol import Place
    from accord_log.embedded.error import KafkaError


class Gained(NamedTuple):
    """These are the consumer's now; beside what it has, where the group is cooperative."""

    places: frozenset[Place]


class Revoked(NamedTuple):
    """These are to be given up; the group waits for it."""

    places: frozenset[Place]


class Lost(NamedTuple):
    """These are somebody else's already."""

    places: frozenset[Place]


class Failed(NamedTuple):
    """The program is to know of this."""

    error: KafkaError


GroupEvent: TypeAlias = Gained | Revoked | Lost | Failed
