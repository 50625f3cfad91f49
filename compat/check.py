"""Whether a new schema may follow the previous ones, at a level and under a policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compat import avro, json_schema, protobuf
from compat.level import Direction, Level, Policy, reader_and_writer
from compat.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from compat.finding import Finding
    from compat.schema import ParsedSchema


@dataclass(frozen=True, slots=True)
class Differ:
    """How one format is compared: every difference, and what each policy refuses of them."""

    # Called with two schemas of its own format only, which a table cannot say to the type checker.
    differences: Callable[..., Sequence[Finding]]
    breaking: Mapping[Policy, AbstractSet[Any]]
    # Kinds that are about what a next version takes away, and not about who reads what: read
    # forwards, whatever was added would look taken away.
    about_next: AbstractSet[Any] = frozenset()
    # The same but for what no policy refuses, where that is found in less time.
    incompatibilities: Callable[..., Sequence[Finding]] | None = None

    def refused(self, policy: Policy, direction: Direction) -> AbstractSet[Any]:
        """Return the kinds that break; a policy the format has no rules for is STRICT."""
        kinds = self.breaking.get(policy, self.breaking[Policy.STRICT])
        return kinds - self.about_next if direction is Direction.FORWARD else kinds


DIFFERS: Mapping[SchemaType, Differ] = {
    SchemaType.AVRO: Differ(
        avro.differences, avro.BREAKING, incompatibilities=avro.incompatibilities
    ),
    SchemaType.JSON: Differ(json_schema.differences, json_schema.BREAKING),
    SchemaType.PROTOBUF: Differ(
        protobuf.differences, protobuf.BREAKING, protobuf.ABOUT_NEXT_VERSION
    ),
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One previous schema that stands in the way, in one direction.

    `index` is its place in `previous`. Without a direction there are no findings: the previous
    schema is of another type.
    """

    index: int
    old: ParsedSchema
    direction: Direction | None
    findings: tuple[Finding, ...]


def check(
    level: Level,
    *,
    new: ParsedSchema,
    previous: Sequence[ParsedSchema],
    policy: Policy = Policy.STRICT,
) -> tuple[Conflict, ...]:
    """Return the conflicts with the first of the previous schemas, newest first, that has any.

    A level that is not transitive looks at the newest only. Raises TooComplex beyond the step
    budget of a comparison.
    """
    if level is Level.NONE:
        return ()
    for index, old in enumerate(previous if level.is_transitive else previous[:1]):
        conflicts = conflicts_with(level, new=new, old=old, index=index, policy=policy)
        if conflicts:
            return conflicts
    return ()


def conflicts_with(
    level: Level, *, new: ParsedSchema, old: ParsedSchema, index: int, policy: Policy
) -> tuple[Conflict, ...]:
    if new.type is not old.type:
        return (Conflict(index, old, None, ()),)
    if is_same(new, old):
        return ()
    found = (
        (direction, breaking(direction, new=new, old=old, policy=policy))
        for direction in level.directions
    )
    return tuple(Conflict(index, old, direction, each) for direction, each in found if each)


def is_same(new: ParsedSchema, old: ParsedSchema) -> bool:
    """Tell whether two texts mean the same: a text can change its meaning with its references."""
    return new.text == old.text and list(new.references) == list(old.references)


def breaking(
    direction: Direction, *, new: ParsedSchema, old: ParsedSchema, policy: Policy
) -> tuple[Finding, ...]:
    reader, writer = reader_and_writer(direction, new=new, old=old)
    differ = DIFFERS[reader.type]
    refused = differ.refused(policy, direction)
    find = differ.incompatibilities or differ.differences
    found = find(reader=reader, writer=writer)
    return tuple(finding for finding in found if finding.kind in refused)
