"""Findings explained, by vectors: where, what, what to do, and a message that shows it.

A vector lists every finding between two schemas that some policy refuses. Its witness stands with
its bytes, so each sentence is checked against fastavro as well as against the file.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastavro
import pytest

from compat.avro import BREAKING, Kind, advice, differences, parse, shown, witness
from compat.finding import Witness
from compat.level import Policy
from compat.schema import Resolved

if TYPE_CHECKING:
    from compat.avro import AvroSchema
    from compat.finding import Finding, Spot

VECTORS = json.loads((Path(__file__).parent / "vectors/explained.json").read_text("utf-8"))
BREAKABLE = frozenset().union(*BREAKING.values())


def explained(finding: Finding, *, reader: AvroSchema, writer: AvroSchema) -> dict[str, Any]:
    """Return what a vector has of a finding."""
    told = advice(finding)
    found = witness(finding, reader=reader, writer=writer)
    return {
        "kind": finding.kind.value,
        "reader": side(finding.reader),
        "writer": side(finding.writer),
        "sentence": told.sentence,
        "fix": told.fix,
        **({"no_witness": found} if isinstance(found, str) else {"witness": as_json(found)}),
    }


def side(spot: Spot | None) -> list[str] | None:
    return None if spot is None else [spot.path, shown(spot.fragment)]


def as_json(found: Witness) -> dict[str, str]:
    return {
        "message": found.message,
        "encoded": found.encoded.hex(),
        "failure": found.failure,
    }


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_vector_is_explained_as_it_says(vector: dict[str, Any]) -> None:
    reader, writer = (parse(json.dumps(vector[each])) for each in ("reader", "writer"))
    found = refusable(reader, writer)
    assert [explained(each, reader=reader, writer=writer) for each in found] == vector["findings"]


def refusable(reader: AvroSchema, writer: AvroSchema) -> list[Finding]:
    found = differences(reader=reader, writer=writer)
    return [each for each in found if each.kind in BREAKABLE]


def test_every_kind_that_breaks_has_a_vector() -> None:
    assert {each["kind"] for vector in VECTORS for each in vector["findings"]} == BREAKABLE


def test_what_is_harmless_has_places_and_no_witness() -> None:
    """On a side where nothing stands there is no place."""
    reader, writer = (
        parse(json.dumps({"type": "record", "name": "R", "fields": [field]}))
        for field in ({"name": "a", "type": "int", "default": 0}, {"name": "b", "type": "int"})
    )
    added, gone = differences(reader=reader, writer=writer)
    assert side(added.reader) == ["/fields/0", '{"name":"a","type":"int","default":0}']
    assert added.writer is gone.reader is None
    assert side(gone.writer) == ["/fields/0", '{"name":"b","type":"int"}']
    for finding in (added, gone):
        reason = witness(finding, reader=reader, writer=writer)
        assert reason == "every message can be read"


@pytest.mark.parametrize("kind", sorted(BREAKABLE))
def test_every_kind_that_breaks_has_a_witness_or_a_reason(kind: Kind) -> None:
    """Only an ambiguous field can never have one: no message is at fault there."""
    found = [each for vector in VECTORS for each in vector["findings"] if each["kind"] == kind]
    has_witness = any("witness" in each for each in found)
    assert has_witness != (kind is Kind.AMBIGUOUS_FIELD)
    assert all(each["sentence"] and each["fix"] for each in found)


WITNESSED = [
    pytest.param(vector, finding, id=f"{vector['name']} {finding['kind']}")
    for vector in VECTORS
    for finding in vector["findings"]
    if "witness" in finding and finding["kind"] in BREAKING[Policy.STRICT]
]


@pytest.mark.parametrize(("vector", "finding"), WITNESSED)
def test_a_witness_cannot_be_read(vector: dict[str, Any], finding: dict[str, Any]) -> None:
    """Fastavro is given the texts of the vector, and what was made of neither."""
    data = bytes.fromhex(finding["witness"]["encoded"])
    writer = fastavro.parse_schema(vector["writer"])
    reader = fastavro.parse_schema(vector["reader"])
    fastavro.schemaless_reader(io.BytesIO(data), writer, None)
    with pytest.raises((fastavro.read.SchemaResolutionError, KeyError)):
        fastavro.schemaless_reader(io.BytesIO(data), writer, reader)


ADDRESS = '{"type":"record","name":"Address","fields":[{"name":"zip","type":"%s"}]}'
PERSON = (
    '{"type":"record","name":"Person","fields":[{"name":"name","type":"string"},'
    '{"name":"home","type":"Address"}]}'
)


def test_a_type_of_a_reference_stands_in_the_text_of_the_reference() -> None:
    """The pointer follows the name by which the reference is known."""
    reader, writer = (
        parse(PERSON, [Resolved("com.example.Address", "address", 1, ADDRESS % zip_type)])
        for zip_type in ("int", "string")
    )
    (finding,) = differences(reader=reader, writer=writer)
    assert side(finding.reader) == ["com.example.Address#/fields/0/type", '"int"']
    assert side(finding.writer) == ["com.example.Address#/fields/0/type", '"string"']
    found = witness(finding, reader=reader, writer=writer)
    assert isinstance(found, Witness)
    assert found.message == '{"name":"","home":{"zip":""}}'


def test_a_finding_can_be_explained_with_the_texts_read_again() -> None:
    """A witness needs the places of the finding, not the very objects it was found in."""
    texts = [json.dumps(VECTORS[0][each]) for each in ("reader", "writer")]
    reader, writer = map(parse, texts)
    (finding,) = differences(reader=reader, writer=writer)
    again, writer_again = map(parse, texts)
    first = witness(finding, reader=reader, writer=writer)
    assert isinstance(first, Witness)
    assert witness(finding, reader=again, writer=writer_again) == first


def test_a_long_fragment_is_cut() -> None:
    """What is not shown is not written out first: a record can have ten thousand fields."""
    fields = [{"name": f"f{n}", "type": "int"} for n in range(10_000)]
    reader = parse(json.dumps({"type": "record", "name": "R", "fields": fields}))
    (finding,) = differences(reader=reader, writer=parse('"int"'))
    assert finding.reader is not None
    text = shown(finding.reader.fragment)
    assert len(text) == 500
    assert text.startswith('{"type":"record","name":"R","fields":[{"name":"f0","type":"int"},')
    assert text.endswith("…")
