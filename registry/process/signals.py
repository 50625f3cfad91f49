"""The signals that stop the service, taken in each phase of a process's life."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType
    from typing import Self

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop_early() -> None:
    """Make a stop signal end the process quietly, until a server takes the signals over."""
    for number in STOP_SIGNALS:
        signal.signal(number, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


@contextlib.contextmanager
def handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Give the stop signals to the handler while the block runs."""
    before = {number: signal.signal(number, handler) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Keep stop signals pending in this thread, and in processes started meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_through() -> None:
    """Undo in a new process what its parent's `held_back` left behind."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


class StopCounter:
    """Counts the stop signals, and makes a socket readable when one comes."""

    def __init__(self) -> None:
        self.count = 0
        self.bell, self._hammer = socket.socketpair()
        self.bell.settimeout(0)
        self._hammer.settimeout(0)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self.bell)
        self._stack.enter_context(self._hammer)
        before = signal.set_wakeup_fd(self._hammer.fileno(), warn_on_full_buffer=False)
        self._stack.callback(signal.set_wakeup_fd, before)
        self._stack.enter_context(handled_by(self._note))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1

    def silence(self) -> None:
        """Forget the ringing, not the count."""
        with contextlib.suppress(BlockingIOError):
            self.bell.recv(1024)
