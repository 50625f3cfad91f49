"""The key of the message whose value is under way, for dead letters.

The key's serializer sets it, the value's serializer reads and clears it: both run one after the
other in the same thread or task. Nobody does before the program has registered an executor or
action that might ask for it.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any


class Interest:
    """Whether anybody in this program may ask for a key; it stays."""

    __slots__ = ("is_there",)

    def __init__(self) -> None:
        self.is_there = False


INTEREST = Interest()

_KEY: ContextVar[Any] = ContextVar("accord_serde_original_key", default=None)


def set_original_key(key: Any) -> None:
    _KEY.set(key)


def get_original_key() -> Any:
    return _KEY.get()


def clear_original_key() -> None:
    _KEY.set(None)
