"""The stock Python client can send a schema and read back what the registry returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from confluent_kafka.schema_registry.common.protobuf import (
    _create_index_array,
    _init_pool,
    _schema_to_str,
    _str_to_proto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from compat.protobuf import builtin, parser
from compat.protobuf.descriptor import decode_base64, from_descriptor, serialized
from compat.protobuf.printer import print_file
from compat.protobuf.semantics import validate

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FileDescriptor
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from compat.protobuf.syntax import File

# What the client's own pool lacks of the bundled imports.
ABSENT = {
    "google/type/decimal.proto",
    "google/type/interval.proto",
    "google/type/phone_number.proto",
}


def client_pool() -> DescriptorPool:
    pool = DescriptorPool()
    _init_pool(pool)
    return pool


def loaded(pool: DescriptorPool, file: File, name: str, imports: dict[str, File]) -> FileDescriptor:
    """Load a file as the client does: its references first, under their import paths."""
    for statement in file.imports:
        imported = imports.get(statement.path)
        if imported is not None and statement.path not in loaded_names(pool, imports):
            loaded(pool, imported, statement.path, imports)
    pool.Add(_str_to_proto(name, serialized(file, imports)))
    return pool.FindFileByName(name)


def loaded_names(pool: DescriptorPool, imports: dict[str, File]) -> set[str]:
    found = set()
    for name in imports:
        try:
            pool.FindFileByName(name)
        except KeyError:
            continue
        found.add(name)
    return found


def test_every_corpus_file_loads(corpus: dict[str, File]) -> None:
    for name, file in corpus.items():
        if ABSENT.isdisjoint(statement.path for statement in file.imports):
            assert loaded(client_pool(), file, "default", corpus).name == "default", name


@pytest.mark.parametrize("path", sorted(builtin.PATHS - ABSENT))
def test_every_bundled_import_loads(path: str) -> None:
    file = parser.parse(f'syntax = "proto3"; import "{path}";')
    assert [one.name for one in loaded(client_pool(), file, "default", {}).dependencies] == [path]


def test_what_the_client_sends_comes_back(corpus: dict[str, File]) -> None:
    sent = loaded(client_pool(), corpus["imports_plain.proto"], "imports_plain.proto", corpus)
    proto = decode_base64(_schema_to_str(sent))
    assert proto is not None
    stored = parser.parse(print_file(from_descriptor(proto, corpus)))
    validate(stored, corpus)
    returned = loaded(client_pool(), stored, "default", corpus)
    assert described(returned) == described(sent)


def described(file: FileDescriptor) -> list[tuple[str, list[tuple[int, str, int]]]]:
    return [
        (name, [(field.number, field.name, field.type) for field in message.fields])
        for name, message in file.message_types_by_name.items()
    ]


def test_a_record_is_read_through_the_returned_schema(corpus: dict[str, File]) -> None:
    writer = loaded(client_pool(), corpus["telemetry.proto"], "telemetry.proto", corpus)
    message = GetMessageClass(writer.message_types_by_name["Reading"])(
        device_id="d", celsius=21.5, flags=[1], retries=3
    )
    message.extra["k"].string_value = "v"
    proto = decode_base64(_schema_to_str(writer))
    assert proto is not None
    stored = parser.parse(print_file(from_descriptor(proto)))
    reader = loaded(client_pool(), stored, "default", corpus)
    read = GetMessageClass(reader.message_types_by_name["Reading"]).FromString(
        message.SerializeToString()
    )
    assert read.SerializeToString(deterministic=True) == message.SerializeToString(
        deterministic=True
    )


def indexes(file: FileDescriptor) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    messages: list[Descriptor] = list(file.message_types_by_name.values())
    for message in messages:
        if not message.GetOptions().map_entry:
            found[message.full_name] = _create_index_array(message)
        messages.extend(message.nested_types)
    return found


@pytest.mark.parametrize("name", ["nested.proto", "maps.proto", "order_mixed.proto"])
def test_message_indexes_of_a_sent_descriptor_stay(name: str, corpus: dict[str, File]) -> None:
    sent = loaded_by_protoc_order(corpus[name], name)
    proto = decode_base64(_schema_to_str(sent))
    assert proto is not None
    stored = parser.parse(print_file(from_descriptor(proto)))
    assert indexes(loaded(client_pool(), stored, "default", corpus)) == indexes(sent)


def loaded_by_protoc_order(file: File, name: str) -> FileDescriptor:
    from compat.protobuf.descriptor import to_descriptor  # noqa: PLC0415 - only this one needs it

    proto: FileDescriptorProto = to_descriptor(file, name)
    pool = client_pool()
    pool.Add(proto)
    return pool.FindFileByName(name)


def test_message_indexes_of_a_text_do_not_count_map_entries() -> None:
    text = """
        syntax = "proto3";
        message M {
          map<string, First> firsts = 1;
          message First {}
          map<string, First> seconds = 2;
          message Second {}
        }
    """
    assert indexes(loaded(client_pool(), parser.parse(text), "default", {})) == {
        "M": [0],
        "M.First": [0, 0],
        "M.Second": [0, 1],
    }
