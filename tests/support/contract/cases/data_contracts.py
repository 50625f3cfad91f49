"""Metadata and what it is merged with, and rule sets in lookups: both are part of a schema."""

from __future__ import annotations

from typing import Any

from contract.case import ANY, Ask, Case, Gives, ok, post, refused, register
from contract.cases.rule_sets import case, domain, gave, has, holds, rule, stored_rule
from contract.documents import Ordered, full, known, version
from contract.texts import (
    ONE,
    STRING,
    TAKES_ALL,
    TWO,
    body,
    config,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

LOOKUP = "POST /subjects/{subject}"
RULED = (register("s", ONE, ruleSet=domain(rule())),)

OWNER = {"properties": {"owner": "x"}}
WHOLE = {
    "sensitive": ["b", "a", "b"],
    "properties": {"z": "1", "a": "2"},
    "tags": {"**.b": ["Y", "X", "Y"], "**.a": ["PII"]},
    "unknown": True,
}
WHOLE_STORED = Ordered(
    tags=Ordered([("**.a", ["PII"]), ("**.b", ["X", "Y"])]),
    properties=Ordered(a="2", z="1"),
    sensitive=["a", "b"],
)
SPELLED_OUT = {"tags": None, "properties": {}, "sensitive": []}
# What the specification gives as the identity of STRING with references, metadata and rules.
GIVEN = {
    "references": [{"name": "n", "subject": "sub", "version": 1}],
    "metadata": {
        "tags": {"**.ssn": ["PII", "A"]},
        "properties": {"owner": "x", "email": "y"},
        "sensitive": ["email"],
    },
    "ruleSet": {"domainRules": [{"name": "r1", "type": "CEL", "expr": "x", "onFailure": "ERROR"}]},
}
GIVEN_GUID = "1bb0c1e2-1e04-8aa6-dca5-ec5c20f26d3e"

METADATA = (
    case("all parts, in order", body(ONE, metadata=WHOLE), gave(1), (),
        holds(1, 1, ONE, metadata=WHOLE_STORED)),
    case("empty metadata are not shown", body(ONE, metadata={}), gave(1), (), holds(1, 1, ONE)),
    case("empty parts are not shown", body(ONE, metadata=SPELLED_OUT), gave(1), (),
        holds(1, 1, ONE)),
    case("numbers are taken as text", body(ONE, metadata={"properties": {"n": 1, "b": True}}),
        gave(1), (), holds(1, 1, ONE, metadata={"properties": {"b": "true", "n": "1"}})),
    case("a property without a value is none", body(ONE, metadata={"properties": {"n": None}}),
        gave(1), (), holds(1, 1, ONE)),
    case("an identity as specified", body(STRING, **GIVEN), ok(full(2, 1, GIVEN_GUID)),
        (register("sub", STRING),), headers=TAKES_ALL),
    case("other metadata are another schema", body(ONE, metadata=OWNER), gave(2),
        (register("s", ONE),), has(1, 2), holds(2, 2, ONE, metadata=OWNER)),
    case("the same metadata are the same schema", body(ONE, metadata=OWNER), gave(1),
        (register("s", ONE, metadata=OWNER),), has(1)),
    case("no metadata are those of the version before", body(ONE), gave(1),
        (register("s", ONE, metadata=OWNER),), has(1)),
    case("no metadata for the next version are those of the version before", body(TWO), gave(2),
        (register("s", ONE, metadata=OWNER),), holds(2, 2, TWO, metadata=OWNER)),
    case("null metadata for the next version are those of the version before",
        body(TWO, metadata=None), gave(2), (register("s", ONE, metadata=OWNER),),
        holds(2, 2, TWO, metadata=OWNER)),
    case("metadata replace those of the version before",
        body(TWO, metadata={"properties": {"team": "t"}}), gave(2),
        (register("s", ONE, metadata=OWNER),),
        holds(2, 2, TWO, metadata={"properties": {"team": "t"}})),
    case("empty metadata take those of the version before away", body(TWO, metadata={}), gave(2),
        (register("s", ONE, metadata=OWNER),), holds(2, 2, TWO)),
    case("empty metadata are a change too", body(ONE, metadata={}), gave(2),
        (register("s", ONE, metadata=OWNER),), has(1, 2), holds(2, 2, ONE)),
    case("metadata of a soft-deleted version are forgotten", body(TWO), gave(2),
        (register("s", ONE, metadata=OWNER), Ask("DELETE", "/subjects/s")), holds(2, 2, TWO)),
    case("metadata that are no object", body(ONE, metadata=[]), refused(400, 400, ANY)),
    case("properties that are no object", body(ONE, metadata={"properties": []}),
        refused(400, 400, ANY)),
    case("a property that is an object", body(ONE, metadata={"properties": {"a": {}}}),
        refused(400, 400, ANY)),
    case("tags that are no list", body(ONE, metadata={"tags": {"a": "b"}}), refused(400, 400, ANY)),
)

NUMBER = "confluent:version"


def numbered(number: Any, **properties: str) -> dict[str, Any]:
    return {"properties": {NUMBER: str(number), **properties}}


VERSION_PROPERTY = (
    case("a version property is set right", body(ONE, metadata=numbered(7)), gave(1), (),
        holds(1, 1, ONE, metadata=numbered(1))),
    case("a version property is carried on", body(TWO), gave(2),
        (register("s", ONE, metadata=numbered(1)),), holds(2, 2, TWO, metadata=numbered(2))),
    case("a version property with the others", body(TWO, version=2, metadata=OWNER), gave(2),
        (register("s", ONE),), holds(2, 2, TWO, metadata=numbered(2, owner="x"))),
    case("a version property alone is no change", body(ONE, metadata=numbered(1)), gave(1),
        (register("s", ONE),), has(1)),
    case("a version property left out is no change", body(ONE, metadata=OWNER), gave(1),
        (register("s", ONE, metadata=numbered(1, owner="x")),), has(1)),
)


DEFAULTS = config("s", defaultMetadata={"properties": {"owner": "d", "team": "d"},
    "tags": {"a": ["D"]}, "sensitive": ["d"]})
OVERRIDES = config("s", overrideMetadata={"properties": {"owner": "o"}, "tags": {"a": ["O"]},
    "sensitive": ["o"]})
DEFAULT_RULES = config("s", defaultRuleSet={**domain(rule("a"), rule("b")), "enableAt": "SERVER"})
OVERRIDE_RULES = config("s", overrideRuleSet=domain(rule("b", doc="o")))
OWN = {"properties": {"team": "s"}, "tags": {"a": ["S"], "b": ["S"]}, "sensitive": ["s"]}

MERGED = (
    case("defaults below", body(ONE, metadata=OWN), gave(1), (DEFAULTS,), holds(1, 1, ONE,
        metadata={"properties": {"owner": "d", "team": "s"}, "tags": {"a": ["S"], "b": ["S"]},
        "sensitive": ["d", "s"]})),
    case("overrides above", body(ONE, metadata=OWN), gave(1), (OVERRIDES,), holds(1, 1, ONE,
        metadata={"properties": {"owner": "o", "team": "s"}, "tags": {"a": ["O"], "b": ["S"]},
        "sensitive": ["o", "s"]})),
    case("defaults and overrides", body(ONE), gave(1), (DEFAULTS, OVERRIDES), holds(1, 1, ONE,
        metadata={"properties": {"owner": "o", "team": "d"}, "tags": {"a": ["O"]},
        "sensitive": ["d", "o"]})),
    case("defaults of the global config", body(ONE), gave(1), (config(defaultMetadata=OWNER),),
        holds(1, 1, ONE, metadata=OWNER)),
    case("a subject's config does not inherit them", body(ONE), gave(1),
        (config(defaultMetadata=OWNER), config("s", normalize=True)), holds(1, 1, ONE)),
    case("default rules below", body(ONE, ruleSet=domain(rule("b", doc="s"), rule("c"))), gave(1),
        (DEFAULT_RULES,), holds(1, 1, ONE, ruleSet=Ordered(domainRules=[stored_rule("a"),
        stored_rule("b", doc="s"), stored_rule("c")], enableAt="SERVER"))),
    case("overriding rules above", body(ONE, ruleSet=domain(rule("b", doc="s"), rule("c"))),
        gave(1), (OVERRIDE_RULES,),
        holds(1, 1, ONE, ruleSet=domain(stored_rule("c"), stored_rule("b", doc="o")))),
    case("registered again under defaults", body(ONE), gave(1), (DEFAULTS, register("s", ONE)),
        has(1)),
    case("defaults that came later make a new version", body(ONE), gave(2),
        (register("s", ONE), config("s", defaultMetadata=OWNER)), has(1, 2),
        holds(2, 2, ONE, metadata=OWNER)),
)


def look(title: str, json: Any, gives: Gives, before: tuple[Ask, ...]) -> Case:
    return Case(LOOKUP, title, post("/subjects/s", json), gives, before)


NO_SCHEMA = refused(404, 40403, "Schema not found")
OWNED = (register("s", ONE, metadata=OWNER),)
EMPTY_RULES = {"migrationRules": None, "domainRules": [], "encodingRules": None, "enableAt": None}
SPELLED_RULE = {"name": "r", "doc": None, "kind": "TRANSFORM", "mode": "WRITEREAD", "type": "CEL",
    "tags": None, "params": {}, "expr": None, "onSuccess": None, "onFailure": None,
    "disabled": False}
FOUND_OWNED = ok(known("s", 1, 1, ONE, metadata=OWNER))
FOUND_RULED = ok(known("s", 1, 1, ONE, ruleSet=domain(stored_rule())))

LOOKUPS = (
    look("with its metadata", body(ONE, metadata=OWNER), FOUND_OWNED, OWNED),
    look("without metadata those of the latest", body(ONE), FOUND_OWNED, OWNED),
    look("with empty metadata those of the latest", body(ONE, metadata=SPELLED_OUT), FOUND_OWNED,
        OWNED),
    look("with other metadata", body(ONE, metadata={"properties": {"owner": "y"}}), NO_SCHEMA,
        OWNED),
    look("with metadata that it has not", body(ONE, metadata=OWNER), NO_SCHEMA,
        (register("s", ONE),)),
    look("with empty metadata that it has not", body(ONE, metadata=SPELLED_OUT),
        ok(version("s", 1, 1, ONE)), (register("s", ONE),)),
    look("metadata of an older version", body(ONE, metadata=OWNER), FOUND_OWNED,
        (*OWNED, register("s", TWO, metadata={}))),
    look("with its rules", body(ONE, ruleSet=domain(rule())), FOUND_RULED, RULED),
    look("with its rules spelled out",
        body(ONE, metadata=SPELLED_OUT, ruleSet={**EMPTY_RULES, **domain(SPELLED_RULE)}),
        ok(version("s", 1, 1, ONE, ruleSet=domain(stored_rule()))), RULED),
    look("without rules those of the latest", body(ONE), FOUND_RULED, RULED),
    look("with empty rules those of the latest", body(ONE, ruleSet=EMPTY_RULES), FOUND_RULED,
        RULED),
    look("with other rules", body(ONE, ruleSet=domain(rule("q"))), NO_SCHEMA, RULED),
    look("with the number of its version", body(ONE, metadata=numbered(1)),
        ok(version("s", 1, 1, ONE)), (register("s", ONE),)),
    look("without the number of its version", body(ONE),
        ok(version("s", 1, 1, ONE, metadata=numbered(1))), (register("s", ONE, version=1),)),
    look("with another number than its version's", body(ONE, metadata=numbered(2)), NO_SCHEMA,
        (register("s", ONE, version=1),)),
    look("with the defaults of the config", body(ONE), ok(known("s", 1, 1, ONE, metadata=OWNER)),
        (config("s", defaultMetadata=OWNER), register("s", ONE))),
    look("bad rules are not looked at", body(ONE, ruleSet=domain({"name": "r"})), NO_SCHEMA, RULED),
)

CASES = (
    *METADATA, *VERSION_PROPERTY, *MERGED, *LOOKUPS,
)
