"""What is a schema and what is refused, by vectors and at the limits."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compat.avro import parse
from compat.errors import InvalidSchema, TooComplex
from compat.schema import Resolved

# A machine that is busy with other things is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

REFUSED = json.loads((Path(__file__).parent / "vectors/refused.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector["name"])
def test_a_refusal_says_what_and_where(vector: dict[str, Any]) -> None:
    """The message is Avro Java's; the place is a line and column, or a path."""
    with pytest.raises(InvalidSchema) as refusal:
        parse(vector["text"])
    error = refusal.value
    assert error.message == vector["message"]
    place = {"line": error.line, "column": error.column, "path": error.path}
    assert place.items() >= {key: vector[key] for key in place if key in vector}.items()


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector["name"])
def test_a_stored_schema_may_have_other_defaults_and_namespaces(vector: dict[str, Any]) -> None:
    """Everything else is refused for a stored schema too."""
    if vector.get("stored"):
        assert parse(vector["text"], new=False).text
    else:
        with pytest.raises(InvalidSchema):
            parse(vector["text"], new=False)


def nested(depth: int, opening: str, closing: str, core: str = '"int"') -> str:
    return opening * depth + core + closing * depth


@pytest.mark.parametrize(
    "text",
    [
        nested(10_000, "[", "]"),
        nested(10_000, '{"type":"array","items":', "}"),
        nested(10_000, '{"type":"string","p":', "}"),
        "[" * 10_000,
        '{"type":"string","p":' + nested(10_000, "[", "]", "1") + "}",
    ],
)
def test_a_text_of_ten_thousand_levels_is_too_complex(text: str) -> None:
    """No depth reaches the interpreter's limit."""
    with pytest.raises(TooComplex, match="nested deeper than 200 levels"):
        parse(text)


def test_two_hundred_levels_are_a_schema() -> None:
    """The limit itself is within reach of every walk over the types."""
    schema = parse(nested(200, '{"type":"array","items":', "}"))
    assert schema.normalized().matches(parse(schema.rendered("resolved")))


def chain(length: int, **field: object) -> str:
    """Return records that each hold the next, which comes later in the text."""
    records = [
        {
            "type": "record",
            "name": f"R{index}",
            "fields": [{"name": "next", "type": f"R{index + 1}", **field}],
        }
        for index in range(length)
    ]
    last = {"type": "record", "name": f"R{length}", "fields": []}
    return json.dumps([*records, last])


def test_names_do_not_lead_around_the_limit_of_depth() -> None:
    """The canonical text spells each type out where it is used first."""
    with pytest.raises(TooComplex, match="once its names are filled in"):
        parse(chain(1000))


def test_defaults_do_not_lead_around_the_limit_of_depth() -> None:
    with pytest.raises(TooComplex, match="defaults lead through more than 200 types"):
        parse(chain(1000, default={}))


def test_a_default_that_moves_inwards_with_its_type_counts_there() -> None:
    """The text that is stored has to be read again one day."""
    deep = json.loads(nested(150, "[", "]", ""))
    last = {"type": "string", "p": deep}
    text = json.dumps(
        [
            *json.loads(chain(40))[:-1],
            {"type": "record", "name": "R40", "fields": [{"name": "f", "type": last}]},
        ]
    )
    with pytest.raises(TooComplex):
        parse(text)


def test_a_message_names_a_type_that_is_too_deep_to_show() -> None:
    """Spelt out from its last record inwards, the chain has a thousand levels."""
    records = list(reversed(json.loads(chain(1000))))
    records.append({"type": "record", "name": "R", "fields": [{"name": "f", "type": "R0"}]})
    records[-1]["fields"][0]["default"] = 1
    with pytest.raises(InvalidSchema, match='Invalid default for field f: 1 not a "R0"'):
        parse(json.dumps(records))


def doubling_defaults(depth: int) -> str:
    inner: Any = "int"
    for level in range(depth):
        default: Any = {} if level else 0
        fields = [{"name": name, "type": inner, "default": default} for name in "ab"]
        if level:
            fields[1]["type"] = inner["name"]
        inner = {"type": "record", "name": f"R{level}", "fields": fields}
    return json.dumps(inner)


def test_each_default_is_judged_once() -> None:
    """Thirty levels of two defaults each are a thousand million paths."""
    assert parse(doubling_defaults(30)).record_name == "R29"


def test_ten_thousand_fields_are_a_schema() -> None:
    fields = [{"name": f"f{index}", "type": ["null", "string"]} for index in range(10_000)]
    schema = parse(json.dumps({"type": "record", "name": "R", "fields": fields}))
    assert len(schema.top_level_fields()) == 10_000
    assert parse(schema.text).matches(schema)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (" " * (2 * 1024 * 1024 + 1), "longer than 2097152 characters"),
        ('{"type":"string","p":' + "1" * 1001 + "}", "more than 1000 digits"),
        ('{"type":"string","p":0.' + "1" * 1001 + "}", "more than 1000 digits"),
        ('["int"' + ',["int"]' * 200_000 + "]", "more than 200000 parts"),
    ],
)
def test_sizes_have_limits(text: str, match: str) -> None:
    with pytest.raises(TooComplex, match=match):
        parse(text)


def test_comments_without_end_take_no_longer_than_their_text() -> None:
    """Looking for each end anew would take hours here."""
    with pytest.raises(InvalidSchema, match="not JSON"):
        parse("{" + "/*" * 500_000)


REFERENCES = (
    Resolved("a.Id", "id", 1, '{"type":"fixed","name":"Id","namespace":"a","size":16}'),
    Resolved(
        "a.Person",
        "person",
        2,
        '{"type":"record","name":"Person","namespace":"a","fields":[{"name":"id","type":"Id"}]}',
    ),
)


def test_references_are_known_by_name_and_stay_names() -> None:
    fields = '[{"name":"l","type":"Person"},{"name":"r","type":"a.Id"}]'
    text = f'{{"type":"record","name":"a.Pair","fields":{fields}}}'
    schema = parse(text, REFERENCES)
    assert schema.text == (
        '{"type":"record","name":"Pair","namespace":"a",'
        '"fields":[{"name":"l","type":"Person"},{"name":"r","type":"Id"}]}'
    )
    assert schema.rendered("resolved") == (
        '{"type":"record","name":"Pair","namespace":"a","fields":[{"name":"l",'
        '"type":{"type":"record","name":"Person","fields":[{"name":"id",'
        '"type":{"type":"fixed","name":"Id","size":16}}]}},{"name":"r","type":"Id"}]}'
    )
    assert schema.rendered("RESOLVED") != schema.text
    assert schema.rendered("default") == schema.rendered("anything") == schema.text
    assert schema.normalized().text == schema.text
    assert schema.references == REFERENCES


def test_a_schema_may_be_nothing_but_a_reference() -> None:
    schema = parse('"a.Person"', REFERENCES)
    assert schema.text == '"a.Person"'
    assert schema.record_name == "a.Person"
    assert schema.top_level_fields() == {"id"}
    assert schema.matches(parse(schema.rendered("resolved")))


def test_the_same_reference_twice_is_no_redefinition() -> None:
    """Two ways to one schema are found by whoever walks the references."""
    assert parse('"a.Person"', (*REFERENCES, *REFERENCES)).text == '"a.Person"'


def test_a_type_may_be_spelt_out_although_it_is_referenced() -> None:
    text = '{"type":"map","values":{"type":"fixed","name":"a.Id","size":16}}'
    assert parse(text, REFERENCES).text == '{"type":"map","values":"a.Id"}'


def test_a_reference_that_contradicts_the_schema_is_refused() -> None:
    with pytest.raises(InvalidSchema, match=r"Can't redefine: a\.Id"):
        parse('{"type":"fixed","name":"a.Id","size":8}', REFERENCES)


def test_without_its_references_a_schema_is_refused() -> None:
    with pytest.raises(InvalidSchema, match=r"Undefined schema: a\.Person"):
        parse('"a.Person"', REFERENCES[:1])


def test_only_records_have_a_record_name() -> None:
    schema = parse('{"type":"enum","name":"a.E","symbols":["A"]}')
    assert schema.record_name is None
    assert schema.top_level_fields() == frozenset()


WORDS = st.sampled_from(
    [
        *("null", "int", "double", "string", "record", "enum", "fixed", "array", "map", "error"),
        *("R", "S", "a.R", "-x", "type", "name", "fields", "items", "values", "symbols", "size"),
        *("default", "aliases", "namespace", "order", "doc", "logicalType", "precision"),
    ]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)


@unhurried
@given(value=JSON_VALUES, new=st.booleans())
def test_any_json_is_a_schema_or_refused(value: object, new: bool) -> None:
    """And if it is a schema, its text is the same schema and its own canonical text."""
    text = json.dumps(value)
    try:
        schema = parse(text, new=new)
    except InvalidSchema:
        return
    again = parse(schema.text, new=new)
    assert again.text == schema.text
    assert again.matches(schema)
    assert schema.normalized().normalized().text == schema.normalized().text


@unhurried
@given(text=st.text() | st.text(alphabet='{}[]",:/* \n\\u0d8"string"'))
def test_any_text_is_a_schema_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidSchema):
        assert parse(text).text
