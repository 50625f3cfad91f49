"""What is done when no node answers: whether that is so, and when to look again."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

import httpx

from accord_serde._call import is_retriable
from accord_serde.error import OAuthTokenError, SchemaRegistryError

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 1.0  # how long a caller waits for a fresh answer that has an old one in hand
PATIENCE_SHARE = 0.01  # ... or this part of the time that no node has answered, if that is less
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 15.0
_DOUBLINGS = 10  # more than lead to the longest pause


def is_outage(error: BaseException | None) -> bool:
    """Tell whether an error says that nobody is there, and nothing about what was asked."""
    match error:
        case httpx.TransportError():
            return True
        case SchemaRegistryError():
            return is_retriable(error.http_status_code)
        case OAuthTokenError():
            return error.status_code is None or is_retriable(error.status_code)
        case _:
            return False


class Outage:
    """Says when to ask the registry and when to be content with an old answer.

    While nobody answers, one question in a while finds out whether that is still so. Safe to use
    from many threads.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._lock = threading.Lock()
        self._failures = 0
        self._asked = 0.0
        self._until = float("-inf")

    def begin(self) -> None:
        """Note that nobody answered."""
        with self._lock:
            now = self._clock()
            if now >= self._until:
                self._fail(now)

    def end(self) -> None:
        """Note that somebody answered."""
        if self._failures:
            with self._lock:
                self._failures = 0
                self._until = float("-inf")

    def patience(self) -> float | None:
        """Return the seconds that who has an old answer waits for a fresh one; None: do not ask.

        The longer nobody was asked, the longer the wait: an outage takes at most PATIENCE_SHARE of
        the time of a caller, whatever it looks like, and one that is over is soon noticed.
        """
        with self._lock:
            if not self._failures:
                return PATIENCE_SECONDS
            now = self._clock()
            if now < self._until:
                return None
            patience = min(PATIENCE_SECONDS, (now - self._asked) * PATIENCE_SHARE)
            self._fail(now)  # until the contrary is known: meanwhile nobody else asks
            return patience

    def _fail(self, now: float) -> None:
        doublings = min(self._failures, _DOUBLINGS)
        self._failures += 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0**doublings, LONGEST_PAUSE_SECONDS)
        self._asked = now
        self._until = now + pause * (1 + self._jitter()) / 2
