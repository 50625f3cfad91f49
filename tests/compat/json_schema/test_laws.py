"""What holds for every schema, and for every text."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compat.errors import InvalidSchema
from compat.formats import PARSERS
from compat.json_schema import parse
from compat.json_schema.drafts import METASCHEMAS, Draft
from compat.json_text import read, write
from compat.schema import Resolved, SchemaType

KEYWORDS = [
    *("$schema", "$id", "id", "$ref", "$anchor", "$dynamicRef", "$recursiveRef", "$defs"),
    *("definitions", "properties", "patternProperties", "additionalProperties", "items"),
    *("prefixItems", "allOf", "anyOf", "not", "if", "type", "enum", "required", "pattern"),
    *("title", "x-other", "a", "b/c", "d~e"),
]
TEXTS = [
    *("#", "#/definitions/a", "#/$defs/a", "#/properties/b~1c", "#a", "a", "a.json", "given.json"),
    *("http://example.org/a", "urn:a", "../a", "string", "object", "^a", "("),
    *METASCHEMAS.values(),
]
SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.sampled_from(TEXTS) | st.integers(-1, 2) | st.none(),
    lambda inner: (
        st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=5) | st.lists(inner, max_size=3)
    ),
    max_leaves=25,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYWORDS), SCHEMAS, min_size=1, max_size=6)

REFERENCES = st.sampled_from(TEXTS).map(lambda reference: {"$ref": reference})
IDS = st.sampled_from(["a", "a.json", "http://example.org/b", "x/y", "../z", "/w"])


def linked(draft: Draft) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas with few faults other than in what they refer to."""
    schemas: st.SearchStrategy[Any] = st.recursive(
        st.just({"type": "string"}) | REFERENCES,
        lambda inner: st.fixed_dictionaries(
            {},
            optional={
                draft.id_keyword: IDS,
                draft.definitions_keyword: st.dictionaries(st.just("a"), inner),
                "properties": st.dictionaries(st.sampled_from(["a", "b/c"]), inner),
                "items": inner,
                "allOf": st.lists(inner, min_size=1, max_size=2),
            },
        ),
        max_leaves=12,
    )
    return schemas.filter(has_no_id_twice).map(
        lambda schema: {"$schema": METASCHEMAS[draft], **schema}
    )


def has_no_id_twice(schema: object) -> bool:
    ids = re.findall(r'"\$?id": "(.*?)"', json.dumps(schema))
    return len(ids) == len(set(ids))


GIVEN = Resolved("given.json", "s", 1, '{"definitions":{"a":{"$ref":"#/definitions/a"}}}')


@given(OBJECTS | st.booleans())
def test_a_schema_is_taken_or_refused(schema: object) -> None:
    text = json.dumps(schema)
    stored = parse(text, [GIVEN], new=False)
    try:
        assert parse(text, [GIVEN]) == stored
    except InvalidSchema as refusal:
        place = refusal.path
    else:
        place = "#"
    assert place is not None


@given(OBJECTS | st.booleans())
def test_a_stored_schema_can_be_asked_everything(schema: object) -> None:
    parsed = parse(json.dumps(schema), [GIVEN], new=False)
    assert json.loads(parsed.text) == schema
    bundled = parsed.rendered("bundled")
    assert parse(bundled, new=False).text == bundled
    assert parsed.normalized().top_level_fields() == parsed.top_level_fields()
    assert parsed.record_name == parsed.normalized().record_name
    assert {tag.path for tag in parsed.tags()} == {tag.path for tag in parsed.normalized().tags()}


@given(OBJECTS | st.booleans())
def test_canonical_text_is_canonical(schema: object) -> None:
    parsed = parse(json.dumps(schema, indent=3), new=False)
    assert parse(parsed.text, new=False) == parsed


@given(OBJECTS | st.booleans(), st.randoms())
def test_normal_form_forgets_the_order_of_keys_only(schema: Any, random: Any) -> None:
    parsed = parse(json.dumps(schema), new=False)
    normal = parsed.normalized()
    assert normal.normalized() == normal
    assert json.loads(normal.text) == schema
    shuffled = schema
    if isinstance(schema, dict):
        keys = list(schema)
        random.shuffle(keys)
        shuffled = {key: schema[key] for key in keys}
    assert parse(json.dumps(shuffled), new=False).normalized().matches(normal)


@given(st.sampled_from(Draft).flatmap(linked))
def test_a_bundle_of_a_good_schema_is_a_good_schema_by_itself(schema: dict[str, Any]) -> None:
    try:
        parsed = parse(json.dumps(schema), [GIVEN])
    except InvalidSchema:
        return
    bundled = parsed.rendered("bundled")
    assert parse(bundled)
    assert jsonschema_rs.validator_for(json.loads(bundled), offline=True)


@given(text=st.text() | st.text(st.sampled_from('{}[]":,$refid#/ 10.e-tunlsaNy')))
@pytest.mark.parametrize("new", [True, False])
def test_any_text_is_a_schema_or_invalid(text: str, new: bool) -> None:
    try:
        parsed = parse(text, new=new)
    except InvalidSchema:
        return
    value = read(parsed.text)
    assert isinstance(value, dict | bool)
    assert write(value) == parsed.text


def test_the_table_of_formats_knows_this_one() -> None:
    schema = PARSERS[SchemaType.JSON]('{"title": "t"}', (), new=True)
    assert schema.type is SchemaType.JSON
    assert schema.text == '{"title":"t"}'


@pytest.mark.parametrize(
    ("text", "name", "fields"),
    [
        ('{"title":"Order","properties":{"id":{},"$$x":true}}', "Order", {"id", "$$x"}),
        ('{"title":5,"properties":[]}', None, set()),
        ('{"items":{"properties":{"a":{}}}}', None, set()),
        ("true", None, set()),
    ],
)
def test_names_come_from_the_root(text: str, name: str | None, fields: set[str]) -> None:
    schema = parse(text, new=False)
    assert schema.record_name == name
    assert schema.top_level_fields() == fields


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a":1, "b":2}', '{"a":1,"b":2}', True),
        ('{"a":1,"a":2}', '{"a":2}', True),
        ('{"a":"\\u0041"}', '{"a":"A"}', True),
        ('{"a":1,"b":2}', '{"b":2,"a":1}', False),
        ('{"minimum":1}', '{"minimum":1.0}', False),
        ('{"minimum":1.0}', '{"minimum":1.00}', False),
        ('{"minimum":100}', '{"minimum":1e2}', False),
        ('{"minimum":1E2}', '{"minimum":1e+2}', True),
        ("{}", "true", False),
    ],
)
def test_schemas_match_by_their_canonical_text(one: str, other: str, *, same: bool) -> None:
    assert parse(one).matches(parse(other)) is same


def test_a_schema_of_another_format_does_not_match() -> None:
    avro = PARSERS[SchemaType.AVRO]('"string"', (), new=True)
    assert not parse("true").matches(avro)


@pytest.mark.parametrize("text", ["", " ", "null", "[]", '"a"', "1", "{", '{"a"}', "{}{}", "nul"])
@pytest.mark.parametrize("new", [True, False])
def test_what_is_neither_object_nor_boolean_is_never_a_schema(text: str, *, new: bool) -> None:
    with pytest.raises(InvalidSchema):
        parse(text, new=new)
