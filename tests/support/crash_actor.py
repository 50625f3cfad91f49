"""A client that works in a thread of its own while the log is killed and started again."""

from __future__ import annotations

import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from confluent_kafka import KafkaException

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

T = TypeVar("T")

PATIENCE_SECONDS = 90

# How all clients take an outage: they try again soon, and do not give up.
LASTING: dict[str, str | int | float] = {
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 200,
    "retry.backoff.ms": 20,
    "retry.backoff.max.ms": 200,
    "socket.timeout.ms": 10_000,
    "topic.metadata.refresh.interval.ms": 2000,
    # librdkafka 2.16 may wait for ever for a coordinator that it has forgotten meanwhile, as it
    # does when it begins anew from the bootstrap servers (its issues 5456 and 5511).
    "metadata.recovery.strategy": "none",
    "log_level": 2,
}


class Place(NamedTuple):
    """A partition."""

    topic: str
    partition: int


class Actor:
    """Takes turns until it is told to stop; what a turn raises ends it, and is kept."""

    def __init__(self, name: str, random: Random) -> None:
        self.name = name
        self.random = random
        self.failure = ""
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopped.set()

    def join(self, seconds: float) -> None:
        """Wait until the last turn is over; that it failed is raised here."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"{self.name} does not come to an end"
        assert not self.failure, f"{self.name}: {self.failure}"

    def pause(self, seconds: float) -> None:
        """Rest, unless it is told to stop."""
        self.stopped.wait(seconds * self.random.random())

    def turn(self) -> None:
        """Do a little work."""
        raise NotImplementedError

    def finish(self) -> None:
        """Bring to an end what is under way."""

    def _run(self) -> None:
        try:
            while not self.stopped.is_set():
                self.turn()
            self.finish()
        except BaseException:  # noqa: BLE001  # the test raises it
            self.failure = traceback.format_exc()


def insist(call: Callable[..., T], *arguments: Any) -> T:
    """Call until it is not an outage that makes it fail; an outage ends some time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call(*arguments)
        except KafkaException as error:
            if not error.args[0].retriable() or time.monotonic() > deadline:
                raise
