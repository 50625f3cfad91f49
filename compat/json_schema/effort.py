"""How much work a document makes for a validator, before one is asked.

A validator looks at the same part of a document once for every way that leads there through
`allOf` and its like, and the number of ways can double with every level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from compat.json_schema.documents import escaped
from compat.json_schema.library import Library, Target, references_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from compat.json_schema.schema import JsonSchema
    from compat.json_text import JsonValue

    Visit: TypeAlias = "tuple[JsonValue, Target]"
    Count: TypeAlias = Generator[Visit, int, int]

# A visit takes a validator about a microsecond.
MAX_VISITS = 100_000
# Validators recurse on the machine's stack.
MAX_DEPTH = 500

SAME_VALUE = ("not", "if", "then", "else")
SAME_VALUE_LISTS = ("allOf", "anyOf", "oneOf")
SAME_VALUE_BY_NAME = ("dependencies", "dependentSchemas")
MEMBERS = ("additionalProperties", "unevaluatedProperties")
ITEMS = ("items", "additionalItems", "unevaluatedItems", "contains")
ITEM_LISTS = ("items", "prefixItems")


class Overwork(Exception):
    """The work would be too much, or without end."""


class Effort:
    """The work one schema makes."""

    def __init__(self, schema: JsonSchema) -> None:
        self.library: Library = schema.library()
        self.known: dict[tuple[int, int], int] = {}
        self.spent = 0  # visits counted for all documents so far

    def is_affordable(self, value: JsonValue) -> bool:
        """Tell whether a validator can be asked about a document."""
        self.known = {}
        document = self.library.root
        try:
            return self.total((value, Target(document, document.root))) <= MAX_VISITS
        except Overwork:
            return False

    def total(self, first: Visit) -> int:
        stack = [(key_of(first), self.count(first))]
        under_way = {stack[0][0]}
        answer: int | None = None
        while True:
            key, count = stack[-1]
            try:
                visit = next(count) if answer is None else count.send(answer)
            except StopIteration as end:
                answer = self.known[key] = end.value
                under_way.discard(key)
                stack.pop()
                if not stack:
                    return self.known[key]
                continue
            following = key_of(visit)
            answer = self.known.get(following)
            if answer is None:
                self.check_start(following, under_way, len(stack))
                under_way.add(following)
                stack.append((following, self.count(visit)))

    def check_start(
        self, key: tuple[int, int], under_way: set[tuple[int, int]], depth: int
    ) -> None:
        if key in under_way or depth > MAX_DEPTH or len(self.known) > MAX_VISITS:
            raise Overwork

    def count(self, visit: Visit) -> Count:
        self.spent += 1
        visits = 1
        for each in self.following(*visit):
            visits += yield each
            if visits > MAX_VISITS:
                raise Overwork
        return visits

    def following(self, value: JsonValue, here: Target) -> Iterator[Visit]:
        """Yield what is looked at because of a value and a schema."""
        schema = here.location.schema
        if not isinstance(schema, dict):
            return
        for _, reference in references_of(here.location):
            target = self.library.target(here, reference)
            if target is not None:
                yield value, target
        for keyword in SAME_VALUE:
            yield from at(value, here, keyword)
        for keyword in SAME_VALUE_LISTS:
            yield from listed(value, here, keyword)
        for keyword in SAME_VALUE_BY_NAME:
            yield from named(value, here, keyword)
        if isinstance(value, dict):
            yield from members(value, here)
        elif isinstance(value, list):
            yield from items(value, here)


def key_of(visit: Visit) -> tuple[int, int]:
    return id(visit[0]), id(visit[1].location)


def at(value: JsonValue, here: Target, steps: str) -> Iterator[Visit]:
    location = here.document.locations.get(f"{here.location.pointer}/{steps}")
    if location is not None:
        yield value, Target(here.document, location)


def listed(value: JsonValue, here: Target, keyword: str) -> Iterator[Visit]:
    schema = here.location.schema
    branches = schema.get(keyword) if isinstance(schema, dict) else None
    for index in range(len(branches) if isinstance(branches, list) else 0):
        yield from at(value, here, f"{keyword}/{index}")


def named(value: JsonValue, here: Target, keyword: str) -> Iterator[Visit]:
    schema = here.location.schema
    branches = schema.get(keyword) if isinstance(schema, dict) else None
    for name in branches if isinstance(branches, dict) else ():
        yield from at(value, here, f"{keyword}/{escaped(name)}")


def members(value: dict[str, JsonValue], here: Target) -> Iterator[Visit]:
    for name, member in value.items():
        yield from at(member, here, f"properties/{escaped(name)}")
        yield from at(name, here, "propertyNames")
        yield from named(member, here, "patternProperties")
        for keyword in MEMBERS:
            yield from at(member, here, keyword)


def items(value: list[JsonValue], here: Target) -> Iterator[Visit]:
    for item in value:
        for keyword in ITEMS:
            yield from at(item, here, keyword)
        for keyword in ITEM_LISTS:
            yield from listed(item, here, keyword)
