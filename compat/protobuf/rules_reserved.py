"""Numbers and names that were set aside: a reader that takes them back, or uses them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from compat.protobuf.descriptor_assembly import bounds
from compat.protobuf.findings import one
from compat.protobuf.kinds import Kind
from compat.protobuf.spots import spot_of
from compat.protobuf.syntax import Reserved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compat.finding import Finding, Spot
    from compat.protobuf.syntax import Extensions


class Span(NamedTuple):
    """Numbers from `first` to `last`, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


class Reservations:
    """The reserved numbers and names of a message or an enum; `greatest` is what `max` means."""

    def __init__(
        self, statements: Sequence[Reserved | Extensions], *, greatest: int, inside: str
    ) -> None:
        self._statements = statements
        self._greatest = greatest
        self.inside = inside

    @cached_property
    def spans(self) -> list[Span]:
        """The reserved numbers in order, neighbours joined."""
        found = sorted(
            Span(*bounds(numbers, self._greatest))
            for statement in self._statements
            for numbers in statement.ranges
        )
        joined: list[Span] = []
        for span in found:
            if joined and span.first <= joined[-1].last + 1:
                joined[-1] = Span(joined[-1].first, max(joined[-1].last, span.last))
            else:
                joined.append(span)
        return joined

    @cached_property
    def names(self) -> Mapping[str, Reserved]:
        """The reserved names, with their statements."""
        return {
            name: statement
            for statement in self._statements
            if isinstance(statement, Reserved)
            for name in statement.names
        }

    def holds(self, number: int) -> bool:
        """Tell whether a number is reserved."""
        index = bisect_right(self.spans, number, key=lambda span: span.first) - 1
        return index >= 0 and number <= self.spans[index].last

    def without(self, other: Reservations) -> Iterator[Span]:
        """Yield the numbers reserved here and not there."""
        theirs = iter(other.spans)
        taken = next(theirs, None)
        for span in self.spans:
            first = span.first
            while taken is not None and taken.first <= span.last:
                if taken.first > first:
                    yield Span(first, taken.first - 1)
                first = max(first, taken.last + 1)
                if taken.last > span.last:
                    break
                taken = next(theirs, None)
            if first <= span.last:
                yield Span(first, span.last)

    @cached_property
    def _placed(self) -> list[tuple[int, Reserved | Extensions]]:
        """The first numbers of all ranges in order, with their statements."""
        return sorted(
            (
                (numbers.start, statement)
                for statement in self._statements
                for numbers in statement.ranges
            ),
            key=_first,
        )

    def spot(self, number: int) -> Spot:
        """Return the spot of the statement that reserves a number."""
        index = bisect_right(self._placed, number, key=_first) - 1
        return spot_of(self._placed[index][1], inside=self.inside)


def _first(placed: tuple[int, Reserved | Extensions]) -> int:
    return placed[0]


class Used(NamedTuple):
    """What the reader declares, by number and by name."""

    numbers: Mapping[int, Spot]
    names: Mapping[str, Spot]


def reservations(
    reader: Reservations, writer: Reservations, used: Used, path: str
) -> Iterator[Finding]:
    """Yield what was reserved and is no longer; what is used now is a finding of its own."""
    numbers = sorted(used.numbers)
    for span in writer.without(reader):
        at = bisect_right(numbers, span.first - 1)
        inside = numbers[at : bisect_right(numbers, span.last)]
        for number in inside:
            yield one(
                Kind.RESERVED_NUMBER_REUSED,
                f"{path}/{number}",
                reader=used.numbers[number],
                writer=writer.spot(number),
                detail=str(number),
            )
        if len(inside) <= span.last - span.first:
            yield one(
                Kind.RESERVED_NUMBER_REMOVED,
                path,
                writer=writer.spot(span.first),
                detail=str(span),
            )
    for name in sorted(writer.names.keys() - reader.names.keys()):
        kind = Kind.RESERVED_NAME_REUSED if name in used.names else Kind.RESERVED_NAME_REMOVED
        yield one(
            kind,
            f"{path}/{name}",
            reader=used.names.get(name),
            writer=spot_of(writer.names[name], inside=writer.inside),
            detail=name,
        )
