"""Which texts are JSON Schemas, per draft: the vectors in vectors/schemas.json.

A vector with `refused_at` names the place a new schema is refused for; all others are accepted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compat.errors import InvalidSchema, TooComplex
from compat.json_schema import parse
from compat.json_schema.drafts import METASCHEMAS, Draft
from compat.json_schema.library import MAX_REFERENCES
from compat.json_schema.rules import MAX_ECMA_PATTERNS

VECTORS = json.loads((Path(__file__).parent / "vectors" / "schemas.json").read_text("utf-8"))
ACCEPTED = [vector for vector in VECTORS if "refused_at" not in vector]
REFUSED = [vector for vector in VECTORS if "refused_at" in vector]


def described(vector: dict[str, Any]) -> str:
    return str(vector["description"])


def test_descriptions_tell_vectors_apart() -> None:
    descriptions = [described(vector) for vector in VECTORS]
    assert len(descriptions) == len(set(descriptions)) >= 200


@pytest.mark.parametrize("vector", ACCEPTED, ids=described)
def test_a_schema_by_the_rules_is_accepted(vector: dict[str, Any]) -> None:
    text = json.dumps(vector["schema"])
    assert json.loads(parse(text).text) == vector["schema"]


@pytest.mark.parametrize("vector", REFUSED, ids=described)
def test_a_schema_against_the_rules_is_refused_where_it_breaks_one(vector: dict[str, Any]) -> None:
    with pytest.raises(InvalidSchema) as refusal:
        parse(json.dumps(vector["schema"]))
    assert refusal.value.path == vector["refused_at"]


@pytest.mark.parametrize("vector", REFUSED, ids=described)
def test_a_stored_schema_only_has_to_be_an_object_or_a_boolean(vector: dict[str, Any]) -> None:
    text = json.dumps(vector["schema"])
    if isinstance(vector["schema"], dict | bool):
        assert json.loads(parse(text, new=False).text) == vector["schema"]
    else:
        with pytest.raises(InvalidSchema):
            parse(text, new=False)


@pytest.mark.parametrize("draft", Draft)
def test_a_metaschema_is_a_schema_of_its_own_draft(draft: Draft) -> None:
    text = json.dumps({"$schema": METASCHEMAS[draft], "$ref": METASCHEMAS[draft]})
    assert parse(text).draft is draft


@pytest.mark.parametrize(
    ("keyword", "many"), [("properties", 10_000), ("definitions", 10_000), ("$defs", 10_000)]
)
def test_ten_thousand_subschemas_are_not_too_many(keyword: str, many: int) -> None:
    named = {f"n{index}": {"type": "string", "pattern": f"^{index}$"} for index in range(many)}
    uses = [{"$ref": f"#/{keyword}/n{index}"} for index in range(many)]
    assert parse(json.dumps({keyword: named, "anyOf": uses})).draft is Draft.DRAFT_7


def nested(levels: int, before: str, after: str) -> str:
    return before * levels + "{}" + after * levels


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("levels", [10_000, 100_000])
@pytest.mark.parametrize(
    ("before", "after"), [('{"not":', "}"), ('{"properties":{"":', "}}"), ('{"allOf":[', "]}")]
)
def test_endless_nesting_is_too_complex(before: str, after: str, levels: int, *, new: bool) -> None:
    with pytest.raises(TooComplex) as refusal:
        parse(nested(levels, before, after), new=new)
    assert refusal.value.line == 1


@pytest.mark.parametrize("draft", Draft)
def test_deep_nesting_is_read_and_its_faults_are_found(draft: Draft) -> None:
    text = nested(240, '{"not":', "}")[1:]
    head = f'{{"$schema":"{METASCHEMAS[draft]}",'
    assert parse(head + text).draft is draft
    with pytest.raises(InvalidSchema) as refusal:
        parse(head + text.replace("{}", '{"type":"text"}'))
    assert refusal.value.path == f"#{'/not' * 240}/type"


TOO_COMPLEX = {
    "too many references": {"anyOf": [{"$ref": "#"}] * (MAX_REFERENCES + 1)},
    "too many subschemas": {"anyOf": [True] * 100_001},
    "pointers far longer than the text": {
        "properties": {"k" * 600_000: {"anyOf": [True] * 100}},
    },
    "ids far longer than the text": {
        "$id": f"http://example.org/{'p' * 600_000}/",
        "definitions": {f"d{index}": {"$id": f"{index}.json"} for index in range(100)},
    },
    "patterns only a compiler understands": {
        "patternProperties": {
            f"\\u{{{index:x}}}": True for index in range(0x41, 0x43 + MAX_ECMA_PATTERNS)
        }
    },
}


@pytest.mark.parametrize("name", TOO_COMPLEX)
def test_entangled_schemas_are_too_complex(name: str) -> None:
    with pytest.raises(TooComplex):
        parse(json.dumps(TOO_COMPLEX[name]))


def test_a_message_does_not_repeat_the_whole_schema() -> None:
    with pytest.raises(InvalidSchema) as refusal:
        parse(json.dumps({"properties": ["x" * 100_000]}))
    assert len(refusal.value.message) < 400
