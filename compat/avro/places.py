"""Where the types and fields of a schema stand in its canonical text.

A place is a JSON pointer. A named type stands where it is defined, however many places use it; in
the text of a reference, the pointer follows the reference's name and a `#`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from compat.avro.model import Array, Field, Map, Primitive, Record, Union
from compat.finding import Spot

if TYPE_CHECKING:
    from compat.avro.model import Node
    from compat.avro.schema import AvroSchema

# What a type is the type of. Primitives without properties are the same objects in every schema,
# so only with their holder do they have a place.
Holder: TypeAlias = "Field | Array | Map | Union | None"

# The place around it, the step from there, and the field's name if it is the place of a field.
Place: TypeAlias = "tuple[Place | None, str | int, str | None]"


class Inside(NamedTuple):
    """The words for what is in an array or map, and for the array or map itself."""

    part: str
    whole: str


INSIDE_STEPS = {Array: "items", Map: "values"}
INSIDE = {"items": Inside("an item", "the array"), "values": Inside("a value", "the map")}


class Fragment(NamedTuple):
    """What stands at a place, and where it is used: a named type can be defined elsewhere."""

    node: Node | Field
    used: Place | None

    @property
    def label(self) -> str:
        """Return the words by which a person finds it: the nearest field around it."""
        inside, place = None, self.used
        while place is not None:
            place, step, field = place
            if field is not None:
                return f"{inside.part} of `{field}`" if inside else f"`{field}`"
            inside = inside or INSIDE.get(str(step))
        return f"{inside.part} of {inside.whole}" if inside else "the value"


class Places:
    """The places in one schema, found when the first of them is asked for."""

    def __init__(self, schema: AvroSchema) -> None:
        self._schema = schema
        self._known: dict[int, Place | None] = {}

    def spot(self, node: Node | Field, holder: Holder) -> Spot:
        if not self._known:
            self._find()
        if holder is None:
            place = used = self._known[id(node)]
        else:
            used = self._known[id(holder)]
            if not isinstance(node, Primitive):
                place = self._known[id(node)]
            else:
                place = (used, step_to(node, holder), None)
            if type(holder) in INSIDE_STEPS:
                used = (used, INSIDE_STEPS[type(holder)], None)
        return Spot(pointer(place), Fragment(node, used))

    def _find(self) -> None:
        schema = self._schema
        for reference, root in zip(schema.references, schema.brought, strict=True):
            self._enter(root, (None, f"{reference.name}#", None))
        self._enter(schema.root, None)
        self._known.setdefault(id(schema.root), None)  # a primitive

    def _enter(self, root: Node, place: Place | None) -> None:
        """Walk in the order of the text, so that named types are met where they are defined."""
        stack: list[tuple[Node, Place | None]] = [(root, place)]
        while stack:
            node, place = stack.pop()
            if isinstance(node, Primitive) or id(node) in self._known:
                continue
            self._known[id(node)] = place
            if isinstance(node, Record):
                stack += reversed(self._fields(node, place))
            elif isinstance(node, Union):
                stack += reversed(branches(node, place))
            elif isinstance(node, Array) and not isinstance(node.items, Primitive):
                stack.append((node.items, (place, "items", None)))
            elif isinstance(node, Map) and not isinstance(node.values, Primitive):
                stack.append((node.values, (place, "values", None)))

    def _fields(self, record: Record, place: Place | None) -> list[tuple[Node, Place | None]]:
        known, within = self._known, (place, "fields", None)
        inside: list[tuple[Node, Place | None]] = []
        for index, field in enumerate(record.fields):
            at = known[id(field)] = (within, index, field.name)
            if not isinstance(field.type, Primitive):
                inside.append((field.type, (at, "type", None)))
        return inside


def branches(union: Union, place: Place | None) -> list[tuple[Node, Place | None]]:
    return [
        (each, (place, index, None))
        for index, each in enumerate(union.branches)
        if not isinstance(each, Primitive)
    ]


def step_to(node: Primitive, holder: Field | Array | Map | Union) -> str | int:
    match holder:
        case Field():
            return "type"
        case Array():
            return "items"
        case Map():
            return "values"
        case Union():
            return next(n for n, each in enumerate(holder.branches) if each is node)


def pointer(place: Place | None) -> str:
    steps: list[str] = []
    while place is not None:
        place, step, _ = place
        steps.append(f"/{step}")
    if steps and steps[-1].endswith("#"):
        steps[-1] = steps[-1][1:]
    return "".join(reversed(steps))


def fragment_of(spot: Spot) -> Fragment:
    """Return what stands at a place that this module found."""
    assert isinstance(spot.fragment, Fragment), "the spot is of an Avro schema"
    return spot.fragment
