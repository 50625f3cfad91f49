"""A moment by which something is to happen, which is cheap to put off.

A member's session is put off by every heartbeat. So the timer is left as it is, and when it rings
too early it is set again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.broker.services import Services
    from accord_log.broker.timers import Timer


class Deadline:
    """Calls its action, under the broker's lock, once its moment has come."""

    __slots__ = ("_action", "_at_ms", "_services", "_timer")

    def __init__(self, services: Services, action: Callable[[], object]) -> None:
        self._services = services
        self._action = action
        self._at_ms: int | None = None
        self._timer: Timer | None = None

    @property
    def is_set(self) -> bool:
        return self._at_ms is not None

    def set_in(self, delay_ms: int) -> None:
        """Set the moment, in place of an earlier or later one."""
        self._at_ms = self._services.timers.now_ms() + delay_ms
        if self._timer is not None and self._timer.at_ms > self._at_ms:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._arm(self._at_ms)

    def clear(self) -> None:
        """Let the moment pass without anything happening."""
        self._at_ms = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, at_ms: int) -> None:
        self._timer = self._services.timers.call_at(at_ms, self._ring)

    def _ring(self) -> None:
        with self._services.lock:
            # It may be a timer that was cancelled when it had already begun to ring.
            self._timer = None
            if self._at_ms is None:
                return
            if self._services.timers.now_ms() < self._at_ms:
                self._arm(self._at_ms)
                return
            self._at_ms = None
            self._action()
