"""Values of options, from text to descriptor and back."""

from __future__ import annotations

from textwrap import indent

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from compat.errors import InvalidSchema
from compat.protobuf import parser
from compat.protobuf.descriptor import from_descriptor, to_descriptor
from compat.protobuf.descriptor_scalars import default_text
from compat.protobuf.printer import print_file
from compat.protobuf.semantics import validate
from compat.protobuf.syntax import LiteralKind, Scalar

DEFINITIONS = """
syntax = "proto2";
import "google/protobuf/descriptor.proto";
import "google/protobuf/any.proto";
message All {
  optional int32 i = 1; optional uint64 u = 2; optional sint64 s = 3; optional bool b = 4;
  optional float f = 5; optional double d = 6; optional string t = 7; optional bytes r = 8;
  optional Shade e = 9; repeated Shade es = 10; optional All all = 11; repeated All alls = 12;
  optional group Grouped = 13 { optional int32 x = 1; }
  optional google.protobuf.Any any = 14;
  extensions 100 to 200;
}
extend All { optional int32 more = 100; }
enum Shade { DARK = 1; LIGHT = 2; }
extend google.protobuf.FileOptions { optional All all = 50000; optional Shade shade = 50001; }
"""


def printed(value: str) -> str:
    """Return how an option's value is printed when the schema comes as a descriptor."""
    file = parser.parse(f"{DEFINITIONS}\noption (all) = {{ {value} }};")
    validate(file)
    text = print_file(from_descriptor(to_descriptor(file)))
    return text.partition("option (all) = ")[2].partition(";\n")[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("i: -0x10", "i: -16"),
        ("i: 017", "i: 15"),
        ("u: 18446744073709551615", "u: 18446744073709551615"),
        ("s: -9223372036854775808", "s: -9223372036854775808"),
        ("b: t", "b: true"),
        ("b: 0", "b: false"),
        ("f: 0.1", "f: 0.1"),
        ("f: 1e40", "f: inf"),
        ("d: -inf", "d: -inf"),
        ("d: nan", "d: nan"),
        ("d: 7", "d: 7"),
        ('t: "a" "b"', 't: "ab"'),
        ('r: "\\377"', 'r: "\\377"'),
        ("e: LIGHT", "e: LIGHT"),
        ("e: 2", "e: LIGHT"),
        ("es: [DARK, LIGHT]", "es: [\n  DARK,\n  LIGHT\n]"),
        ("all { i: 1 }", "all: {\n  i: 1\n}"),
        ("alls { i: 1 } alls { i: 2 }", "alls: [\n  {\n    i: 1\n  },\n  {\n    i: 2\n  }\n]"),
        ("Grouped { x: 1 }", "Grouped: {\n  x: 1\n}"),
        ("[more]: 5", "[more]: 5"),
    ],
)
def test_a_value_is_kept(value: str, expected: str) -> None:
    assert printed(value) == "{\n" + indent(expected, "  ") + "\n}"


@pytest.mark.parametrize(
    "value",
    [
        "i: 2147483648",
        "u: -1",
        "i: 1.5",
        'i: "1"',
        "b: 2",
        "b: yes",
        "f: x",
        'd: "1"',
        "t: 5",
        't: "\\377"',
        "r: 5",
        "e: GREY",
        "e: 3",
        'e: "DARK"',
        "i: [1]",
        "all: 5",
        "all: { missing: 1 }",
        "grouped { x: 1 }",
        "GROUPED { x: 1 }",
        "I: 1",
        "i: 1 i: 2",
        "all {} all {}",
        "[missing.ext]: 5",
        "[type.googleapis.com/All]: { i: 1 }",
        "any: { [type.googleapis.com/Missing]: { i: 1 } }",
        "any: { [type.googleapis.com/All]: 5 }",
    ],
)
def test_a_value_that_does_not_fit_is_refused(value: str) -> None:
    file = parser.parse(f"{DEFINITIONS}\noption (all) = {{ {value} }};")
    if "missing.ext" in value:
        validate(file)  # its definition may just not be at hand
        return
    with pytest.raises(InvalidSchema, match='Option "\\(all\\)"'):
        validate(file)


def test_a_constant_that_is_unknown_is_printed_as_its_number() -> None:
    text = """
        syntax = "proto3";
        import "google/protobuf/descriptor.proto";
        extend google.protobuf.FileOptions { Shade shade = 60000; }
        enum Shade { DARK = 0; }
    """
    proto = to_descriptor(parser.parse(text))
    proto.options.MergeFromString(b"\x80\xa6\x1d\x05")
    assert "option (shade) = 5;" in print_file(from_descriptor(proto))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("double", "1e+300"),
        ("double", "-inf"),
        ("double", "nan"),
        ("float", "-0"),
        ("int64", "-9223372036854775808"),
        ("bool", "true"),
        ("bytes", "\\000\\377\\n"),
        ("string", 'q"\\'),
    ],
)
def test_a_default_survives(kind: str, text: str) -> None:
    proto = to_descriptor(parser.parse("message M { optional int32 a = 1; }"))
    field = proto.message_type[0].field[0]
    field.type = FieldDescriptorProto.Type.Value(f"TYPE_{kind.upper()}")
    field.default_value = text
    again = to_descriptor(parser.parse(print_file(from_descriptor(proto))))
    assert again.message_type[0].field[0].default_value == text


def test_a_string_that_is_no_text_is_none() -> None:
    scalar = Scalar(LiteralKind.STRING, "\ud800")
    assert default_text("string", scalar) is None
    assert default_text("bytes", scalar) is None


def test_confluents_options_need_no_import() -> None:
    file = parser.parse(
        'syntax = "proto3"; message M { string a = 1 [(confluent.field_meta).tags = "PII"]; }'
    )
    validate(file)
    assert "PII" in print_file(from_descriptor(to_descriptor(file)))
