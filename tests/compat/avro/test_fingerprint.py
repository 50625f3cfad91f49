"""Parsing canonical form and its fingerprints."""

from __future__ import annotations

import json

import fastavro.schema
import pytest

from compat.avro import parse
from compat.avro.fingerprint import (
    md5,
    parsing_canonical_form,
    rabin,
    sha256,
    single_object_header,
)
from compat.errors import TooComplex

FORMS = [
    ('"int"', '"int"'),
    ('{"type":"long","logicalType":"timestamp-millis"}', '"long"'),
    ('["null",{"type":"map","values":"bytes","p":1}]', '["null",{"type":"map","values":"bytes"}]'),
    (
        '{"type":"error","name":"a.R","doc":"d","aliases":["S"],"fields":[]}',
        '{"name":"a.R","type":"record","fields":[]}',
    ),
    (
        '{"type":"record","name":"R","fields":[{"name":"f","type":["R"],"order":"ignore","doc":"d"}]}',
        '{"name":"R","type":"record","fields":[{"name":"f","type":["R"]}]}',
    ),
    (
        '{"type":"enum","name":"E","namespace":"n","symbols":["B","A"],"default":"A"}',
        '{"name":"n.E","type":"enum","symbols":["B","A"]}',
    ),
    (
        '{"type":"array","items":{"type":"fixed","name":"F","size":16}}',
        '{"type":"array","items":{"name":"F","type":"fixed","size":16}}',
    ),
]


@pytest.mark.parametrize(("text", "form"), FORMS)
def test_the_form_keeps_what_the_bytes_depend_on(text: str, form: str) -> None:
    assert parsing_canonical_form(parse(text).root) == form
    assert parsing_canonical_form(parse(form).root) == form


@pytest.mark.parametrize(("text", "form"), FORMS)
def test_fingerprints_are_those_of_fastavro(text: str, form: str) -> None:
    """Another implementation agrees on the form and on all three digests."""
    record_instead_of_error = json.loads(text.replace('"error"', '"record"'))
    assert fastavro.schema.to_parsing_canonical_form(record_instead_of_error) == form
    assert rabin(form).to_bytes(8, "little", signed=True).hex() == fastavro.schema.fingerprint(
        form, "CRC-64-AVRO"
    )
    assert md5(form).hex() == fastavro.schema.fingerprint(form, "md5")
    assert sha256(form).hex() == fastavro.schema.fingerprint(form, "sha256")


def test_a_single_object_starts_with_a_marker_and_the_fingerprint() -> None:
    header = single_object_header('"int"')
    assert header[:2] == b"\xc3\x01"
    assert int.from_bytes(header[2:], "little", signed=True) == rabin('"int"')


def test_a_type_by_itself_can_be_too_deep() -> None:
    """As a whole the schema is shallow, for each record finds the next one already spelt out."""
    records = [
        {"type": "record", "name": f"R{n}", "fields": [{"name": "f", "type": f"R{n - 1}"}]}
        for n in range(1, 1000)
    ]
    schema = parse(json.dumps([{"type": "record", "name": "R0", "fields": []}, *records]))
    assert parsing_canonical_form(schema.root)
    with pytest.raises(TooComplex):
        parsing_canonical_form(schema.root.branches[-1])
