"""Values to try: such as a schema allows, and such as lie just beyond what another one does.

Nothing here promises that a schema accepts a sample; whoever wants to know asks a validator.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from compat.json_schema.model import (
    Array,
    Bounded,
    Combination,
    Constant,
    Enumeration,
    Node,
    Number,
    Object,
    Plain,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from compat.json_schema.model import Quantity
    from compat.json_schema.reading import Subschema
    from compat.json_text import JsonValue

    Members = dict[str, JsonValue]

# One of everything.
VARIETY: Sequence[JsonValue] = ("x", 1, Decimal("0.5"), True, None, {}, [], "", 0, -1)
# What patterns often ask for.
TEXTS = ("abc", "ABC", "123", "a", "A", "1", "a-b", "a_b", "a@b.test", "2024-01-31")
OF_TYPE: dict[str, Sequence[JsonValue]] = {"boolean": (True, False), "null": (None,)}

# A name no schema is likely to have.
FRESH = "anything"

MAX_FACETS = 64
MAX_DEPTH = 5
MAX_VALUES = 3_000
EACH = 50  # names, values and places of one node that are looked at
NEAR: Sequence[Quantity] = (0, 1, -1, Decimal("0.5"), Decimal("-0.5"))

# What a person can still read.
MAX_LENGTH = 2_000
MAX_ITEMS = 200


def facets(parts: Iterable[Subschema | Node]) -> list[Node]:
    """Return the nodes that combinations are made of, the first MAX_FACETS of them."""
    queue = [part if isinstance(part, Node) else part.node for part in parts]
    found: dict[Node, None] = {}
    seen: set[Node] = set()
    for node in queue:
        if node in seen or len(found) >= MAX_FACETS:
            continue
        seen.add(node)
        if isinstance(node, Combination):
            queue += [branch.node for branch in node.branches[:MAX_FACETS]]
        else:
            found[node] = None
    return list(found)


def limits_of(nodes: Iterable[Node]) -> list[Quantity]:
    """Return all the limits some nodes set."""
    found = [limit for node in nodes if isinstance(node, Bounded) for limit in node.bounds.values()]
    return list(dict.fromkeys(found))


def sizes_of(limits: Iterable[Quantity], most: int) -> list[int]:
    """Return the sizes at and next to some limits, and the smallest ones."""
    whole = [int(limit) for limit in limits if -most <= limit <= most]
    near = [limit + step for limit in whole for step in (0, 1, -1)]
    return sorted({size for size in (0, 1, 2, *near) if 0 <= size <= most})


def texts(limits: Sequence[Quantity]) -> list[JsonValue]:
    return [*("x" * size for size in sizes_of(limits, MAX_LENGTH)), *TEXTS]


def numbers(limits: Sequence[Quantity]) -> list[JsonValue]:
    found = [plus(limit, step) for limit in (*limits, 0) for step in NEAR]
    return list(dict.fromkeys([*found, *(limit * 2 for limit in limits)]))


def plus(limit: Quantity, step: Quantity) -> Quantity:
    return limit + step


def given(node: Enumeration | Constant) -> list[JsonValue]:
    """Return the values a schema lists."""
    schema = node.place.location.schema
    assert isinstance(schema, dict), "true and false list nothing"
    if isinstance(node, Constant):
        return [schema["const"]]
    values = schema["enum"]
    assert isinstance(values, list), "there would be no such node"
    return values


class Sampler:
    """Makes samples, fewer and smaller ones the more it has made."""

    def __init__(self) -> None:
        self.left = MAX_VALUES

    def values(self, parts: Iterable[Subschema | Node], depth: int = 0) -> list[JsonValue]:
        """Return samples for schemas that hold together or one by one."""
        nodes = facets(parts)
        self.left -= 1
        if depth > MAX_DEPTH or self.left < 0:
            return list(VARIETY)
        found: list[JsonValue] = []
        objects = [node for node in nodes if isinstance(node, Object)]
        if objects:
            found += self.objects(objects, depth)
        for node in nodes:
            found += self.of(node, depth)
        return found or list(VARIETY)

    def of(self, node: Node, depth: int) -> list[JsonValue]:
        match node:
            case Enumeration() | Constant():
                return given(node)[:EACH]
            case Text():
                return texts(limits_of([node]))
            case Number():
                return numbers(limits_of([node]))
            case Object():
                return self.objects([node], depth)
            case Array():
                return self.arrays(node, limits_of([node]), depth)
            case _:
                return list(OF_TYPE.get(node.type, ())) if isinstance(node, Plain) else []

    def objects(self, nodes: Sequence[Object], depth: int) -> list[JsonValue]:
        """Return an object with what is required, and one with all there is."""
        known = {name for node in nodes for name in islice(node.properties, EACH)}
        required = {name for node in nodes for name in sorted(node.required)[:EACH]}
        full = {name: self.member(nodes, name, depth) for name in sorted(known | required)}
        least = {name: value for name, value in full.items() if name in required}
        sizes = sizes_of(limits_of(nodes), MAX_ITEMS)
        return [least, full, *(filled(full, size) for size in sizes)]

    def member(self, nodes: Sequence[Object], name: str, depth: int) -> JsonValue:
        parts = [node.properties[name] for node in nodes if name in node.properties]
        return self.values(parts, depth + 1)[0] if parts else "x"

    def arrays(self, node: Array, limits: Sequence[Quantity], depth: int) -> list[JsonValue]:
        """Return arrays of all sizes of interest, with items alike and items that differ."""
        listed = [self.values([part], depth + 1)[0] for part in node.items[:EACH]]
        parts = (node.every, node.contained, node.additional.schema, node.unevaluated.schema)
        fillings = [self.values([part], depth + 1)[:3] for part in parts if part is not None]
        found: list[JsonValue] = [listed]
        plain: list[JsonValue] = ["x"]
        for size in sizes_of(limits, MAX_ITEMS):
            for filling in (*fillings, plain):
                missing = size - len(listed)
                found += [listed[:size] + filling[:1] * missing, (filling * size)[:size]]
            found += [list(range(size)), [f"x{index}" for index in range(size)]]
        return found


def filled(members: Members, size: int) -> Members:
    """Return an object with so many members."""
    wanted = dict(islice(members.items(), size))
    return wanted | {f"{FRESH}{index}": "x" for index in range(size - len(wanted))}


def suspects(writers: Sequence[Node], readers: Sequence[Node]) -> Iterator[JsonValue]:
    """Yield what a writer may write at a place that a reader may refuse."""
    sampler = Sampler()
    own, others = sampler.values(writers), sampler.values(readers)
    limits = limits_of([*writers, *readers])
    yield from own
    yield from others
    yield from VARIETY
    yield from texts(limits)
    yield from numbers(limits)
    for node in (*writers, *readers):
        if isinstance(node, Array):
            yield from sampler.arrays(node, limits, 0)
    for value in (*own[:EACH], *others[:EACH], {}, []):
        if isinstance(value, dict):
            yield from changed_objects(value, sampler, [*writers, *readers])
            yield from (filled(value, size) for size in sizes_of(limits, MAX_ITEMS))
        elif isinstance(value, list):
            yield from changed_arrays(value)


def changed_objects(value: Members, sampler: Sampler, nodes: Sequence[Node]) -> Iterator[JsonValue]:
    """Yield an object without each of its members, and with each of them of another kind."""
    for name in islice(value, EACH):
        yield {key: member for key, member in value.items() if key != name}
    objects = [node for node in nodes if isinstance(node, Object)]
    named = {
        name: [node.properties[name] for node in objects if name in node.properties]
        for node in objects
        for name in islice(node.properties, EACH)
    }
    needed = {name for node in objects for name in (*node.needed_names, *node.needed_schemas)}
    for name in (FRESH, *named, *sorted(needed)[:EACH]):
        for member in (*sampler.values(named.get(name, ())), *VARIETY):
            yield {**value, name: member}
    for node in objects:
        for name, names in islice(node.needed_names.items(), EACH):
            yield {**value, name: "x", **dict.fromkeys(sorted(names), "x")}


def changed_arrays(value: list[JsonValue]) -> Iterator[JsonValue]:
    for index in range(min(len(value) + 1, EACH)):
        for item in VARIETY:
            yield [*value[:index], item, *value[index + 1 :]]
