"""What a connection is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.broker.context import Context
    from accord_log.broker.promise import Promise
    from accord_log.kafka.fields import Message
    from accord_log.server.connection import Connection
    from accord_log.server.counters import Counters
    from accord_log.server.mailbox import Mailbox
    from accord_log.server.memory import RequestMemory, Scratch
    from accord_log.server.sasl import Authentication
    from accord_log.server.settings import ServerSettings

Answer: TypeAlias = "Message | Promise[Any] | None"


class Handler(Protocol):
    """What answers requests: a broker."""

    def handle(self, request: Message, context: Context, /) -> Answer:
        """Return the answer, or the promise of it, or None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the connections of a server share, and `authentication` those of a listener."""

    handler: Handler
    settings: ServerSettings
    counters: Counters
    scratch: Scratch
    memory: RequestMemory
    mailbox: Mailbox
    authentication: Callable[[], Authentication] | None
    advertised: Callable[[tuple[str, int]], tuple[str, int]]
    admit: Callable[[Connection], bool]
    forget: Callable[[Connection], None]
