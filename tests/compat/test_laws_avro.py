"""Laws of the Avro checker, and the truth of its verdicts: fastavro reads what is compatible.

ACCORD_LONG_RUN is the number of pairs of schemas to try beyond those of every run.
"""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import fastavro
import pytest
from avro_evolution import Author, Choices, Data, drawn, pair, seeded, without_logical
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compat import avro
from compat.avro import BREAKING
from compat.avro.fingerprint import parsing_canonical_form
from compat.check import check
from compat.errors import InvalidSchema
from compat.finding import Witness
from compat.level import Level, Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from compat.finding import Finding, Spot

# A machine that is busy with other things is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

PAIRS = 3000
LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
MESSAGES = 3


class Rule(NamedTuple):
    """A rule by which a pair is compatible and a message is not read, with an example of it."""

    words: str
    is_meant: Callable[[Exception], bool]
    writer: Any
    reader: Any
    datum: Any


EMPTY: dict[str, Any] = {"type": "record", "name": "n.A", "fields": []}
FIXED = {"type": "fixed", "name": "n.C", "size": 1}

EXCEPTIONS = (
    Rule(
        "bytes are read as string: Avro Java takes any bytes for a text, fastavro only UTF-8",
        lambda error: isinstance(error, UnicodeDecodeError),
        "bytes",
        "string",
        b"\xff",
    ),
    Rule(
        "fastavro looks for the fields of a record in its name, if a reader's union only names it",
        lambda error: str(error).startswith("string indices must be integers"),
        EMPTY,
        [{"type": "array", "items": EMPTY}, "n.A"],
        {},
    ),
    Rule(
        "fastavro takes a definition for a name, if the writer names a type whose definition comes "
        "first in a union of the reader",
        lambda error: str(error).startswith("unhashable type: 'dict'"),
        {**EMPTY, "fields": [{"name": "a", "type": FIXED}, {"name": "b", "type": "n.C"}]},
        {
            **EMPTY,
            "fields": [{"name": "b", "type": [FIXED, "string"]}, {"name": "a", "type": "n.C"}],
        },
        {"a": b"1", "b": b"2"},
    ),
)


@st.composite
def schemas(draw: st.DrawFn) -> Any:
    return Author(drawn(draw)).schema()


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    return pair(drawn(draw))


def parsed(node: Any) -> avro.AvroSchema:
    """Parse what was drawn, unless an edit has taken a name away that is used elsewhere."""
    try:
        return avro.parse(json.dumps(node))
    except InvalidSchema:
        assume(False)  # noqa: FBT003 - the signature of hypothesis
        raise


def passes(level: Level, new: avro.AvroSchema, *previous: avro.AvroSchema) -> bool:
    return not check(level, new=new, previous=previous)


def plain(schema: avro.AvroSchema) -> Any:
    return fastavro.parse_schema(without_logical(json.loads(schema.text)))


def unread(*data: Any, reader: avro.AvroSchema, writer: avro.AvroSchema) -> list[Exception]:
    """Write messages of the writer, and return what the reader raises."""
    write_as, read_as = plain(writer), plain(reader)
    raised: list[Exception] = []
    for datum in data:
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, write_as, datum)
        stream.seek(0)
        try:
            fastavro.schemaless_reader(stream, write_as, read_as)
        except Exception as error:  # noqa: BLE001 - whatever it is, the message was not read
            raised.append(error)
    return raised


def messages(choices: Choices, node: Any) -> list[Any]:
    data = Data(choices, node)
    return [data.datum() for _ in range(MESSAGES)]


def is_excepted(error: Exception) -> bool:
    return any(rule.is_meant(error) for rule in EXCEPTIONS)


@pytest.mark.parametrize("rule", EXCEPTIONS, ids=lambda rule: rule.words)
def test_an_exception_is_one(rule: Rule) -> None:
    """A rule that no longer is one has to leave the table."""
    writer, reader = (avro.parse(json.dumps(each)) for each in (rule.writer, rule.reader))
    assert passes(Level.BACKWARD, reader, writer)
    (error,) = unread(rule.datum, reader=reader, writer=writer)
    assert rule.is_meant(error)


@settings(unhurried, max_examples=300)
@given(data=st.data())
def test_what_is_compatible_can_be_read(data: st.DataObject) -> None:
    """Fastavro writes with the old schema and reads with the new one."""
    choices = Choices(lambda number: data.draw(st.integers(0, number - 1)))
    node, next_node = pair(choices)
    writer, reader = parsed(node), parsed(next_node)
    assume(passes(Level.BACKWARD, reader, writer))
    raised = unread(*messages(choices, node), reader=reader, writer=writer)
    assert [error for error in raised if not is_excepted(error)] == []


def test_what_is_compatible_can_be_read_over_many_pairs() -> None:
    """Seeds are much quicker than hypothesis; about half of the pairs are compatible."""
    compatible = 0
    for seed in range(max(PAIRS, LONG_RUN)):
        choices = seeded(seed)
        node, next_node = pair(choices)
        try:
            writer, reader = (avro.parse(json.dumps(each)) for each in (node, next_node))
        except InvalidSchema:
            continue
        if passes(Level.BACKWARD, reader, writer):
            compatible += 1
            raised = unread(*messages(choices, node), reader=reader, writer=writer)
            assert [error for error in raised if not is_excepted(error)] == [], f"seed {seed}"
    assert compatible > PAIRS // 3


def test_every_finding_between_many_pairs_is_explained() -> None:
    """Its spots are in the texts; if it breaks, it has advice, and a witness that holds."""
    witnesses = 0
    for seed in range(max(PAIRS, LONG_RUN) // 5):
        try:
            writer, reader = (avro.parse(json.dumps(each)) for each in pair(seeded(seed)))
        except InvalidSchema:
            continue
        for finding in avro.differences(reader=reader, writer=writer):
            stands(finding.reader, reader)
            stands(finding.writer, writer)
            if finding.kind not in BREAKING[Policy.LOGICAL]:
                continue
            assert all(avro.advice(finding))
            found = avro.witness(finding, reader=reader, writer=writer)
            assert found, f"seed {seed}"
            if isinstance(found, Witness):
                witnesses += 1
                holds(found, finding, reader=reader, writer=writer)
    assert witnesses > PAIRS // 10


def test_what_changes_the_canonical_form_is_a_finding_whoever_reads() -> None:
    """Two schemas without a finding read and write the same bytes."""
    changed = 0
    for seed in range(max(PAIRS, LONG_RUN)):
        try:
            old, new = (avro.parse(json.dumps(each)) for each in pair(seeded(seed)))
        except InvalidSchema:
            continue
        if parsing_canonical_form(old.root) != parsing_canonical_form(new.root):
            changed += 1
            assert avro.differences(reader=new, writer=old), f"seed {seed}"
            assert avro.differences(reader=old, writer=new), f"seed {seed}"
    assert changed > PAIRS // 3


def stands(spot: Spot | None, schema: avro.AvroSchema) -> None:
    """Follow the pointer into the text, and find the type of the fragment there."""
    if spot is None:
        return
    node = json.loads(schema.text)
    for step in spot.path.split("/")[1:]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    shown = avro.shown(spot.fragment)
    assert len(shown) <= 500
    if len(shown) < 500:
        fragment = json.loads(shown)
        assert type(fragment) is type(node)
        assert not isinstance(node, dict) or fragment.keys() - {"namespace"} == node.keys() - {
            "namespace"
        }


def holds(
    witness: Witness, finding: Finding, *, reader: avro.AvroSchema, writer: avro.AvroSchema
) -> None:
    """The writer reads its own message, and a reader that cannot read at all cannot read this."""
    write_as, read_as = plain(writer), plain(reader)
    json.loads(witness.message)
    fastavro.schemaless_reader(io.BytesIO(witness.encoded), write_as, write_as)
    if finding.kind in BREAKING[Policy.STRICT]:
        with pytest.raises(Exception):  # noqa: B017, PT011 - fastavro has no one class for it
            fastavro.schemaless_reader(io.BytesIO(witness.encoded), write_as, read_as)


@unhurried
@given(node=schemas())
def test_a_schema_reads_itself(node: Any) -> None:
    """And so does its normal form, and the same text read again."""
    schema = parsed(node)
    for other in (parsed(node), schema.normalized(), avro.parse(schema.text)):
        assert avro.differences(reader=schema, writer=other) == ()
        assert avro.differences(reader=other, writer=schema) == ()


@unhurried
@given(versions=pairs())
def test_forward_is_backward_with_the_sides_swapped(versions: tuple[Any, Any]) -> None:
    old, new = map(parsed, versions)
    assert passes(Level.FORWARD, new, old) == passes(Level.BACKWARD, old, new)


@unhurried
@given(versions=pairs())
def test_full_is_backward_and_forward(versions: tuple[Any, Any]) -> None:
    old, new = map(parsed, versions)
    both = passes(Level.BACKWARD, new, old) and passes(Level.FORWARD, new, old)
    assert passes(Level.FULL, new, old) == both


@unhurried
@given(versions=pairs())
def test_a_stricter_policy_takes_no_more(versions: tuple[Any, Any]) -> None:
    """LENIENT is STRICT for Avro, and LOGICAL refuses more than either."""
    old, new = map(parsed, versions)
    strict, lenient, logical = (
        not check(Level.BACKWARD, new=new, previous=[old], policy=policy)
        for policy in (Policy.STRICT, Policy.LENIENT, Policy.LOGICAL)
    )
    assert lenient == strict
    assert strict or not logical


@unhurried
@given(
    new=schemas(),
    previous=st.lists(schemas(), max_size=3),
    level=st.sampled_from([Level.BACKWARD, Level.FORWARD, Level.FULL]),
)
def test_transitive_is_every_pair(new: Any, previous: list[Any], level: Level) -> None:
    schema, olds = parsed(new), list(map(parsed, previous))
    pairwise = [passes(level, schema, old) for old in olds]
    assert passes(Level(f"{level}_TRANSITIVE"), schema, *olds) == all(pairwise)
    assert passes(level, schema, *olds) == all(pairwise[:1])
    assert passes(Level.NONE, schema, *olds)
