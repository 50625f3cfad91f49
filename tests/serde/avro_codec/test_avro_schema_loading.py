"""Loading a schema: its references, its name, and what is no schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from avro_codecs import outcome
from fastavro.schema import SchemaParseException, UnknownType, parse_schema

from accord_serde._avro import encoder, load

CENTS: dict[str, Any] = {
    "type": "record",
    "name": "Cents",
    "namespace": "n.money",
    "fields": [{"name": "amount", "type": "int"}],
}
PRICE: dict[str, Any] = {
    "type": "record",
    "name": "n.Price",
    "fields": [{"name": "cents", "type": "n.money.Cents"}],
}
LINE: dict[str, Any] = {
    "type": "record",
    "name": "n.Line",
    "fields": [
        {"name": "price", "type": "Price"},
        {"name": "tax", "type": ["null", "n.money.Cents"]},
    ],
}
ORDER: dict[str, Any] = {
    "type": "record",
    "name": "n.Order",
    "fields": [
        {"name": "lines", "type": {"type": "array", "items": "Line"}},
        {"name": "total", "type": "n.Price"},
    ],
}
NAMED = {"n.money.Cents": CENTS, "n.Price": PRICE, "n.Line": LINE}  # fmt: skip


def test_references_may_meet_again() -> None:
    schema = load(json.dumps(ORDER), NAMED)
    price = {"cents": {"amount": 5}}
    datum = {"lines": [{"price": price, "tax": {"amount": 1}}], "total": price}
    assert encoder(schema).encode(datum) == b"\x02\x0a\x02\x02\x00\x0a"
    assert schema.name == "n.Order"
    assert schema.raw == ORDER


def test_what_is_referred_to_is_not_changed() -> None:
    before = json.dumps(NAMED)
    load(json.dumps(ORDER), NAMED)
    assert json.dumps(NAMED) == before


@pytest.mark.parametrize(
    "raw", ["n.Price", ["null", "n.Price"], {"type": "map", "values": "n.Price"}]
)
def test_a_reference_may_be_anywhere(raw: Any) -> None:
    assert "Cents" in json.dumps(load(json.dumps(raw), NAMED).parsed)


def test_a_reference_keeps_its_own_namespace() -> None:
    bare = {
        "type": "record",
        "name": "Bare",
        "fields": [{"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A"]}}],
    }
    schema = load(
        json.dumps(
            [
                "null",
                "Bare",
                {"type": "record", "name": "n.R", "fields": [{"name": "x", "type": "n.Price"}]},
            ]
        ),
        NAMED | {"Bare": bare},
    )
    assert schema.parsed[1]["name"] == "Bare"
    assert schema.parsed[1]["fields"][0]["type"]["name"] == "E"


def test_two_may_refer_to_each_other() -> None:
    one = {"type": "record", "name": "n.A", "fields": [{"name": "b", "type": ["null", "n.B"]}]}
    other = {"type": "record", "name": "n.B", "fields": [{"name": "a", "type": ["null", "n.A"]}]}
    schema = load(json.dumps(one), {"n.A": one, "n.B": other})
    assert encoder(schema).encode({"b": {"a": {"b": None}}}) == b"\x02\x02\x00"


@pytest.mark.parametrize("text", ["string", '"string"', ' "string"\n', '{"type": "string"}'])
def test_a_primitive_may_be_a_bare_word(text: str) -> None:
    schema = load(text, {})
    assert schema.name == "string"
    assert encoder(schema).encode("a") == b"\x02a"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('["null", "int"]', None),
        ('{"type": "array", "items": "int"}', "array"),
        ('{"type": "fixed", "name": "F", "namespace": "n", "size": 1}', "n.F"),
    ],
)
def test_the_name_is_that_of_a_named_type(text: str, name: str | None) -> None:
    assert load(text, {}).name == name


INVALID = (
    {"type": "record", "name": "R", "fields": [{"name": "a"}]},
    {"type": "record", "fields": []},
    {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": "x"}]},
    {"type": "enum", "name": "E", "symbols": ["A", "A"]},
    {"type": "enum", "name": "E", "symbols": ["no symbol"]},
    {"type": "array"},
    {"type": "nothing"},
    "n.Unknown",
    ["null", "n.Unknown"],
    {"type": "record", "name": "n.R", "fields": [{"name": "a", "type": "Unknown"}]},
    {"type": "record", "name": "n.R", "fields": "none"},
    5,
    [5],
    {},
    {"type": None},
    {"type": "record", "name": 5, "fields": []},
)


@pytest.mark.parametrize("raw", INVALID, ids=json.dumps)
def test_what_is_no_schema_is_the_error_of_fastavro(raw: Any) -> None:
    expected, _ = outcome(parse_schema, json.loads(json.dumps(raw)))
    assert expected is not None
    assert outcome(load, json.dumps(raw), {})[0] is expected


def test_errors_have_their_classes() -> None:
    with pytest.raises(SchemaParseException):
        load(json.dumps(INVALID[0]), {})
    with pytest.raises(UnknownType):
        load('"n.Unknown"', NAMED)
    with pytest.raises(UnknownType):
        load(json.dumps(ORDER), {"n.Line": LINE})
    with pytest.raises(ValueError, match="Expecting"):
        load("{", {})
