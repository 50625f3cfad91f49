"""The walk over JSON messages for rules does what Confluent's does, over generated schemas.

ACCORD_LONG_RUN is the number of schemas to try beyond those of every run.
"""

from __future__ import annotations

import copy
import json
import logging
import os
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import referencing
import referencing.jsonschema
from confluent_kafka.schema_registry.common import json_schema as stock_json
from json_schema_evolution import Author, Schema, children_of

from accord_serde import serialization
from accord_serde._json_schema.documents import Documents
from accord_serde._json_schema.fields import JsonFields

if TYPE_CHECKING:
    from serde_kits import Kit

SCHEMAS = 600
LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
VALUES = 4
TAGS = ("PII", "SECRET")


class Visited(NamedTuple):
    """What a rule is told of one scalar."""

    full_name: str
    name: str
    type: str
    tags: tuple[str, ...]
    value: str  # as it was at the time


class Walks:
    """The walks of both packages over the messages of one schema."""

    def __init__(self, both: tuple[Kit, Kit], schema: Any) -> None:
        self.stock_kit, self.our_kit = both
        self.schema = schema
        self.ours = JsonFields(Documents(json.dumps(schema)))
        self.registry: Any = referencing.Registry()
        resource = referencing.Resource.from_contents(
            schema, default_specification=referencing.jsonschema.DRAFT202012
        )
        self.resolver = self.registry.resolver_with_root(resource)

    def stock_transform(self, ctx: Any, apply: Any, message: Any) -> Any:
        return stock_json.transform(
            ctx, self.schema, self.registry, self.resolver, "$", copy.deepcopy(message), apply
        )

    def stock_violations(self, executor: Any, message: Any, *, fail_fast: bool) -> Any:
        return stock_json.validate_message(
            executor, self.schema, self.registry, self.resolver, message, fail_fast
        )

    def outcome(self, kit: Kit, tags: list[str] | None, kind: str, message: Any) -> Any:
        """Return what a rule saw, and what it left or why it failed."""
        the = kit.the
        rule = the.Rule("r", None, the.RuleKind[kind], the.RuleMode.WRITE, "T", tags, *(None,) * 5)
        ctx = the.RuleContext(
            None, None, None, None, "s", the.RuleMode.WRITE, rule, 0, [rule], None, None
        )
        seen: list[Visited] = []

        def apply(ctx: Any, field: Any, value: Any) -> Any:
            assert ctx.current_field() is field
            kind_name, tags = field.field_type.name, tuple(sorted(field.tags))
            seen.append(Visited(field.full_name, field.name, kind_name, tags, repr(value)))
            if ctx.rule.kind == the.RuleKind.CONDITION:
                return len(repr(value)) % 7 != 0
            return f"{value}!" if isinstance(value, str) else value

        transform = self.ours.transform if kit is self.our_kit else self.stock_transform
        try:
            left = transform(ctx, apply, message)
        except the.RuleConditionError:
            left = "condition"
        return seen, left

    def failures(self, kit: Kit, message: Any, *, fail_fast: bool) -> list[tuple[str, str]]:
        class Executor(kit.the.ValidationRuleExecutor):  # type: ignore[misc] # either package's
            def execute(self, rule: Any, schema: Any, message: Any) -> bool:  # noqa: ARG002 - the interface
                return len(rule.name + repr(message)) % 3 == 0

        violations = self.ours.violations if kit is self.our_kit else self.stock_violations
        found = violations(Executor(), message, fail_fast=fail_fast)
        return [(each.rule.name, each.field_path) for each in found]


def annotated(random: Random, schema: Schema) -> Schema:
    """Add tags and rules here and there, and leave out what is of older drafts."""
    items = schema.get("items")
    if isinstance(items, list):
        schema["items"] = items[0]
    schema.pop("additionalItems", None)
    if random.random() < 0.3:
        schema["confluent:tags"] = random.sample(TAGS, random.randint(0, 2))
    if random.random() < 0.3:
        schema["confluent:rules"] = [{"name": "a" * random.randint(1, 3), "expr": "e"}]
    for child in children_of(schema):
        annotated(random, child)
    return schema


def schema_of(seed: int) -> Schema:
    random = Random(seed)  # noqa: S311 - the same schemas every time
    author = Author(random)
    author.defined = random.choice(([], ["node", "leaf"]))
    schema = author.schema(0)
    schema["definitions"] = {name: author.schema(1) for name in author.defined}
    return annotated(random, schema)


def compared(both: tuple[Kit, Kit], sampler: Any, seed: int) -> int:
    """Compare the walks over messages of one schema, and return over how many.

    Confluent's fails on a `$ref` within a branch, which it looks up in the branch alone.
    """
    schema = schema_of(seed)
    random = Random(seed)  # noqa: S311 - the same messages every time
    walks, sample, count = Walks(both, schema), sampler(random, schema["definitions"]), 0
    for _ in range(VALUES):
        message = sample.of(schema)
        before = json.dumps(message)
        tags, kind = random.choice((None, ["PII"], ["SECRET"])), random.choice(KINDS)
        try:
            expected = walks.outcome(both[0], tags, kind, message)
            failures = walks.failures(both[0], message, fail_fast=False)
        except (referencing.exceptions.Unresolvable, RecursionError):
            continue
        count += 1
        assert walks.outcome(both[1], tags, kind, message) == expected, (seed, message)
        assert walks.failures(both[1], message, fail_fast=False) == failures, (seed, message)
        assert walks.failures(both[1], message, fail_fast=True) == failures[:1], (seed, message)
        assert json.dumps(message) == before
    return count


KINDS = ("TRANSFORM", "TRANSFORM", "CONDITION")


def test_rules_see_what_confluents_see(both: tuple[Kit, Kit], sampler: Any) -> None:
    """The same scalars, under the same names, in the same order; the same messages come of it."""
    logging.getLogger(stock_json.__name__).setLevel(logging.ERROR)
    assert sum(compared(both, sampler, seed) for seed in range(SCHEMAS)) > SCHEMAS * 3


@pytest.mark.skipif(not LONG_RUN, reason="ACCORD_LONG_RUN names no number of schemas")
def test_rules_see_what_confluents_see_at_length(both: tuple[Kit, Kit], sampler: Any) -> None:
    """Likewise of many more."""
    logging.getLogger(stock_json.__name__).setLevel(logging.ERROR)
    assert sum(compared(both, sampler, seed) for seed in range(SCHEMAS, SCHEMAS + LONG_RUN))


TEXT: dict[str, Any] = {"type": "string"}
BY_HAND: dict[str, tuple[Any, Any]] = {
    "the first of oneOf": ({"oneOf": [TEXT, {"type": ["string", "null"]}, {}]}, "a"),
    "all of anyOf": ({"anyOf": [TEXT, {"type": "integer"}, {"type": "string"}]}, "a"),
    "all of allOf, valid or not": ({"allOf": [TEXT, {"type": "string", "maxLength": 1}]}, "abc"),
    "allOf before oneOf before anyOf": (
        {"allOf": [{"type": "string"}], "oneOf": [{"enum": ["a"]}], "anyOf": [{"const": "a"}]},
        "a",
    ),
    "properties beside branches": (
        {"oneOf": [{"properties": {"a": TEXT}}], "properties": {"a": TEXT, "b": TEXT}},
        {"a": "x", "b": "y"},
    ),
    "items beside branches": ({"anyOf": [{}], "items": TEXT}, ["x", "y"]),
    "items before a reference": ({"$ref": "#/$defs/t", "items": TEXT, "$defs": {"t": {}}}, ["x"]),
    "the first of several types": ({"type": ["null", "integer", "number"]}, 1.0),
    "no type fits": ({"type": ["null", "integer"], "properties": {"a": TEXT}}, {"a": "x"}),
    "types of objects": ({"type": ["object", "null"], "properties": {"a": TEXT}}, {"a": "x"}),
    "null": ({"properties": {"a": TEXT}}, None),
}


@pytest.mark.parametrize(("schema", "value"), BY_HAND.values(), ids=BY_HAND)
def test_which_parts_are_visited(both: tuple[Kit, Kit], schema: Any, value: Any) -> None:
    """Of a field's schema, and of the same as items."""
    rule = {"confluent:rules": [{"name": "a", "expr": "e"}]}
    walks = Walks(both, {"properties": {"f": schema | rule, "g": {"items": schema | rule}}})
    message = json.loads(json.dumps({"f": value, "g": [value, value]}))  # Confluent's changes it
    for kind in ("TRANSFORM", "CONDITION"):
        stock, ours = (walks.outcome(kit, None, kind, message) for kit in both)
        assert ours == stock
    stock, ours = (walks.failures(kit, message, fail_fast=False) for kit in both)
    assert ours == stock


def test_references_within_branches(both: tuple[Kit, Kit]) -> None:
    """They are looked up in the whole document, and in the one they lead to."""
    leaf = {"type": "string", "confluent:tags": ["PII"]}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {
            "leaf": leaf,
            "x/y z": {"properties": {"a": {"$ref": "#/definitions/leaf"}}, "required": ["a"]},
        },
        "properties": {
            "one": {"oneOf": [{"properties": {"b": {"$ref": "#/definitions/leaf"}}}]},
            "any": {
                "anyOf": [
                    {"type": "null"},
                    {
                        "allOf": [
                            {"$ref": "#/definitions/x~1y%20z"},
                            {"$ref": "other.json#/$defs/o"},
                        ]
                    },
                ]
            },
            "pair": {"items": [leaf, {"type": "integer"}]},
            "self": {"$ref": "#"},
        },
    }
    other = {"$defs": {"o": {"oneOf": [{"properties": {"c": {"$ref": "#/$defs/d"}}}]}, "d": leaf}}
    fields = JsonFields(Documents(json.dumps(schema), [("other.json", json.dumps(other))]))
    message = {
        "one": {"b": "B"},
        "any": {"a": "A", "c": "C"},
        "pair": ["P", 1, "rest"],
        "self": {"one": {"b": "S"}},
    }
    walks = Walks(both, {})
    walks.ours = fields
    seen, left = walks.outcome(both[1], None, "TRANSFORM", message)
    assert [each.full_name for each in seen] == [
        "$.one.b",
        "$.any.a",
        "$.any.c",
        "$.pair",
        "$.pair",
        "$.self.one.b",
    ]
    assert left == {
        "one": {"b": "B!"},
        "any": {"a": "A!", "c": "C!"},
        "pair": ["P!", 1, "rest"],
        "self": {"one": {"b": "S!"}},
    }


def test_circular_messages_are_an_error(both: tuple[Kit, Kit]) -> None:
    """They do not exhaust the stack of the process."""
    message: dict[str, Any] = {}
    message["a"] = message
    walks = Walks(both, {"anyOf": [{"properties": {"a": {"$ref": "#"}}}]})
    with pytest.raises((RecursionError, serialization.SerializationError)):
        walks.outcome(both[1], None, "TRANSFORM", message)
