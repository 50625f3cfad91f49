"""The differ, by vectors: each names two types and every finding between them, in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compat.avro import BREAKING, Kind, differences, incompatibilities, message, parse
from compat.errors import TooComplex
from compat.finding import Finding
from compat.level import Policy

VECTORS = json.loads((Path(__file__).parent / "vectors/differences.json").read_text("utf-8"))

LOGICAL_KINDS = {
    Kind.LOGICAL_TYPE_ADDED,
    Kind.LOGICAL_TYPE_REMOVED,
    Kind.LOGICAL_TYPE_CHANGED,
    Kind.DECIMAL_SCALE_CHANGED,
    Kind.DECIMAL_PRECISION_DECREASED,
    Kind.DECIMAL_PRECISION_INCREASED,
}
UNREADABLE_KINDS = {
    Kind.NAME_MISMATCH,
    Kind.FIXED_SIZE_MISMATCH,
    Kind.MISSING_ENUM_SYMBOLS,
    Kind.READER_FIELD_MISSING_DEFAULT_VALUE,
    Kind.TYPE_MISMATCH,
    Kind.MISSING_UNION_BRANCH,
    Kind.AMBIGUOUS_FIELD,
}
BREAKABLE = frozenset().union(*BREAKING.values())


def between(reader: object, writer: object) -> list[list[str]]:
    found = differences(reader=parse(json.dumps(reader)), writer=parse(json.dumps(writer)))
    return [[finding.kind.value, finding.path, finding.detail] for finding in found]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_vector_has_exactly_its_findings(vector: dict[str, Any]) -> None:
    """Kind, path and detail of every finding, and their order, are part of the contract."""
    assert between(vector["reader"], vector["writer"]) == vector["findings"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_verdict_waits_for_nothing_harmless(vector: dict[str, Any]) -> None:
    """What may stop or mislead a reader comes first, and can be had alone."""
    reader, writer = (parse(json.dumps(vector[each])) for each in ("reader", "writer"))
    alone = incompatibilities(reader=reader, writer=writer)
    found = differences(reader=reader, writer=writer)
    assert found[: len(alone)] == alone
    assert {finding.kind for finding in alone} <= UNREADABLE_KINDS | LOGICAL_KINDS
    assert not {finding.kind for finding in found[len(alone) :]} & (
        UNREADABLE_KINDS | LOGICAL_KINDS
    )


def test_every_kind_has_a_vector() -> None:
    """No kind is left that nothing would notice missing."""
    assert {finding[0] for vector in VECTORS for finding in vector["findings"]} == set(Kind)


@pytest.mark.parametrize("policy", BREAKING)
def test_what_a_reader_cannot_read_breaks_under_every_policy(policy: Policy) -> None:
    """The policies differ in logical types only."""
    assert BREAKING[policy] - LOGICAL_KINDS == UNREADABLE_KINDS


def test_only_the_logical_policy_minds_logical_types() -> None:
    """A decimal that gets more digits is no harm even there."""
    assert not BREAKING[Policy.STRICT] & LOGICAL_KINDS
    assert not BREAKING[Policy.LENIENT] & LOGICAL_KINDS
    harmless = LOGICAL_KINDS - BREAKING[Policy.LOGICAL]
    assert harmless == {Kind.DECIMAL_PRECISION_INCREASED}


@pytest.mark.parametrize("kind", sorted(BREAKABLE))
def test_every_kind_that_breaks_has_a_sentence(kind: Kind) -> None:
    """It tells what is wrong, and names both sides in their roles where it names them."""
    text = message(Finding(kind, "/path", "the detail"), reader="READ", writer="WRITTEN")
    assert "the detail" in text
    assert ("READ" in text) == ("WRITTEN" in text)


@pytest.mark.parametrize("kind", sorted(set(Kind) - BREAKABLE))
def test_a_harmless_kind_is_named_and_not_described(kind: Kind) -> None:
    """The contract has no sentence for what it never refuses."""
    text = message(Finding(kind, "/path", "the detail"), reader="READ", writer="WRITTEN")
    assert text == f"{{errorType:'{kind}', description:'', additionalInfo:'the detail'}}"


def doubling(depth: int, leaf: str) -> str:
    """Return records that each hold the next one twice."""
    inner: Any = leaf
    for level in range(depth):
        name = f"R{level}"
        fields = [{"name": "a", "type": inner}, {"name": "b", "type": inner}]
        fields[1]["type"] = inner["name"] if isinstance(inner, dict) else inner
        inner = {"type": "record", "name": name, "fields": fields}
    return json.dumps(inner)


def test_findings_that_double_with_every_level_are_cut_off() -> None:
    """Forty levels would repeat one finding a million million times."""
    found = differences(reader=parse(doubling(40, "int")), writer=parse(doubling(40, "string")))
    assert len(found) == 1000


def test_a_harmless_change_is_told_once_however_many_ways_lead_to_it() -> None:
    """No contract asks for it to be told again."""
    found = differences(reader=parse(doubling(40, "long")), writer=parse(doubling(40, "int")))
    assert [finding.kind for finding in found] == [Kind.TYPE_PROMOTED, Kind.TYPE_PROMOTED]


def test_harmless_changes_are_cut_off_beside_those_that_break() -> None:
    """Neither takes the place of the other."""
    fields = [{"name": f"f{n}", "type": "int"} for n in range(1500)]
    found = between(
        {"type": "record", "name": "R", "fields": [{**each, "type": "long"} for each in fields]},
        {"type": "record", "name": "S", "fields": fields},
    )
    assert [kind for kind, _, _ in found] == ["NAME_MISMATCH"] + ["TYPE_PROMOTED"] * 1000


def cycle(length: int) -> str:
    """Return records R0 to Rn, each holding the next, the last one the first again."""
    records = [
        {
            "type": "record",
            "name": f"n{index}.R",
            "fields": [{"name": "next", "type": ["null", f"n{(index + 1) % length}.R"]}],
        }
        for index in range(length)
    ]
    return json.dumps(records)


def test_cycles_of_different_length_meet_in_every_combination() -> None:
    """The walks go deeper here than the interpreter's stack would."""
    reader, writer = parse(cycle(29)), parse(cycle(31))
    assert incompatibilities(reader=reader, writer=writer) == ()
    harmless = {finding.kind for finding in differences(reader=reader, writer=writer)}
    assert harmless == {Kind.NAMESPACE_CHANGED}


def test_a_comparison_of_too_many_steps_is_refused_alike_each_time() -> None:
    """The budget is counted, not timed."""

    def namesakes(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"type": "record", "name": f"n{n}.R", "fields": fields} for n in range(500)]

    messages = set()
    for _ in range(2):
        with pytest.raises(TooComplex) as refusal:
            between(namesakes([{"name": "f", "type": "int"}]), namesakes([]))
        messages.add(refusal.value.message)
    assert messages == {"the comparison takes more than 1000000 steps"}


def test_large_unions_of_records_are_compared_by_name() -> None:
    """A thousand kinds of events are a thousand pairs, not a million."""

    def events(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"type": "record", "name": f"E{n}", "fields": fields} for n in range(1000)]

    added = {"name": "g", "type": "int"}
    found = between(events([added]), events([]))
    assert len(found) == 1000
    more = between(events([{**added, "default": 0}]), events([]))
    assert [kind for kind, _, _ in more] == ["READER_FIELD_ADDED_WITH_DEFAULT"] * 1000
