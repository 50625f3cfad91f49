"""Taking keys out of the `conf` dictionary, with the errors Confluent's clients raise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")


class Conf:
    """A copy of the caller's dictionary from which each key is taken once.

    Values are never part of a message: many of them are secrets.
    """

    def __init__(self, conf: Mapping[str, Any]) -> None:
        self._left = dict(conf)

    def __contains__(self, key: str) -> bool:
        return self._left.get(key) is not None

    def take(self, key: str, default: object = None) -> Any:
        """Remove a key and return its value; without a default None stands for absent."""
        return self._left.pop(key, default)

    def text(self, key: str) -> str | None:
        value = self.take(key)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{key} must be a str, not {type(value)}")
        return value

    def number(self, key: str, default: float, *, least: float = 0) -> float:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, (int, float)):
            raise TypeError(f"{key} must be a number, not {type(value)}")
        if not value >= least:
            raise ValueError(f"{key} must be at least {least}")
        return value

    def require(self, what: str, keys: Iterable[str]) -> None:
        missing = [key for key in keys if key not in self]
        if missing:
            raise ValueError(f"Missing required {what} properties: {', '.join(missing)}")

    def finish(self) -> None:
        """Refuse the keys nobody took."""
        if self._left:
            raise ValueError(f"Unrecognized properties: {', '.join(self._left)}")
