"""From what was found, pair by pair, to findings with their paths."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from compat.finding import Finding, Spot
from compat.json_schema.outcomes import FATAL, FINE, LEVELS, Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.json_schema.outcomes import Pair, Part, Side, Steps

# Nobody reads more, and pairs that lead to each other have more paths than there are atoms. Of
# each level there are as many, so that no flood of harmless ones hides one that breaks.
MAX_FINDINGS = 1000
MAX_VISITS = 100_000

# A path repeats the names on the way, of which one may be as long as the schema.
MAX_PATHS_LENGTH = 10_000_000


def findings(root: Pair) -> tuple[Finding, ...]:
    """Return the findings in the order of the walk; some of the worst in any case."""
    report = Report(root)
    report.follow()
    if root.level > report.worst:
        report.tell(*shortest(root))
    return tuple(report.told)


class Report:
    """The findings told so far."""

    def __init__(self, root: Pair) -> None:
        self.root = root
        self.told: list[Finding] = []
        self.worst = FINE
        self.left = [MAX_FINDINGS] * (FATAL + 1)
        self.length = 0
        self.different: frozenset[Pair] | None = None

    def follow(self) -> None:
        """Tell everything below the root; inside itself a pair tells nothing."""
        stack: list[tuple[Iterator[Part], str, Pair]] = [(iter(self.root.parts), "#", self.root)]
        above = {self.root}
        visits = 0
        while stack and visits < MAX_VISITS and self.length < MAX_PATHS_LENGTH:
            visits += 1
            parts, path, pair = stack[-1]
            part = next(parts, None)
            if part is None:
                stack.pop()
                above.discard(pair)
            elif isinstance(part, Difference):
                self.tell(part, path)
            elif part.pair not in above and any(self.left[: part.pair.level + 1]):
                above.add(part.pair)
                stack.append((iter(part.pair.parts), joined(path, part.steps), part.pair))

    def tell(self, difference: Difference, path: str) -> None:
        level = LEVELS[difference.kind]
        if not self.left[level] or not self.is_one(difference):
            return
        self.left[level] -= 1
        self.worst = max(self.worst, level)
        whole = joined(path, difference.steps)
        reader, writer = spot(difference.reader), spot(difference.writer)
        self.length += len(whole) + sum(len(each.path) for each in (reader, writer) if each)
        whole = "#/" if whole == "#" else whole
        self.told.append(Finding(difference.kind, whole, "", reader, writer))

    def is_one(self, difference: Difference) -> bool:
        """Tell whether a difference that is about another pair's has anything to be about."""
        if difference.about is None:
            return True
        if self.different is None:
            self.different = different(self.root)
        return difference.about in self.different


def different(root: Pair) -> frozenset[Pair]:
    """Return the pairs with differences, their own or those of a pair they lead to."""
    found: set[Pair] = set()
    above: dict[Pair, list[Pair]] = {root: []}
    queue = deque([root])
    while queue:
        pair = queue.popleft()
        for part in pair.parts:
            below = part.about if isinstance(part, Difference) else part.pair
            if below is None:
                found.add(pair)
                continue
            if below not in above:
                above[below] = []
                queue.append(below)
            above[below].append(pair)
    queue.extend(found)
    while queue:
        for pair in above[queue.popleft()]:
            if pair not in found:
                found.add(pair)
                queue.append(pair)
    return frozenset(found)


def joined(path: str, steps: Steps) -> str:
    return "/".join((path, *steps)) if steps else path


def spot(side: Side | None) -> Spot | None:
    """Return where something stands; what is in another document has that document's URI."""
    if side is None:
        return None
    document, location = side.place.document, side.place.location
    pointer, fragment = location.pointer, location.schema
    if side.keyword and isinstance(fragment, dict):
        if side.keyword not in fragment:
            return None
        pointer, fragment = f"{pointer}/{side.keyword}", fragment[side.keyword]
    return Spot(f"{document.uri}#{pointer}" if document.uri else pointer, fragment)


def shortest(root: Pair) -> tuple[Difference, str]:
    """Return the first difference as bad as the whole, and the path of its pair."""
    queue = deque([(root, "#")])
    seen = {root}
    while queue:
        pair, path = queue.popleft()
        for part in pair.parts:
            if isinstance(part, Difference):
                if LEVELS[part.kind] == root.level:
                    return part, path
            elif part.pair not in seen and part.pair.level == root.level:
                seen.add(part.pair)
                queue.append((part.pair, joined(path, part.steps)))
    raise AssertionError("a pair is no worse than its parts")
