"""Connections that must start over in a forked child: locks and sockets are the parent's."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forkable(Protocol):
    def start_over(self) -> None: ...


_living: weakref.WeakSet[Forkable] = weakref.WeakSet()


def watch(connection: Forkable) -> None:
    """Have `start_over` called in every child forked while `connection` lives."""
    _living.add(connection)


def _in_child() -> None:
    for connection in list(_living):
        connection.start_over()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_in_child)
