"""The branches of a reader's union, found by the name of what was written."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from compat.avro.model import NAMED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compat.avro.model import Node, TypeName, Union


class Branches:
    """An index of one union: unions of a thousand records compare in a thousand steps."""

    def __init__(self, union: Union) -> None:
        self._unnamed: list[Node] = []
        self._by_name: dict[tuple[TypeName, str], dict[int, Node]] = defaultdict(dict)
        self._by_alias: dict[tuple[TypeName, str], dict[int, Node]] = defaultdict(dict)
        for position, branch in enumerate(union.branches):
            self._add(branch, position)

    def _add(self, branch: Node, position: int) -> None:
        if not isinstance(branch, NAMED):
            self._unnamed.append(branch)
            return
        self._by_name[branch.type, branch.name.simple][position] = branch
        for alias in branch.aliases:
            self._by_alias[branch.type, alias.full][position] = branch

    def for_writer(self, writer: Node) -> Sequence[Node]:
        """Return the branches, in order, that may read what a type wrote; no other one can."""
        if not isinstance(writer, NAMED):
            return self._unnamed
        named = self._by_name.get((writer.type, writer.name.simple), {})
        aliased = self._by_alias.get((writer.type, writer.name.full), {})
        found = {**named, **aliased}
        return [found[position] for position in sorted(found)]
