"""Requests to the broker of this process: typed messages, no bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from accord_log.broker.context import Context
from accord_log.broker.promise import Promise, resolved
from accord_log.embedded.error import Local, failure

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.kafka.fields import Message

R = TypeVar("R")


class Caller:
    """Asks a broker under a client's name."""

    def __init__(self, broker: Broker, client_id: str) -> None:
        self.broker = broker
        self.client_id = client_id

    def begin(self, request: Message, _: type[R]) -> Promise[R]:
        """Ask, and return the promise of the answer, whose class is given."""
        context = Context(version=request.versions[-1], client_id=self.client_id)
        answer = cast("Any", self.broker.handle(request, context))
        return answer if isinstance(answer, Promise) else resolved(answer)

    def ask(self, request: Message, response: type[R], seconds: float | None = None) -> R:
        """Ask and wait. Raises KafkaException: TIMED_OUT."""
        try:
            return self.begin(request, response).wait(seconds)
        except TimeoutError:
            raise failure(Local.TIMED_OUT) from None
