"""The way to the place of a finding, and documents that have a value there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from compat.json_schema.model import Array, Negation, Object
from compat.json_schema.samples import EACH, FRESH, Sampler, facets, suspects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from compat.json_schema.model import Node
    from compat.json_schema.reading import Subschema
    from compat.json_text import JsonValue

    Step: TypeAlias = str | int


class Level(NamedTuple):
    """What surrounds the place at one level, and the step down."""

    readers: list[Node]
    writers: list[Node]
    step: Step


class Route:
    """Goes down both schemas along a path."""

    def __init__(self, reader: Subschema, writer: Subschema, path: str) -> None:
        self.readers = facets([reader])
        self.writers = facets([writer])
        self.levels: list[Level] = []
        self.steps = path.removeprefix("#/").split("/")
        while self.steps and self.goes_on(self.steps.pop(0)):
            continue

    @property
    def place(self) -> list[Step]:
        return [level.step for level in self.levels]

    def goes_on(self, keyword: str) -> bool:
        """Take one step; False where the path ends in a keyword."""
        if keyword == "not":
            return self.excluded()
        if keyword == "items":
            return self.down(int(self.steps.pop(0)) if self.has_index() else 0)
        return bool(self.steps) and self.goes_into(keyword)

    def goes_into(self, keyword: str) -> bool:
        """Take a step that more must follow."""
        match keyword:
            case "properties":
                return self.down(self.name("properties"))
            case "dependencies":
                return self.beside(self.name("needed_schemas"))
            case "allOf" | "anyOf" | "oneOf":
                self.steps.pop(0)
                return True
            case "additionalProperties" | "unevaluatedProperties":
                return self.down(FRESH)
            case "additionalItems" | "unevaluatedItems":
                return self.down(EACH)
            case _:
                return False

    def has_index(self) -> bool:
        """Tell whether the next step is a number, and of how many digits it likes."""
        return bool(self.steps) and self.steps[0].isdecimal()

    def name(self, of: str) -> str:
        """Take as many steps as a known name has; names may have slashes in them."""
        nodes = [node for node in (*self.readers, *self.writers) if isinstance(node, Object)]
        known = {name for node in nodes for name in getattr(node, of)}
        for length in range(1, len(self.steps) + 1):
            name = "/".join(self.steps[:length])
            if name in known:
                del self.steps[:length]
                return name
        return self.steps.pop(0)

    def down(self, step: Step) -> bool:
        self.levels.append(Level(self.readers, self.writers, step))
        self.readers = facets(below(self.readers, step))
        self.writers = facets(below(self.writers, step))
        return True

    def beside(self, name: str) -> bool:
        """Go on with what a name needs, in the same place."""
        self.readers += facets(needed(self.readers, name))
        self.writers += facets(needed(self.writers, name))
        return bool(self.steps)

    def excluded(self) -> bool:
        self.readers += facets(excluded(self.readers))
        self.writers += facets(excluded(self.writers))
        return True

    def documents(self) -> Iterator[JsonValue]:
        """Yield documents that differ at the place: small ones, then the same with all members.

        Then such as differ in what surrounds the place, which may not be there at all.
        """
        sampler = Sampler()
        for full in (False, True):
            for value in suspects(self.writers, self.readers):
                yield around(value, self.levels, sampler, full=full)
        for level in self.levels[-1:]:
            for value in suspects(level.writers, level.readers):
                yield around(value, self.levels[:-1], sampler, full=False)


def around(value: JsonValue, levels: Sequence[Level], sampler: Sampler, *, full: bool) -> JsonValue:
    for _, nodes, step in reversed(levels):
        if isinstance(step, str):
            objects = [node for node in nodes if isinstance(node, Object)]
            value = with_member(sampler.objects(objects, 1)[int(full)], step, value)
        else:
            arrays = [node for node in nodes if isinstance(node, Array)]
            value = with_item(arrays, sampler, min(step, EACH), value)
    return value


def excluded(nodes: Sequence[Node]) -> list[Subschema]:
    return [node.excluded for node in nodes if isinstance(node, Negation)]


def with_member(surroundings: JsonValue, name: str, value: JsonValue) -> JsonValue:
    members = surroundings if isinstance(surroundings, dict) else {}
    return {**members, name: value}


def with_item(arrays: Sequence[Array], sampler: Sampler, index: int, value: JsonValue) -> JsonValue:
    """Return an array with an item at an index; an index too far is behind what is listed."""
    listed = [part for node in arrays[:1] for part in node.items[:index]]
    before = [sampler.values([part], 1)[0] for part in listed]
    return [*before, *["x"] * (index - len(before) if index < EACH else 0), value]


def below(nodes: Sequence[Node], step: Step) -> list[Subschema]:
    """Return what nodes say of a member or an item."""
    found = (
        member_of(node, step)
        if isinstance(step, str) and isinstance(node, Object)
        else item_of(node, step)
        if isinstance(step, int) and isinstance(node, Array)
        else None
        for node in nodes
    )
    return [part for part in found if part is not None]


def member_of(node: Object, name: str) -> Subschema | None:
    return node.properties.get(name) or node.additional.schema or node.unevaluated.schema


def item_of(node: Array, index: int) -> Subschema | None:
    return node.items[index] if index < len(node.items) else node.every or node.partial


def needed(nodes: Sequence[Node], name: str) -> list[Subschema]:
    objects = [node for node in nodes if isinstance(node, Object)]
    return [node.needed_schemas[name] for node in objects if name in node.needed_schemas]
