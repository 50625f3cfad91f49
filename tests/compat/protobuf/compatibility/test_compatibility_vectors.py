"""Pairs of schemas and what is found in them, for every kind there is."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from compat.finding import Finding, Witness
from compat.level import Policy
from compat.protobuf import (
    ABOUT_NEXT_VERSION,
    BREAKING,
    Kind,
    ProtobufSchema,
    advice,
    differences,
    message,
    parse,
    shown,
    witness,
)
from compat.protobuf.advice import ADVICE
from compat.protobuf.messages import DESCRIPTIONS
from compat.protobuf.witness import ALWAYS_WRITTEN, ANY_BYTES, ONE_AS_MANY, OTHERS, REASONS
from compat.schema import Resolved

VECTORS = json.loads((Path(__file__).parent / "vectors" / "differences.json").read_text("utf-8"))
EVERYTHING = frozenset().union(*BREAKING.values())
CONFLUENTS = frozenset(list(Kind)[: list(Kind).index(Kind.RESERVED_NUMBER_REMOVED)])


def schema(vector: dict[str, Any], side: str) -> ProtobufSchema:
    imports = vector.get(f"{side}_imports", {})
    version = 1 if side == "writer" else 2
    references = [Resolved(path, path, version, text) for path, text in imports.items()]
    return parse(vector[side], references, new=False)


def found(vector: dict[str, Any]) -> tuple[Finding, ...]:
    return differences(reader=schema(vector, "reader"), writer=schema(vector, "writer"))


def each_vector() -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in VECTORS]


@pytest.mark.parametrize("vector", each_vector())
def test_the_findings_are_as_stated(vector: dict[str, Any]) -> None:
    told = [
        [str(finding.kind), finding.path, *([finding.detail] if finding.detail else [])]
        for finding in found(vector)
    ]
    assert told == vector["findings"]


def test_every_kind_has_a_vector() -> None:
    assert {kind for vector in VECTORS for kind, *_ in vector["findings"]} == set(Kind)


def test_every_policy_is_known_and_refuses_what_the_one_before_it_refuses() -> None:
    assert BREAKING.keys() == set(Policy)
    assert BREAKING[Policy.STRICT] == BREAKING[Policy.LENIENT] <= CONFLUENTS
    stricter = [BREAKING[policy] for policy in Policy][1:]
    for one, next_one in itertools.pairwise(stricter):
        assert one < next_one


def test_what_breaks_is_in_confluents_words_or_ours() -> None:
    assert DESCRIPTIONS.keys() == BREAKING[Policy.STRICT]
    assert DESCRIPTIONS.keys() & REASONS.keys() == {
        Kind.PACKAGE_CHANGED,
        Kind.REQUIRED_FIELD_REMOVED,
    }
    assert ADVICE.keys() == EVERYTHING


@pytest.mark.parametrize("vector", each_vector())
def test_every_finding_can_be_told_and_shown(vector: dict[str, Any]) -> None:
    for finding in found(vector):
        told = advice(finding)
        for text in (*told, message(finding, reader="new", writer="old")):
            assert text
            assert "{place}" not in text
        if finding.kind in EVERYTHING:
            assert told == advice(finding)
            assert told.sentence.endswith(".")
            assert told.fix.endswith(".")
        assert finding.reader or finding.writer
        for spot in filter(None, (finding.reader, finding.writer)):
            assert 0 < len(shown(spot.fragment)) <= 500 or spot.path == ""


def witnesses() -> dict[Kind, list[Witness | str]]:
    """Return what the vectors have to show for each kind that breaks."""
    shown_for: dict[Kind, list[Witness | str]] = {Kind(kind): [] for kind in EVERYTHING}
    for vector in VECTORS:
        reader, writer = schema(vector, "reader"), schema(vector, "writer")
        for finding in differences(reader=reader, writer=writer):
            if finding.kind in EVERYTHING:
                told = witness(finding, reader=reader, writer=writer)
                shown_for[Kind(finding.kind)].append(told)
    return shown_for


def test_every_kind_that_breaks_has_a_witness_or_a_reason() -> None:
    for kind, told in witnesses().items():
        if kind in REASONS:
            assert set(told) == {REASONS[kind]}, kind
        else:
            assert any(isinstance(each, Witness) for each in told), kind


def test_a_witness_is_always_the_same() -> None:
    assert witnesses() == witnesses()


def test_a_witness_says_what_is_written_and_what_is_read() -> None:
    writer = parse('syntax = "proto3"; message M { int64 n = 1; }')
    reader = parse('syntax = "proto3"; message M { int32 n = 1; }')
    findings = differences(reader=reader, writer=writer)
    (lossy,) = (finding for finding in findings if finding.kind is Kind.FIELD_TYPE_LOSSY)
    assert witness(lossy, reader=reader, writer=writer) == Witness(
        message='{"n": "9223372036854775807"}',
        failure="reads `n` as -1 where 9223372036854775807 was written",
        encoded=b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    )


def test_a_message_is_confluents_sentence() -> None:
    (finding,) = differences(
        reader=parse('syntax = "proto3"; message M { string a = 1; }'),
        writer=parse('syntax = "proto3"; message M { int32 a = 1; }'),
    )
    assert message(finding, reader="new", writer="old") == (
        '{errorType:"FIELD_SCALAR_KIND_CHANGED", description:"The kind of a SCALAR field at path '
        "'#/M/1' in the new schema does not match its kind in the old schema\"}"
    )
    assert message(finding, reader="old", writer="new").endswith(
        'in the old schema does not match its kind in the new schema"}'
    )


def found_between(
    writer: str, reader: str, kind: Kind
) -> tuple[Finding, ProtobufSchema, ProtobufSchema]:
    """Return the finding of a kind between two messages of proto2, with the writer and the reader.

    Other types are there for the fields to be of.
    """
    types = "message N {} enum E { A = 0; B = 1; }"
    old, new = (
        parse(f'syntax = "proto2"; message M {{ {fields} }} {types}') for fields in (writer, reader)
    )
    found = differences(reader=new, writer=old)
    return next(each for each in found if each.kind is kind), old, new


def test_advice_names_the_field_and_the_smallest_change() -> None:
    finding, *_ = found_between("", "required int32 age = 1;", Kind.REQUIRED_FIELD_ADDED)
    assert advice(finding) == (
        (
            "`M.age` is required in the reader schema and does not exist in the writer schema, so "
            "the reader refuses every message."
        ),
        "Make `M.age` optional in the reader schema, or keep it in the writer schema.",
    )


@pytest.mark.parametrize("kind", [Kind.FIELD_REPETITION_CHANGED, Kind.FIELD_NUMERIC_LABEL_CHANGED])
@pytest.mark.parametrize(
    ("writer", "reader", "sentence"),
    [
        (
            "optional int32 a = 1;",
            "repeated int32 a = 1;",
            (
                "`M.a` is repeated in the reader schema and not in the writer schema: what was "
                "written is read as a list of one or none, but a list that is written with the "
                "reader schema is not read whole with the writer schema."
            ),
        ),
        (
            "repeated int32 a = 1;",
            "optional int32 a = 1;",
            (
                "`M.a` is repeated in the writer schema and not in the reader schema, so a "
                "reader gets only the last of several values, or none where they are written "
                "packed."
            ),
        ),
        (
            "repeated E a = 1;",
            "optional E a = 1;",
            (
                "`M.a` is repeated in the writer schema and not in the reader schema, so a "
                "reader gets the last of several constants or none, and several messages merged "
                "into one."
            ),
        ),
    ],
)
def test_advice_tells_one_read_as_many_from_many_read_as_one(
    kind: Kind, writer: str, reader: str, sentence: str
) -> None:
    assert advice(found_between(writer, reader, kind)[0]).sentence == sentence


@pytest.mark.parametrize(
    ("writer", "reader", "kind", "sentence"),
    [
        (
            "optional int32 a = 1;",
            "required int32 a = 1;",
            Kind.FIELD_NUMERIC_LABEL_CHANGED,
            (
                "`M.a` is required in the reader schema and not in the writer schema, so the "
                "reader refuses messages written without it."
            ),
        ),
        (
            "required int32 a = 1;",
            "optional int32 a = 1;",
            Kind.FIELD_NUMERIC_LABEL_CHANGED,
            (
                "`M.a` is required in the writer schema and not in the reader schema: the "
                "reader takes every message, but those who read with the writer schema refuse "
                "whatever is written without it."
            ),
        ),
        (
            "repeated string a = 1;",
            "optional string a = 1;",
            Kind.FIELD_REPETITION_CHANGED,
            (
                "`M.a` is repeated in the writer schema and not in the reader schema, so a "
                "reader gets only the last of several values."
            ),
        ),
        (
            'optional string a = 1 [default = "x"];',
            "optional string a = 1;",
            Kind.FIELD_DEFAULT_CHANGED,
            (
                "The default of `M.a` goes from x to no text between the writer schema and the "
                "reader schema, so a message without the field means something else to the "
                "reader than to its writer."
            ),
        ),
    ],
)
def test_advice_says_what_happens(writer: str, reader: str, kind: Kind, sentence: str) -> None:
    assert advice(found_between(writer, reader, kind)[0]).sentence == sentence


def test_advice_speaks_of_the_next_version_only_where_the_reader_is_it() -> None:
    for kind, (sentence, fix) in ADVICE.items():
        if kind not in ABOUT_NEXT_VERSION:
            words = set(f"{sentence} {fix}".replace(",", " ").split())
            assert not words & {"now", "before", "earlier", "old", "gone"}, kind
            assert "schema" in sentence, kind


@pytest.mark.parametrize(
    ("writer", "reader", "kind", "reason"),
    [
        (
            "optional int32 a = 1;",
            "repeated int32 a = 1;",
            Kind.FIELD_NUMERIC_LABEL_CHANGED,
            ONE_AS_MANY,
        ),
        (
            "optional N a = 1;",
            "repeated N a = 1;",
            Kind.FIELD_REPETITION_CHANGED,
            ONE_AS_MANY,
        ),
        (
            "required int32 a = 1;",
            "optional int32 a = 1;",
            Kind.FIELD_NUMERIC_LABEL_CHANGED,
            OTHERS,
        ),
        (
            "required int32 a = 1;",
            "required int32 a = 1 [default = 7];",
            Kind.FIELD_DEFAULT_CHANGED,
            ALWAYS_WRITTEN,
        ),
        (
            "optional bytes a = 1;",
            "optional string a = 1;",
            Kind.FIELD_TYPE_LOSSY,
            ANY_BYTES,
        ),
    ],
)
def test_where_nothing_is_misread_the_reason_says_so(
    writer: str, reader: str, kind: Kind, reason: str
) -> None:
    finding, old, new = found_between(writer, reader, kind)
    assert witness(finding, reader=new, writer=old) == reason


def test_a_constant_is_tried_in_a_map_and_however_many_there_are() -> None:
    values = " ".join(f"V{number} = {number};" for number in range(20))
    old, new = (
        parse(f'syntax = "proto2"; message M {{ map<int32, E> a = 1; }} enum E {{ {body} }}')
        for body in (values, values.replace("V7 = 7;", ""))
    )
    found = differences(reader=new, writer=old)
    finding = next(each for each in found if each.kind is Kind.ENUM_NUMBER_UNREADABLE)
    told = witness(finding, reader=new, writer=old)
    assert isinstance(told, Witness)
    assert told.message == '{"a": {"1": "V7"}}'


def test_a_text_that_is_no_utf8_is_tried_in_a_map() -> None:
    old, new = (
        parse(f'syntax = "{head}"; message M {{ map<int32, string> a = 1; }}')
        for head in ("proto2", "proto3")
    )
    found = differences(reader=new, writer=old)
    finding = next(each for each in found if each.kind is Kind.FIELD_UTF8_VALIDATION_ADDED)
    told = witness(finding, reader=new, writer=old)
    assert isinstance(told, Witness)
    assert told.message == r'{"a": {"1": "\\xff\\xfe\\xfd"}}'
    assert told.failure.startswith("refuses it")


def test_a_long_fragment_is_cut() -> None:
    fields = " ".join(f"int32 field_{number} = {number};" for number in range(1, 100))
    (finding,) = differences(
        reader=parse(f'syntax = "proto3"; message M {{ {fields} }}'),
        writer=parse('syntax = "proto3";'),
    )
    assert finding.reader is not None
    text = shown(finding.reader.fragment)
    assert len(text) == 500
    assert text.startswith("message M {")
    assert text.endswith("…")


def test_the_spots_are_full_names() -> None:
    (finding,) = differences(
        reader=parse('syntax = "proto3"; package a.b; message M { message N { string a = 1; } }'),
        writer=parse('syntax = "proto3"; package a.b; message M { message N { int32 a = 1; } }'),
    )
    assert finding.reader is not None
    assert finding.writer is not None
    assert finding.reader.path == finding.writer.path == "a.b.M.N.a"
    assert shown(finding.reader.fragment) == "string a = 1;"
    assert shown(finding.writer.fragment) == "int32 a = 1;"
