"""Sizes and depths are bounded, and odd values end in a refusal."""

from __future__ import annotations

import base64

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf import descriptor_symbols, parse, parser
from compat.protobuf.descriptor import decode_base64, from_descriptor, serialized, to_descriptor
from compat.protobuf.descriptor_library import MAX_FILES
from compat.protobuf.semantics import validate
from compat.protobuf.tokens import MAX_TEXT


def test_a_chain_of_imports_is_bounded() -> None:
    files = {
        f"{index}.proto": parser.parse(f'syntax = "proto3"; import "{index + 1}.proto";')
        for index in range(MAX_FILES + 1)
    }
    with pytest.raises(TooComplex):
        validate(parser.parse('syntax = "proto3"; import "0.proto";'), files)


def test_a_long_chain_of_imports_is_no_recursion() -> None:
    files = {
        f"{index}.proto": parser.parse(f'syntax = "proto3"; import "{index + 1}.proto";')
        for index in range(1200)
    }
    validate(parser.parse('syntax = "proto3"; import "0.proto";'), files)


def test_the_parts_of_a_package_are_bounded() -> None:
    with pytest.raises(TooComplex):
        validate(parser.parse(f'syntax = "proto3"; package {"a." * 300}b;'))


def test_the_names_a_file_declares_are_bounded() -> None:
    messages = "".join(f"message M{index} {{}}" for index in range(200))
    with pytest.raises(TooComplex):
        validate(parser.parse(f'syntax = "proto3"; package {"a" * 500_000}; {messages}'))


def test_the_work_of_looking_up_names_is_bounded() -> None:
    package = ".".join("a" * 500 for _ in range(200))
    fields = "".join(f"M m{index} = {index};" for index in range(1, 400))
    with pytest.raises(TooComplex):
        validate(parser.parse(f'syntax = "proto3"; package {package}; message M {{ {fields} }}'))


def test_a_large_file_is_within_the_bounds() -> None:
    fields = "".join(f"M{index} m{index} = {index};" for index in range(1, 2000))
    messages = "".join(f"message M{index} {{}}" for index in range(1, 2000))
    validate(parser.parse(f'syntax = "proto3"; package a.b.c; message A {{ {fields} }} {messages}'))
    assert descriptor_symbols.MAX_NAMES > 0


@pytest.mark.parametrize("text", ["", "====", "????", "not base64!", "AAAA", "Zm9vYmFy"])
def test_other_texts_hold_no_descriptor(text: str) -> None:
    assert decode_base64(text) is None


def test_a_longer_text_is_not_decoded() -> None:
    with pytest.raises(TooComplex):
        decode_base64("A" * (MAX_TEXT + 1))


@pytest.mark.parametrize("padding", ["", "=", "==", "\n"])
def test_padding_is_not_needed(padding: str) -> None:
    text = base64.b64encode(FileDescriptorProto(name="abc").SerializeToString()).decode()
    proto = decode_base64(text.rstrip("=") + padding)
    assert proto is not None
    assert proto.name == "abc"


def test_a_range_that_ends_beyond_int32_is_refused() -> None:
    file = parser.parse('syntax = "proto3"; message M { reserved 1 to 2147483647; }')
    with pytest.raises(InvalidSchema):
        to_descriptor(file)


@pytest.mark.parametrize("content", [b"\x01\xff", b"\x0a\x05a"])
def test_a_malformed_custom_option_is_refused(content: bytes) -> None:
    proto = FileDescriptorProto(name="x", syntax="proto3")
    option = b"\x82\x44" + bytes([len(content)]) + content  # confluent.file_meta
    raw = proto.SerializeToString() + b"\x42" + bytes([len(option)]) + option
    decoded = decode_base64(base64.b64encode(raw).decode())
    if decoded is not None:
        with pytest.raises(InvalidSchema):
            from_descriptor(decoded)


def test_options_nested_too_deep_are_refused() -> None:
    text = """
        syntax = "proto3";
        import "google/protobuf/descriptor.proto";
        extend google.protobuf.FileOptions { Deep deep = 60000; }
        message Deep { Deep deep = 1; }
    """
    proto = to_descriptor(parser.parse(text))
    content = b""
    for _ in range(70):
        content = b"\x0a" + varint(len(content)) + content
    proto.options.MergeFromString(b"\x82\xa6\x1d" + varint(len(content)) + content)
    with pytest.raises(TooComplex):
        from_descriptor(proto)


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128, value >> 7])


def test_options_defined_in_a_broken_file_are_lost() -> None:
    proto = to_descriptor(
        parser.parse(
            """
            syntax = "proto3";
            import "google/protobuf/descriptor.proto";
            extend google.protobuf.FileOptions { string mine = 60000; }
            option (mine) = "x";
            message M {}
            """
        )
    )
    assert len(from_descriptor(proto).options) == 1
    proto.message_type.add(name="M")
    assert from_descriptor(proto).options == []


def test_options_that_do_not_fit_are_left_out_of_a_descriptor() -> None:
    file = parser.parse('syntax = "proto3"; option deprecated = 5; message M {}')
    assert not to_descriptor(file).options.ListFields()
    assert serialized(file)


def test_an_unresolved_type_is_refused() -> None:
    file = parser.parse('syntax = "proto3"; message M { Missing a = 1; }')
    with pytest.raises(InvalidSchema, match="Could not resolve type: Missing"):
        to_descriptor(file)


def test_a_oneof_stored_without_fields_is_left_out() -> None:
    file = parser.parse('syntax = "proto3"; message M { oneof o {} }', lenient=True)
    assert not to_descriptor(file).message_type[0].oneof_decl


def test_a_text_that_grows_too_long_when_it_is_printed_is_refused() -> None:
    enums = "".join(f"enum E{index}{{A{index}=0;}}" for index in range(35_000))
    text = f'syntax="proto3";message M{{{enums}}}'
    assert len(text) < MAX_TEXT
    with pytest.raises(TooComplex):
        parse(text, new=False)


def test_the_fields_of_a_message_are_bounded() -> None:
    fields = "".join(f"bool b{index} = {index};" for index in range(20_000, 37_000))
    with pytest.raises(InvalidSchema, match="more than 16000 fields"):
        validate(parser.parse(f'syntax = "proto3"; message M {{ {fields} }}'))


def test_one_name_for_many_optional_fields_costs_little() -> None:
    fields = "".join(f"optional int32 a = {index};" for index in range(1, 15_000))
    with pytest.raises(InvalidSchema, match="declared twice"):
        validate(parser.parse(f'syntax = "proto3"; message M {{ {fields} }}'))
