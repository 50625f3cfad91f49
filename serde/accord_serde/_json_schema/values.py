"""Python values that JSON has no form for, made ready for a validator of JSON.

What Confluent's client says of them counts: a datetime, a UUID, a dataclass is of no JSON type,
so that it passes where the schema does not ask for a type; subclasses are what they derive from;
NaN and the infinities are numbers, which orjson writes as null. Tuples and enumerations alone,
which it refuses where a type is asked for, are what orjson writes: an array, and the value.
"""

from __future__ import annotations

import math
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

MAX_DEPTH = 254  # levels that orjson writes

_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})

Path: TypeAlias = tuple[str | int, ...]


class Rendering:
    """One object in the types of JSON; `stand_in` is what stands for values of no type."""

    __slots__ = ("_endless", "_stand_in", "stood_in", "value")

    def __init__(self, value: Any, stand_in: bool | None) -> None:  # noqa: FBT001 - a value, no switch
        self._stand_in = stand_in
        self._endless: set[Path] = set()
        self.stood_in = False
        self.value = self._of(value, ())

    def excuses(self, error: ValidationError) -> bool:
        """Tell whether an error is not one: what is no finite number is beyond no bound."""
        return error.kind.name in _BOUNDS and tuple(error.instance_path) in self._endless

    def _of(self, value: Any, path: Path) -> Any:  # noqa: PLR0911 - a table of types, two frames a level
        match value:
            case None | bool() | Decimal():
                return value
            case str():
                return str.__str__(value).encode("utf-8", "replace").decode()
            case int():
                return int.__int__(value)
            case float():
                return self._number(value, path)
            case dict() if len(path) <= MAX_DEPTH:
                return {_key(key): self._of(each, (*path, key)) for key, each in value.items()}
            case list() | tuple() if len(path) <= MAX_DEPTH and _is_array(value):
                return [self._of(each, (*path, index)) for index, each in enumerate(value)]
            case Enum() if not isinstance(value.value, Enum):
                return self._of(value.value, path)
            case _:
                self.stood_in = True
                return self._stand_in

    def _number(self, value: float, path: Path) -> float:
        if not math.isfinite(value):
            self._endless.add(path)
            return 0.5  # a number and no integer, as those are
        return float.__float__(value)


def _is_array(value: list[Any] | tuple[Any, ...]) -> bool:
    """Tell whether the quick answer is given for an array: a named tuple is refused there."""
    return isinstance(value, list) or type(value) is tuple


def _key(key: Any) -> str:
    return str.__str__(key) if isinstance(key, str) else f"\0{key!r}"
