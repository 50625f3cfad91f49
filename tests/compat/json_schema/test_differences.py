"""The differ, by vectors: each names two schemas and every finding between them, in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compat.check import check
from compat.errors import TooComplex
from compat.finding import Finding
from compat.json_schema import BREAKING, Kind, differences, message, parse
from compat.json_schema.kinds import TWINS
from compat.level import Level, Policy
from compat.schema import Resolved

VECTORS = json.loads((Path(__file__).parent / "vectors/differences.json").read_text("utf-8"))


def between(reader: Any, writer: Any, *references: Resolved) -> tuple[Finding, ...]:
    schemas = [parse(json.dumps(each), references, new=False) for each in (reader, writer)]
    return differences(reader=schemas[0], writer=schemas[1])


def told(findings: tuple[Finding, ...]) -> list[list[str]]:
    return [[finding.kind.value, finding.path] for finding in findings]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_vector_has_exactly_its_findings(vector: dict[str, Any]) -> None:
    """Kind and path of every finding, and their order, are part of the contract."""
    assert told(between(vector["reader"], vector["writer"])) == vector["findings"]


def test_every_kind_has_a_vector() -> None:
    """No kind is left that nothing would notice missing."""
    assert {kind for vector in VECTORS for kind, _ in vector["findings"]} == set(Kind)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_nothing_is_different_from_itself(vector: dict[str, Any]) -> None:
    for schema in (vector["reader"], vector["writer"]):
        assert told(between(schema, schema)) == []


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_spot_shows_what_stands_there(vector: dict[str, Any]) -> None:
    """A finding has a place on the side where something stands, and the pointer leads to it."""
    for finding in between(vector["reader"], vector["writer"]):
        assert finding.reader or finding.writer
        for side, spot in ((vector["reader"], finding.reader), (vector["writer"], finding.writer)):
            if spot is not None:
                assert json.loads(json.dumps(spot.fragment, default=float)) == at(side, spot.path)


def at(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def test_lenient_refuses_less() -> None:
    assert BREAKING[Policy.LENIENT] < BREAKING[Policy.STRICT]
    assert set(TWINS.values()) <= BREAKING[Policy.STRICT] - BREAKING[Policy.LENIENT]


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        (
            Kind.MAXIMUM_DECREASED,
            "#/properties/age/maximum",
            (
                '{errorType:"MAXIMUM_DECREASED", description:"The value at path '
                "'#/properties/age/maximum' in the new schema is less than its value in the old "
                "schema'}"
            ),
        ),
        (
            Kind.PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL,
            "#/properties/{age}",
            (
                '{errorType:"PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", description:"The new has '
                "a closed content model and is missing a property or item present at path "
                "'#/properties/{age}' in the old schema'}"
            ),
        ),
        (
            Kind.TYPE_CHANGED_UNDER_STRICT,
            "#/",
            (
                '{errorType:"TYPE_CHANGED", description:"A type at path '
                "'#/' is different between the new schema and the old schema'}"
            ),
        ),
        (Kind.SCHEMA_ADDED, "#/items", '{errorType:"SCHEMA_ADDED", description:"\'}'),
    ],
)
def test_the_sentences_are_confluents(kind: Kind, path: str, expected: str) -> None:
    assert message(Finding(kind, path), reader="new", writer="old") == expected


def test_every_kind_that_breaks_has_a_sentence_except_one() -> None:
    """Confluent forgot SCHEMA_ADDED."""
    mute = {
        kind
        for kind in BREAKING[Policy.STRICT]
        if "description:\"'}" in message(Finding(kind, "#/"), reader="new", writer="old")
    }
    assert mute == {Kind.SCHEMA_ADDED}


def test_a_reference_leads_into_what_was_given_with_the_schema() -> None:
    text = {"type": "object", "properties": {"sku": {"$ref": "sku.json"}}}
    old, new = (
        parse(json.dumps(text), [Resolved("sku.json", "sku", version, json.dumps(sku))])
        for version, sku in ((1, {"type": "string"}), (2, {"type": "string", "maxLength": 8}))
    )
    (finding,) = differences(reader=new, writer=old)
    assert (finding.kind, finding.path) == (
        Kind.MAX_LENGTH_ADDED,
        "#/properties/sku/maxLength",
    )
    assert finding.reader is not None
    assert finding.reader.path == "sku.json#/maxLength"
    assert finding.writer is None
    assert check(Level.BACKWARD, new=new, previous=[old])
    assert not check(Level.FORWARD, new=new, previous=[old])


def test_a_flood_of_harmless_findings_hides_none_that_breaks() -> None:
    def schema(note: str, last: str) -> dict[str, Any]:
        many = {f"p{index:04}": {"type": "string", "title": note} for index in range(3000)}
        return {"type": "object", "properties": {**many, "last": {"type": last}}}

    found = between(schema("new", "number"), schema("old", "string"))
    assert [finding.path for finding in found if finding.kind in BREAKING[Policy.LENIENT]] == [
        "#/properties/last"
    ]
    assert len(found) == 1001


def test_what_breaks_is_told_however_far_away_it_stands() -> None:
    """More ways lead through definitions that lead to each other than anybody can go."""
    size = 30

    def schema(last: str) -> dict[str, Any]:
        net = {f"p{index}": {"$ref": f"#/definitions/d{index}"} for index in range(size)}
        definitions = {f"d{index}": {"type": "object", "properties": net} for index in range(size)}
        end = {**net, "end": {"type": last}}
        definitions[f"d{size - 1}"] = {"type": "object", "properties": end}
        return {"definitions": definitions, "$ref": "#/definitions/d0"}

    found = between(schema("number"), schema("string"))
    assert found
    assert {finding.kind for finding in found} == {Kind.TYPE_CHANGED}


def test_too_much_to_compare_names_the_place() -> None:
    """Which of a thousand alternatives goes with which is a question for a million glances."""

    def schema(numbers: range, title: str) -> dict[str, Any]:
        branches = [{"const": number, "title": title} for number in numbers]
        return {"properties": {"event": {"oneOf": branches}}}

    with pytest.raises(TooComplex, match="more than 1000000 steps") as refusal:
        between(schema(range(1500), "new"), schema(range(1499, -1, -1), "old"))
    assert refusal.value.path == "#/properties/event"
