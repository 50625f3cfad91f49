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
from compat.protobuf.witness import REASONS
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


def test_advice_names_the_field_and_the_smallest_change() -> None:
    (finding,) = differences(
        reader=parse('syntax = "proto2"; message M { required int32 age = 1; }'),
        writer=parse('syntax = "proto2"; message M {}'),
    )
    assert advice(finding) == (
        (
            "`M.age` is required and new, so the reader schema refuses every message written "
            "without it."
        ),
        "Make `M.age` optional.",
    )


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
