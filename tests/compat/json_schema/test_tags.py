"""Inline tags: where they stand, what the places are called, and how they change."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compat.errors import InvalidSchema, TooComplex
from compat.json_schema import parse
from compat.schema import EntityTags

T = {"confluent:tags": ["T"]}
FIELD, RECORD = "sr_field", "sr_record"

PLACES = {
    "the schema itself": ({"type": "object", **T}, [("object", RECORD)]),
    "an object by its keywords": ({"properties": {}, **T}, [("object", RECORD)]),
    "a property": (
        {"type": "object", "properties": {"a": {"type": "string", **T}}},
        [("object.a", FIELD)],
    ),
    "a property with a dot": ({"properties": {"a.b": {**T}}}, [("object.a.b", FIELD)]),
    "a property of a property": (
        {"properties": {"a": {"type": "object", **T, "properties": {"b": {**T}}}}},
        [("object.a", FIELD), ("object.a.object.b", FIELD)],
    ),
    "items": (
        {"properties": {"a": {"type": "array", "items": {"properties": {"b": {**T}}, **T}}}},
        [("object.a.array.object", RECORD), ("object.a.array.object.b", FIELD)],
    ),
    "items of items": (
        {"items": {"items": {"properties": {"b": {**T}}}}},
        [("array.array.object.b", FIELD)],
    ),
    "definitions": (
        {"properties": {}, "definitions": {"D": {"properties": {"d": {**T}}, **T}}},
        [("object.definitions.D.object", RECORD), ("object.definitions.D.object.d", FIELD)],
    ),
    "defs": (
        {"type": "object", "$defs": {"D": {"properties": {"d": {**T}}}}},
        [("object.$defs.D.object.d", FIELD)],
    ),
    "alternatives are sorted by kind": (
        {"oneOf": [{"type": "string"}, {"type": "object", **T}, {"type": "null"}]},
        [("oneof.1.object", RECORD)],
    ),
    "then by title, no title first": (
        {"anyOf": [{"title": "b", "type": "object", **T}, {"title": "a", "type": "object"}, {}]},
        [("anyof.2.object", RECORD)],
    ),
    "then by description": (
        {"anyOf": [{"description": "b", "properties": {"x": {**T}}}, {"properties": {"y": {}}}]},
        [("anyof.1.object.x", FIELD)],
    ),
    "then by default": (
        {"anyOf": [{"default": {}, "properties": {"x": {**T}}}, {"properties": {"y": {}}}]},
        [("anyof.1.object.x", FIELD)],
    ),
    "then by the number of properties and their names": (
        {
            "allOf": [
                {"properties": {"b": {**T}}},
                {"properties": {"a": {}}},
                {"properties": {"a": {}, "c": {}}},
            ]
        },
        [("allof.1.object.b", FIELD)],
    ),
    "references, enumerations, booleans among alternatives": (
        {
            "anyOf": [
                True,
                {"$ref": "#"},
                {"enum": [2]},
                {"enum": [1]},
                {"const": 1},
                False,
                {"properties": {"x": {**T}}},
            ]
        },
        [("anyof.4.object.x", FIELD)],
    ),
    "a nullable object": (
        {"properties": {"a": {"type": ["object", "null"], "properties": {"b": {**T}}}}},
        [("object.a.anyof.1.object.b", FIELD)],
    ),
    "a tagged nullable object is one place": (
        {"properties": {"a": {"type": ["object", "null"], **T}}},
        [("object.a", FIELD)],
    ),
    "a type beside alternatives": (
        {"type": "object", "properties": {"a": {**T}}, "anyOf": [{"properties": {"b": {**T}}}]},
        [("allof.0.anyof.0.object.b", FIELD), ("allof.1.object.a", FIELD)],
    ),
    "conditions": (
        {
            "if": {"properties": {"a": {**T}}},
            "then": {"properties": {"b": {**T}}},
            "else": {"properties": {"c": {**T}}},
        },
        [
            ("conditional.if.object.a", FIELD),
            ("conditional.then.object.b", FIELD),
            ("conditional.else.object.c", FIELD),
        ],
    ),
    "a negation": ({"not": {"properties": {"a": {**T}}}}, [("not.object.a", FIELD)]),
    "nothing behind a reference": (
        {"properties": {"a": {"$ref": "#/definitions/D", **T}}, "definitions": {"D": {}}},
        [("object.a", FIELD)],
    ),
    "no schemas, no tags": (
        {"anyOf": 3, "allOf": [4], "properties": {"a": 1}, "type": ["object", 5], "items": []},
        [],
    ),
    "tags that are no list": ({"properties": {"a": {"confluent:tags": "T"}}}, []),
}


@pytest.mark.parametrize("name", PLACES)
def test_tagged_places_are_named(name: str) -> None:
    schema, places = PLACES[name]
    tags = parse(json.dumps(schema), new=False).tags()
    assert tags == tuple(EntityTags(path, kind, ("T",)) for path, kind in places)


@pytest.mark.parametrize("name", PLACES)
def test_tags_can_be_taken_away_and_put_back_by_name(name: str) -> None:
    schema = parse(json.dumps(PLACES[name][0]), new=False)
    bare = schema.retagged(remove=schema.tags())
    assert bare.tags() == ()
    assert set(bare.retagged(add=schema.tags()).tags()) == set(schema.tags())


def test_tags_are_listed_once_each_as_texts() -> None:
    schema = parse('{"type":"object","confluent:tags":["b","a","b",1,null]}')
    assert schema.tags() == (EntityTags("object", RECORD, ("b", "a", "1", "null")),)


TAGGED = '{"type":"object","confluent:tags":["R"],"properties":{"a":{"type":"object"},"b":true}}'


def test_tags_are_added_in_order_and_in_place() -> None:
    schema = parse(TAGGED).retagged(
        add=[EntityTags("object", RECORD, ("S", "R")), EntityTags("object.a", FIELD, ("F",))]
    )
    assert schema.text == (
        '{"type":"object","confluent:tags":["R","S"],"properties":'
        '{"a":{"type":"object","confluent:tags":["F"]},"b":true}}'
    )


def test_the_object_of_a_property_is_the_property() -> None:
    schema = parse(TAGGED).retagged(add=[EntityTags("object.a.object", RECORD, ("F",))])
    assert schema.tags()[1] == EntityTags("object.a", FIELD, ("F",))


def test_what_is_both_added_and_removed_is_gone() -> None:
    change = [EntityTags("object.a", FIELD, ("F",))]
    assert parse(TAGGED).retagged(add=change, remove=change).text == TAGGED


def test_the_last_tag_takes_the_keyword_with_it() -> None:
    schema = parse(TAGGED).retagged(remove=[EntityTags("object", RECORD, ("R", "X"))])
    assert schema.text == TAGGED.replace('"confluent:tags":["R"],', "")


def test_numbers_and_order_survive() -> None:
    text = '{"type":"object","maxProperties":1E+2,"properties":{"b":{"minimum":1.0},"a":{}}}'
    schema = parse(text).retagged(add=[EntityTags("object.a", FIELD, ("F",))])
    assert schema.text == text.replace('"a":{}', '"a":{"confluent:tags":["F"]}')


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("object.c", FIELD),
        ("object.a", RECORD),
        ("object", FIELD),
        ("object.a.object.x", FIELD),
        ("", RECORD),
        ("nothing", "sr_thing"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str, kind: str) -> None:
    with pytest.raises(InvalidSchema, match=f"No matching path '{path}' found in the schema"):
        parse(TAGGED).retagged(add=[EntityTags(path, kind, ("F",))])


def test_a_boolean_cannot_be_tagged() -> None:
    with pytest.raises(InvalidSchema, match="true or false"):
        parse(TAGGED).retagged(add=[EntityTags("object.b", FIELD, ("F",))])


def test_names_far_longer_than_the_text_are_too_complex() -> None:
    inner: object = {"anyOf": [{"properties": {"x": {}}}] * 100}
    for _ in range(3):
        inner = {"properties": {"k" * 200_000: inner}}
    with pytest.raises(TooComplex):
        parse(json.dumps(inner), new=False).tags()


KEYS = st.sampled_from(["confluent:tags", "definitions", "default", "a", "b"]) | st.sampled_from(
    ["type", "properties", "items", "anyOf", "allOf", "not", "if", "then", "$ref", "enum", "title"]
)
LEAVES = st.sampled_from(["object", "array", ["null", "object"], "T", ["T"], True, None, 1.5])
SHAPES = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(KEYS, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=30,
)


@given(st.dictionaries(KEYS, SHAPES, max_size=5))
def test_any_object_has_places_or_none(schema: dict[str, object]) -> None:
    parsed = parse(json.dumps(schema), new=False)
    tags = parsed.tags()
    assert parsed.retagged(remove=tags).tags() == ()
