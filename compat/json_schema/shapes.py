"""Numbers for JSON values: two values have the same number exactly when they are equal.

Equal means equal by JSON Schema: numbers by value, objects whatever the order of their keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from compat.json_schema.drafts import REFERENCE_KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Hashable

    from compat.json_text import JsonValue

    Container: TypeAlias = "dict[str, JsonValue] | list[JsonValue]"

REFERENCES = frozenset(keyword for keywords in REFERENCE_KEYWORDS.values() for keyword in keywords)


class Shapes:
    """The numbers given so far. The values must outlive it: they are known by identity."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._of: dict[int, int] = {}
        self._referring: set[int] = set()

    def of(self, value: JsonValue) -> int:
        """Return the number of a value."""
        if not isinstance(value, dict | list):
            return self._scalar(value)
        known = self._of.get(id(value))
        if known is not None:
            return known
        # Every container stands in front of those in it, so from the end all parts are known.
        for container in reversed(containers(value)):
            if id(container) not in self._of:
                self._of[id(container)] = self._container(container)
        return self._of[id(value)]

    def refers(self, number: int) -> bool:
        """Tell whether the values of a number hold references."""
        return number in self._referring

    def _container(self, container: Container) -> int:
        if isinstance(container, list):
            parts = [self._part(each) for each in container]
            number = self._number(("[]", *parts))
        else:
            members = {key: self._part(each) for key, each in container.items()}
            parts = list(members.values())
            number = self._number(("{}", frozenset(members.items())))
            if not REFERENCES.isdisjoint(container):
                self._referring.add(number)
        if not self._referring.isdisjoint(parts):
            self._referring.add(number)
        return number

    def _part(self, value: JsonValue) -> int:
        return self._of[id(value)] if isinstance(value, dict | list) else self._scalar(value)

    def _scalar(self, value: JsonValue) -> int:
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return self._number((type(value), value))
        # A float is never finite here, and not a number equals itself for once.
        return self._number((float, str(value)) if isinstance(value, float) else (int, value))

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def containers(value: Container) -> list[Container]:
    """Return a value and all objects and arrays in it, outer ones first."""
    found: list[Container] = [value]
    for container in found:
        parts = container.values() if isinstance(container, dict) else container
        found += [each for each in parts if isinstance(each, dict | list)]
    return found
