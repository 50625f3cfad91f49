"""What users of schema registries have complained about, and the answer they get here."""

from __future__ import annotations

import pytest

from compat.check import check
from compat.level import Level, Policy
from compat.messages import messages
from compat.protobuf import (
    ABOUT_NEXT_VERSION,
    BREAKING,
    Kind,
    ProtobufSchema,
    differences,
    parse,
)
from compat.schema import Resolved

P2 = 'syntax = "proto2";\n'
P3 = 'syntax = "proto3";\n'


def refused(
    level: Level, old: ProtobufSchema, new: ProtobufSchema, policy: Policy = Policy.STRICT
) -> list[Kind]:
    """Return the kinds for which a new schema is refused."""
    conflicts = check(level, new=new, previous=[old], policy=policy)
    return [Kind(finding.kind) for conflict in conflicts for finding in conflict.findings]


def backward(old: str, new: str, policy: Policy = Policy.STRICT) -> list[Kind]:
    return refused(Level.BACKWARD, parse(old), parse(new), policy)


def field(declaration: str, head: str = P3) -> str:
    return f"{head}message M {{ {declaration} }} message N {{}} enum E {{ A = 0; }}"


@pytest.mark.parametrize(
    ("head", "old", "new"),
    [
        (P3, "", "int32 a = 1;"),
        (P3, "int32 a = 1;", ""),
        (P2, "", "optional int32 a = 1;"),
        (P2, "repeated int32 a = 1;", ""),
        (P3, "optional string a = 1;", "repeated string a = 1;"),
        (P3, "optional bytes a = 1;", "repeated bytes a = 1;"),
        (P3, "optional N a = 1;", "repeated N a = 1;"),
        (P3, "int32 a = 1;", "uint64 a = 1;"),
        (P3, "bool a = 1;", "int64 a = 1;"),
        (P3, "sint32 a = 1;", "sint64 a = 1;"),
        (P3, "string a = 1;", "bytes a = 1;"),
        (P3, "fixed32 a = 1;", "sfixed32 a = 1;"),
        (P3, "fixed64 a = 1;", "sfixed64 a = 1;"),
        (P3, "E a = 1;", "int32 a = 1;"),
        (P3, "int32 a = 1;", "oneof o { int32 a = 1; }"),
        (P2, "extensions 5; optional int32 a = 1;", "extensions 5;"),
    ],
)
def test_what_protobufs_documentation_calls_safe_passes(head: str, old: str, new: str) -> None:
    """Some registries refuse these, or did."""
    assert backward(field(old, head), field(new, head)) == []


@pytest.mark.parametrize(
    ("head", "old", "new", "kind"),
    [
        (P2, "", "required int32 a = 1;", Kind.REQUIRED_FIELD_ADDED),
        (P2, "required int32 a = 1;", "", Kind.REQUIRED_FIELD_REMOVED),
        (P3, "int32 a = 1;", "sint32 a = 1;", Kind.FIELD_SCALAR_KIND_CHANGED),
        (P3, "fixed32 a = 1;", "fixed64 a = 1;", Kind.FIELD_SCALAR_KIND_CHANGED),
        (P3, "int32 a = 1;", "string a = 1;", Kind.FIELD_SCALAR_KIND_CHANGED),
        (P3, "N a = 1;", "string a = 1;", Kind.FIELD_KIND_CHANGED),
        (P3, "optional int32 a = 1;", "repeated int32 a = 1;", Kind.FIELD_NUMERIC_LABEL_CHANGED),
        (
            P3,
            "int32 a = 1; int32 b = 2;",
            "oneof o { int32 a = 1; int32 b = 2; }",
            Kind.MULTIPLE_FIELDS_MOVED_TO_ONEOF,
        ),
        (
            P3,
            "int32 a = 1; oneof o { int32 b = 2; }",
            "oneof o { int32 a = 1; int32 b = 2; }",
            Kind.FIELD_MOVED_TO_EXISTING_ONEOF,
        ),
        (
            P3,
            "oneof o { int32 a = 1; int32 b = 2; }",
            "oneof o { int32 a = 1; }",
            Kind.ONEOF_FIELD_REMOVED,
        ),
    ],
)
def test_what_cannot_be_read_is_refused(head: str, old: str, new: str, kind: Kind) -> None:
    """Several registries have let each of these pass."""
    assert backward(field(old, head), field(new, head)) == [kind]


def test_a_message_of_another_kind_altogether_is_refused() -> None:
    """Types from unrelated files, sent to one topic, used to pass for versions of each other."""
    assert Kind.MESSAGE_REMOVED in backward(
        P3 + "package a; message Any { string type_url = 1; bytes value = 2; }",
        P3 + "package a; message Timestamp { int64 seconds = 1; int32 nanos = 2; }",
    )


@pytest.mark.parametrize("level", [Level.FORWARD, Level.FULL, Level.FORWARD_TRANSITIVE])
def test_a_field_can_be_added_under_forward_levels(level: Level) -> None:
    old = P3 + "package a; message Person { int32 id = 1; }"
    new = P3 + "package a; message Person { int32 id = 1; string name = 2; }"
    assert refused(level, parse(old), parse(new)) == []


def test_a_message_cannot_be_added_under_forward_levels() -> None:
    """Confluent's rule: the earlier schema does not know what may be written with the new one."""
    old, new = parse(P3 + "message M {}"), parse(P3 + "message M {} message N {}")
    assert refused(Level.FORWARD, old, new) == [Kind.MESSAGE_REMOVED]


def imported(kind: str, version: int) -> ProtobufSchema:
    place = P3 + f"package geo; message Place {{ {kind} zone = 1; }}"
    own = P3 + 'import "place.proto"; message Customer { geo.Place place = 1; }'
    return parse(own, [Resolved("place.proto", "place", version, place)])


def test_a_change_in_an_imported_message_is_seen() -> None:
    """The text of the schema itself has not changed at all."""
    old, new = imported("int32", 1), imported("string", 2)
    assert old.text == new.text
    assert refused(Level.BACKWARD, old, new) == [
        Kind.FIELD_SCALAR_KIND_CHANGED,
        Kind.FIELD_NAMED_TYPE_CHANGED,
    ]
    assert refused(Level.BACKWARD, old, imported("int64", 2)) == []


def test_a_change_in_what_an_import_imports_is_seen() -> None:
    def nested(kind: str, version: int) -> ProtobufSchema:
        texts = {
            "zone.proto": P3 + f"message Zone {{ {kind} id = 1; }}",
            "place.proto": P3 + 'import "zone.proto"; message Place { Zone zone = 1; }',
        }
        own = P3 + 'import "place.proto"; message Customer { Place place = 1; }'
        return parse(own, [Resolved(path, path, version, text) for path, text in texts.items()])

    assert refused(Level.BACKWARD, nested("int32", 1), nested("string", 2)) == [
        Kind.FIELD_SCALAR_KIND_CHANGED,
        Kind.FIELD_NAMED_TYPE_CHANGED,
        Kind.FIELD_NAMED_TYPE_CHANGED,
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("google/protobuf/timestamp.proto", "google.protobuf.Timestamp"),
        ("google/type/money.proto", "google.type.Money"),
        ("confluent/type/decimal.proto", "confluent.type.Decimal"),
    ],
)
def test_well_known_imports_need_no_reference(path: str, name: str) -> None:
    text = P3 + f'import "{path}"; message M {{ {name} a = 1; }}'
    assert backward(text, text + " message N {}") == []


def test_a_name_written_in_full_is_the_same_name() -> None:
    short = (
        P3 + "package a; message M { message N { string s = 1; } N n = 1; map<string, N> m = 2; }"
    )
    full = short.replace(" N n", " .a.M.N n").replace("string, N", "string, a.M.N")
    for old, new in ((short, full), (full, short)):
        assert differences(reader=parse(new), writer=parse(old)) == ()


def test_a_schema_sent_as_a_descriptor_is_the_same_schema() -> None:
    text = (
        P3 + "package a; message M { map<string, N> m = 1; oneof o { N n = 2; string s = 3; } "
        "optional int32 i = 4; repeated E e = 5; } message N {} enum E { A = 0; }"
    )
    schema = parse(text)
    sent = parse(schema.rendered("serialized"))
    assert differences(reader=schema, writer=sent) == ()
    assert differences(reader=sent, writer=schema) == ()


@pytest.mark.parametrize(
    ("new", "kinds"),
    [
        ("reserved 2;", [Kind.RESERVED_NAME_REMOVED]),
        ('reserved "b";', [Kind.RESERVED_NUMBER_REMOVED]),
        ('reserved "b"; string c = 2;', [Kind.RESERVED_NUMBER_REUSED]),
        ("reserved 2; string b = 3;", [Kind.RESERVED_NAME_REUSED]),
        ('reserved 1 to 2; reserved "a", "b";', []),
    ],
)
def test_what_is_reserved_stays_reserved_under_logical(new: str, kinds: list[Kind]) -> None:
    old = field('reserved 2; reserved "b";')
    assert backward(old, field(new)) == []
    assert backward(old, field(new), Policy.LOGICAL) == kinds


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        ("string a = 1;", "int32 a = 1;", Policy.STRICT),
        ("reserved 1;", "", Policy.LOGICAL),
        ("int32 a = 1;", "", Policy.WIRE),
        ("int64 a = 1;", "int32 a = 1;", Policy.WIRE),
        ("int32 a = 1;", "int32 b = 1;", Policy.WIRE_JSON),
        ("optional int32 a = 1;", "int32 a = 1;", Policy.PACKAGE),
        ("repeated int32 a = 1;", "repeated int32 a = 1 [packed = false];", Policy.FILE),
        ("", "int32 a = 1;", None),
    ],
)
def test_how_strict_to_be_is_a_choice(old: str, new: str, first: Policy | None) -> None:
    refusing = [policy for policy in Policy if backward(field(old), field(new), policy)]
    stricter = list(Policy)[list(Policy).index(first) :] if first else []
    assert refusing == stricter


def test_the_answer_says_what_is_wrong_and_where() -> None:
    old, new = parse(field("int32 a = 1;")), parse(field("string a = 1;"))
    told = messages(check(Level.BACKWARD, new=new, previous=[old]), level=Level.BACKWARD)
    assert told[0] == (
        '{errorType:"FIELD_SCALAR_KIND_CHANGED", description:"The kind of a SCALAR field at path '
        "'#/M/1' in the new schema does not match its kind in the old schema\"}"
    )


def test_rules_about_the_next_version_are_told_apart() -> None:
    """They would forbid every addition if they were asked with the previous one as the reader."""
    old = parse(P3 + "message M {}")
    new = parse(P3 + "message M { int32 a = 1; } enum E { A = 0; } service S {}")
    found = {Kind(finding.kind) for finding in differences(reader=old, writer=new)}
    assert found & BREAKING[Policy.FILE]
    assert not (found & BREAKING[Policy.FILE]) - ABOUT_NEXT_VERSION
