"""What a JSON Schema says, in one form for all drafts.

A node says one thing. A schema that says several (`type` beside `enum`, or a list of types) is a
combination of nodes, as it is for Confluent 8.3, whose kinds of difference speak of these nodes:

    schema                                  node
    --------------------------------------  ------------------------------------------
    {}, true                                Anything
    false                                   Nothing
    type string, number/integer, ...        Text, Number, Plain, Object, Array
    no type, but keywords of one            that type's node
    enum / const / not / if                 Enumeration / Constant / Negation / Condition
    allOf, anyOf, oneOf                     Combination
    a list of types                         Combination, anyOf
    several of the above                    Combination, allOf
    $ref                                    the node it leads to; Dangling where it leads nowhere

Keywords no difference speaks of (`format`, `contains`, `propertyNames`, what is in `if`) are left
out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from compat.json_schema.library import Target
    from compat.json_schema.reading import Subschema

Quantity: TypeAlias = "int | Decimal"
Criterion: TypeAlias = Literal["allOf", "anyOf", "oneOf"]


class Annotations(NamedTuple):
    """What a schema says about itself; `default` is the number of a shape."""

    id: str | None = None
    title: str | None = None
    description: str | None = None
    default: int | None = None


NO_ANNOTATIONS = Annotations()


@dataclass(slots=True, eq=False)
class Node:
    """One thing a schema says. Nodes are compared by identity."""

    place: Target
    annotations: Annotations = field(default=NO_ANNOTATIONS, kw_only=True)
    is_bytes: bool = field(default=False, kw_only=True)  # `connect.type` says so


@dataclass(slots=True, eq=False)
class Anything(Node):
    pass


@dataclass(slots=True, eq=False)
class Nothing(Node):
    pass


@dataclass(slots=True, eq=False)
class Plain(Node):
    """A type without keywords: `boolean`, `null`, or what no draft knows."""

    type: str


@dataclass(slots=True, eq=False)
class Dangling(Node):
    """A reference that leads nowhere, or only to itself."""

    reference: str


@dataclass(slots=True, eq=False)
class Bounded(Node):
    """A type with limits, by keyword; absent ones are left out."""

    bounds: Mapping[str, Quantity]


@dataclass(slots=True, eq=False)
class Text(Bounded):
    pattern: str | None


@dataclass(slots=True, eq=False)
class Number(Bounded):
    is_integer: bool


class Rest(NamedTuple):
    """What holds for all that is not named one by one: it may be, or not, or must be something.

    `additionalProperties` and the like: absent and true are the same.
    """

    is_allowed: bool = True
    schema: Subschema | None = None

    @property
    def is_open(self) -> bool:
        return self.is_allowed and self.schema is None


OPEN = Rest()


@dataclass(slots=True, eq=False)
class Object(Bounded):
    properties: Mapping[str, Subschema]
    required: frozenset[str]
    patterns: Mapping[str, Subschema]
    additional: Rest
    unevaluated: Rest
    needed_names: Mapping[str, frozenset[str]]  # `dependencies` that are lists of names
    needed_schemas: Mapping[str, Subschema]  # `dependencies` that are schemas

    @property
    def is_open(self) -> bool:
        return self.additional.is_open and not self.patterns and self.unevaluated.is_open


@dataclass(slots=True, eq=False)
class Array(Bounded):
    every: Subschema | None  # `items`, unless it is a list
    items: Sequence[Subschema]  # `items` that is a list, or `prefixItems`
    additional: Rest
    unevaluated: Rest
    is_unique: bool
    contained: Subschema | None  # `contains`, of which no difference speaks

    @property
    def is_open(self) -> bool:
        return self.additional.is_open and self.unevaluated.is_open

    @property
    def partial(self) -> Subschema | None:
        """Return what an item must be that is not listed, where that is neither all nor nothing."""
        return self.additional.schema or self.unevaluated.schema


@dataclass(slots=True, eq=False)
class Enumeration(Node):
    values: frozenset[int]  # shapes


@dataclass(slots=True, eq=False)
class Constant(Node):
    value: int  # a shape


@dataclass(slots=True, eq=False)
class Negation(Node):
    excluded: Subschema


@dataclass(slots=True, eq=False)
class Condition(Node):
    pass


class Branch(NamedTuple):
    """One of the alternatives: its place in the list, what it is, and the number of its shape.

    A part of a schema that was written as one has no shape of its own.
    """

    number: int
    part: Subschema | Node
    shape: int | None = None

    @property
    def node(self) -> Node:
        return self.part if isinstance(self.part, Node) else self.part.node


@dataclass(slots=True, eq=False)
class Combination(Node):
    """Alternatives; of those that are written alike only the first counts."""

    criterion: Criterion
    branches: Sequence[Branch]

    @property
    def only(self) -> Branch | None:
        return self.branches[0] if len(self.branches) == 1 else None
