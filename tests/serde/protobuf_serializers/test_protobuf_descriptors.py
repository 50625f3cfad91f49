"""Files of message types: those every registry knows, and those it answers with."""

from __future__ import annotations

import base64
import importlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from accord_serde._core.references import Referenced
from accord_serde._protobuf import built_in as files
from accord_serde._protobuf.descriptors import RegisteredFile, parsed, schema_text
from accord_serde._protobuf.leaves import leaf_message, set_decimal
from accord_serde._rules_engine.executors import RuleError
from accord_serde._schemas import Schema
from accord_serde.serialization import SerializationError, WireFormatError

CONFLUENT = ("meta", "type.decimal", "type.variant", "types.decimal")
INSTALLED = Path(descriptor_pb2.__file__).parent.parent


def shape(file: FileDescriptorProto) -> FileDescriptorProto:
    """Return a file without what steers code generators and names JSON."""
    plain = FileDescriptorProto.FromString(file.SerializeToString())
    plain.ClearField("options")
    return plain


@pytest.mark.parametrize("name", CONFLUENT)
def test_confluents_files_are_as_confluent_has_them(name: str) -> None:
    """Names, numbers and types are those of Confluent's own files."""
    module = importlib.import_module(f"confluent_kafka.schema_registry.confluent.{name}_pb2")
    theirs = FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
    ours = files.built_in(f"confluent/{name.replace('.', '/')}.proto")
    assert ours is not None
    assert shape(ours) == shape(theirs)


def test_every_file_of_google_type_is_built_in() -> None:
    """What googleapis-common-protos installs in google/type can be imported."""
    folder = INSTALLED / "type"
    paths = [f"google/type/{path.name}" for path in folder.glob("*.proto")]
    assert len(paths) > 10
    for path in paths:
        file = files.built_in(path)
        assert file is not None
        assert file.name == path


@pytest.mark.parametrize(
    "path", ["google/protobuf/../os.proto", "google/type/none.proto", "google/protobuf.proto"]
)
def test_only_known_files_are_looked_for(path: str) -> None:
    """A registry cannot make a program import a module of its choice."""
    assert files.built_in(path) is None


def registered(classes: Any, name: str) -> RegisteredFile:
    """Return the file of a type as the registry would answer it."""
    file = classes[name].DESCRIPTOR.file
    imported: dict[str, Referenced] = {}
    _collect(file, imported)
    return RegisteredFile(Schema(schema_text(file), "PROTOBUF"), list(imported.values()))


def _collect(file: Any, found: dict[str, Referenced]) -> None:
    for each in file.dependencies:
        _collect(each, found)
        found[each.name] = Referenced(each.name, Schema(schema_text(each), "PROTOBUF"))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("shop.v1.Order.Locker", "shop.v1.Order.Locker"),
        ("shop.v1.Refund", "shop.v1.Refund"),
        ("other.Refund", "shop.v1.Refund"),
        ("other.Locker", "shop.v1.Order"),
        ("", "shop.v1.Order"),
    ],
)
def test_another_files_type_is_found_by_name(wanted: str, found: str, classes: Any) -> None:
    """The full name wins over the simple one, and that over the first type."""
    assert registered(classes, "shop.v1.Order").counterpart(wanted) == found


@pytest.mark.parametrize("name", ["shop.v1.Order", "annotated.Person", "Bare", "modern.Modern"])
def test_registered_files_hold_together(name: str, classes: Any) -> None:
    """A file is put together from its text, those it refers to and those built in."""
    assert registered(classes, name).descriptor(name).full_name == name


@pytest.mark.parametrize("text", [None, "", "syntax = proto3;", "!", "äö", "CgA"])
def test_texts_in_another_format_are_errors(text: str | None) -> None:
    """A registry that answers with anything but a file is told of."""
    if text == "":
        assert parsed(Schema(text, "PROTOBUF"), "p") == FileDescriptorProto(name="p")
        return
    if text is None:
        assert parsed(Schema(text, "PROTOBUF"), "p") == FileDescriptorProto(name="p")
        return
    with pytest.raises(SerializationError, match="serialized"):
        parsed(Schema(text, "PROTOBUF"), "p")


def test_files_that_do_not_hold_together_are_errors() -> None:
    """An import that is not to be had, and a file without messages."""
    file = FileDescriptorProto(name="x", dependency=["missing.proto"])
    file.message_type.add(name="M")
    text = base64.b64encode(file.SerializeToString()).decode()
    with pytest.raises(SerializationError, match=r"missing\.proto"):
        RegisteredFile(Schema(text, "PROTOBUF"), []).descriptor("M")
    with pytest.raises(WireFormatError):
        RegisteredFile(Schema("", "PROTOBUF"), []).counterpart("M")


@pytest.mark.parametrize(
    "text",
    [
        *("0", "-0", "0.000", "1", "-1", "127", "128", "-128", "-129", "255", "-32768"),
        *("1E+3", "-12.80", "123456789012345678901234567890.5", "1" * 4300),
    ],
)
def test_decimals_are_written_as_confluent_writes_them(text: str) -> None:
    """The bytes are the fewest that hold the unscaled number, as Java's BigInteger has them."""
    decimals = importlib.import_module(
        "confluent_kafka.schema_registry.confluent.type.decimal_utils"
    )
    expected = decimals.to_proto_decimal(Decimal(text))
    made = type(expected)()
    set_decimal(made, Decimal(text))
    assert made == expected


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1E-3000000000", "1" * 4301])
def test_decimals_that_cannot_be_written_are_rule_errors(text: str) -> None:
    """Neither what is no number nor what is too long gets into a message."""
    decimals = importlib.import_module("confluent_kafka.schema_registry.confluent.type.decimal_pb2")
    with pytest.raises(RuleError):
        set_decimal(decimals.Decimal(), Decimal(text))


def test_a_value_that_holds_its_message_gives_it_back() -> None:
    """A moment in CEL has no nanoseconds, but remembers the message it was read from."""
    message = timestamp_pb2.Timestamp(seconds=1, nanos=1)
    holder = type("Moment", (), {"msg": message})()
    assert leaf_message(timestamp_pb2.Timestamp.DESCRIPTOR, holder) is message
