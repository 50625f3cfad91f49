"""What may stop or mislead a reader, found in one walk over both types.

The walk is Avro Java's SchemaCompatibility, rule for rule, because its paths and details are part
of the REST contract:

* a pair of types is compared once; met again, its findings are repeated with the paths of the
  first time, and inside itself it counts as compatible;
* what a reader union lacks is one finding, MISSING_UNION_BRANCH; why each branch failed is not
  told. Branches are compared from a root of their own, and so are named types first met there.

    writer  reader  compatible when
    ------  ------  ---------------
    union   union   the reader takes every branch of the writer
    union   other   the reader takes every branch of the writer
    other   union   some branch of the reader takes it
    other   other   the rules say so

A pair can meet itself only through other pairs, and two cycles of different length multiply, so
the walk keeps its own stack instead of the interpreter's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from compat.avro.branches import Branches
from compat.avro.findings import NOTHING, ROOTS, Difference, Found, findings, together
from compat.avro.kinds import Kind
from compat.avro.model import Array, Enum, Fixed, Map, Primitive, Record, Union
from compat.avro.places import Places
from compat.avro.printer import inlined, shown
from compat.avro.rules import lacking, leaves, names, one, primitives
from compat.errors import TooComplex
from compat.walk import walked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from compat.avro.findings import Held, Path, Sides
    from compat.avro.model import Field, Node
    from compat.avro.schema import AvroSchema
    from compat.finding import Finding

Walk: TypeAlias = "Generator[Walk, Found, Found]"

# The budget bounds time (about a second) and memory (about 100 MB) alike. A step is a glance at
# one name or field.
MAX_STEPS = 1_000_000
COMPARISON_STEPS = 2
PAIR_STEPS = 2  # more, for a pair that is remembered


def incompatibilities(*, reader: AvroSchema, writer: AvroSchema) -> tuple[Finding, ...]:
    """Return what may stop or mislead a reader; TooComplex beyond the step budget."""
    try:
        found = Differ().between(reader.root, writer.root)
    except Ambiguity as ambiguity:
        found = ambiguity.found
    if not found:
        return ()
    return findings(found, reader=Places(reader), writer=Places(writer))


class Ambiguity(Exception):
    """End the walk: Avro Java compares no further once a field has two counterparts."""

    def __init__(self, found: Found) -> None:
        super().__init__(found)
        self.found = found


class Differ:
    """One walk and its memory."""

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self.steps = 0
        self._max_steps = max_steps
        self._known: dict[tuple[int, int], Found] = {}
        self._indexes: dict[int, Branches] = {}

    def between(self, reader: Node, writer: Node) -> Found:
        """Run the walk on a stack of its own."""
        first = self._compared(reader, writer, None, ROOTS)
        return first if isinstance(first, Found) else walked(first)

    def _compared(self, reader: Node, writer: Node, path: Path, held: Held) -> Found | Walk:
        """Return the findings where they are at hand, else the walk that finds them."""
        self._spend(COMPARISON_STEPS)
        if isinstance(reader, Primitive) and isinstance(writer, Primitive):
            return primitives(reader, writer, path, held)
        pair = (id(reader), id(writer))
        known = self._known.get(pair)
        if known is not None:
            return known
        self._spend(PAIR_STEPS + weight(reader) + weight(writer))
        walk = self._walk(reader, writer, path, held)
        # Avro Java has a new object for each primitive, so it never meets such a pair again.
        shared = not isinstance(reader, Primitive) and not isinstance(writer, Primitive)
        if walk is not None:
            return self._remembering(pair, walk) if shared else walk
        found = leaves(reader, writer, path, held)
        if shared:
            self._known[pair] = found
        return found

    def _spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self._max_steps:
            raise TooComplex(f"the comparison takes more than {self._max_steps} steps")

    def _remembering(self, pair: tuple[int, int], walk: Walk) -> Walk:
        self._known[pair] = NOTHING
        self._known[pair] = found = yield from walk
        return found

    def _walk(self, reader: Node, writer: Node, path: Path, held: Held) -> Walk | None:
        walk: Walk | None
        match reader, writer:
            case Union(), Union():
                walk = self._unions(reader, writer, path)
            case _, Union():
                walk = self._writer_union(reader, writer, path, held)
            case Union(), _:
                walk = self._reader_union(reader, writer, path, held)
            case Record(), Record():
                walk = self._records(reader, writer, path)
            case Array(), Array():
                within = (path, "items")
                walk = self._contents(reader.items, writer.items, within, (reader, writer))
            case Map(), Map():
                within = (path, "values")
                walk = self._contents(reader.values, writer.values, within, (reader, writer))
            case _:
                walk = None
        return walk

    def _contents(self, reader: Node, writer: Node, path: Path, held: Held) -> Walk:
        found = self._compared(reader, writer, path, held)
        return found if isinstance(found, Found) else (yield found)

    def _records(self, reader: Record, writer: Record, path: Path) -> Walk:
        found = list(names(reader, writer, path))
        for index, field in enumerate(reader.fields):
            self._spend(1 + len(field.aliases))
            counterpart = counterpart_of(field, index, writer)
            nested: Found | Walk
            if counterpart is None:
                nested = self._missing(field, writer, ((path, "fields"), index))
            elif is_plainly_same(field.type, counterpart.type):
                continue
            else:
                at = (((path, "fields"), index), "type")
                nested = self._compared(field.type, counterpart.type, at, (field, counterpart))
            if not isinstance(nested, Found):
                nested = yield nested
            if nested:
                found.append(nested)
        return together(found)

    def _missing(self, field: Field, writer: Record, path: Path) -> Found:
        if field.has_default:
            return NOTHING
        sides: Sides = (field, None, ROOTS)
        if isinstance(field.type, Enum) and field.type.default is not None:
            # Avro Java holds the enum against the whole record here, which never matches.
            return self._as_missing(field.type, writer, (path, "type"), sides)
        return one(Kind.READER_FIELD_MISSING_DEFAULT_VALUE, path, field.name, sides)

    def _as_missing(self, reader: Enum, writer: Record, path: Path, sides: Sides) -> Found:
        known = self._compared(reader, writer, path, ROOTS)
        assert isinstance(known, Found), "an enum and a record have no types to walk into"
        return Found(tuple(replaced(known, sides)), is_readable=False)

    def _unions(self, reader: Union, writer: Union, path: Path) -> Walk:
        found: list[Found] = []
        for index, branch in enumerate(writer.branches):
            nested = self._compared(reader, branch, None, (None, writer))
            if not isinstance(nested, Found):
                nested = yield nested
            at = (path, index)
            if not nested.is_readable:
                found.append(lacking(reader, branch, at, writer))
            elif nested:
                found.append(Found(nested.parts, is_readable=True, moved_to=at))
        return together(found)

    def _branches(self, union: Union) -> Branches:
        known = self._indexes.get(id(union))
        if known is None:
            self._spend(sum(map(weight, union.branches)))
            known = self._indexes[id(union)] = Branches(union)
        return known

    def _writer_union(self, reader: Node, writer: Union, path: Path, held: Held) -> Walk:
        found: list[Found] = []
        within = (held[0], writer)
        for index, branch in enumerate(writer.branches):
            nested = self._compared(reader, branch, (path, index), within)
            if not isinstance(nested, Found):
                nested = yield nested
            if nested:
                found.append(nested)
        return together(found)

    def _reader_union(self, reader: Union, writer: Node, path: Path, held: Held) -> Walk:
        """Prefer a branch without any finding to one that merely reads."""
        readable: Found | None = None
        within = (reader, held[1])
        for branch in self._branches(reader).for_writer(writer):
            nested = self._compared(branch, writer, None, within)
            if not isinstance(nested, Found):
                nested = yield nested
            if not nested:
                return NOTHING
            if readable is None and nested.is_readable:
                readable = nested
        if readable is None:
            return lacking(reader, writer, path, held[1])
        return Found(readable.parts, is_readable=True, moved_to=path)


def weight(node: Node) -> int:
    """Return how many names a comparison with this type may have to look through."""
    match node:
        case Enum():
            return 1 + len(node.aliases) + len(node.symbols)
        case Record() | Fixed():
            return 1 + len(node.aliases)
        case _:
            return 1


def replaced(found: Found, sides: Sides) -> Iterator[Difference]:
    """Yield the findings of a pair as they were told the first time, but about other sides."""
    for part in found.parts:
        assert isinstance(part, Difference), "there is nothing inside the pair"
        yield Difference(part.kind, part.path, part.detail, sides)


def is_plainly_same(reader: Node, writer: Node) -> bool:
    """Tell at a glance: types without properties are the same objects in every schema."""
    if reader is writer:
        return True
    return type(reader) is type(writer) is Union and reader.branches == writer.branches


def counterpart_of(field: Field, index: int, writer: Record) -> Field | None:
    """Return the writer's field that a reader's field is read from."""
    if not field.aliases:
        return writer.by_name.get(field.name)
    found = counterparts(field, writer)
    if len(found) > 1:
        message = (
            f"Reader record field {shown(field, index)} matches multiple fields "
            f"in writer record schema {inlined(writer)}"
        )
        at = ((None, "fields"), index)
        raise Ambiguity(one(Kind.AMBIGUOUS_FIELD, at, message, (field, writer, ROOTS)))
    return found[0] if found else None


def counterparts(field: Field, writer: Record) -> list[Field]:
    """Return the writer's fields that a reader's field and its aliases find."""
    known = writer.by_name
    return [known[name] for name in (field.name, *field.aliases) if name in known]
