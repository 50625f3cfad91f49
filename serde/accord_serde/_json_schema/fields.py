"""The walk over JSON data for rules, in the order of Confluent's client.

A schema is looked at in this order, and the first that applies decides: a list of types, then
`allOf`, `oneOf`, `anyOf` with the properties and items beside them, `items`, `$ref`, properties.
Full names are paths from `$` without the places in arrays. Undeclared properties are not visited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from accord_serde._json_schema.validator import Validator
from accord_serde._rules import RuleKind
from accord_serde._rules_engine.contexts import FieldType
from accord_serde._rules_engine.executors import RuleConditionError
from accord_serde._rules_engine.validation import (
    VALIDATION_RULES_PROP,
    ValidationRule,
    ValidationRuleError,
    ValidationRuleExecutor,
    evaluate_validation_rule,
    parse_validation_rules,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from accord_serde._json_schema.documents import Documents, Place
    from accord_serde._rules_engine.contexts import FieldTransform, RuleContext

TAGS_PROP = "confluent:tags"
ROOT = "$"

_TYPES = {
    "array": FieldType.ARRAY,
    "string": FieldType.STRING,
    "integer": FieldType.INT,
    "number": FieldType.DOUBLE,
    "boolean": FieldType.BOOLEAN,
    "null": FieldType.NULL,
}
_SCALARS = frozenset(
    {FieldType.ENUM, FieldType.STRING, FieldType.INT, FieldType.DOUBLE, FieldType.BOOLEAN}
)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


_IS_OF_TYPE: dict[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "null": lambda value: value is None,
    "number": _is_number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


def field_type(schema: Any) -> FieldType:
    """Return what rules are told of the type of a schema."""
    if not isinstance(schema, dict):
        return FieldType.COMBINED
    if schema.get("const") is not None or schema.get("enum") is not None:
        return FieldType.ENUM
    kind = schema.get("type")
    if kind == "object":
        return FieldType.RECORD if schema.get("properties") else FieldType.MAP
    known = _TYPES.get(kind) if isinstance(kind, str) else None
    if known is not None:
        return known
    return FieldType.NULL if schema.get("properties") is None else FieldType.RECORD


class JsonFields:
    """The `FieldWalk` of a schema."""

    __slots__ = ("_root",)

    inline_tags: ClassVar[Mapping[str, set[str]]] = {}  # told when a field is entered

    def __init__(self, documents: Documents) -> None:
        self._root = _Builder(documents).node(documents.root)

    def transform(self, ctx: RuleContext, field_transform: FieldTransform, message: Any) -> Any:
        """Return the message with a rule applied to its fields; a condition raises."""
        return self._root.transform(_Visit(ctx, field_transform), ROOT, message)

    def violations(
        self,
        executor: ValidationRuleExecutor,
        message: Any,
        *,
        fail_fast: bool = False,
    ) -> list[ValidationRuleError]:
        """Return the inline rules that do not hold, in the order of the schema."""
        found = self._root.violations(executor, ROOT, message)
        return list(islice(found, 1) if fail_fast else found)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One rule on its way through one message."""

    ctx: RuleContext
    apply: FieldTransform

    def note_type(self, kind: FieldType) -> None:
        current = self.ctx.current_field()
        if current is not None:
            current.field_type = kind

    def scalar(self, value: Any) -> Any:
        current = self.ctx.current_field()
        if current is None:
            return value
        tags = self.ctx.rule.tags
        if tags and current.tags.isdisjoint(tags):
            return value
        return self.apply(self.ctx, current, value)


class _Node(Protocol):
    def transform(self, visit: _Visit, path: str, value: Any) -> Any: ...

    def violations(
        self, executor: ValidationRuleExecutor, path: str, value: Any
    ) -> Iterator[ValidationRuleError]: ...


@dataclass(slots=True, eq=False)
class _Schema:
    """One schema: what its type is, and the parts that are visited, in turn."""

    place: Place
    type: FieldType
    choices: _Choices | None = None
    branches: _Branches | None = None
    items: _Items | None = None
    target: _Target | None = None
    members: _Members | None = None

    def transform(self, visit: _Visit, path: str, value: Any) -> Any:  # noqa: PLR0911 - the order above
        if value is None:
            return None
        visit.note_type(self.type)
        chosen = None if self.choices is None else self.choices.of(value)
        if chosen is not None:
            return chosen.transform(visit, path, value)
        if self.branches is not None:
            value = self.branches.transform(visit, path, value)
            return self._siblings(visit, path, value)
        if self.items is not None and isinstance(value, list):
            return self.items.transform(visit, path, value)
        if self.target is not None:
            return self.target.node().transform(visit, path, value)
        if self.type is FieldType.RECORD and self.members is not None:
            return self.members.transform(visit, path, value)
        return visit.scalar(value) if self.type in _SCALARS else value

    def _siblings(self, visit: _Visit, path: str, value: Any) -> Any:
        if self.members is not None:
            value = self.members.transform(visit, path, value)
        if self.items is not None and isinstance(value, list):
            value = self.items.transform(visit, path, value)
        return value

    def violations(
        self, executor: ValidationRuleExecutor, path: str, value: Any
    ) -> Iterator[ValidationRuleError]:
        if value is None:
            return
        if self.choices is not None:
            chosen = self.choices.of(value)
            if chosen is not None:
                yield from chosen.violations(executor, path, value)
        elif self.branches is not None:
            yield from self.branches.violations(executor, path, value)
            yield from self._own(executor, path, value)
            yield from self._of_items(executor, path, value)
        elif self.items is not None and isinstance(value, list):
            yield from self._of_items(executor, path, value)
        elif self.target is not None:
            yield from self.target.node().violations(executor, path, value)
        else:
            yield from self._own(executor, path, value)

    def _own(
        self, executor: ValidationRuleExecutor, path: str, value: Any
    ) -> Iterator[ValidationRuleError]:
        if not isinstance(value, dict):
            return
        yield from _failed(_rules(self.place.schema), executor, self.place.schema, value, path)
        if self.members is not None:
            yield from self.members.violations(executor, path, value)

    def _of_items(
        self, executor: ValidationRuleExecutor, path: str, value: Any
    ) -> Iterator[ValidationRuleError]:
        if self.items is not None and isinstance(value, list):
            yield from self.items.violations(executor, path, value)


class _Anything:
    """A schema that says nothing of parts: true, false, or what is none."""

    def transform(self, visit: _Visit, path: str, value: Any) -> Any:  # noqa: ARG002 - the interface
        return value

    def violations(
        self,
        executor: ValidationRuleExecutor,  # noqa: ARG002 - the interface
        path: str,  # noqa: ARG002 - likewise
        value: Any,  # noqa: ARG002 - likewise
    ) -> Iterator[ValidationRuleError]:
        return iter(())


@dataclass(slots=True, eq=False)
class _Branch:
    """A schema that a value may or may not be valid for."""

    documents: Documents
    place: Place
    node: _Node
    _validator: Validator | None = None

    def accepts(self, value: Any) -> bool:
        if self._validator is None:
            self._validator = Validator(self.documents.validator_at(self.place))
        return self._validator.accepts(value)


@dataclass(frozen=True, slots=True, eq=False)
class _Choices:
    """A list of types: the first that a valid value is of."""

    whole: _Branch
    by_type: list[tuple[Callable[[Any], bool], _Node]]

    def of(self, value: Any) -> _Node | None:
        if not self.whole.accepts(value):
            return None
        return next((node for is_of_type, node in self.by_type if is_of_type(value)), None)


@dataclass(frozen=True, slots=True, eq=False)
class _Branches:
    """`allOf`, else the first valid of `oneOf`, else the valid ones of `anyOf`."""

    keyword: str
    branches: list[_Branch]

    def transform(self, visit: _Visit, path: str, value: Any) -> Any:
        for branch in self.branches:
            if self.keyword == "allOf" or branch.accepts(value):
                value = branch.node.transform(visit, path, value)
                if self.keyword == "oneOf":
                    break
        return value

    def violations(
        self, executor: ValidationRuleExecutor, path: str, value: Any
    ) -> Iterator[ValidationRuleError]:
        for branch in self.branches:
            if self.keyword == "allOf" or branch.accepts(value):
                yield from branch.node.violations(executor, path, value)
                if self.keyword == "oneOf":
                    break


@dataclass(frozen=True, slots=True, eq=False)
class _Items:
    """`items`: one schema for all, or one for each of the first."""

    nodes: list[_Node]
    repeats: bool

    def _with(self, value: list[Any]) -> Iterator[tuple[_Node, Any]]:
        nodes = self.nodes * len(value) if self.repeats else self.nodes
        return zip(nodes, value, strict=False)

    def transform(self, visit: _Visit, path: str, value: list[Any]) -> list[Any]:
        done = [node.transform(visit, path, each) for node, each in self._with(value)]
        return done + value[len(done) :]

    def violations(
        self, executor: ValidationRuleExecutor, path: str, value: list[Any]
    ) -> Iterator[ValidationRuleError]:
        for index, (node, each) in enumerate(self._with(value)):
            yield from node.violations(executor, f"{path}[{index}]", each)


@dataclass(slots=True, eq=False)
class _Target:
    """What a `$ref` leads to, found when first needed: schemas may refer to themselves."""

    builder: _Builder
    place: Place
    ref: str
    _node: _Node | None = None

    def node(self) -> _Node:
        if self._node is None:
            self._node = self.builder.referred(self.place, self.ref)
        return self._node


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    name: str
    schema: dict[str, Any]
    type: FieldType
    tags: frozenset[str]
    rules: list[ValidationRule]
    node: _Node

    def transform(self, visit: _Visit, path: str, record: dict[str, Any]) -> None:
        ctx = visit.ctx
        full_name = f"{path}.{self.name}"
        ctx.enter_field(record, full_name, self.name, self.type, self.tags)
        try:
            value = record.get(self.name)
            if value is None:
                return
            result = self.node.transform(visit, full_name, value)
        finally:
            ctx.exit_field()
        if ctx.rule.kind is not RuleKind.CONDITION:
            record[self.name] = result
        elif result is False:
            raise RuleConditionError(ctx.rule)

    def violations(
        self, executor: ValidationRuleExecutor, path: str, value: Any
    ) -> Iterator[ValidationRuleError]:
        if value is not None:
            yield from _failed(self.rules, executor, self.schema, value, path)
            yield from self.node.violations(executor, path, value)


@dataclass(frozen=True, slots=True, eq=False)
class _Members:
    """`properties`."""

    members: list[_Member] = field(default_factory=list)

    def transform(self, visit: _Visit, path: str, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        record = dict(value)
        for member in self.members:
            member.transform(visit, path, record)
        return record

    def violations(
        self, executor: ValidationRuleExecutor, path: str, value: dict[str, Any]
    ) -> Iterator[ValidationRuleError]:
        for member in self.members:
            inside = f"{path}.{member.name}"
            yield from member.violations(executor, inside, value.get(member.name))


def _failed(
    rules: list[ValidationRule],
    executor: ValidationRuleExecutor,
    schema: Any,
    value: Any,
    path: str,
) -> Iterator[ValidationRuleError]:
    for rule in rules:
        out: list[ValidationRuleError] = []
        evaluate_validation_rule(executor, rule, schema, value, path, out)
        yield from out


class _Builder:
    """Makes the nodes of the schemas in a set of documents."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._referred: dict[str, _Node] = {}

    def referred(self, place: Place, ref: str) -> _Node:
        """Return the node that a `$ref` leads to. Raises SerializationError."""
        found = self._documents.lookup(place, ref)
        if found.address is None:
            return self.node(found)
        known = self._referred.get(found.address)
        if known is None:
            known = self._referred[found.address] = self.node(found)
        return known

    def node(self, place: Place) -> _Node:
        schema = place.schema
        if not isinstance(schema, dict):
            return _Anything()
        types = schema.get("type")
        if isinstance(types, list) and types:
            return self._shape(place, self._choices(place, types))
        return self._shape(place, None)

    def _choices(self, place: Place, types: list[Any]) -> _Choices:
        """Take apart a schema of several types; each is the schema with that type alone."""
        by_type = [
            (_IS_OF_TYPE[name], self._shape(place._replace(schema=place.schema | {"type": name})))
            for name in types
            if name in _IS_OF_TYPE
        ]
        return _Choices(self._branch(place, _Anything()), by_type)

    def _shape(self, place: Place, choices: _Choices | None = None) -> _Node:
        schema = place.schema
        made = _Schema(place, field_type(schema), choices)
        made.branches = self._branches(place)
        made.items = self._items(place)
        if isinstance(schema.get("$ref"), str):
            made.target = _Target(self, place, schema["$ref"])
        if isinstance(schema.get("properties"), dict):
            made.members = self._members(place)
        return made

    def _branches(self, place: Place) -> _Branches | None:
        keyword = next(
            (each for each in ("allOf", "oneOf", "anyOf") if place.schema.get(each) is not None),
            None,
        )
        if keyword is None:
            return None
        parts = (self._part(place, keyword, index) for index in range(len(place.schema[keyword])))
        return _Branches(
            keyword,
            [
                self._branch(part, self.node(part))
                for part in parts
                if isinstance(part.schema, dict)
            ],
        )

    def _branch(self, place: Place, node: _Node) -> _Branch:
        return _Branch(self._documents, place, node)

    def _items(self, place: Place) -> _Items | None:
        match place.schema.get("items"):
            case None:
                return None
            case list(several):
                parts = [self._part(place, "items", index) for index in range(len(several))]
                return _Items([self.node(part) for part in parts], repeats=False)
            case _:
                return _Items([self.node(self._part(place, "items"))], repeats=True)

    def _members(self, place: Place) -> _Members:
        made = _Members()
        for name, schema in place.schema["properties"].items():
            if isinstance(schema, dict):
                node = self.node(self._part(place, "properties", name))
                tags = frozenset(schema.get(TAGS_PROP) or ())
                made.members.append(
                    _Member(name, schema, field_type(schema), tags, _rules(schema), node)
                )
        return made

    def _part(self, place: Place, *steps: str | int) -> Place:
        schema = place.schema
        for step in steps:
            schema = schema[step]
        return place._replace(schema=schema, address=place.at(*steps))


def _rules(source: Mapping[str, Any]) -> list[ValidationRule]:
    return parse_validation_rules(source.get(VALIDATION_RULES_PROP))
