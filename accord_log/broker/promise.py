"""An answer that is not there yet."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


class Promise(Generic[T]):
    """A value to come, given once, by any thread.

    Callbacks run in the thread that gives the value, or at once when it is there already; they
    must not block, and must not raise.
    """

    __slots__ = ("_callbacks", "_lock", "_value", "is_done")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[T], object]] = []
        self._value: T | None = None
        self.is_done = False

    def resolve(self, value: T) -> bool:
        """Give the value; return False, and change nothing, when there was one already."""
        with self._lock:
            if self.is_done:
                return False
            self._value = value
            self.is_done = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(value)
        return True

    def then(self, callback: Callable[[T], object]) -> None:
        """Have the callback called with the value, now or when it comes."""
        with self._lock:
            if not self.is_done:
                self._callbacks.append(callback)
                return
        callback(self._value)  # type: ignore[arg-type]  # done: it is a T

    def wait(self, seconds: float | None = None) -> T:
        """Return the value when it is there, for a thread that may block; raises TimeoutError."""
        if self.is_done:
            return self._value  # type: ignore[return-value]  # done: it is a T
        arrived = threading.Event()
        self.then(lambda _: arrived.set())
        if not arrived.wait(seconds):
            raise TimeoutError
        return self._value  # type: ignore[return-value]  # as above


def resolved(value: T) -> Promise[T]:
    """Return a promise that is kept already."""
    promise: Promise[T] = Promise()
    promise.resolve(value)
    return promise


def gather(promises: Sequence[Promise[T]]) -> Promise[list[T]]:
    """Return the promise of all values, in order."""
    whole: Promise[list[T]] = Promise()
    values: list[T | None] = [None] * len(promises)
    left = len(promises)
    lock = threading.Lock()

    def keep(index: int, value: T) -> None:
        nonlocal left
        with lock:
            values[index] = value
            left -= 1
            is_last = left == 0
        if is_last:
            whole.resolve(values)  # type: ignore[arg-type]  # each was given

    if not promises:
        whole.resolve([])
    for index, promise in enumerate(promises):
        promise.then(partial(keep, index))
    return whole
