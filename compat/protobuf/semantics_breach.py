"""A broken rule, and the rules about ranges of numbers and names that several elements share."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


class Breach(NamedTuple):
    """The full name of what breaks a rule, and the rule in words."""

    path: str
    message: str


class Span(NamedTuple):
    """Numbers from the first to the last, both included, and what they are set aside for."""

    first: int
    last: int
    purpose: str

    def __str__(self) -> str:
        numbers = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.purpose} range {numbers}"


class Spans:
    """The ranges of one message or enum."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)
        self._firsts = [span.first for span in self._spans]

    def breaches(self, owner: str) -> Iterator[Breach]:
        """Yield the ranges that end before they start or share numbers with another."""
        previous: Span | None = None
        for span in self._spans:
            if span.last < span.first:
                yield Breach(owner, f"The {span} ends before it starts")
            if previous is not None and span.first <= previous.last:
                yield Breach(owner, f"The {span} overlaps with the {previous}")
            previous = span

    def holding(self, number: int) -> Span | None:
        """Return the range a number lies in; ranges must not overlap."""
        index = bisect_right(self._firsts, number) - 1
        if index < 0 or number > self._spans[index].last:
            return None
        return self._spans[index]


def repeated(names: Collection[str]) -> Iterator[str]:
    """Yield the names that came before."""
    if len(set(names)) == len(names):
        return
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)
