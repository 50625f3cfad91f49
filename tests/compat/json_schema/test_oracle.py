"""The metaschemas' verdicts, compared with those of the jsonschema library.

The two differ on purpose only where KNOWN says so.
"""

from __future__ import annotations

import copy
import functools
import json
import operator
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compat.errors import InvalidSchema
from compat.json_schema import parse
from compat.json_schema.drafts import APPLICATORS, METASCHEMAS, Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

ORACLES: Mapping[Draft, type[jsonschema.protocols.Validator]] = {
    Draft.DRAFT_4: jsonschema.Draft4Validator,
    Draft.DRAFT_6: jsonschema.Draft6Validator,
    Draft.DRAFT_7: jsonschema.Draft7Validator,
    Draft.DRAFT_2019_09: jsonschema.Draft201909Validator,
    Draft.DRAFT_2020_12: jsonschema.Draft202012Validator,
}

# What we accept and the metaschema refuses, by the rule's place in the metaschema.
KNOWN = {
    (Draft.DRAFT_4, "definitions", "stringArray", "minItems"): "not in draft 6, nor in Confluent",
    (Draft.DRAFT_4, "properties", "enum", "minItems"): "not in draft 7, nor in Confluent",
    (Draft.DRAFT_4, "properties", "enum", "uniqueItems"): "not in draft 7, nor in Confluent",
}
EXAMPLES = {
    "stringArray": {"required": []},
    "minItems": {"enum": []},
    "uniqueItems": {"enum": [1, 1]},
}

NUMBERS = st.sampled_from([0, 1, -1, 2.5, 3.0, 0.0, 10**20])
NAMES = st.sampled_from(["a", "b", "", "c/d"])
PATTERNS = st.sampled_from(["^a", "b+$", ""])
TYPES = st.sampled_from(
    ["string", "number", "integer", "object", "array", "null", "boolean", "any", 3]
)
KEYWORDS: dict[str, st.SearchStrategy[Any]] = {
    "type": TYPES | st.lists(TYPES, max_size=3),
    "enum": st.lists(st.sampled_from([1, "a", None]), max_size=3),
    "const": NUMBERS,
    "required": st.lists(NAMES, max_size=3),
    "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2), max_size=2),
    "uniqueItems": st.booleans() | NUMBERS,
    "exclusiveMinimum": st.booleans() | NUMBERS,
    "exclusiveMaximum": st.booleans() | NUMBERS,
    "pattern": PATTERNS,
    "format": NAMES,
    "title": NAMES | NUMBERS,
    "description": NAMES | NUMBERS,
    "examples": st.lists(NUMBERS, max_size=2) | NUMBERS,
    "readOnly": st.booleans() | NAMES,
    "deprecated": st.booleans() | NAMES,
    "$comment": NAMES | NUMBERS,
    "default": NUMBERS,
    "contentMediaType": NAMES | NUMBERS,
    "x-unknown": NUMBERS,
    **{
        keyword: NUMBERS | NAMES
        for limit in ("Length", "Items", "Properties", "Contains")
        for keyword in (f"min{limit}", f"max{limit}")
    },
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), NUMBERS | NAMES),
}
LAST = APPLICATORS[Draft.DRAFT_2020_12]
ONE = sorted(LAST.one | {"additionalItems"})
MANY = sorted(LAST.many | {"items"})
NAMED = sorted(LAST.named)


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects of some keywords, most of them with values that could be right."""
    holders = {
        **dict.fromkeys(ONE, inner),
        **{keyword: st.lists(inner, max_size=2) for keyword in MANY},
        **{keyword: st.dictionaries(NAMES, inner, max_size=2) for keyword in NAMED},
    }
    keywords = {**KEYWORDS, **holders}
    return st.lists(st.sampled_from(sorted(keywords)), max_size=4, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({keyword: keywords[keyword] for keyword in chosen})
    )


SCHEMAS = st.recursive(st.booleans() | schemas(st.just({})), schemas, max_leaves=6)


def relaxed(draft: Draft) -> Any:
    """Return the metaschema of a draft without the rules we know we do not have."""
    metaschema = copy.deepcopy(ORACLES[draft].META_SCHEMA)
    for known, *path, rule in KNOWN:
        if known is draft:
            functools.reduce(operator.getitem, path, metaschema).pop(rule)
    metaschema.pop("id", None)
    return metaschema


def accepted(schema: dict[str, Any], draft: Draft) -> bool:
    """Return the oracle's verdict, its patterns and formats aside."""
    return ORACLES[draft](relaxed(draft)).is_valid(schema)


@pytest.mark.parametrize("draft", Draft)
@settings(max_examples=60, deadline=None)
@given(schema=schemas(SCHEMAS))
def test_the_library_gives_the_same_verdict(draft: Draft, schema: dict[str, Any]) -> None:
    schema = {"$schema": METASCHEMAS[draft], **schema}
    try:
        parse(json.dumps(schema))
    except InvalidSchema as refusal:
        reason = str(refusal)
    else:
        reason = ""
    assert (reason == "") == accepted(schema, draft), reason


@pytest.mark.parametrize("row", KNOWN, ids=str)
def test_a_known_difference_is_one(row: tuple[Draft, str, str, str]) -> None:
    draft, _, name, rule = row
    inner = EXAMPLES.get(name) or EXAMPLES[rule]
    schema = {"$schema": METASCHEMAS[draft], **inner, "additionalItems": {"not": inner}}
    assert not ORACLES[draft](ORACLES[draft].META_SCHEMA).is_valid(schema)
    assert parse(json.dumps(schema))
