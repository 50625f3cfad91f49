"""The walk over Avro data for rules, compiled once per schema.

Data are as fastavro takes them: of a union also `(branch, value)` and records with `-type`.
Named types are followed at every depth, recursive ones included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from fastavro.validation import validate

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
    from collections.abc import Callable, Iterator

    from accord_serde._rules_engine.contexts import FieldTransform, RuleContext

TAGS_PROP = "confluent:tags"

_RECORDS = frozenset({"record", "error"})
_DEFINITIONS = _RECORDS | {"enum", "fixed"}
# fastavro's tests, without the cost of its call.
_SIMPLE: dict[str, Callable[[Any], bool]] = {
    "null": lambda datum: datum is None,
    "string": lambda datum: isinstance(datum, str),
    "boolean": lambda datum: isinstance(datum, bool),
    "bytes": lambda datum: isinstance(datum, bytes | bytearray),
}


class AvroFields:
    """The `FieldWalk` of a schema in fastavro's parsed form."""

    __slots__ = ("_root", "inline_tags")

    def __init__(self, parsed: Any) -> None:
        definitions: dict[str, Any] = {}
        _collect(parsed, definitions)
        self.inline_tags = _inline_tags(definitions)
        self._root = _Builder(definitions).node(parsed)

    def transform(self, ctx: RuleContext, field_transform: FieldTransform, message: Any) -> Any:
        """Return the message with a rule applied to its fields; a condition raises."""
        return self._root.transform(ctx, field_transform, message)

    def violations(
        self,
        executor: ValidationRuleExecutor,
        message: Any,
        *,
        fail_fast: bool = False,
    ) -> list[ValidationRuleError]:
        """Return the inline rules that do not hold, in the order of the schema."""
        found = self._root.violations(executor, message, "")
        return list(islice(found, 1) if fail_fast else found)


def inline_tags(parsed: Any) -> dict[str, set[str]]:
    """Return the tags that the fields of a schema carry, by full name of the field."""
    definitions: dict[str, Any] = {}
    _collect(parsed, definitions)
    return _inline_tags(definitions)


def _inline_tags(definitions: Mapping[str, Any]) -> dict[str, set[str]]:
    return {
        f"{name}.{member['name']}": set(member[TAGS_PROP])
        for name, definition in definitions.items()
        for member in definition.get("fields", ())
        if member.get(TAGS_PROP)
    }


def _collect(schema: Any, definitions: dict[str, Any]) -> None:
    """Add what a schema defines, by full name."""
    match schema:
        case list():
            for branch in schema:
                _collect(branch, definitions)
        case {"type": "array", "items": inner} | {"type": "map", "values": inner}:
            _collect(inner, definitions)
        case {"type": str(kind), "name": str(name)} if kind in _DEFINITIONS:
            definitions[name] = schema
            for member in schema.get("fields", ()):
                _collect(member["type"], definitions)
        case _:
            pass


class _Node(Protocol):
    @property
    def field_type(self) -> FieldType: ...

    def transform(self, ctx: RuleContext, apply: FieldTransform, datum: Any) -> Any: ...

    def violations(
        self,
        executor: ValidationRuleExecutor,
        datum: Any,
        path: str,
    ) -> Iterator[ValidationRuleError]: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Scalar:
    field_type: FieldType

    def transform(self, ctx: RuleContext, apply: FieldTransform, datum: Any) -> Any:
        current = ctx.current_field()
        if current is None:
            return datum
        current.field_type = self.field_type
        wanted = ctx.rule.tags
        if wanted and current.tags.isdisjoint(wanted):
            return datum
        return apply(ctx, current, datum)

    def violations(
        self,
        executor: ValidationRuleExecutor,  # noqa: ARG002 - the interface
        datum: Any,  # noqa: ARG002 - likewise
        path: str,  # noqa: ARG002 - likewise
    ) -> Iterator[ValidationRuleError]:
        return iter(())


@dataclass(frozen=True, slots=True, eq=False)
class _Array:
    items: _Node
    field_type = FieldType.ARRAY

    def transform(self, ctx: RuleContext, apply: FieldTransform, datum: Any) -> Any:
        if not isinstance(datum, list | tuple):
            return datum
        return [self.items.transform(ctx, apply, item) for item in datum]

    def violations(
        self,
        executor: ValidationRuleExecutor,
        datum: Any,
        path: str,
    ) -> Iterator[ValidationRuleError]:
        if isinstance(datum, list | tuple):
            for index, item in enumerate(datum):
                yield from self.items.violations(executor, item, f"{path}[{index}]")


@dataclass(frozen=True, slots=True, eq=False)
class _Map:
    values: _Node
    field_type = FieldType.MAP

    def transform(self, ctx: RuleContext, apply: FieldTransform, datum: Any) -> Any:
        if not isinstance(datum, Mapping):
            return datum
        return {key: self.values.transform(ctx, apply, value) for key, value in datum.items()}

    def violations(
        self,
        executor: ValidationRuleExecutor,
        datum: Any,
        path: str,
    ) -> Iterator[ValidationRuleError]:
        if isinstance(datum, Mapping):
            for key, value in datum.items():
                yield from self.values.violations(executor, value, f'{path}["{key}"]')


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    name: str | None
    accepts: Callable[[Any], bool]
    node: _Node


@dataclass(frozen=True, slots=True, eq=False)
class _Union:
    branches: list[_Branch]
    field_type = FieldType.COMBINED

    def transform(self, ctx: RuleContext, apply: FieldTransform, datum: Any) -> Any:
        branch, value = self._resolved(datum)
        if branch is None:
            return datum
        result = branch.node.transform(ctx, apply, value)
        if isinstance(datum, tuple) and len(datum) == 2 and branch.accepts(result):  # noqa: PLR2004 - name and value
            return (datum[0], result)
        return result

    def violations(
        self,
        executor: ValidationRuleExecutor,
        datum: Any,
        path: str,
    ) -> Iterator[ValidationRuleError]:
        branch, value = self._resolved(datum)
        if branch is not None and value is not None:
            yield from branch.node.violations(executor, value, path)

    def _resolved(self, datum: Any) -> tuple[_Branch | None, Any]:
        """Return the branch that a value names, else the first that accepts it, and the value."""
        if isinstance(datum, tuple) and len(datum) == 2:  # noqa: PLR2004 - name and value
            return self._named(datum[0]), datum[1]
        if isinstance(datum, dict) and "-type" in datum:
            return self._named(datum["-type"]), datum
        return next((branch for branch in self.branches if branch.accepts(datum)), None), datum

    def _named(self, name: Any) -> _Branch | None:
        for branch in self.branches:
            if branch.name == name:
                return branch
        simple = str(name).rpartition(".")[2]
        return next((branch for branch in self.branches if branch.name == simple), None)


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    name: str
    full_name: str
    schema: Any
    rules: list[ValidationRule]
    node: _Node

    def transform(
        self,
        ctx: RuleContext,
        apply: FieldTransform,
        record: dict[str, Any],
    ) -> None:
        ctx.enter_field(record, self.full_name, self.name, self.node.field_type, None)
        try:
            result = self.node.transform(ctx, apply, record[self.name])
        finally:
            ctx.exit_field()
        if ctx.rule.kind is not RuleKind.CONDITION:
            record[self.name] = result
        elif result is False:
            raise RuleConditionError(ctx.rule)

    def violations(
        self,
        executor: ValidationRuleExecutor,
        value: Any,
        path: str,
    ) -> Iterator[ValidationRuleError]:
        if value is not None:
            yield from _failed(self.rules, executor, self.schema, value, path)
            yield from self.node.violations(executor, value, path)


@dataclass(slots=True, eq=False)
class _Record:
    schema: Any
    rules: list[ValidationRule]
    members: list[_Member] = field(default_factory=list)
    field_type = FieldType.RECORD

    def transform(self, ctx: RuleContext, apply: FieldTransform, datum: Any) -> Any:
        if not isinstance(datum, Mapping):
            return datum
        record = dict(datum)
        for member in self.members:
            if member.name in record:
                member.transform(ctx, apply, record)
        return record

    def violations(
        self,
        executor: ValidationRuleExecutor,
        datum: Any,
        path: str,
    ) -> Iterator[ValidationRuleError]:
        if not isinstance(datum, Mapping):
            return
        yield from _failed(self.rules, executor, self.schema, datum, path)
        for member in self.members:
            inside = f"{path}.{member.name}" if path else member.name
            yield from member.violations(executor, datum.get(member.name), inside)


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
    """Makes the nodes of a schema, one per named type."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        self._records: dict[str, _Record] = {}

    def node(self, schema: Any) -> _Node:
        match self._definition(schema):
            case list(branches):
                return _Union([self._branch(branch) for branch in branches])
            case {"type": "array", "items": items}:
                return _Array(self.node(items))
            case {"type": "map", "values": values}:
                return _Map(self.node(values))
            case {"type": str(kind)} as record if kind in _RECORDS:
                return self._record(record)
            case {"type": list() | dict() as inner}:
                return self.node(inner)
            case {"type": kind} | kind:
                return _Scalar(FieldType.__members__.get(str(kind).upper(), FieldType.NULL))

    def _definition(self, schema: Any) -> Any:
        return self._definitions.get(schema, schema) if isinstance(schema, str) else schema

    def _record(self, schema: dict[str, Any]) -> _Record:
        name = schema["name"]
        known = self._records.get(name)
        if known is not None:
            return known
        made = self._records[name] = _Record(schema, _rules(schema))
        made.members.extend(
            _Member(
                member["name"],
                f"{name}.{member['name']}",
                member["type"],
                _rules(member),
                self.node(member["type"]),
            )
            for member in schema["fields"]
        )
        return made

    def _branch(self, schema: Any) -> _Branch:
        definition = self._definition(schema)
        name = definition.get("name") if isinstance(definition, dict) else schema
        return _Branch(name, self._acceptance(definition), self.node(definition))

    def _acceptance(self, schema: Any) -> Callable[[Any], bool]:
        """Return fastavro's test of a value, which takes the first branch that passes it."""
        if isinstance(schema, str) and schema in _SIMPLE:
            return _SIMPLE[schema]
        if isinstance(schema, dict):
            # What parse_schema leaves on a schema, so that it is not parsed for every value.
            schema = schema | {"__fastavro_parsed": True, "__named_schemas": self._definitions}

        def accepts(datum: Any) -> bool:
            try:
                return bool(validate(datum, schema, raise_errors=False))
            except Exception:  # noqa: BLE001 - logical types raise what they like on odd values
                return False

        return accepts


def _rules(source: Mapping[str, Any]) -> list[ValidationRule]:
    return parse_validation_rules(source.get(VALIDATION_RULES_PROP))
