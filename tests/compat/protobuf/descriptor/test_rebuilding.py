"""A schema sent as a descriptor becomes the text the REST contract prints for it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf import parser
from compat.protobuf.descriptor import decode_base64, from_descriptor, serialized, to_descriptor
from compat.protobuf.descriptor_class import FileProto
from compat.protobuf.printer import print_file
from compat.protobuf.semantics import validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Protoc

    from compat.protobuf.syntax import File

REBUILT = Path(__file__).parent / "vectors" / "rebuilt"


def rebuilt(proto: FileDescriptorProto) -> str:
    return print_file(from_descriptor(proto))


@pytest.mark.parametrize("path", sorted(REBUILT.glob("*.proto")), ids=lambda path: path.stem)
def test_the_text_is_the_contracts(path: Path, protoc_compiler: Protoc) -> None:
    """A vector has the text given to protoc, a line of dashes, and the text expected back."""
    given, _, expected = path.read_text().partition("//----\n")
    data = protoc_compiler(given)
    assert data is not None, protoc_compiler.message
    # not the class of the default pool: other tests have clients register custom options there
    proto = FileProto.FromString(data)
    for message in proto.message_type:  # as in generated Python code
        for field in message.field:
            if field.json_name != "Given":
                field.ClearField("json_name")
    assert rebuilt(proto) == expected
    validate(parser.parse(expected))


def test_json_names_are_printed_when_the_descriptor_has_them() -> None:
    file = parser.parse('syntax = "proto3"; message M { string some_name = 1; }')
    assert '[json_name = "someName"]' in rebuilt(to_descriptor(file))
    assert "json_name" not in rebuilt(FileDescriptorProto.FromString(decoded(serialized(file))))


def decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def shape(proto: FileDescriptorProto) -> FileDescriptorProto:
    """Return what a rebuilt text keeps: not groups, nor the order among fields and map entries."""
    copy = FileDescriptorProto.FromString(proto.SerializeToString())
    copy.ClearField("weak_dependency")  # such imports are not printed
    messages = list(copy.message_type)
    for message in messages:
        messages.extend(message.nested_type)
        oneofs = [oneof.name for oneof in message.oneof_decl]
        for field in message.field:
            if field.HasField("oneof_index"):
                field.extendee = oneofs[field.oneof_index]  # a free place to note the name
                field.ClearField("oneof_index")
        fields = [field for field in message.field if not is_group(field)]
        del message.field[:]
        message.field.extend(sorted(fields, key=lambda field: field.number))
        oneofs_left = {field.extendee for field in fields}
        left = sorted(name for name in oneofs if name in oneofs_left)
        del message.oneof_decl[:]
        for name in left:
            message.oneof_decl.add(name=name)
        sort_extensions(message)
    sort_extensions(copy)
    return copy


def sort_extensions(owner: object) -> None:
    fields = [field for field in owner.extension if not is_group(field)]
    del owner.extension[:]
    owner.extension.extend(sorted(fields, key=lambda field: (field.extendee, field.number)))


def is_group(field: FieldDescriptorProto) -> bool:
    return field.type == FieldDescriptorProto.TYPE_GROUP


CORPUS = sorted(path.name for path in (Path(__file__).parent.parent / "corpus").glob("*.proto"))
# Options that the contract does not print for a descriptor, and imports it does not print at all.
LOSSY = {"field_options.proto", "imports_weak.proto"}


@pytest.mark.parametrize("name", [name for name in CORPUS if name not in LOSSY])
def test_the_rebuilt_text_means_the_same(name: str, corpus: dict[str, File]) -> None:
    proto = to_descriptor(corpus[name], name, corpus)
    text = print_file(from_descriptor(proto, corpus))
    again = to_descriptor(parser.parse(text), name, corpus)
    ours, theirs = (
        shape(FileDescriptorProto.FromString(one.SerializeToString())) for one in (again, proto)
    )
    for one in (ours, theirs):
        clear_options_of_oneofs(one)
    assert ours == theirs


def clear_options_of_oneofs(proto: FileDescriptorProto) -> None:
    for message in proto.message_type:
        for oneof in message.oneof_decl:
            oneof.ClearField("options")


@pytest.mark.parametrize("name", CORPUS)
def test_the_rebuilt_text_is_stable(name: str, corpus: dict[str, File]) -> None:
    file = from_descriptor(to_descriptor(corpus[name], name, corpus), corpus)
    text = print_file(file)
    assert print_file(parser.parse(text)) == text
    sent_back = decode_base64(serialized(parser.parse(text), corpus))
    assert sent_back is not None
    assert print_file(from_descriptor(sent_back, corpus)) == text


def test_custom_options_without_a_definition_are_lost() -> None:
    proto = FileDescriptorProto(name="x", syntax="proto3")
    proto.options.MergeFromString(b"\xd2\x86\x03\x04text")  # field 50002
    assert "option" not in rebuilt(proto)


def broken(change: Callable[[FileDescriptorProto], object]) -> FileDescriptorProto:
    proto = FileDescriptorProto(name="x", package="p", syntax="proto3", dependency=["y.proto"])
    message = proto.message_type.add(name="M")
    message.field.add(name="a", number=1, label=1, type=FieldDescriptorProto.TYPE_STRING)
    message.enum_type.add(name="E").value.add(name="A", number=0)
    service = proto.service.add(name="S")
    service.method.add(name="R", input_type=".p.M", output_type=".p.M")
    change(proto)
    return proto


BREAKS: dict[str, Callable[[FileDescriptorProto], object]] = {
    "syntax": lambda p: setattr(p, "syntax", "proto4"),
    "edition": lambda p: (setattr(p, "syntax", "editions"), setattr(p, "edition", 1)),
    "package": lambda p: setattr(p, "package", "a b"),
    "package with a leading dot": lambda p: setattr(p, "package", ".a"),
    "public import of nothing": lambda p: p.public_dependency.append(7),
    "weak import of nothing": lambda p: p.weak_dependency.append(-1),
    "message without a name": lambda p: p.message_type.add(),
    "message": lambda p: p.message_type.add(name='M"; message N {'),
    "message in another script": lambda p: p.message_type.add(name="Größe"),
    "nested message": lambda p: p.message_type[0].nested_type.add(name="1"),
    "enum": lambda p: p.enum_type.add(name="a.b"),
    "constant": lambda p: p.message_type[0].enum_type[0].value.add(name="-"),
    "field": lambda p: setattr(p.message_type[0].field[0], "name", "a\n"),
    "field without a type": lambda p: p.message_type[0].field[0].ClearField("type"),
    "named type without a name": lambda p: setattr(p.message_type[0].field[0], "type", 11),
    "type": lambda p: setattr(p.message_type[0].field[0], "type_name", "..a"),
    "field number": lambda p: setattr(p.message_type[0].field[0], "number", -1),
    "oneof of nothing": lambda p: setattr(p.message_type[0].field[0], "oneof_index", 0),
    "oneof": lambda p: p.message_type[0].oneof_decl.add(name="?"),
    "reserved range": lambda p: p.message_type[0].reserved_range.add(start=5, end=5),
    "extension range": lambda p: p.message_type[0].extension_range.add(start=5, end=2),
    "extended type": lambda p: p.extension.add(name="e", number=1, type=5, extendee="a-b"),
    "service": lambda p: p.service.add(name=""),
    "method": lambda p: p.service[0].method.add(name="{"),
    "method type": lambda p: p.service[0].method.add(name="m", input_type=""),
    "json_name that is no UTF-8": lambda p: (
        p.message_type[0].field[0].MergeFromString(b"\x52\x01\xff")
    ),
    "reserved name that is no UTF-8": lambda p: p.message_type[0].MergeFromString(b"\x52\x01\xff"),
    "name that is no UTF-8": lambda p: p.message_type[0].MergeFromString(b"\x0a\x01\xff"),
    "import that is no UTF-8": lambda p: p.MergeFromString(b"\x1a\x01\xff"),
    "option import before its time": lambda p: p.option_dependency.append("z.proto"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_no_text_can_say_is_refused(name: str) -> None:
    with pytest.raises(InvalidSchema):
        rebuilt(broken(BREAKS[name]))


def test_the_unbroken_descriptor_is_fine() -> None:
    assert "message M" in rebuilt(broken(lambda _: None))


@pytest.mark.parametrize(
    ("kind", "default"),
    [("TYPE_INT32", "x"), ("TYPE_BOOL", "1"), ("TYPE_DOUBLE", "?"), ("TYPE_BYTES", "\\q")],
)
def test_a_default_of_another_type_is_refused(kind: str, default: str) -> None:
    proto = FileDescriptorProto(name="x")
    field = proto.message_type.add(name="M").field.add(name="a", number=1, label=1)
    field.type = FieldDescriptorProto.Type.Value(kind)
    field.default_value = default
    with pytest.raises(InvalidSchema):
        rebuilt(proto)


def test_messages_nested_too_deep_are_refused() -> None:
    proto = FileDescriptorProto(name="x", syntax="proto3")
    message = proto.message_type.add(name="M")
    for _ in range(40):
        message = message.nested_type.add(name="M")
    with pytest.raises(TooComplex):
        rebuilt(proto)


def test_an_unresolved_import_is_fine_until_it_is_needed() -> None:
    proto = FileDescriptorProto(name="x", syntax="proto3", dependency=["missing.proto"])
    message = proto.message_type.add(name="M")
    validate(from_descriptor(proto))
    message.field.add(name="a", number=1, label=1, type=11, type_name=".missing.Type")
    with pytest.raises(InvalidSchema, match=r"Could not resolve type: \.missing\.Type"):
        validate(from_descriptor(proto))
