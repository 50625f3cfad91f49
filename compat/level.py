"""Compatibility levels and the pairs of schemas each of them compares."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

S = TypeVar("S")


class Direction(StrEnum):
    """Which side of a pair reads."""

    BACKWARD = "BACKWARD"  # the new schema reads what the old one wrote
    FORWARD = "FORWARD"  # the old schema reads what the new one writes


class Level(StrEnum):
    """The seven levels of the REST contract."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        return self.endswith("_TRANSITIVE")

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Return the directions checked, in the order their findings are reported."""
        match self.removesuffix("_TRANSITIVE"):
            case "BACKWARD":
                return (Direction.BACKWARD,)
            case "FORWARD":
                return (Direction.FORWARD,)
            case "FULL":
                return (Direction.FORWARD, Direction.BACKWARD)
            case _:
                return ()


def reader_and_writer(direction: Direction, *, new: S, old: S) -> tuple[S, S]:
    """Return the pair in the roles the direction gives them."""
    return (new, old) if direction is Direction.BACKWARD else (old, new)


class Policy(StrEnum):
    """How strictly the differences are judged (`compatibilityPolicy`).

    The first three are Confluent's. The others are stricter ones for Protobuf, each refusing more
    than the one before it: what changes the binary encoding, the JSON encoding too, what breaks
    code generated per package, or per file. A format without rules of its own for a policy is
    judged as under STRICT.
    """

    STRICT = "STRICT"
    LENIENT = "LENIENT"
    LOGICAL = "LOGICAL"
    WIRE = "WIRE"
    WIRE_JSON = "WIRE_JSON"
    PACKAGE = "PACKAGE"
    FILE = "FILE"
