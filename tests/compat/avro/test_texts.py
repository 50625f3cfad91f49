"""Canonical text and normal form, by vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compat.avro import parse

VECTORS = json.loads((Path(__file__).parent / "vectors/texts.json").read_text("utf-8"))
NORMAL = [vector for vector in VECTORS if "normal" in vector]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_canonical_text(vector: dict[str, Any]) -> None:
    """It is what is stored, so it has to be its own canonical text."""
    schema = parse(vector["text"])
    assert schema.text == vector["canonical"]
    assert parse(schema.text).text == schema.text
    assert parse(schema.text).matches(schema) is ("1e400" not in vector["text"])


@pytest.mark.parametrize("vector", NORMAL, ids=lambda vector: vector["name"])
def test_the_normal_form(vector: dict[str, Any]) -> None:
    """It is reached in one step."""
    normal = parse(vector["text"]).normalized()
    assert normal.text == vector["normal"]
    assert normal.normalized().text == normal.text


def field(**attributes: object) -> str:
    base = {"name": "f", "type": "int"}
    return json.dumps({"type": "record", "name": "R", "fields": [{**base, **attributes}]})


def enum(**attributes: object) -> str:
    return json.dumps({"type": "enum", "name": "E", "symbols": ["A", "B"], **attributes})


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ('{"type":"string","a":1,"b":2}', '{"b":2,"type":"string","a":1}', True),
        ('{"type":"string","a":{"x":1,"y":[2]}}', '{"type":"string","a":{"y":[2],"x":1}}', True),
        ('{"type":"string","a":1}', '{"type":"string","a":1.0}', False),
        ('{"type":"string","a":[1]}', '{"type":"string","a":[1,2]}', False),
        ('{"type":"string","a":1}', '{"type":"string","b":1}', False),
        ('{"type":"string","a":true}', '{"type":"string","a":1}', False),
        ('"string"', '"bytes"', False),
        ('"string"', '["string"]', False),
        ('["null","int"]', '["int","null"]', False),
        ('["null"]', '["null","int"]', False),
        ('{"type":"array","items":"int"}', '{"type":"array","items":"int","default":[]}', False),
        ('{"type":"map","values":"int"}', '{"type":"map","values":"int"}', True),
        ('{"type":"map","values":"int"}', '{"type":"map","values":"long"}', False),
        (enum(), enum(doc="d"), False),
        (enum(), enum(default="A"), False),
        (enum(), enum(name="F"), False),
        (enum(aliases=["C", "D"]), enum(aliases=["D", "C"]), True),
        (enum(aliases=["C"]), enum(), False),
        (enum(symbols=["B", "A"]), enum(), False),
        (field(), field(doc="d"), False),
        (field(), field(aliases=["g"]), False),
        (field(aliases=["g", "h"]), field(aliases=["h", "g"]), True),
        (field(), field(order="ignore"), False),
        (field(order="ascending"), field(), True),
        (field(), field(default=1), False),
        (field(type="double", default="NaN"), field(type="double", default="NaN"), True),
        (field(type="double", default=1), field(type="double", default=1.0), False),
        (field(), field(p=1), False),
        (field(), field(name="g"), False),
        (field(), field(type="long"), False),
        (
            '{"type":"fixed","name":"F","size":1}',
            '{"type":"fixed","name":"F","namespace":"","size":1}',
            True,
        ),
        ('{"type":"fixed","name":"F","size":1}', '{"type":"fixed","name":"F","size":2}', False),
        ('{"type":"fixed","name":"F","size":1}', enum(name="F"), False),
    ],
)
def test_a_lookup_tells_schemas_apart_by_all_but_the_order_of_attributes(
    left: str, right: str, same: bool
) -> None:
    assert parse(left).matches(parse(right)) is same
    assert parse(right).matches(parse(left)) is same


def test_schemas_that_contain_themselves_match() -> None:
    text = '{"type":"record","name":"R","fields":[{"name":"f","type":["null","R"]}]}'
    other = '{"type":"record","name":"R","fields":[{"name":"f","type":["R","null"]}]}'
    assert parse(text).matches(parse(text))
    assert not parse(text).matches(parse(other))
