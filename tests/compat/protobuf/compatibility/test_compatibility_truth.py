"""Laws of the Protobuf checker, and the truth of its verdicts: the runtime reads what passes.

ACCORD_LONG_RUN is the number of pairs of schemas to try beyond those of every run.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest
from avro_evolution import Choices, drawn, seeded
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from protobuf_evolution import ENUMS, pair
from protobuf_reading import (
    Misreading,
    Types,
    filled,
    from_bytes,
    from_json,
    takes,
    unvalidated,
    without,
)

from compat import protobuf
from compat.check import check
from compat.errors import InvalidSchema
from compat.finding import Witness
from compat.level import Level, Policy
from compat.protobuf import BREAKING, Kind, ProtobufSchema, differences
from compat.protobuf.witness import ALWAYS_WRITTEN, ANY_BYTES, ONE_AS_MANY, OTHERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from google.protobuf.message import Message
    from protobuf_reading import Place

    from compat.finding import Finding

    Reading = Callable[[Message, type[Message]], Iterator[Misreading]]

PAIRS = 1500
LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
MESSAGES = {"M": 3, "N": 2, "O": 1}  # of each type of a pair
# A machine that is busy with other things is no failure.
unhurried = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


class Rule(NamedTuple):
    """Why something passes though a reader may refuse it or read something else.

    The example is a message of `M`.
    """

    words: str
    writer: str
    reader: str
    message: bytes


P2 = 'syntax = "proto2"; '
P3 = 'syntax = "proto3"; '
EDITION = 'edition = "2023"; '
CLOSED = "option features.enum_type = CLOSED;"
DELIMITED = "[features.message_encoding = DELIMITED]"

CONFLUENTS_RULES = {
    Kind.FIELD_NUMBER_CHANGED: Rule(
        "a field that has moved is one that is gone and another that has come",
        f"{P3} message M {{ int32 a = 1; }}",
        f"{P3} message M {{ int32 a = 2; }}",
        b"\x08\x01",
    ),
    Kind.FIELD_TYPE_LOSSY: Rule(
        "numbers of one kind, and texts and bytes, are one to Confluent",
        f"{P3} message M {{ int64 a = 1; }}",
        f"{P3} message M {{ int32 a = 1; }}",
        b"\x08\x80\x80\x80\x80\x10",
    ),
    Kind.FIELD_REPETITION_CHANGED: Rule(
        "labels count where both are written, and never for texts and messages",
        f"{P3} message M {{ repeated int32 a = 1; }}",
        f"{P3} message M {{ int32 a = 1; }}",
        b"\x0a\x02\x01\x02",
    ),
    Kind.FIELD_MADE_REQUIRED: Rule(
        "a text or a message may become required, and so may what an edition's feature requires",
        f"{P2} message M {{ optional string a = 1; }}",
        f"{P2} message M {{ required string a = 1; }}",
        b"",
    ),
    Kind.FIELD_DEFAULT_CHANGED: Rule(
        "defaults are not compared",
        f"{P2} message M {{ optional int32 a = 1; }}",
        f"{P2} message M {{ optional int32 a = 1 [default = 7]; }}",
        b"",
    ),
    Kind.FIELD_MESSAGE_ENCODING_CHANGED: Rule(
        "groups and encodings are not compared",
        f"{EDITION} message M {{ N a = 1; }} message N {{}}",
        f"{EDITION} message M {{ N a = 1 {DELIMITED}; }} message N {{}}",
        b"\x0a\x00",
    ),
    Kind.FIELD_UTF8_VALIDATION_ADDED: Rule(
        "features are not compared",
        f"{P2} message M {{ optional string a = 1; }}",
        f"{P3} message M {{ optional string a = 1; }}",
        b"\x0a\x01\xff",
    ),
    Kind.GROUP_CHANGED: Rule(
        "groups are not compared",
        f"{P2} message M {{ optional group A = 1 {{ optional int32 b = 1; }} }}",
        f"{P2} message M {{ optional group A = 1 {{ optional sint32 b = 1; }} }}",
        b"\x0b\x08\x01\x0c",
    ),
    Kind.ENUM_NUMBER_UNREADABLE: Rule(
        "constants come and go",
        f"{P2} message M {{ optional E a = 1; }} enum E {{ A = 0; B = 1; }}",
        f"{P2} message M {{ optional E a = 1; }} enum E {{ A = 0; }}",
        b"\x08\x01",
    ),
    Kind.ENUM_CLOSED: Rule(
        "features are not compared",
        f"{EDITION} message M {{ E a = 1; }} enum E {{ A = 0; }}",
        f"{EDITION} message M {{ E a = 1; }} enum E {{ {CLOSED} A = 0; }}",
        b"\x08\x01",
    ),
}
RULES_OF_JSON = {
    Kind.ENUM_CONST_REMOVED: Rule(
        "a constant may go when its number and its name are reserved",
        f"{P3} message M {{ E a = 1; }} enum E {{ A = 0; B = 1; }}",
        f'{P3} message M {{ E a = 1; }} enum E {{ A = 0; reserved 1; reserved "B"; }}',
        b"\x08\x01",
    ),
}


class Law(NamedTuple):
    """How what passes under a policy is read, and the rules that excuse what is not."""

    readings: tuple[Reading, ...]
    rules: Mapping[Kind, Rule]


LAWS = {
    Policy.STRICT: Law((from_bytes, unvalidated), CONFLUENTS_RULES),
    Policy.WIRE: Law((from_bytes, unvalidated), {}),
    Policy.WIRE_JSON: Law((from_json,), RULES_OF_JSON),
}


class Excuses:
    """The fields and enums that findings of some kinds are about."""

    def __init__(self, findings: Iterable[Finding], rules: Mapping[Kind, Rule]) -> None:
        self._places: set[tuple[str, int]] = set()
        self._enums: set[str] = set()
        for finding in findings:
            if finding.kind in rules:
                name, *steps = finding.path.removeprefix("#/").split("/")
                if name in ENUMS:
                    self._enums.add(name)
                else:
                    self._places.add((name, next(int(step) for step in steps if step.isdigit())))

    def hold(self, place: Place) -> bool:
        is_known = (place.message, place.number) in self._places
        return is_known or not self._enums.isdisjoint(place.enums)

    def left(
        self, readings: Iterable[Reading], written: Message, reader: type[Message]
    ) -> list[Misreading]:
        """Return what goes wrong elsewhere; a refusal has to end with what is excused left out."""
        found = [each for reading in readings for each in reading(written, reader)]
        if (self._places or self._enums) and any(each.place is None for each in found):
            stripped = without(written, self.hold)
            found = [each for reading in readings for each in reading(stripped, reader)]
        return [each for each in found if each.place is None or not self.hold(each.place)]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[ProtobufSchema, ProtobufSchema]:
    return made(drawn(draw))


def made(choices: Choices) -> tuple[ProtobufSchema, ProtobufSchema]:
    """Return a writer and a reader, unless an edit has made a text that is no schema."""
    try:
        return pair(choices)
    except InvalidSchema:
        assume(False)  # noqa: FBT003 - the signature of hypothesis
        raise


def passes(level: Level, new: ProtobufSchema, *previous: ProtobufSchema) -> bool:
    return not check(level, new=new, previous=previous)


def laws_for(choices: Choices, writer: ProtobufSchema, reader: ProtobufSchema) -> list[Policy]:
    """Assert what the policies promise under which a pair passes, and return those."""
    findings = differences(reader=reader, writer=writer)
    kinds = {finding.kind for finding in findings}
    passed = [policy for policy in LAWS if not kinds & BREAKING[policy]]
    if passed:
        here, there = Types(reader), Types(writer)
        excuses = {policy: Excuses(findings, LAWS[policy].rules) for policy in passed}
        for name, count in MESSAGES.items():
            written_as, read_as = there.find(name), here.find(name)
            if written_as is None or is_imported(name, writer):
                continue
            assert read_as, f"there is no {name}"
            for message in [filled(choices, written_as.DESCRIPTOR) for _ in range(count)]:
                for policy in passed:
                    left = excuses[policy].left(LAWS[policy].readings, message, read_as)
                    assert not left, told(policy, left, writer, reader)
    return passed


def is_imported(name: str, schema: ProtobufSchema) -> bool:
    """Tell whether a message is compared only where a field of another leads to it."""
    return f"message {name} " not in schema.text


def told(
    policy: Policy, left: list[Misreading], writer: ProtobufSchema, reader: ProtobufSchema
) -> str:
    texts = [
        [schema.text, *(each.text for each in schema.references)] for schema in (writer, reader)
    ]
    return "\n".join([f"{policy}: {left}", *texts[0], "is read as", *texts[1]])


def test_what_passes_is_read_over_many_pairs() -> None:
    """Under each policy with its own exceptions; seeds are much quicker than hypothesis."""
    passed: Counter[Policy] = Counter()
    for seed in range(PAIRS + LONG_RUN):
        choices = seeded(seed)
        try:
            writer, reader = pair(choices)
        except InvalidSchema:
            continue
        passed.update(laws_for(choices, writer, reader))
    assert min(passed.values()) > PAIRS // 4, "the editor changes too much to prove anything"


@unhurried
@given(data=st.data())
def test_what_passes_is_read(data: st.DataObject) -> None:
    """The same with failures made small."""
    choices = Choices(lambda number: data.draw(st.integers(0, number - 1)))
    laws_for(choices, *made(choices))


@pytest.mark.parametrize(
    ("policy", "kind"), [(policy, kind) for policy, law in LAWS.items() for kind in law.rules]
)
def test_an_exception_is_one(policy: Policy, kind: Kind) -> None:
    """A rule that no longer is one has to leave the table."""
    rule = LAWS[policy].rules[kind]
    writer, reader = protobuf.parse(rule.writer), protobuf.parse(rule.reader)
    findings = differences(reader=reader, writer=writer)
    assert kind in {finding.kind for finding in findings}
    assert not check(Level.BACKWARD, new=reader, previous=[writer], policy=policy)
    written_as, read_as = Types(writer).find("M"), Types(reader).find("M")
    assert written_as
    assert read_as
    assert list(LAWS[policy].readings[0](written_as.FromString(rule.message), read_as))


@pytest.mark.parametrize("kind", CONFLUENTS_RULES)
def test_what_confluent_lets_pass_our_stricter_policies_refuse(kind: Kind) -> None:
    assert kind not in BREAKING[Policy.STRICT]
    assert kind in BREAKING[Policy.WIRE]


# What is found of these kinds is never found for nothing: some message is misread.
ALWAYS_WITNESSED = frozenset(
    {
        Kind.FIELD_SCALAR_KIND_CHANGED,
        Kind.FIELD_KIND_CHANGED,
        Kind.REQUIRED_FIELD_ADDED,
        Kind.ONEOF_FIELD_REMOVED,
        Kind.MESSAGE_REMOVED,
        Kind.MULTIPLE_FIELDS_MOVED_TO_ONEOF,
        Kind.FIELD_MOVED_TO_EXISTING_ONEOF,
        Kind.FIELD_NUMBER_CHANGED,
        Kind.FIELD_MADE_REQUIRED,
        Kind.FIELD_MESSAGE_ENCODING_CHANGED,
        Kind.FIELD_UTF8_VALIDATION_ADDED,
        Kind.FIELD_TYPE_LOSSY,
        Kind.FIELD_DEFAULT_CHANGED,
        Kind.FIELD_REPETITION_CHANGED,
        Kind.FIELD_NUMERIC_LABEL_CHANGED,
    }
)
# Those that say why not, if there is none.
REASONS = {ANY_BYTES, ONE_AS_MANY, ALWAYS_WRITTEN, OTHERS}


def test_every_finding_between_many_pairs_is_explained() -> None:
    """By advice, and by a message that is misread, or a reason why there is none."""
    witnesses: Counter[Kind] = Counter()
    for seed in range(PAIRS + LONG_RUN // 10):
        try:
            writer, reader = pair(seeded(seed))
        except InvalidSchema:
            continue
        for finding in differences(reader=reader, writer=writer):
            assert all(protobuf.advice(finding))
            found = protobuf.witness(finding, reader=reader, writer=writer)
            assert found
            if isinstance(found, Witness):
                witnesses[Kind(finding.kind)] += 1
                holds(found, finding, reader=reader, writer=writer)
            elif finding.kind in ALWAYS_WITNESSED:
                assert found in REASONS, f"seed {seed}: {finding}: {found}"
    assert witnesses.keys() >= ALWAYS_WITNESSED


def holds(
    witness: Witness, finding: Finding, *, reader: ProtobufSchema, writer: ProtobufSchema
) -> None:
    """The writer takes its own message, and the reader misreads it."""
    json.loads(witness.message)
    name, *steps = finding.path.removeprefix("#/").split("/")
    written_as, read_as = Types(writer).find(name), Types(reader).find(name)
    is_in_group = sum(step.isdigit() for step in steps) > 1
    if witness.encoded and written_as and read_as and not is_in_group:
        written = written_as.FromString(witness.encoded)
        refuses = not takes(read_as, witness.encoded)
        assert refuses or list(from_bytes(written, read_as)), f"{finding}: {witness}"


@unhurried
@given(pair=pairs())
def test_a_schema_reads_itself(pair: tuple[ProtobufSchema, ProtobufSchema]) -> None:
    """And so does the same text read again, and its normal form.

    Confluent's normal form has constants in the order of their numbers, and so another default for
    fields of a closed enum that begins with another one.
    """
    schema = pair[0]
    same, normal = protobuf.parse(schema.text, schema.references), schema.normalized()
    assert differences(reader=schema, writer=same) == ()
    for reader, writer in ((schema, normal), (normal, schema)):
        kinds = {finding.kind for finding in differences(reader=reader, writer=writer)}
        assert kinds <= {Kind.FIELD_DEFAULT_CHANGED}


@unhurried
@given(pair=pairs())
def test_forward_is_backward_with_the_sides_swapped_and_full_is_both(
    pair: tuple[ProtobufSchema, ProtobufSchema],
) -> None:
    old, new = pair
    backward, forward = (passes(level, new, old) for level in (Level.BACKWARD, Level.FORWARD))
    assert forward == passes(Level.BACKWARD, old, new)
    assert passes(Level.FULL, new, old) == (backward and forward)


@unhurried
@given(first=pairs(), second=pairs(), level=st.sampled_from(["BACKWARD", "FORWARD", "FULL"]))
def test_transitive_is_every_pair(
    first: tuple[ProtobufSchema, ProtobufSchema],
    second: tuple[ProtobufSchema, ProtobufSchema],
    level: str,
) -> None:
    new, *olds = *first, *second
    pairwise = [passes(Level(level), new, old) for old in olds]
    assert passes(Level(f"{level}_TRANSITIVE"), new, *olds) == all(pairwise)
    assert passes(Level(level), new, *olds) == pairwise[0]
