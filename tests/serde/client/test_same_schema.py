from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.type import datetime_pb2, money_pb2
from hypothesis import given
from hypothesis import strategies as st

from accord_serde import Metadata, MetadataProperties, Rule, RuleSet, Schema, SchemaReference
from accord_serde._identity import identity

RECORD = '{"type": "record", "name": "R", "fields": [{"name": "f", "type": "int", "default": 1}]}'
ONE, OTHER = SchemaReference("a", "s", 1), SchemaReference("b", "t", 2)


def serialized(file: FileDescriptorProto) -> Schema:
    return Schema(base64.b64encode(file.SerializeToString()).decode(), "PROTOBUF")


def money(**changes: Any) -> FileDescriptorProto:
    file = FileDescriptorProto()
    money_pb2.DESCRIPTOR.CopyToProto(file)
    file.MergeFrom(FileDescriptorProto(**changes))
    return file


SAME = [
    (Schema(RECORD), Schema(json.dumps(json.loads(RECORD), indent=2))),
    (Schema('{"a": 1, "b": {"c": 1, "d": 2}}'), Schema('{"b": {"d": 2, "c": 1}, "a": 1}')),
    (Schema('"int"', None), Schema('"int"', "AVRO")),
    (Schema('"int"', references=[ONE, OTHER]), Schema('"int"', references=[OTHER, ONE])),
    (Schema('"int"', references=None), Schema('"int"', references=[])),
    (
        Schema('"int"', metadata=Metadata(properties=MetadataProperties({"a": "b"}))),
        Schema('"int"', metadata=Metadata(None, MetadataProperties({"a": "b"}), [])),
    ),
    (Schema('"int"', metadata=Metadata()), Schema('"int"')),
    (
        Schema('"int"', rule_set=RuleSet(domain_rules=[Rule("r", disabled=False)])),
        Schema('"int"', rule_set=RuleSet([], [Rule("r", tags=[])], None, None)),
    ),
    (serialized(money()), serialized(money(name="default"))),
    (Schema("no JSON", "JSON"), Schema("no JSON", "JSON")),
]
DIFFERENT = [
    (Schema(RECORD), Schema(RECORD.replace("1", "true"))),
    (Schema(RECORD), Schema(RECORD.replace("1", "1.0"))),
    (Schema(RECORD), Schema(RECORD, "JSON")),
    (Schema('["a", "b"]'), Schema('["b", "a"]')),
    (Schema('"int"', references=[ONE]), Schema('"int"')),
    (
        Schema('"int"', metadata=Metadata(properties=MetadataProperties({"a": "b"}))),
        Schema('"int"', metadata=Metadata(properties=MetadataProperties({"a": "c"}))),
    ),
    (
        Schema('"int"', rule_set=RuleSet(domain_rules=[Rule("r")])),
        Schema('"int"', rule_set=RuleSet(domain_rules=[Rule("r", disabled=True)])),
    ),
    (serialized(money()), serialized(money(package="other"))),
    (serialized(money()), serialized(money(dependency=["other.proto"]))),
    (Schema("message M {}", "PROTOBUF"), Schema("message M { }", "PROTOBUF")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_very_same(one: Schema, other: Schema) -> None:
    assert identity(one) == identity(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_not_the_same(one: Schema, other: Schema) -> None:
    assert identity(one) != identity(other)


def test_only_the_name_of_a_file_is_left_out() -> None:
    file = FileDescriptorProto()
    datetime_pb2.DESCRIPTOR.CopyToProto(file)
    whole = identity(serialized(file))
    for field, _ in file.ListFields():
        changed = FileDescriptorProto()
        changed.CopyFrom(file)
        changed.ClearField(field.name)
        assert (identity(serialized(changed)) == whole) == (field.name == "name")


@given(st.binary(max_size=200))
def test_any_bytes_have_an_identity(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    assert identity(Schema(text, "PROTOBUF")) == identity(Schema(text, "PROTOBUF"))


@pytest.mark.parametrize(
    "data", [b"\x80" * 1_000_000, b"\x0a" + b"\xff" * 9 + b"\x01", b"\x0b", b"\x0a"]
)
def test_bytes_that_are_no_file_are_a_text(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    assert text in identity(Schema(text, "PROTOBUF"))
