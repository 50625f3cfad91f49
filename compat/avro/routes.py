"""Ways from the roots of two schemas to the place of a finding, as a message would take them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compat.avro.branches import Branches
from compat.avro.data import NoMessage, Smallest, branch_name, within
from compat.avro.differ import Ambiguity, Differ, counterpart_of
from compat.avro.findings import ROOTS, findings
from compat.avro.kinds import UNREADABLE, Kind
from compat.avro.model import NAMED, Array, Field, Map, Primitive, Record, Union
from compat.avro.places import Places, fragment_of
from compat.errors import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.avro.data import Datum
    from compat.avro.findings import Held
    from compat.avro.model import Node
    from compat.avro.places import Holder
    from compat.avro.schema import AvroSchema
    from compat.finding import Finding, Spot

MAX_STOPS = 20_000
MAX_LENGTH = 60  # as deep as a message may nest
# Of a union that cannot be read: how far to look for the causes, and how many of them.
MAX_CAUSES_DEPTH = 20
MAX_CAUSES = 4
CAUSE_STEPS = 50_000
STEPS_PER_STOP = 5  # of a comparison, which are that much cheaper

KEY = "key"


@dataclass(slots=True, eq=False)
class Stop:
    """A pair of types that data gets to; `fields` if that is through a field, reader's first."""

    reader: Node
    writer: Node
    held: Held = ROOTS
    before: Stop | None = None
    fields: tuple[Field, Field] | None = None
    length: int = 0

    def key(self) -> tuple[int, ...]:
        """Tell stops apart; what contains no primitive has one holder anyway."""
        holders = zip((self.reader, self.writer), self.held, strict=True)
        return (
            id(self.reader),
            id(self.writer),
            *(id(holder) if isinstance(node, Primitive) else 0 for node, holder in holders),
        )


class Routes:
    """The search over one pair of schemas; raises NoMessage beyond a limit."""

    def __init__(self, *, reader: AvroSchema, writer: AvroSchema) -> None:
        self._readers = Places(reader)
        self._writers = Places(writer)
        self._start = Stop(reader.root, writer.root)
        self._smallest = Smallest(writer.root)
        within(reader.root)  # raises what is true of the writer as well
        self._left = MAX_STOPS
        self._indexes: dict[int, Branches] = {}

    def ends(self, finding: Finding) -> Iterator[tuple[Finding, Stop]]:
        """Yield where a message can show the finding: its causes first, then the place itself."""
        return self._ends(finding, self._start, 0)

    def _ends(self, finding: Finding, start: Stop, depth: int) -> Iterator[tuple[Finding, Stop]]:
        stop = self._reached(finding, start)
        if stop is None:
            return
        if finding.kind is Kind.MISSING_UNION_BRANCH and depth < MAX_CAUSES_DEPTH:
            for inner in self._meant_for(stop):
                for cause in self._causes(inner):
                    yield from self._ends(cause, inner, depth + 1)
        yield finding, stop

    def _causes(self, stop: Stop) -> list[Finding]:
        """Return why a branch does not read what it seems to be meant for."""
        differ = Differ(CAUSE_STEPS)
        try:
            found = differ.between(stop.reader, stop.writer)
        except (Ambiguity, TooComplex):
            return []
        finally:
            self._spend(differ.steps // STEPS_PER_STOP)
        told = findings(found, reader=self._readers, writer=self._writers)
        return [each for each in told if each.kind in UNREADABLE][:MAX_CAUSES]

    def _reached(self, finding: Finding, start: Stop) -> Stop | None:
        seen: set[tuple[int, ...]] = set()
        queue = deque([start])
        while queue:
            stop = queue.popleft()
            if self._shows(stop, finding):
                return stop
            key = stop.key()
            if key in seen or stop.length >= MAX_LENGTH:
                continue
            seen.add(key)
            onwards = [each for each in self._from(stop) if self._smallest.extent(each.writer)]
            self._spend(len(onwards) + 1)
            queue += onwards
        return None

    def _spend(self, stops: int) -> None:
        self._left -= stops
        if self._left < 0:
            raise NoMessage("the place is too far away to look for a message")

    def _from(self, stop: Stop) -> list[Stop]:
        """Return the pairs that data gets to next."""
        match stop.reader, stop.writer:
            case _, Union():
                return [inside(stop, stop.reader, each) for each in stop.writer.branches]
            case Union(), _:
                branches = self._branches(stop.reader).for_writer(stop.writer)
                return [inside(stop, each, stop.writer) for each in branches]
            case Record(), Record():
                return fields_from(stop, stop.reader, stop.writer)
            case (Array(), Array()) as pair:
                return [inside(stop, pair[0].items, pair[1].items)]
            case (Map(), Map()) as pair:
                return [inside(stop, pair[0].values, pair[1].values)]
            case _:
                return []

    def _branches(self, union: Union) -> Branches:
        known = self._indexes.get(id(union))
        if known is None:
            self._spend(len(union.branches))
            known = self._indexes[id(union)] = Branches(union)
        return known

    def _meant_for(self, stop: Stop) -> list[Stop]:
        """Return the branches of a reader's union that look as if they were to read this."""
        assert isinstance(stop.reader, Union), "the finding is about a union"
        found = self._branches(stop.reader).for_writer(stop.writer)
        return [inside(stop, each, stop.writer) for each in found if each.type == stop.writer.type]

    def _shows(self, stop: Stop, finding: Finding) -> bool:
        assert finding.reader is not None, "there is always something that cannot read"
        if finding.writer is None:
            return self._lacks(stop, finding.reader)
        reader_holder, writer_holder = stop.held
        return stands_at(finding.reader, stop.reader, reader_holder, self._readers) and stands_at(
            finding.writer, stop.writer, writer_holder, self._writers
        )

    def _lacks(self, stop: Stop, missing: Spot) -> bool:
        """Tell whether the field is missing in this record of the writer."""
        field = fragment_of(missing).node
        if not isinstance(stop.reader, Record) or not isinstance(stop.writer, Record):
            return False
        assert isinstance(field, Field), "only fields can be missing"
        own = stop.reader.by_name.get(field.name)
        return (
            own is not None
            and self._readers.spot(own, None).path == missing.path
            and paired(own, stop.writer) is None
        )

    def message(self, stop: Stop, value: Datum) -> Datum:
        """Return a message with a value at a stop, and otherwise as small as can be."""
        while stop.before is not None:
            value = self._around(stop.before, stop, value)
            stop = stop.before
        return value

    def value(self, node: Node) -> Datum:
        return self._smallest.value(node)

    def _around(self, outer: Stop, inner: Stop, value: Datum) -> Datum:
        if outer.writer is inner.writer:
            return value
        match outer.writer:
            case Union():
                return branch_name(inner.writer), value
            case Record():
                assert inner.fields is not None, "a record is left through a field"
                others = {each.name: each.type for each in outer.writer.fields}
                del others[inner.fields[1].name]
                rest = {name: self._smallest.value(node) for name, node in others.items()}
                return rest | {inner.fields[1].name: value}
            case Array():
                return [value]
            case _:
                return {KEY: value}


def inside(stop: Stop, reader: Node, writer: Node) -> Stop:
    held = (
        stop.held[0] if reader is stop.reader else holder_of(stop.reader),
        stop.held[1] if writer is stop.writer else holder_of(stop.writer),
    )
    return Stop(reader, writer, held, stop, None, stop.length + 1)


def holder_of(node: Node) -> Holder:
    assert isinstance(node, Array | Map | Union), "only these have types inside"
    return node


def fields_from(stop: Stop, reader: Record, writer: Record) -> list[Stop]:
    pairs = [(field, paired(field, writer)) for field in reader.fields]
    return [
        Stop(field.type, other.type, (field, other), stop, (field, other), stop.length + 1)
        for field, other in pairs
        if other is not None
    ]


def paired(field: Field, writer: Record) -> Field | None:
    try:
        return counterpart_of(field, 0, writer)
    except Ambiguity:
        return None


def stands_at(spot: Spot, node: Node, holder: Holder, places: Places) -> bool:
    wanted = fragment_of(spot).node
    if type(node) is not type(wanted):
        return False
    if isinstance(node, NAMED) and isinstance(wanted, NAMED) and node.name != wanted.name:
        return False
    return places.spot(node, holder).path == spot.path
