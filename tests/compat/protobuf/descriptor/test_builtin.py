"""The bundled imports are the public ones."""

from __future__ import annotations

import importlib

import pytest
from confluent_kafka.schema_registry.confluent import meta_pb2
from confluent_kafka.schema_registry.confluent.type import decimal_pb2, variant_pb2
from confluent_kafka.schema_registry.confluent.types import decimal_pb2 as former_decimal_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from compat.protobuf import builtin, parser
from compat.protobuf.descriptor_compilation import bundled
from compat.protobuf.printer import print_file
from compat.protobuf.semantics import validate

GOOGLE_TYPES = (
    "calendar_period",
    "color",
    "date",
    "datetime",
    "dayofweek",
    "decimal",
    "expr",
    "fraction",
    "interval",
    "latlng",
    "money",
    "month",
    "phone_number",
    "postal_address",
    "quaternion",
    "timeofday",
)
RUNTIME = (
    "any",
    "api",
    "descriptor",
    "duration",
    "empty",
    "field_mask",
    "source_context",
    "struct",
    "timestamp",
    "type",
    "wrappers",
)
CONFLUENT = {
    "confluent/meta.proto": meta_pb2,
    "confluent/type/decimal.proto": decimal_pb2,
    "confluent/type/variant.proto": variant_pb2,
    "confluent/types/decimal.proto": former_decimal_pb2,
}
PUBLISHED = {
    **{f"google/type/{name}.proto": f"google.type.{name}_pb2" for name in GOOGLE_TYPES},
    **{f"google/protobuf/{name}.proto": f"google.protobuf.{name}_pb2" for name in RUNTIME},
    **{path: module.__name__ for path, module in CONFLUENT.items()},
}


def test_the_list_is_complete() -> None:
    assert set(PUBLISHED) == builtin.PATHS


@pytest.mark.parametrize("path", sorted(PUBLISHED))
def test_a_definition_is_the_published_one(path: str) -> None:
    module = importlib.import_module(PUBLISHED[path])
    theirs = FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
    ours = FileDescriptorProto.FromString(bundled(path).SerializeToString())
    for proto in (ours, theirs):
        proto.ClearField("options")  # for code generators
        messages = list(proto.message_type)
        for message in messages:
            messages.extend(message.nested_type)
            for field in message.field:
                field.ClearField("json_name")  # published modules are stripped of them
        for extension in proto.extension:
            extension.ClearField("json_name")
    assert ours == theirs


@pytest.mark.parametrize("path", sorted(builtin.PATHS))
def test_a_bundled_file_keeps_the_rules(path: str) -> None:
    file = builtin.lookup(path)
    assert file is not None
    validate(file)
    assert print_file(parser.parse(print_file(file))) == print_file(file)


def test_other_paths_are_not_bundled() -> None:
    assert builtin.lookup("google/type/missing.proto") is None
    assert builtin.declared_by("google/type/missing.proto") is None


@pytest.mark.parametrize("path", sorted(builtin.PATHS - {"google/protobuf/descriptor.proto"}))
def test_a_bundled_file_can_be_imported(path: str) -> None:
    validate(parser.parse(f'syntax = "proto3"; import "{path}"; message Mine {{}}'))
