"""What stands between a writer's data and a reader, found in one walk over both types.

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
    other   other   same type, or PROMOTIONS

A pair can meet itself only through other pairs, and two cycles of different length multiply, so
the walk keeps its own stack instead of the interpreter's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from compat.avro.kinds import UNREADABLE, Kind
from compat.avro.logical import logical_type
from compat.avro.model import Array, Enum, Fixed, Map, Primitive, Record, TypeName, Union
from compat.avro.printer import inlined, shown
from compat.errors import TooComplex
from compat.finding import Finding
from compat.json_text import sorted_keys

if TYPE_CHECKING:
    from collections.abc import Generator

    from compat.avro.logical import LogicalType
    from compat.avro.model import Field, Named, Node
    from compat.avro.schema import AvroSchema

Found: TypeAlias = "tuple[Finding, ...]"
Walk: TypeAlias = "Generator[Walk, Found, Found]"

# About a second of work. Two unions of 300 records of 10 fields need 900 000 steps.
MAX_STEPS = 1_000_000

# Nobody reads more, and repeated pairs could double them with every level.
MAX_FINDINGS = 1000

PROMOTIONS = frozenset(
    {
        (TypeName.INT, TypeName.LONG),
        (TypeName.INT, TypeName.FLOAT),
        (TypeName.INT, TypeName.DOUBLE),
        (TypeName.LONG, TypeName.FLOAT),
        (TypeName.LONG, TypeName.DOUBLE),
        (TypeName.FLOAT, TypeName.DOUBLE),
        (TypeName.STRING, TypeName.BYTES),
        (TypeName.BYTES, TypeName.STRING),
    }
)  # writer, reader


def differences(*, reader: AvroSchema, writer: AvroSchema) -> Found:
    """Return every finding, breaking or not; TooComplex beyond the step budget."""
    try:
        return Differ().between(reader.root, writer.root)
    except Ambiguity as ambiguity:
        return (ambiguity.finding,)


class Ambiguity(Exception):
    """End the walk: Avro Java compares no further once a field has two counterparts."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


class Differ:
    """One walk and its memory."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Found] = {}
        self._steps = 0

    def between(self, reader: Node, writer: Node) -> Found:
        """Run the walk on a stack of its own."""
        first = self._compared(reader, writer, "")
        if isinstance(first, tuple):
            return first
        stack = [first]
        answer: Found | None = None
        while stack:
            try:
                child = next(stack[-1]) if answer is None else stack[-1].send(answer)
            except StopIteration as end:
                stack.pop()
                answer = end.value
            else:
                stack.append(child)
                answer = None
        assert answer is not None, "a walk ends with its findings"
        return answer

    def _compared(self, reader: Node, writer: Node, path: str) -> Found | Walk:
        """Return the findings where they are at hand, else the walk that finds them."""
        self._spend(1)
        if isinstance(reader, Primitive) and isinstance(writer, Primitive):
            return primitives(reader, writer, path)
        pair = (id(reader), id(writer))
        known = self._known.get(pair)
        if known is not None:
            return known
        walk = self._walk(reader, writer, path)
        # Avro Java has a new object for each primitive, so it never meets such a pair again.
        shared = not isinstance(reader, Primitive) and not isinstance(writer, Primitive)
        if walk is not None:
            return self._remembering(pair, walk) if shared else walk
        found = leaves(reader, writer, path)
        if shared:
            self._known[pair] = found
        return found

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise TooComplex(f"the comparison takes more than {MAX_STEPS} steps")

    def _remembering(self, pair: tuple[int, int], walk: Walk) -> Walk:
        self._known[pair] = ()
        found = yield from walk
        self._known[pair] = found = found[:MAX_FINDINGS]
        return found

    def _walk(self, reader: Node, writer: Node, path: str) -> Walk | None:
        walk: Walk | None
        match reader, writer:
            case Union(), Union():
                walk = self._unions(reader, writer, path)
            case _, Union():
                walk = self._writer_union(reader, writer, path)
            case Union(), _:
                walk = self._reader_union(reader, writer, path)
            case Record(), Record():
                walk = self._records(reader, writer, path)
            case Array(), Array():
                walk = self._contents(reader.items, writer.items, f"{path}/items")
            case Map(), Map():
                walk = self._contents(reader.values, writer.values, f"{path}/values")
            case _:
                walk = None
        return walk

    def _contents(self, reader: Node, writer: Node, path: str) -> Walk:
        found = self._compared(reader, writer, path)
        return found if isinstance(found, tuple) else (yield found)

    def _records(self, reader: Record, writer: Record, path: str) -> Walk:
        found = names(reader, writer, path)
        self._spend(len(reader.fields))
        for index, field in enumerate(reader.fields):
            counterpart = counterpart_of(field, index, writer)
            if counterpart is None:
                nested = self._missing(field, writer, f"{path}/fields/{index}")
            elif is_plainly_same(field.type, counterpart.type):
                continue
            else:
                at = f"{path}/fields/{index}/type"
                nested = self._compared(field.type, counterpart.type, at)
            found += nested if isinstance(nested, tuple) else (yield nested)
        return found

    def _missing(self, field: Field, writer: Record, path: str) -> Found | Walk:
        if field.has_default:
            return ()
        if isinstance(field.type, Enum) and field.type.default is not None:
            # Avro Java holds the enum against the whole record here, which never matches.
            return self._compared(field.type, writer, f"{path}/type")
        return (Finding(Kind.READER_FIELD_MISSING_DEFAULT_VALUE, path, field.name),)

    def _unions(self, reader: Union, writer: Union, path: str) -> Walk:
        found: Found = ()
        for index, branch in enumerate(writer.branches):
            nested = self._compared(reader, branch, "")
            if not isinstance(nested, tuple):
                nested = yield nested
            at = f"{path}/{index}"
            found += lacking(branch, at) if is_unreadable(nested) else moved(nested, at)
        return found

    def _writer_union(self, reader: Node, writer: Union, path: str) -> Walk:
        found: Found = ()
        for index, branch in enumerate(writer.branches):
            nested = self._compared(reader, branch, f"{path}/{index}")
            found += nested if isinstance(nested, tuple) else (yield nested)
        return found

    def _reader_union(self, reader: Union, writer: Node, path: str) -> Walk:
        """Prefer a branch without any finding to one that merely reads."""
        readable: Found | None = None
        for branch in reader.branches:
            nested = self._compared(branch, writer, "")
            if not isinstance(nested, tuple):
                nested = yield nested
            if not nested:
                return ()
            if readable is None and not is_unreadable(nested):
                readable = nested
        return lacking(writer, path) if readable is None else moved(readable, path)


def is_plainly_same(reader: Node, writer: Node) -> bool:
    """Tell at a glance: types without properties are the same objects in every schema."""
    if reader is writer:
        return True
    return type(reader) is type(writer) is Union and reader.branches == writer.branches


def counterpart_of(field: Field, index: int, writer: Record) -> Field | None:
    """Return the writer's field that a reader's field is read from."""
    direct = writer.by_name.get(field.name)
    if not field.aliases:
        return direct
    found = [] if direct is None else [direct]
    found += [writer.by_name[alias] for alias in field.aliases if alias in writer.by_name]
    if len(found) > 1:
        message = (
            f"Reader record field {shown(field, index)} matches multiple fields "
            f"in writer record schema {inlined(writer)}"
        )
        raise Ambiguity(Finding(Kind.AMBIGUOUS_FIELD, f"/fields/{index}", message))
    return found[0] if found else None


def leaves(reader: Node, writer: Node, path: str) -> Found:
    """Compare two types that have no types inside, or nothing in common."""
    match reader, writer:
        case Fixed(), Fixed():
            return (
                *names(reader, writer, path),
                *sizes(reader, writer, path),
                *logical(reader, writer, path),
            )
        case Enum(), Enum():
            return names(reader, writer, path) + symbols(reader, writer, path)
        case _:
            return mismatch(reader, writer, path)


def primitives(reader: Primitive, writer: Primitive, path: str) -> Found:
    if reader.type != writer.type and (writer.type, reader.type) not in PROMOTIONS:
        return mismatch(reader, writer, path)
    return logical(reader, writer, path) if reader.props or writer.props else ()


def mismatch(reader: Node, writer: Node, path: str) -> Found:
    words = f"reader type: {word(reader)} not compatible with writer type: {word(writer)}"
    return (Finding(Kind.TYPE_MISMATCH, path or "/", words),)


def names(reader: Named, writer: Named, path: str) -> Found:
    """Namespaces do not count, except where only an alias can match."""
    if reader.name.simple == writer.name.simple:
        return ()
    if any(alias.full == writer.name.full for alias in reader.aliases):
        return ()
    return (Finding(Kind.NAME_MISMATCH, f"{path}/name", f"expected: {writer.name.full}"),)


def sizes(reader: Fixed, writer: Fixed, path: str) -> Found:
    if reader.size == writer.size:
        return ()
    words = f"expected: {writer.size}, found: {reader.size}"
    return (Finding(Kind.FIXED_SIZE_MISMATCH, f"{path}/size", words),)


def symbols(reader: Enum, writer: Enum, path: str) -> Found:
    missing = dict.fromkeys(writer.symbols)
    for symbol in reader.symbols:
        missing.pop(symbol, None)
    if not missing or reader.default is not None:
        return ()
    listing = f"[{', '.join(sorted_keys(missing))}]"
    return (Finding(Kind.MISSING_ENUM_SYMBOLS, f"{path}/symbols", listing),)


def logical(reader: Primitive | Fixed, writer: Primitive | Fixed, path: str) -> Found:
    """Compare what the values mean, given that they can be read.

    writer   reader   finding
    -------  -------  --------------------------------------------
    none     none     none
    none     some     LOGICAL_TYPE_ADDED
    some     none     LOGICAL_TYPE_REMOVED
    some     another  LOGICAL_TYPE_CHANGED
    decimal  decimal  DECIMAL_SCALE_CHANGED, DECIMAL_PRECISION_*
    """
    at = f"{path}/logicalType"
    new, old = logical_type(reader), logical_type(writer)
    if new is None:
        return () if old is None else (Finding(Kind.LOGICAL_TYPE_REMOVED, at, old.name),)
    if old is None:
        return (Finding(Kind.LOGICAL_TYPE_ADDED, at, new.name),)
    if new.name != old.name:
        words = f"expected: {old.name}, found: {new.name}"
        return (Finding(Kind.LOGICAL_TYPE_CHANGED, at, words),)
    return decimals(new, old, path)


def decimals(new: LogicalType, old: LogicalType, path: str) -> Found:
    found: Found = ()
    if new.scale != old.scale:
        words = f"expected: {old.scale}, found: {new.scale}"
        found += (Finding(Kind.DECIMAL_SCALE_CHANGED, f"{path}/scale", words),)
    if new.precision != old.precision:
        less = new.precision < old.precision
        kind = Kind.DECIMAL_PRECISION_DECREASED if less else Kind.DECIMAL_PRECISION_INCREASED
        words = f"expected: {old.precision}, found: {new.precision}"
        found += (Finding(kind, f"{path}/precision", words),)
    return found


def lacking(writer: Node, path: str) -> Found:
    words = f"reader union lacking writer type: {word(writer)}"
    return (Finding(Kind.MISSING_UNION_BRANCH, path or "/", words),)


def is_unreadable(found: Found) -> bool:
    return any(finding.kind in UNREADABLE for finding in found)


def moved(found: Found, path: str) -> Found:
    """Return findings from inside a branch, which have no path of their own, at the union."""
    return tuple(replace(finding, path=path or "/") for finding in found)


def word(node: Node) -> str:
    return node.type.upper()
