"""Findings while the walk is under way: those of a pair of messages are linked, never copied.

An imported message is compared once and its findings stand wherever a field leads to it, as
Confluent tells them; told again and again they could double with every import.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from compat.finding import Finding, Spot
from compat.protobuf.kinds import UNREADABLE, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Findings told again are left out from here on; each is told once, whatever their number.
MAX_REPEATED: Final = 1000


@dataclass(slots=True, eq=False)
class Found:
    """What was found in a pair of messages; `breaks` if Confluent refuses any part of it.

    What stands in a group is `unseen` by Confluent: what it would refuse there is not told.
    """

    parts: list[Finding | Found] = field(default_factory=list)
    breaks: bool = False
    unseen: bool = False

    def add(self, found: Iterable[Finding]) -> None:
        """Take up findings."""
        for finding in found:
            self.parts.append(finding)
            self.breaks = self.breaks or finding.kind in UNREADABLE

    def join(self, found: Found) -> None:
        """Take up what was found in another pair."""
        if found.parts:
            self.parts.append(found)
            self.breaks = self.breaks or found.breaks


class Telling(NamedTuple):
    """One pair being told: what is left of it, and how."""

    parts: Iterator[Finding | Found]
    is_repeated: bool
    is_unseen: bool


def findings(found: Found) -> tuple[Finding, ...]:
    """Return the findings in the order of the walk."""
    told: list[Finding] = []
    known: set[tuple[int, bool]] = set()
    stack = [Telling(iter(found.parts), is_repeated=False, is_unseen=False)]
    repeated = 0
    while stack:
        current = stack[-1]
        part = next(current.parts, None)
        if part is None or (current.is_repeated and repeated >= MAX_REPEATED):
            stack.pop()
        elif isinstance(part, Finding):
            repeated += current.is_repeated
            if not (current.is_unseen and part.kind in UNREADABLE):
                told.append(part)
        else:
            is_unseen = current.is_unseen or part.unseen
            is_repeated = current.is_repeated or (id(part), is_unseen) in known
            known.add((id(part), is_unseen))
            stack.append(Telling(iter(part.parts), is_repeated, is_unseen))
    return tuple(told)


def one(
    kind: Kind,
    path: str,
    *,
    reader: Spot | None = None,
    writer: Spot | None = None,
    detail: str = "",
) -> Finding:
    """Return a finding."""
    return Finding(kind, path, detail, reader, writer)
