"""Every difference: what may stop or mislead a reader, and what changed without harm.

The differ looks for the first, and every verdict waits for it. The walk here looks for the second,
for whoever wants to know everything. It has no say in any verdict and needs no answers from inside,
so it goes through each pair of types once, in the order of the reader's text, and its paths lead
into unions as they lead everywhere else: by the index of the writer's branch.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from compat.avro.branches import Branches
from compat.avro.defaults import Defaults, coerced
from compat.avro.differ import (
    COMPARISON_STEPS,
    MAX_STEPS,
    counterparts,
    incompatibilities,
    is_plainly_same,
    weight,
)
from compat.avro.document import write
from compat.avro.findings import MAX_FINDINGS, ROOTS, Difference, finding
from compat.avro.harmless import is_same_type, is_sorted, leaves, may_read, names, taken
from compat.avro.kinds import Kind
from compat.avro.model import ABSENT, NAMED, Array, Map, Record, Union
from compat.avro.places import Places
from compat.avro.rules import expectation, word
from compat.errors import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.avro.findings import Held, Path, Sides
    from compat.avro.model import Field, Node
    from compat.avro.schema import AvroSchema
    from compat.finding import Finding

NUMBERS = frozenset({int, float})


class Pair(NamedTuple):
    """Two types that data passes through, where it does so, and what they are the types of."""

    reader: Node
    writer: Node
    path: Path
    held: Held


def differences(*, reader: AvroSchema, writer: AvroSchema) -> tuple[Finding, ...]:
    """Return every difference, the harmless ones last; TooComplex beyond the step budget."""
    found = incompatibilities(reader=reader, writer=writer)
    readers, writers = Places(reader), Places(writer)
    harmless = islice(Changes().between(reader.root, writer.root), MAX_FINDINGS)
    told = [finding(each, each.path, reader=readers, writer=writers) for each in harmless]
    return (*found, *told)


class Changes:
    """One walk and its memory."""

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self.steps = 0
        self._max_steps = max_steps
        self._met: set[tuple[int, int]] = set()
        self._indexes: dict[int, Branches] = {}
        self._reader_defaults = DefaultTexts()
        self._writer_defaults = DefaultTexts()

    def between(self, reader: Node, writer: Node) -> Iterator[Difference]:
        """Run the walk on a stack of its own."""
        stack = [self._inside(Pair(reader, writer, None, ROOTS))]
        while stack:
            part = next(stack[-1], None)
            if part is None:
                stack.pop()
            elif isinstance(part, Pair):
                stack.append(self._inside(part))
            else:
                yield part

    def _spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self._max_steps:
            raise TooComplex(f"the comparison takes more than {self._max_steps} steps")

    def _inside(self, pair: Pair) -> Iterator[Difference | Pair]:
        """Yield what changed in a pair of types, and the pairs inside."""
        reader, writer, path, held = pair
        self._spend(COMPARISON_STEPS)
        if is_plainly_same(reader, writer) or self._is_met(reader, writer):
            return
        match reader, writer:
            case Union(), Union():
                yield from self._unions(reader, writer, path, held)
            case Union(), _:
                yield from self._widened(reader, writer, path, held)
            case _, Union():
                yield from narrowed(reader, writer, path, held)
            case Record(), Record():
                yield from self._records(reader, writer, path)
            case Array(), Array():
                yield Pair(reader.items, writer.items, (path, "items"), (reader, writer))
            case Map(), Map():
                yield Pair(reader.values, writer.values, (path, "values"), (reader, writer))
            case _:
                yield from leaves(reader, writer, path, held)

    def _is_met(self, reader: Node, writer: Node) -> bool:
        """Tell whether a pair was met before: only named types are used in several places."""
        if not isinstance(reader, NAMED) or not isinstance(writer, NAMED):
            return False
        pair = (id(reader), id(writer))
        if pair in self._met:
            return True
        self._met.add(pair)
        self._spend(weight(reader) + weight(writer))
        return False

    def _records(self, reader: Record, writer: Record, path: Path) -> Iterator[Difference | Pair]:
        yield from names(reader, writer, path)
        self._spend(len(writer.fields))
        unread = {name: position for position, name in enumerate(writer.by_name)}
        positions = dict(unread)
        read: list[int] = []
        for index, field in enumerate(reader.fields):
            self._spend(1 + len(field.aliases))
            found = counterparts(field, writer)
            for each in found:
                unread.pop(each.name, None)
            at = ((path, "fields"), index)
            if len(found) == 1:  # with more, the reader is ambiguous
                read.append(positions[found[0].name])
                yield from self._fields(field, found[0], at)
            elif not found and field.has_default:
                kind = Kind.READER_FIELD_ADDED_WITH_DEFAULT
                yield Difference(kind, at, field.name, (field, None, ROOTS))
        for name, position in unread.items():
            gone: Sides = (None, writer.by_name[name], ROOTS)
            yield Difference(Kind.WRITER_FIELD_IGNORED, ((path, "fields"), position), name, gone)
        if not is_sorted(read):
            yield Difference(Kind.FIELDS_REORDERED, (path, "fields"), "", (reader, writer, ROOTS))

    def _fields(self, reader: Field, writer: Field, path: Path) -> Iterator[Difference | Pair]:
        sides: Sides = (reader, writer, ROOTS)
        if reader.name != writer.name:
            words = expectation(writer.name, reader.name)
            yield Difference(Kind.FIELD_MATCHED_BY_ALIAS, (path, "name"), words, sides)
        kind = self._default_change(reader, writer)
        if kind is not None:
            yield Difference(kind, (path, "default"), reader.name, sides)
        if reader.order is not writer.order:
            words = expectation(writer.order, reader.order)
            yield Difference(Kind.FIELD_SORT_ORDER_CHANGED, (path, "order"), words, sides)
        yield Pair(reader.type, writer.type, (path, "type"), (reader, writer))

    def _default_change(self, reader: Field, writer: Field) -> Kind | None:
        if not reader.has_default or not writer.has_default:
            if reader.has_default:
                return Kind.FIELD_DEFAULT_ADDED
            return Kind.FIELD_DEFAULT_REMOVED if writer.has_default else None
        if is_same_number(reader, writer):
            return None
        same = self._reader_defaults.of(reader) == self._writer_defaults.of(writer)
        return None if same else Kind.FIELD_DEFAULT_CHANGED

    def _branches(self, union: Union) -> Branches:
        known = self._indexes.get(id(union))
        if known is None:
            self._spend(sum(map(weight, union.branches)))
            known = self._indexes[id(union)] = Branches(union)
        return known

    def _taken(self, union: Union, writer: Node) -> Node | None:
        branches = self._branches(union).for_writer(writer)
        self._spend(len(branches))
        return taken(branches, writer)

    def _unions(
        self, reader: Union, writer: Union, path: Path, held: Held
    ) -> Iterator[Difference | Pair]:
        unused = {id(branch): index for index, branch in enumerate(reader.branches)}
        positions = dict(unused)
        same: list[int] = []
        for index, branch in enumerate(writer.branches):
            found = self._taken(reader, branch)
            if found is None:
                continue
            unused.pop(id(found), None)
            if is_same_type(found, branch):
                same.append(positions[id(found)])
            yield Pair(found, branch, (path, index), (reader, writer))
        for index in unused.values():
            added = reader.branches[index]
            sides: Sides = (added, writer, (reader, held[1]))
            yield Difference(Kind.UNION_BRANCH_ADDED, (path, index), word(added), sides)
        if not is_sorted(same):
            yield Difference(Kind.UNION_BRANCHES_REORDERED, path, "", (reader, writer, held))

    def _widened(
        self, reader: Union, writer: Node, path: Path, held: Held
    ) -> Iterator[Difference | Pair]:
        found = self._taken(reader, writer)
        if found is not None:
            words = f"reader union taking writer type: {word(writer)}"
            yield Difference(Kind.TYPE_WIDENED_TO_UNION, path, words, (reader, writer, held))
            yield Pair(found, writer, path, (reader, held[1]))


class DefaultTexts:
    """The defaults of one schema as texts that are the same if they mean the same."""

    def __init__(self) -> None:
        self._defaults = Defaults()
        self._known: dict[int, str] = {}

    def of(self, field: Field) -> str:
        """Return the text of the normal form; raises TooComplex as that does."""
        text = self._known.get(id(field))
        if text is None:
            assert field.default is not ABSENT, "the field has a default"
            value = coerced(field.type, field.default, self._defaults)
            text = self._known[id(field)] = write(value, sort_keys=True)
        return text


def is_same_number(reader: Field, writer: Field) -> bool:
    """Tell whether two defaults are one number: an int may have become a double."""
    new, old = reader.default, writer.default
    return type(new) in NUMBERS and type(old) in NUMBERS and new == old


def narrowed(reader: Node, writer: Union, path: Path, held: Held) -> Iterator[Difference | Pair]:
    if all(may_read(reader, branch) for branch in writer.branches):
        words = f"reader type: {word(reader)} taking every writer type"
        yield Difference(Kind.UNION_NARROWED_TO_TYPE, path, words, (reader, writer, held))
    for index, branch in enumerate(writer.branches):
        yield Pair(reader, branch, (path, index), (held[0], writer))
