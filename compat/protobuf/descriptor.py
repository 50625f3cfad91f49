"""Descriptors: the binary form of a .proto file, which some clients send instead of its text."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Final

from google.protobuf.message import DecodeError

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf.descriptor_class import FileProto
from compat.protobuf.descriptor_compilation import compiled, known_to, set_custom_options
from compat.protobuf.descriptor_library import Library
from compat.protobuf.descriptor_option_reader import OptionReader
from compat.protobuf.descriptor_tree import Rebuilding
from compat.protobuf.tokens import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

    from compat.protobuf.syntax import File

DEFAULT_NAME: Final = "default"  # the name of a schema's own file; imports go by their paths


def to_descriptor(
    file: File, name: str = DEFAULT_NAME, imports: Mapping[str, File] | None = None
) -> FileDescriptorProto:
    """Return the descriptor protoc makes of a file.

    `imports` are the references by import path, the indirect ones too; bundled files need not be
    among them. Imports that are not known and options without a definition are left out. Raises
    InvalidSchema for a type that cannot be resolved and a value that does not fit.
    """
    library = Library(imports or {})
    target = compiled(file, name, library)
    set_custom_options(file, target, library)
    return target.proto


def serialized(file: File, imports: Mapping[str, File] | None = None) -> str:
    """Return the base64 of a file's descriptor, `format=serialized` of the REST contract.

    It says what the text says and no more, so that a client which sends it back means the same
    schema. The types that map fields declare come after the others a message has: the messages of
    a text are counted without them, and the indexes in a record must point to the same types for
    readers that count by the descriptor.
    """
    library = Library(imports or {})
    target = compiled(file, DEFAULT_NAME, library, as_written=True)
    set_custom_options(file, target, library)
    entries: dict[int, tuple[DescriptorProto, set[str]]] = {}
    for message, entry in target.entries:
        entries.setdefault(id(message), (message, set()))[1].add(entry)
    for message, names in entries.values():
        message.nested_type.sort(key=partial(_is_among, names))
    return base64.b64encode(target.proto.SerializeToString()).decode()


def _is_among(names: set[str], message: DescriptorProto) -> bool:
    return message.name in names


def decode_base64(text: str) -> FileDescriptorProto | None:
    """Return the descriptor a base64 text holds, or None when it holds none."""
    if len(text) > MAX_TEXT:
        raise TooComplex(f"the text has {len(text)} characters, more than {MAX_TEXT}")
    stripped = text.strip().rstrip("=")
    try:
        content = base64.b64decode(stripped + "=" * (-len(stripped) % 4), validate=True)
        proto = FileProto.FromString(content)
    except (ValueError, DecodeError):
        return None
    return proto if proto.ListFields() else None


def from_descriptor(proto: FileDescriptorProto, imports: Mapping[str, File] | None = None) -> File:
    """Return the syntax tree the REST contract prints for a descriptor; raises InvalidSchema.

    Custom options are kept when their definitions are in the file itself or in what it imports.
    """
    library = Library(imports or {})
    own = FileProto.FromString(proto.SerializeToString())
    try:
        return Rebuilding(own, OptionReader(lambda: known_to(own, library))).file()
    except (UnicodeDecodeError, DecodeError) as error:
        raise InvalidSchema(f"Not a valid descriptor: {error}") from error
