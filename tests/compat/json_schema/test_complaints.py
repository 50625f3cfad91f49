"""What users of other registries have complained about, and the answer they get here.

Each was an issue of confluentinc/schema-registry unless it says otherwise.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from compat.check import check
from compat.json_schema import parse
from compat.level import Level, Policy

OPEN = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
OPEN_WITH_NOTE = {
    **OPEN,
    "properties": {"id": {"type": "string"}, "note": {"type": "string"}},
}
CLOSED = {**OPEN, "additionalProperties": False}
CLOSED_WITH_NOTE = {**OPEN_WITH_NOTE, "additionalProperties": False}
PARTIAL = {**OPEN, "additionalProperties": {"type": "string"}}
PARTIAL_WITH_NOTE = {**OPEN_WITH_NOTE, "additionalProperties": {"type": "string"}}
PARTIAL_WITH_COUNT = {
    **PARTIAL,
    "properties": {"id": {"type": "string"}, "count": {"type": "integer"}},
}
REQUIRED_NOTE = {
    **OPEN,
    "properties": {"id": {"type": "string"}, "note": {"type": "string", "default": ""}},
    "required": ["id", "note"],
}
YES, NO = True, False


def accepts(level: Level, policy: Policy, *, old: Any, new: Any) -> bool:
    schemas = [parse(json.dumps(each)) for each in (new, old)]
    return not check(level, new=schemas[0], previous=schemas[1:], policy=policy)


@pytest.mark.parametrize(
    ("level", "old", "new", "strict", "lenient"),
    [
        pytest.param(Level.BACKWARD, OPEN, OPEN_WITH_NOTE, NO, YES, id="1458 a new property"),
        pytest.param(Level.BACKWARD, CLOSED, CLOSED_WITH_NOTE, YES, YES, id="1458 told to close"),
        pytest.param(Level.FORWARD, CLOSED, CLOSED_WITH_NOTE, NO, YES, id="1458 then forward"),
        pytest.param(Level.FULL, OPEN, OPEN_WITH_NOTE, NO, YES, id="1490 full, open"),
        pytest.param(Level.FULL, CLOSED, CLOSED_WITH_NOTE, NO, YES, id="1490 full, closed"),
        pytest.param(Level.FULL, PARTIAL, PARTIAL_WITH_NOTE, YES, YES, id="1490 full, partial"),
        pytest.param(Level.FORWARD, OPEN_WITH_NOTE, OPEN, NO, YES, id="2121 optional removed"),
        pytest.param(Level.BACKWARD, OPEN, REQUIRED_NOTE, NO, YES, id="1529 with a default"),
        pytest.param(Level.BACKWARD, CLOSED, OPEN_WITH_NOTE, YES, YES, id="1529 opened as well"),
        pytest.param(
            Level.BACKWARD, PARTIAL, PARTIAL_WITH_NOTE, YES, YES, id="2671 partially open, covered"
        ),
        pytest.param(
            Level.BACKWARD, PARTIAL, PARTIAL_WITH_COUNT, NO, NO, id="2671 partially open, clashing"
        ),
        pytest.param(
            Level.BACKWARD, OPEN, OPEN_WITH_NOTE, NO, YES, id="Apicurio 2882 not required"
        ),
        pytest.param(
            Level.FORWARD, OPEN_WITH_NOTE, OPEN, NO, YES, id="Apicurio 1710 optional deleted"
        ),
        pytest.param(
            Level.BACKWARD, OPEN, OPEN_WITH_NOTE, NO, YES, id="sentry-kafka-schemas 149 version"
        ),
    ],
)
def test_an_optional_property_can_be_added(
    level: Level, old: Any, new: Any, *, strict: bool, lenient: bool
) -> None:
    """STRICT says what Confluent says; LENIENT lets schemas evolve."""
    assert accepts(level, Policy.STRICT, old=old, new=new) is strict
    assert accepts(level, Policy.LENIENT, old=old, new=new) is lenient


TREE: dict[str, Any] = {
    "type": "object",
    "properties": {"label": {"type": "string"}, "left": {"$ref": "#"}, "right": {"$ref": "#"}},
    "additionalProperties": False,
}
TASK: dict[str, Any] = {
    "$id": "https://tasks.test/task.json",
    "type": ["object", "null"],
    "properties": {"parent": {"$ref": "task.json"}, "done": {"type": "boolean"}},
}
LOOP: dict[str, Any] = {
    "definitions": {
        "a": {"anyOf": [{"$ref": "#/definitions/b"}, {"type": "string"}]},
        "b": {"anyOf": [{"$ref": "#/definitions/a"}, {"type": "number"}]},
    },
    "$ref": "#/definitions/a",
}
MODERN: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {
        "children": {"type": "array", "items": {"$dynamicRef": "#node"}},
        "point": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
    },
    "unevaluatedProperties": False,
}


def spoilt(schema: Any) -> Any:
    """Return a schema that numbers are texts in, and the other way round."""
    text = json.dumps(schema).replace('"boolean"', '"integer"').replace('"string"', '"boolean"')
    return json.loads(text.replace('"number"', '"null"'))


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(TREE, id="Karapace 1329 a schema that refers to itself"),
        pytest.param(TREE, id="3779 stack overflow"),
        pytest.param(TASK, id="1866 a schema that refers to itself by its URI"),
        pytest.param(LOOP, id="DataHub 14358 definitions that lead to each other"),
        pytest.param(MODERN, id="Apicurio 2689 draft 2020-12"),
        pytest.param(
            {
                "$schema": "https://json-schema.org/draft/2019-09/schema",
                "$recursiveAnchor": True,
                "type": "object",
                "properties": {"next": {"$recursiveRef": "#"}, "value": {"type": "string"}},
                "unevaluatedProperties": False,
            },
            id="Apicurio 2689 draft 2019-09",
        ),
    ],
)
def test_a_schema_that_refers_to_itself_is_compared(schema: Any) -> None:
    for policy in (Policy.STRICT, Policy.LENIENT):
        changed = {**schema, "description": "the same"}
        assert accepts(Level.FULL, policy, old=schema, new=changed)
        assert not accepts(Level.BACKWARD, policy, old=schema, new=spoilt(schema))


def test_a_newer_draft_is_not_taken_for_an_older_one() -> None:
    """emqx 17978: what an engine does not know, it must not silently accept."""
    old, new = (
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "array",
            "prefixItems": [{"type": kind}],
        }
        for kind in ("string", "number")
    )
    assert not accepts(Level.BACKWARD, Policy.STRICT, old=old, new=new)


def test_deep_schemas_are_compared() -> None:
    """Apicurio 6046: a schema that can be registered can be compared."""

    def nested(kind: str) -> Any:
        schema: Any = {"type": kind}
        for _ in range(120):
            schema = {"properties": {"inner": schema}}
        return schema

    assert accepts(Level.FULL, Policy.STRICT, old=nested("string"), new=nested("string"))
    assert not accepts(Level.BACKWARD, Policy.STRICT, old=nested("string"), new=nested("number"))


def test_alternatives_within_alternatives_do_not_multiply() -> None:
    """Validators of networknt (1276) take time that doubles with each level."""

    def levels(kind: str) -> Any:
        definitions = {
            f"d{level}": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {side: {"$ref": f"#/definitions/d{level + 1}"}},
                    }
                    for side in ("left", "right")
                ]
            }
            for level in range(200)
        }
        return {"definitions": {**definitions, "d200": {"type": kind}}, "$ref": "#/definitions/d0"}

    assert accepts(Level.FULL, Policy.STRICT, old=levels("string"), new=levels("string") | {"a": 1})
    assert not accepts(Level.BACKWARD, Policy.STRICT, old=levels("string"), new=levels("number"))
