"""One document out of many: `format=bundled`, judged by two validators that fetch nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry

from compat.json_schema import parse
from compat.json_schema.drafts import METASCHEMAS, Draft
from compat.schema import Resolved

if TYPE_CHECKING:
    from collections.abc import Sequence

PYTHON = {
    Draft.DRAFT_4: jsonschema.Draft4Validator,
    Draft.DRAFT_6: jsonschema.Draft6Validator,
    Draft.DRAFT_7: jsonschema.Draft7Validator,
    Draft.DRAFT_2019_09: jsonschema.Draft201909Validator,
    Draft.DRAFT_2020_12: jsonschema.Draft202012Validator,
}


def bundle(root: dict[str, Any], documents: Sequence[tuple[str, object]]) -> dict[str, Any]:
    references = [Resolved(name, "s", 1, json.dumps(schema)) for name, schema in documents]
    bundled: dict[str, Any] = json.loads(parse(json.dumps(root), references).rendered("bundled"))
    return bundled


def verdict(schema: dict[str, Any], instance: object, draft: Draft) -> bool:
    """Return what both validators say; they must agree."""
    slow = PYTHON[draft](schema, registry=Registry()).is_valid(instance)
    fast = jsonschema_rs.validator_for(schema, offline=True).is_valid(instance)
    assert slow == fast
    return fast


@pytest.mark.parametrize("draft", Draft)
def test_references_work_inside_one_document(draft: Draft) -> None:
    root = {
        "$schema": METASCHEMAS[draft],
        draft.id_keyword: "https://example.org/people/person.json",
        "properties": {
            "home": {"$ref": "address.json"},
            "work": {"$ref": "https://example.org/people/address.json#/definitions/site"},
            "nation": {"$ref": "country"},
        },
    }
    address = {
        "properties": {"country": {"$ref": "country"}},
        "definitions": {"site": {"type": "integer"}},
    }
    whole = bundle(root, [("country", {"enum": ["PT", "FI"]}), ("address.json", address)])
    assert verdict(whole, {"home": {"country": "PT"}, "work": 1, "nation": "FI"}, draft)
    for wrong in ({"home": {"country": "XX"}}, {"work": "x"}, {"nation": 1}):
        assert not verdict(whole, wrong, draft)
    assert whole["properties"] == root["properties"]
    assert set(whole[draft.definitions_keyword]) == {
        "https://example.org/people/address.json",
        "https://example.org/people/country",
    }


def test_ids_of_given_documents_are_kept() -> None:
    root = {"$schema": METASCHEMAS[Draft.DRAFT_2020_12], "items": {"$ref": "name.json"}}
    name = {"$id": "https://example.org/name.json", "$anchor": "top", "type": "string"}
    whole = bundle(root, [("name.json", name)])
    assert whole["$defs"] == {"name.json": name}
    assert whole["items"] == {"$ref": "https://example.org/name.json#"}
    assert verdict(whole, ["a"], Draft.DRAFT_2020_12)
    assert not verdict(whole, [1], Draft.DRAFT_2020_12)


def test_definitions_under_the_other_name_are_spelt_right() -> None:
    root = {"items": {"$ref": "#/$defs/a"}, "definitions": {"a": {"type": "string"}}}
    whole = bundle(root, [])
    assert whole["items"] == {"$ref": "#/definitions/a"}
    assert not verdict(whole | {"$schema": METASCHEMAS[Draft.DRAFT_7]}, [1], Draft.DRAFT_7)


def test_pointers_that_count_from_the_document_are_spelt_right() -> None:
    draft = Draft.DRAFT_2020_12
    root = {
        "$schema": METASCHEMAS[draft],
        "$defs": {"s": {"type": "string"}, "part": {"$id": "part", "items": {"$ref": "#/$defs/s"}}},
        "$ref": "part",
    }
    whole = bundle(root, [])
    assert not verdict(whole, [1], draft)
    assert not verdict(bundle(root | {"$id": "https://example.org/"}, []), [1], draft)


def test_names_are_spelt_out_where_the_base_is_a_urn() -> None:
    draft = Draft.DRAFT_7
    root = {"$schema": METASCHEMAS[draft], "$id": "urn:example:1", "items": {"$ref": "name.json"}}
    whole = bundle(root, [("name.json", {"type": "string"})])
    assert verdict(whole, ["a"], draft)
    assert not verdict(whole, [1], draft)


def test_a_root_with_a_relative_id_gets_an_absolute_one() -> None:
    draft = Draft.DRAFT_2019_09
    root = {"$schema": METASCHEMAS[draft], "$id": "x/root.json", "items": {"$ref": "name.json"}}
    for name in ("name.json", "x/name.json"):
        whole = bundle(root, [(name, {"type": "string"})])
        assert whole["$id"].endswith("/x/root.json")
        assert verdict(whole, ["a"], draft)
        assert not verdict(whole, [1], draft)


def test_a_root_without_uri_gets_one_where_an_absolute_part_needs_it() -> None:
    draft = Draft.DRAFT_7
    root = {
        "$schema": METASCHEMAS[draft],
        "items": {"$id": "https://example.org/part.json", "items": {"$ref": "name.json"}},
        "not": {"items": {"items": {"$ref": "name.json"}}, "type": "string"},
    }
    whole = bundle(root, [("name.json", {"type": "string"})])
    assert verdict(whole, [["a"]], draft)
    assert not verdict(whole, [[1]], draft)


def test_a_reference_at_the_root_hides_nothing() -> None:
    draft = Draft.DRAFT_7
    root = {"$schema": METASCHEMAS[draft], "$ref": "#/definitions/a", "definitions": {"a": {}}}
    root["definitions"] = {"a": {"items": {"$ref": "list.json"}}}
    given = {"$ref": "#/definitions/b", "definitions": {"b": {"type": "integer"}}}
    whole = bundle(root, [("list.json", given)])
    assert verdict(whole, [1], draft)
    assert not verdict(whole, ["a"], draft)


@pytest.mark.parametrize("draft", Draft)
def test_booleans_become_documents(draft: Draft) -> None:
    root = {
        "$schema": METASCHEMAS[draft],
        "properties": {"any": {"$ref": "any"}, "none": {"$ref": "none"}},
    }
    whole = bundle(root, [("any", True), ("none", False)])
    assert verdict(whole, {"any": 1}, draft)
    assert not verdict(whole, {"none": 1}, draft)


@pytest.mark.parametrize("inner", Draft)
def test_a_document_of_another_draft_keeps_its_rules(inner: Draft) -> None:
    outer = Draft.DRAFT_2020_12
    root = {"$schema": METASCHEMAS[outer], "properties": {"a": {"$ref": "inner.json"}}}
    given = {"$schema": METASCHEMAS[inner], "items": [{"type": "string"}]}
    if inner is outer:
        given = {"$schema": METASCHEMAS[inner], "prefixItems": [{"type": "string"}]}
    whole = bundle(root, [("inner.json", given)])
    assert verdict(whole, {"a": ["x", 1]}, outer)
    assert not verdict(whole, {"a": [1]}, outer)


def test_the_metaschema_of_another_draft_comes_along() -> None:
    outer = Draft.DRAFT_2020_12
    root = {
        "$schema": METASCHEMAS[outer],
        "items": {"$ref": "https://json-schema.org/draft-07/schema#"},
    }
    whole = bundle(root, [])
    assert verdict(whole, [{"type": "string"}], outer)
    assert not verdict(whole, [{"type": "text"}], outer)


def test_the_metaschema_of_the_same_draft_stays_where_everybody_has_it() -> None:
    draft = Draft.DRAFT_7
    root = {
        "$schema": METASCHEMAS[draft],
        "items": {"$ref": "https://json-schema.org/draft-07/schema#/definitions/simpleTypes"},
    }
    whole = bundle(root, [])
    assert whole["items"] == {"$ref": f"{METASCHEMAS[draft]}#/definitions/simpleTypes"}
    assert verdict(whole, ["string"], draft)
    assert not verdict(whole, ["text"], draft)


def test_what_is_not_referred_to_stays_out() -> None:
    assert bundle({"type": "string"}, [("unused", {"type": "integer"})]) == {"type": "string"}


def test_names_that_are_taken_get_a_number() -> None:
    root = {"items": {"$ref": "a"}, "definitions": {"a": {"type": "string"}}}
    whole = bundle(root, [("a", {"type": "integer"})])
    assert list(whole["definitions"]) == ["a", "a 2"]


def test_references_that_lead_nowhere_stay_as_they_are() -> None:
    text = '{"$ref":"nowhere.json","items":{"$ref":5}}'
    assert parse(text, new=False).rendered("bundled") == text


@pytest.mark.parametrize("form", ["", "default", "resolved", "serialized", "anything"])
def test_other_forms_are_the_canonical_text(form: str) -> None:
    references = [Resolved("a", "s", 1, "{}")]
    assert parse('{"$ref": "a"}', references).rendered(form) == '{"$ref":"a"}'


def test_booleans_are_bundles_of_themselves() -> None:
    assert parse("true").rendered("bundled") == "true"
