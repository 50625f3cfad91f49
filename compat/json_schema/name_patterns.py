"""Which names a pattern of `patternProperties` matches.

The patterns come from anybody: the engine is one of linear time where it can be, and counts its
backtracking where it cannot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Callable

# What a pattern's automaton and a search may cost; beyond that it matches nothing.
SIZE_LIMIT = 256 * 1024
BACKTRACK_LIMIT = 10_000

# Compiling a pattern takes a thousand times as long as a look at a name.
COMPILING_STEPS = 1_000
CHARACTERS_PER_STEP = 50

ENGINES = (
    jsonschema_rs.RegexOptions(size_limit=SIZE_LIMIT),
    jsonschema_rs.FancyRegexOptions(size_limit=SIZE_LIMIT, backtrack_limit=BACKTRACK_LIMIT),
)


class NamePatterns:
    """The patterns met so far, compiled."""

    def __init__(self, spend: Callable[[int], None]) -> None:
        self._spend = spend
        self._compiled: dict[str, jsonschema_rs.Validator | None] = {}

    def matches(self, pattern: str, name: str) -> bool:
        """Tell whether a pattern is found in a name; one that nobody can read is found nowhere."""
        self._spend(1 + len(name) // CHARACTERS_PER_STEP)
        if pattern not in self._compiled:
            self._spend(COMPILING_STEPS)
            self._compiled[pattern] = compiled(pattern)
        validator = self._compiled[pattern]
        return validator is not None and validator.is_valid(name)


def compiled(pattern: str) -> jsonschema_rs.Validator | None:
    for engine in ENGINES:
        try:
            return jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=engine)
        except ValueError:
            continue
    return None
