"""Laws of the JSON Schema checker, and the truth of its verdicts.

What is compatible can be read: a validator of the reader schema takes what one of the writer
schema takes. ACCORD_LONG_RUN is the number of pairs of schemas to try beyond those of every run.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_schema_evolution import Author

from compat.check import check
from compat.errors import TooComplex
from compat.finding import Witness
from compat.json_schema import BREAKING, differences, parse, witness
from compat.json_schema.reading import Reading
from compat.json_schema.samples import facets, suspects
from compat.json_schema.shapes import Shapes
from compat.level import Level, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from compat.json_schema import JsonSchema

PAIRS = 1500
LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
MESSAGES = 60


class Complaint(NamedTuple):
    """What a validator of the reader schema says of a message that the writer's took."""

    keywords: frozenset[str]
    message: str
    writer: str
    reader: str


class Rule(NamedTuple):
    """A rule of Confluent's by which a pair is compatible and a message is not read.

    The example is such a pair and such a message.
    """

    words: str
    is_meant: Callable[[Complaint], bool]
    writer: Any
    reader: Any
    message: Any


def about(*keywords: str) -> Callable[[Complaint], bool]:
    return lambda complaint: not complaint.keywords.isdisjoint(keywords)


def avoided(_: Complaint) -> bool:
    """Stand for rules that the authors of the schemas keep away from."""
    return False


OBJECT = {"type": "object"}
EXCEPTIONS = (
    Rule(
        "what `contains` wants is not compared",
        about("contains"),
        {"type": "array", "contains": {"type": "string"}},
        {"type": "array", "contains": {"type": "number"}},
        ["x"],
    ),
    Rule(
        "`propertyNames` is not compared",
        about("propertyNames"),
        OBJECT,
        {**OBJECT, "propertyNames": {"maxLength": 1}},
        {"long": 1},
    ),
    Rule(
        "what `patternProperties` wants is not compared",
        about("patternProperties"),
        OBJECT,
        {**OBJECT, "patternProperties": {"^a": {"type": "string"}}},
        {"a": 1},
    ),
    Rule(
        "properties that a pattern of the writer described are none of the reader's rest",
        lambda complaint: "patternProperties" in complaint.writer,
        {**OBJECT, "patternProperties": {"^a": {}}, "additionalProperties": False},
        {**OBJECT, "additionalProperties": False},
        {"a": 1},
    ),
    Rule(
        "where some properties have a pattern, all others count as forbidden",
        lambda complaint: "patternProperties" in complaint.writer,
        {**OBJECT, "patternProperties": {"^a": {}}},
        {**OBJECT, "patternProperties": {"^a": {}}, "properties": {"b": {"type": "string"}}},
        {"b": 1},
    ),
    Rule(
        "of conditions, only that there are any is compared",
        about("if", "then", "else"),
        {**OBJECT, "if": {"required": ["a"]}, "then": {"required": ["b"]}},
        {**OBJECT, "if": {"required": ["a"]}, "then": {"required": ["c"]}},
        {"a": 1, "b": 1},
    ),
    Rule(
        "a required property with a default counts as always there",
        lambda complaint: about("required")(complaint) and '"default"' in complaint.reader,
        {**OBJECT, "properties": {"a": {"type": "string"}}},
        {**OBJECT, "properties": {"a": {"type": "string", "default": ""}}, "required": ["a"]},
        {},
    ),
    Rule(
        "branches of `oneOf` are compared one by one, though a message may fit two of the reader's",
        lambda complaint: "more than one" in complaint.message,
        {"type": "integer"},
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        1,
    ),
    Rule(
        "of `required`, only properties that both schemas describe are compared",
        avoided,
        OBJECT,
        {**OBJECT, "required": ["a"]},
        {},
    ),
    Rule(
        "a required property without a schema counts as anything else would",
        avoided,
        OBJECT,
        {**OBJECT, "properties": {"a": {}}, "required": ["a"]},
        {},
    ),
    Rule(
        "a type that is told only by keywords counts as told by `type`",
        avoided,
        {"maxLength": 3},
        {"type": "string", "maxLength": 3},
        1,
    ),
    Rule(
        "`format` is not compared",
        avoided,
        {"type": "string"},
        {"type": "string", "format": "date"},
        "x",
    ),
)


def is_excused(error: jsonschema_rs.ValidationError, *, writer: str, reader: str) -> bool:
    """Tell whether a validator complains about what an exception is about."""
    keywords = frozenset(step for step in error.schema_path if isinstance(step, str))
    complaint = Complaint(keywords, error.message, writer, reader)
    if any(rule.is_meant(complaint) for rule in EXCEPTIONS):
        return True
    branches = getattr(error.kind, "context", None) or []
    return any(
        is_excused(inner, writer=writer, reader=reader) for branch in branches for inner in branch
    )


def messages(reader: JsonSchema, writer: JsonSchema, random: Random) -> Iterator[Any]:
    """Yield what a writer may write, some of it at the edge of what it may."""
    shapes = Shapes()
    sides = [facets([Reading(each, shapes).root]) for each in (writer, reader)]
    found = list(suspects(sides[0], sides[1]))
    yield from random.sample(found, min(MESSAGES, len(found)))


def pair_of(random: Random) -> tuple[JsonSchema, JsonSchema]:
    writer, reader = Author(random).pair()
    return parse(json.dumps(writer)), parse(json.dumps(reader))


def assert_true(random: Random) -> bool:
    """Check one pair; return whether it was compatible."""
    writer, reader = pair_of(random)
    if check(Level.BACKWARD, new=reader, previous=[writer]):
        return False
    takes, reads = (jsonschema_rs.Draft7Validator(json.loads(s.text)) for s in (writer, reader))
    for message in messages(reader, writer, random):
        if not takes.is_valid(message):
            continue
        for error in reads.iter_errors(message):
            excused = is_excused(error, writer=writer.text, reader=reader.text)
            assert excused, f"{writer.text} -> {reader.text}: {message!r}: {error.message}"
    return True


def test_what_is_compatible_is_read() -> None:
    compatible = sum(assert_true(Random(seed)) for seed in range(PAIRS))  # noqa: S311 - no secrets
    assert compatible > PAIRS // 4, "the authors change too much to prove anything"


@pytest.mark.skipif(not LONG_RUN, reason="ACCORD_LONG_RUN names no number of pairs")
def test_what_is_compatible_is_read_in_the_long_run() -> None:
    for seed in range(PAIRS, PAIRS + LONG_RUN):
        assert_true(Random(seed))  # noqa: S311 - no secrets


@pytest.mark.parametrize("rule", EXCEPTIONS, ids=lambda rule: rule.words)
def test_an_exception_is_one(rule: Rule) -> None:
    writer, reader = parse(json.dumps(rule.writer)), parse(json.dumps(rule.reader))
    assert not check(Level.BACKWARD, new=reader, previous=[writer])
    assert jsonschema.Draft7Validator(rule.writer).is_valid(rule.message)
    dates = jsonschema.FormatChecker(formats=["date"])
    reads = jsonschema.Draft7Validator(rule.reader, format_checker=dates)
    assert not reads.is_valid(rule.message)


@given(random=st.randoms(use_true_random=False))
def test_a_witness_is_accepted_and_refused(random: Random) -> None:
    """By another library than the one that was asked when it was made."""
    writer, reader = pair_of(random)
    sides = [json.loads(each.text) for each in (writer, reader)]
    takes, reads = (jsonschema.Draft7Validator(each) for each in sides)
    for finding in differences(reader=reader, writer=writer)[:5]:
        if finding.kind not in BREAKING[Policy.STRICT]:
            continue
        shown = witness(finding, reader=reader, writer=writer)
        if isinstance(shown, Witness):
            message = json.loads(shown.message)
            assert takes.is_valid(message)
            assert not reads.is_valid(message)
            assert json.loads(shown.encoded) == message
        else:
            assert shown


@given(random=st.randoms(use_true_random=False))
def test_laws(random: Random) -> None:
    old, new = pair_of(random)
    for schema in (old, new):
        assert differences(reader=schema, writer=schema) == ()
    for policy in (Policy.STRICT, Policy.LENIENT):
        backward = check(Level.BACKWARD, new=new, previous=[old], policy=policy)
        forward = check(Level.FORWARD, new=new, previous=[old], policy=policy)
        full = check(Level.FULL, new=new, previous=[old], policy=policy)
        mirrored = check(Level.FORWARD, new=old, previous=[new], policy=policy)
        assert [each.findings for each in backward] == [each.findings for each in mirrored]
        assert {each.direction for each in full} == {each.direction for each in forward + backward}
    lenient = check(Level.BACKWARD, new=new, previous=[old], policy=Policy.LENIENT)
    strict = check(Level.BACKWARD, new=new, previous=[old])
    assert strict or not lenient


KEYWORDS = (
    *("$ref", "$id", "type", "properties", "items", "prefixItems", "anyOf", "allOf", "not", "if"),
    *("enum", "const", "default", "maximum", "multipleOf", "required", "additionalProperties"),
    *("patternProperties", "dependencies", "definitions", "#", "a/b"),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=5)
    ),
    max_leaves=20,
)
DOCUMENTS = st.dictionaries(st.sampled_from(["properties", "items", "anyOf", "$ref"]), JSON)


@given(old=DOCUMENTS, new=DOCUMENTS)
def test_whatever_was_stored_is_compared(old: Any, new: Any) -> None:
    """Old registries took anything; no keyword has to have a value that makes sense."""
    schemas = [parse(json.dumps(each), new=False) for each in (new, old)]
    try:
        found = differences(reader=schemas[0], writer=schemas[1])
    except TooComplex:
        return
    for finding in found:
        if finding.kind in BREAKING[Policy.STRICT]:
            assert witness(finding, reader=schemas[0], writer=schemas[1])


def test_numbers_keep_their_digits() -> None:
    """A float has no room for the difference."""
    texts = ('{"maximum": 0.30000000000000000002}', '{"maximum": 0.30000000000000000001}')
    old, new = (parse(text) for text in texts)
    (conflict,) = check(Level.BACKWARD, new=new, previous=[old])
    assert [finding.kind for finding in conflict.findings] == ["MAXIMUM_DECREASED"]
    assert conflict.findings[0].reader is not None
    assert conflict.findings[0].reader.fragment == Decimal("0.30000000000000000001")
