"""Findings while the walk is under way: they are linked, never copied, and put into words last.

The findings of one pair of types belong to every pair that leads to it, so lists of them would be
copied at each level, and a path would be written out for thousands of findings nobody reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from compat.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from compat.avro.kinds import Kind
    from compat.avro.model import Field, Node
    from compat.avro.places import Holder, Places

# The steps to a place in the reader, the last one first; None is the root.
Path: TypeAlias = "tuple[Path, str | int] | None"

# Nobody reads more, and repeated pairs can double them with every level.
MAX_FINDINGS = 1000


# What the two types of a pair are the types of; a primitive has no other place of its own.
Held: TypeAlias = "tuple[Holder, Holder]"
ROOTS: Held = (None, None)


# What stands on both sides of a finding, reader's first; where nothing stands is None. A named
# tuple takes ten times as long to make.
Sides: TypeAlias = "tuple[Node | Field | None, Node | Field | None, Held]"


@dataclass(slots=True)
class Difference:
    """One finding to be."""

    kind: Kind
    path: Path
    detail: str
    sides: Sides


@dataclass(slots=True)
class Found:
    """What was found in a pair of types; `is_readable` if no part of it stops a reader.

    The parts of a part are found at `moved_to`, if that is set, whatever their own paths.
    """

    parts: Sequence[Difference | Found]
    is_readable: bool
    moved_to: Path = None

    def __bool__(self) -> bool:
        return bool(self.parts)


NOTHING = Found((), is_readable=True)


def together(parts: Sequence[Found]) -> Found:
    """Return the findings of several pairs as one."""
    if not parts:
        return NOTHING
    if len(parts) == 1:
        return parts[0]
    return Found(parts, all(part.is_readable for part in parts))


def findings(found: Found, *, reader: Places, writer: Places) -> tuple[Finding, ...]:
    """Return the findings in the order of the walk, the first MAX_FINDINGS of them."""
    told: list[Finding] = []
    stack: list[tuple[Iterator[Difference | Found], Path]] = [(iter(found.parts), found.moved_to)]
    while stack and len(told) < MAX_FINDINGS:
        parts, moved_to = stack[-1]
        part = next(parts, None)
        if part is None:
            stack.pop()
        elif isinstance(part, Found):
            stack.append((iter(part.parts), moved_to or part.moved_to))
        else:
            told.append(finding(part, moved_to or part.path, reader=reader, writer=writer))
    return tuple(told)


def finding(difference: Difference, path: Path, *, reader: Places, writer: Places) -> Finding:
    read, written, held = difference.sides
    return Finding(
        difference.kind,
        pointer(path),
        difference.detail,
        reader=None if read is None else reader.spot(read, held[0]),
        writer=None if written is None else writer.spot(written, held[1]),
    )


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer, the root as `/`: so Avro Java writes it."""
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(str(step))
    return "/" + "/".join(reversed(steps))
