"""What is valid for Confluent's client is valid here, over generated schemas and values.

ACCORD_LONG_RUN is the number of schemas to try beyond those of every run.
"""

from __future__ import annotations

import os
import warnings
from random import Random
from typing import Any

import jsonschema
import orjson
import pytest
from json_schema_evolution import NAMES, WORDS, Author, Schema

from accord_serde._json_schema.documents import Documents
from accord_serde._json_schema.validator import Validator

SCHEMAS = 400
LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
VALUES = 12

DRAFTS = (
    None,
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)
OLD = DRAFTS[1]
SCALARS: tuple[Any, ...] = (
    *WORDS,
    "",
    "a",
    "ab",
    "abc12",
    "é",
    "2020-01-01",
    0,
    -1,
    1.0,
    0.5,
    4,
    10**15,
    -1e18,
    False,
)


def extras(random: Random, author: Author) -> list[Schema]:
    """Return keywords that the author does not use, those of other drafts among them."""

    def some() -> Schema:
        return author.schema(2)

    return [
        {"pattern": random.choice(("^a", "b$", "[0-9]{2}", "^.+$"))},
        {"format": random.choice(("date", "email", "uuid", "regex"))},
        {"contentEncoding": "base64"},
        {"contentMediaType": "application/json"},
        {"patternProperties": {random.choice(("^a", "[bc]", "")): some()}},
        {"propertyNames": {"maxLength": random.choice((0, 1))}},
        {"contains": some()},
        {"contains": some(), "minContains": 2},
        {"contains": some(), "maxContains": 1},
        {"if": some(), "then": some(), "else": some()},
        {"not": some()},
        {"prefixItems": [some()], "items": some()},
        {"dependentRequired": {"a": ["b"]}},
        {"dependentSchemas": {"a": some()}},
        {"dependencies": {"a": some(), "b": ["c"]}},
        {"unevaluatedProperties": random.choice((False, some()))},
        {"unevaluatedItems": random.choice((False, some()))},
        {"minimum": 1, "exclusiveMinimum": random.choice((True, 2))},
        {"$ref": "#/definitions/leaf"},
        {"items": {"$ref": "#"}},
        {"const": random.choice(WORDS)},
        {"anyOf": [some(), some()], "oneOf": [some(), some()]},
        {"additionalProperties": some()},
        {"confluent:tags": ["PII"]},
        {"title": "T", "description": "D", "default": 3, "examples": [1]},
    ]


def schema_of(random: Random) -> Schema:
    author = Author(random)
    author.defined = ["node", "leaf"]
    schema = {"definitions": {name: author.schema(1) for name in author.defined}}
    schema |= author.schema(0)
    for _ in range(random.randint(0, 3)):
        schema |= random.choice(extras(random, author))
    draft = random.choice(DRAFTS)
    return schema if draft is None else schema | {"$schema": draft}


def value_of(random: Random, depth: int = 0) -> Any:
    kind = random.randint(0, 3 if depth < 3 else 1)
    if kind < 2:
        return random.choice(SCALARS)
    if kind == 2:
        return [value_of(random, depth + 1) for _ in range(random.randint(0, 3))]
    return {name: value_of(random, depth + 1) for name in NAMES if random.random() < 0.5}


def stock_validator(schema: Any) -> Any:
    """Return Confluent's validator; it warns of a `$schema` it does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        cls = jsonschema.validators.validator_for(schema)
    cls.check_schema(schema)
    return cls(schema)


def our_validator(schema: Any) -> Validator:
    return Validator(Documents(orjson.dumps(schema).decode()).validator())


def check_one(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same schemas every time
    schema = schema_of(random)
    try:
        stock = stock_validator(schema)
    except jsonschema.SchemaError:
        return
    ours = our_validator(schema)
    for _ in range(VALUES):
        value = value_of(random)
        assert ours.accepts(value) is stock.is_valid(value), (schema, value)


@pytest.mark.parametrize("part", range(4))
def test_valid_for_one_is_valid_for_the_other(part: int) -> None:
    """The verdicts on generated values are the same."""
    for seed in range(part, SCHEMAS, 4):
        check_one(seed)


@pytest.mark.skipif(not LONG_RUN, reason="ACCORD_LONG_RUN names no number of schemas")
def test_valid_for_one_is_valid_for_the_other_at_length() -> None:
    """The verdicts on many more generated values are the same."""
    for seed in range(SCHEMAS, SCHEMAS + LONG_RUN):
        check_one(seed)
