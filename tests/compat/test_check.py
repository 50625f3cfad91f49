"""Levels, directions and policies, over Avro because it is the shortest to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from compat import avro, json_schema, protobuf
from compat.avro import Kind
from compat.check import DIFFERS, Conflict, check
from compat.level import Direction, Level, Policy
from compat.messages import SENTENCES, messages
from compat.schema import Resolved, SchemaType

if TYPE_CHECKING:
    from compat.schema import ParsedSchema

INT, LONG, DOUBLE, STRING = map(avro.parse, ('"int"', '"long"', '"double"', '"string"'))
MILLIS = avro.parse('{"type":"long","logicalType":"timestamp-millis"}')


def conflicts(level: Level, new: ParsedSchema, *previous: ParsedSchema) -> list[tuple[Any, ...]]:
    """Return index and direction of each conflict."""
    found = check(level, new=new, previous=previous)
    return [(conflict.index, conflict.direction) for conflict in found]


@pytest.mark.parametrize("level", Level)
def test_the_first_schema_and_the_same_schema_always_pass(level: Level) -> None:
    assert conflicts(level, INT) == []
    assert conflicts(level, INT, avro.parse(' "int" ')) == []


@pytest.mark.parametrize(
    ("level", "new", "previous", "expected"),
    [
        (Level.NONE, INT, [STRING], []),
        (Level.BACKWARD, LONG, [INT], []),
        (Level.BACKWARD, INT, [LONG], [(0, Direction.BACKWARD)]),
        (Level.FORWARD, LONG, [INT], [(0, Direction.FORWARD)]),
        (Level.FORWARD, INT, [LONG], []),
        (Level.FULL, LONG, [INT], [(0, Direction.FORWARD)]),
        (Level.FULL, INT, [LONG], [(0, Direction.BACKWARD)]),
        (Level.FULL, INT, [STRING], [(0, Direction.FORWARD), (0, Direction.BACKWARD)]),
        (Level.BACKWARD, LONG, [INT, STRING], []),
        (Level.BACKWARD_TRANSITIVE, LONG, [INT, STRING, STRING], [(1, Direction.BACKWARD)]),
        (Level.FORWARD_TRANSITIVE, INT, [INT, LONG, STRING], [(2, Direction.FORWARD)]),
        (Level.FULL_TRANSITIVE, INT, [INT, LONG, DOUBLE], [(1, Direction.BACKWARD)]),
    ],
)
def test_a_level_looks_in_its_directions_and_stops_at_the_first_version_in_the_way(
    level: Level,
    new: ParsedSchema,
    previous: list[ParsedSchema],
    expected: list[tuple[Any, ...]],
) -> None:
    assert conflicts(level, new, *previous) == expected


@pytest.mark.parametrize("level", [level for level in Level if level is not Level.NONE])
def test_another_type_of_schema_is_a_conflict_of_its_own(level: Level) -> None:
    """There is nothing to compare, so neither direction nor findings."""
    other: Any = json_schema.parse("true")
    assert check(level, new=INT, previous=[other]) == (Conflict(0, other, None, ()),)
    assert check(Level.NONE, new=INT, previous=[other]) == ()


def test_the_policy_decides_what_breaks() -> None:
    for policy in (Policy.STRICT, Policy.LENIENT):
        assert check(Level.BACKWARD, new=MILLIS, previous=[LONG], policy=policy) == ()
    (conflict,) = check(Level.BACKWARD, new=MILLIS, previous=[LONG], policy=Policy.LOGICAL)
    assert [finding.kind for finding in conflict.findings] == [Kind.LOGICAL_TYPE_ADDED]


def test_the_same_text_can_mean_another_thing_with_other_references() -> None:
    def holding(text: str) -> ParsedSchema:
        return avro.parse('"R"', [Resolved("R", "r", 1, text)])

    old = holding('{"type":"record","name":"R","fields":[]}')
    new = holding('{"type":"record","name":"R","fields":[{"name":"f","type":"int"}]}')
    assert new.text == old.text
    assert conflicts(Level.BACKWARD, new, old) == [(0, Direction.BACKWARD)]


def test_every_format_that_is_compared_has_sentences() -> None:
    assert DIFFERS.keys() == SENTENCES.keys() == set(SchemaType)
    assert all(Policy.STRICT in differ.breaking for differ in DIFFERS.values())


def test_a_policy_that_a_format_has_no_rules_for_is_strict() -> None:
    avro_differ = DIFFERS[SchemaType.AVRO]
    assert Policy.WIRE not in avro_differ.breaking
    assert avro_differ.refused(Policy.WIRE, Direction.BACKWARD) == avro_differ.refused(
        Policy.STRICT, Direction.BACKWARD
    )


def told(level: Level, new: ParsedSchema, *previous: ParsedSchema, **options: Any) -> list[str]:
    return messages(check(level, new=new, previous=previous), level=level, **options)


def mismatch(reader: str, writer: str, first: str, second: str) -> str:
    return (
        "{errorType:'TYPE_MISMATCH', description:'The type (path '/') of a field in the "
        f"{reader} schema does not match with the {writer} schema', additionalInfo:'reader type: "
        f"{first} not compatible with writer type: {second}'}}"
    )


def test_messages_end_with_the_old_schema_and_the_level() -> None:
    """The words for both sides follow the direction."""
    assert told(Level.BACKWARD, INT, LONG, versions=[7]) == [
        mismatch("new", "old", "INT", "LONG"),
        "{oldSchemaVersion: 7}",
        "{oldSchema: '\"long\"'}",
        "{validateFields: 'false', compatibility: 'BACKWARD'}",
    ]
    assert told(Level.FORWARD, LONG, INT, versions=[None], validate_fields=True) == [
        mismatch("old", "new", "INT", "LONG"),
        "{oldSchema: '\"int\"'}",
        "{validateFields: 'true', compatibility: 'FORWARD'}",
    ]


def test_full_shows_the_old_schema_with_the_backward_half_only() -> None:
    assert told(Level.FULL, LONG, INT) == [
        mismatch("old", "new", "INT", "LONG"),
        "{validateFields: 'false', compatibility: 'FULL'}",
    ]
    assert told(Level.FULL_TRANSITIVE, INT, INT, STRING, versions=[2, 1]) == [
        mismatch("old", "new", "STRING", "INT"),
        mismatch("new", "old", "INT", "STRING"),
        "{oldSchemaVersion: 1}",
        "{oldSchema: '\"string\"'}",
        "{validateFields: 'false', compatibility: 'FULL_TRANSITIVE'}",
    ]


def test_another_type_of_schema_is_one_message_and_the_level() -> None:
    other: Any = json_schema.parse("true")
    assert told(Level.BACKWARD, INT, other, versions=[1]) == [
        "Incompatible because of different schema type",
        "{validateFields: 'false', compatibility: 'BACKWARD'}",
    ]


def test_no_conflict_is_no_message() -> None:
    assert told(Level.BACKWARD, INT, INT) == []


@pytest.mark.parametrize("length", [10240, 10241])
def test_a_long_old_schema_is_cut(length: int) -> None:
    frame = '{"type":"string","p":""}'
    text = frame.replace('""', f'"{"x" * (length - len(frame))}"')
    shown = told(Level.BACKWARD, INT, avro.parse(text))[1]
    if length == 10240:
        assert shown == f"{{oldSchema: '{text}'}}"
    else:
        assert shown == f"{{oldSchema: <truncated> '{text[:10240]}...'}}"


AMBIGUOUS = (
    '{"type":"record","name":"R","fields":[{"name":"a","aliases":["b"],"type":"int"}]}',
    '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}',
)


def test_what_avro_java_throws_on_is_told_as_its_exception() -> None:
    reader, writer = map(avro.parse, AMBIGUOUS)
    assert told(Level.BACKWARD, reader, writer)[0] == (
        "Unexpected exception during compatibility check: Reader record field a type:INT pos:0 "
        f"matches multiple fields in writer record schema {AMBIGUOUS[1]}"
    )


def test_what_is_about_the_next_version_is_asked_of_it_alone() -> None:
    """A field may be added at a level that looks both ways, where taking it away is refused."""
    head = 'syntax = "proto3"; message M { int32 a = 1; '
    few, many = protobuf.parse(head + "}"), protobuf.parse(head + "int32 b = 2; }")
    for policy in (Policy.WIRE_JSON, Policy.PACKAGE, Policy.FILE):
        assert check(Level.FULL, new=many, previous=[few], policy=policy) == ()
        assert check(Level.BACKWARD, new=few, previous=[many], policy=policy) != ()
        assert check(Level.FORWARD, new=few, previous=[many], policy=policy) == ()
