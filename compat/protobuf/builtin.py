"""The imports that need no reference: protobuf's, Google's common types, Confluent's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from google.protobuf import (
    any_pb2,
    api_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    source_context_pb2,
    struct_pb2,
    timestamp_pb2,
    type_pb2,
    wrappers_pb2,
)

from compat.protobuf import parser
from compat.protobuf.builtin_sources import SOURCES
from compat.protobuf.descriptor_class import FileProto, known_pool
from compat.protobuf.descriptor_option_reader import OptionReader
from compat.protobuf.descriptor_symbols import declared
from compat.protobuf.descriptor_tree import Rebuilding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from compat.protobuf.descriptor_symbols import Kind
    from compat.protobuf.syntax import File

META_PATH: Final = "confluent/meta.proto"
_RUNTIME: Final[Mapping[str, bytes]] = {
    module.DESCRIPTOR.name: module.DESCRIPTOR.serialized_pb
    for module in (
        any_pb2,
        api_pb2,
        descriptor_pb2,
        duration_pb2,
        empty_pb2,
        field_mask_pb2,
        source_context_pb2,
        struct_pb2,
        timestamp_pb2,
        type_pb2,
        wrappers_pb2,
    )
}
PATHS: Final = frozenset(SOURCES) | frozenset(_RUNTIME)


def lookup(path: str) -> File | None:
    """Return the bundled file of an import path, or None."""
    return _file(path) if path in PATHS else None


def runtime_descriptor(path: str) -> FileDescriptorProto | None:
    """Return the descriptor the protobuf runtime carries for a path, or None."""
    return FileProto.FromString(_RUNTIME[path]) if path in _RUNTIME else None


def declared_by(path: str) -> Mapping[str, Kind] | None:
    """Return the names a bundled file declares, or None if the path is not bundled."""
    return _declared(path) if path in PATHS else None


@cache
def _file(path: str) -> File:
    proto = runtime_descriptor(path)
    if proto is None:
        return parser.parse(SOURCES[path])
    return Rebuilding(proto, OptionReader(known_pool)).file()


@cache
def _declared(path: str) -> Mapping[str, Kind]:
    return declared(_file(path))
