"""Do a use case again when another writer got in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from registry.storage.port import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")
# The second attempt sees what the other writer committed; a third one covers a deadlock on top.
ATTEMPTS = 3


def attempted(use_case: Callable[[], R]) -> R:
    """Return what the use case returns; raises Conflict when every attempt ran into one."""
    for _ in range(ATTEMPTS - 1):
        try:
            return use_case()
        except Conflict:
            continue
    return use_case()
