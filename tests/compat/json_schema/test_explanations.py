"""What a finding is explained by: plain words, the text that stands there, and a message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compat.finding import Finding, Spot, Witness
from compat.json_schema import (
    BREAKING,
    Kind,
    advice,
    differences,
    is_same_data,
    parse,
    shown,
    witness,
)
from compat.json_schema.kinds import contract_name
from compat.level import Policy
from compat.schema import Resolved

VECTORS = json.loads((Path(__file__).parent / "vectors/differences.json").read_text("utf-8"))

# Vectors whose findings no message shows, by name; all other findings that break have one.
NO_MESSAGE = {
    "two types no draft knows": "a validator cannot use the schemas",
    "a reference that only leads to itself": "a validator would have too much to do",
    "a pattern no engine knows fits nothing": "a validator cannot use the schemas",
    # Three capitals are some capitals; Confluent's rule does not look into patterns.
    "another pattern": "none of the messages that were tried",
    # A message would have to be several levels deep.
    "what leads to itself by a negation goes both ways": "none of the messages that were tried",
    # No message is a text and a number at once; Confluent's rule does not look for such.
    "at least one becomes exactly one": "none of the messages that were tried",
}


def breaking(vector: dict[str, Any]) -> list[tuple[Finding, Witness | str]]:
    reader, writer = (parse(json.dumps(vector[side]), new=False) for side in ("reader", "writer"))
    return [
        (finding, witness(finding, reader=reader, writer=writer))
        for finding in differences(reader=reader, writer=writer)
        if finding.kind in BREAKING[Policy.STRICT]
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_what_breaks_is_shown_by_a_message_or_has_a_reason(vector: dict[str, Any]) -> None:
    for finding, answer in breaking(vector):
        if vector["name"] in NO_MESSAGE:
            assert isinstance(answer, str)
            assert answer.startswith(NO_MESSAGE[vector["name"]])
        elif is_masked(vector, finding):
            assert isinstance(answer, str)
        else:
            assert isinstance(answer, Witness), finding
            assert answer.failure
            assert answer.encoded == answer.message.encode()


def is_masked(vector: dict[str, Any], finding: Finding) -> bool:
    """Tell whether the schema of an item listed no more is told of at two places, not both real."""
    return vector["name"] == "an optional property in an item that is listed no more" and (
        finding.path.startswith("#/additionalItems")
    )


def test_every_kind_that_breaks_has_a_message_in_some_vector() -> None:
    told = {
        finding.kind
        for vector in VECTORS
        for finding, answer in breaking(vector)
        if isinstance(answer, Witness)
    }
    assert told == BREAKING[Policy.STRICT]


@pytest.mark.parametrize("kind", sorted(BREAKING[Policy.STRICT]))
def test_every_kind_that_breaks_has_advice(kind: Kind) -> None:
    spot = Spot("", {"type": "string"})
    sentence, fix = advice(Finding(kind, "#/properties/order/items/0", "", spot, spot))
    for text in (sentence, fix):
        assert text.endswith(".")
        assert text[0].isupper() or text[0] == "`"
        assert "{" not in text.replace('`{"type":"string"}`', "")
    assert "schema" in sentence + fix
    assert contract_name(kind) not in sentence + fix


@pytest.mark.parametrize(
    ("reader", "writer", "sentence", "fix"),
    [
        (
            {"properties": {"age": {"type": "integer"}}, "required": ["age"]},
            {"properties": {"age": {"type": "integer"}}},
            (
                "`age` is required by the reader schema and not by the writer schema, so documents "
                "written without it cannot be read."
            ),
            "Take `age` out of `required` in the reader schema, or give it a default there.",
        ),
        (
            {"items": {"properties": {"sku": {"type": "string", "maxLength": 8}}}},
            {"items": {"properties": {"sku": {"type": "string", "maxLength": 12}}}},
            (
                "The reader schema has `8` as `maxLength` of `document[].sku` and the writer "
                "schema has `12`, so longer texts that were written cannot be read."
            ),
            "Set `maxLength` in the reader schema to `12` again, or to something that allows more.",
        ),
        (
            {"type": "number"},
            {"type": "string"},
            (
                'The document is `{"type":"number"}` in the reader schema and `{"type":"string"}` '
                "in the writer schema, so what was written is of the wrong type for the reader "
                "schema."
            ),
            "Give the document its old type in the reader schema, or let it be either by `anyOf`.",
        ),
    ],
)
def test_advice_names_the_place_and_the_change(
    reader: Any, writer: Any, sentence: str, fix: str
) -> None:
    schemas = [parse(json.dumps(each)) for each in (reader, writer)]
    (finding,) = differences(reader=schemas[0], writer=schemas[1])
    assert advice(finding) == (sentence, fix)


def test_a_witness_follows_references_into_what_was_given() -> None:
    text = json.dumps({"type": "object", "properties": {"lines": {"$ref": "lines.json"}}})
    lines = {"type": "array", "items": {"$ref": "#/definitions/line"}}
    old, new = (
        {**lines, "definitions": {"line": {"type": kind}}} for kind in ("number", "integer")
    )
    reader, writer = (
        parse(text, [Resolved("lines.json", "lines", 1, json.dumps(each))]) for each in (new, old)
    )
    (finding,) = differences(reader=reader, writer=writer)
    shown_by = witness(finding, reader=reader, writer=writer)
    assert isinstance(shown_by, Witness)
    assert shown_by.message == '{"lines":[0.5]}'
    assert shown_by.failure == '0.5 is not of type "integer"'


def test_a_witness_is_the_same_every_time() -> None:
    for vector in VECTORS[:60]:
        assert breaking(vector) == breaking(vector)


def test_a_validator_is_spared_what_would_take_it_for_ever() -> None:
    def doubling(kind: str) -> dict[str, Any]:
        """Return a schema that looks at its value as often as two to the sixtieth."""
        twice = {
            f"d{level}": {"allOf": [{"$ref": f"#/definitions/d{level + 1}"}, {"title": kind}] * 1}
            for level in range(60)
        }
        for level in range(60):
            twice[f"d{level}"]["allOf"].append(
                {"allOf": [{"$ref": f"#/definitions/d{level + 1}"}, True]}
            )
        return {"definitions": {**twice, "d60": {"type": kind}}, "$ref": "#/definitions/d0"}

    reader, writer = (parse(json.dumps(doubling(kind))) for kind in ("string", "number"))
    found = differences(reader=reader, writer=writer)
    (finding,) = [each for each in found if each.kind in BREAKING[Policy.STRICT]][:1]
    answer = witness(finding, reader=reader, writer=writer)
    assert isinstance(answer, str)
    assert answer.startswith("a validator would have too much to do")


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ({"type": ["string", None, True, 1.5]}, '{"type":["string",null,true,1.5]}'),
        ("é\n", '"é\\n"'),
        ([], "[]"),
    ],
)
def test_a_fragment_is_shown_as_it_stands(fragment: Any, text: str) -> None:
    assert shown(parse(json.dumps({"const": fragment})).value["const"]) == text


def test_a_long_fragment_is_cut() -> None:
    for fragment in ({"enum": ["x" * 1_000_000]}, ["x"] * 100_000, {"a" * 100_000: 1}):
        text = shown(fragment)
        assert len(text) == 500
        assert text.endswith("…")


@pytest.mark.parametrize(
    ("new", "same"),
    [
        ({"properties": {"title": {"type": "string"}}, "type": "object", "title": "T"}, True),
        ({"type": "object", "properties": {"title": {"type": "string", "format": "x"}}}, False),
        ({"type": "object", "properties": {}}, False),
    ],
)
def test_what_is_only_said_to_people_is_no_difference_in_data(new: Any, *, same: bool) -> None:
    old = {"type": "object", "properties": {"title": {"type": "string", "description": "d"}}}
    schemas = [parse(json.dumps(each)) for each in (new, old)]
    assert is_same_data(*schemas) is same


def test_other_references_are_other_data() -> None:
    text = '{"$ref": "sku.json"}'
    schemas = [
        parse(text, [Resolved("sku.json", "sku", 1, json.dumps({"type": kind}))])
        for kind in ("string", "number")
    ]
    assert not is_same_data(*schemas)
    assert is_same_data(schemas[0], schemas[0])
