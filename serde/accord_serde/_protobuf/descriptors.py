"""Files of message types: as the registry has them, and as the program has them compiled.

The text of a registered file is the base64 of its FileDescriptorProto.
"""

from __future__ import annotations

import base64
import binascii
from functools import cached_property
from typing import TYPE_CHECKING, cast

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError

from accord_serde._protobuf.built_in import built_in, is_built_in
from accord_serde.serialization import SerializationError, WireFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.descriptor import Descriptor, FileDescriptor
    from google.protobuf.message import Message

    from accord_serde._core.references import Referenced
    from accord_serde._schemas import Schema

_OWN_PATH = "default"  # of a registered file, which nothing imports; Confluent's clients say so too


def type_of(message: Message | type[Message]) -> Descriptor:
    """Return the type of a message; for the type stubs have two classes of them."""
    return cast("Descriptor", message.DESCRIPTOR)


def schema_text(file: FileDescriptor) -> str:
    """Return what a compiled file is registered as."""
    return base64.b64encode(file.serialized_pb).decode("ascii")


def message_path(descriptor: Descriptor) -> tuple[int, ...]:
    """Return the place of a message type in its file, entries of maps counted."""
    outer = descriptor.containing_type
    if outer is None:
        return (list(descriptor.file.message_types_by_name).index(descriptor.name),)
    names = [nested.name for nested in outer.nested_types]
    return (*message_path(outer), names.index(descriptor.name))


def parsed(schema: Schema, path: str) -> FileDescriptorProto:
    """Read the text of a registered file. Raises SerializationError."""
    try:
        content = base64.b64decode((schema.schema_str or "").encode("ascii"), validate=True)
        file = FileDescriptorProto.FromString(content)
    except (UnicodeEncodeError, binascii.Error, DecodeError) as error:
        raise SerializationError(
            f"the registry's answer is not a Protobuf file in the format `serialized`: {error}"
        ) from error
    file.name = path
    return file


class RegisteredFile:
    """A file of the registry, with those it imports."""

    def __init__(self, schema: Schema, imported: Sequence[Referenced]) -> None:
        self._proto = parsed(schema, _OWN_PATH)
        self._imported = imported

    def full_name(self, path: Sequence[int]) -> str:
        """Return the name of the message type at a place. Raises WireFormatError."""
        names = [self._proto.package] if self._proto.package else []
        types = self._proto.message_type
        for index in path:
            if not 0 <= index < len(types):
                owner = ".".join(names) or "the schema"
                raise WireFormatError(
                    f"Invalid message indexes: {list(path)} with {len(types)} types in {owner}"
                )
            names.append(types[index].name)
            types = types[index].nested_type
        return ".".join(names)

    @cached_property
    def names(self) -> frozenset[str]:
        """The full names of all message types."""
        return frozenset(_names(self._proto.message_type, self._proto.package))

    def counterpart(self, full_name: str) -> str:
        """Return the type that stands for one of another file: of its full name, else of its
        simple name, else the first. Raises WireFormatError: there are no types.
        """
        if full_name in self.names:
            return full_name
        simple = full_name.rpartition(".")[2]
        for index, candidate in enumerate(self._proto.message_type):
            if candidate.name == simple:
                return self.full_name((index,))
        return self.full_name((0,))

    def descriptor(self, full_name: str) -> Descriptor:
        """Return a message type. Raises SerializationError: the file does not hold together."""
        return self._pool.FindMessageTypeByName(full_name)

    @cached_property
    def _pool(self) -> DescriptorPool:
        assembly = _Assembly()
        try:
            for name, schema in self._imported:
                assembly.add(parsed(schema, name))
            assembly.add(self._proto)
        except (TypeError, DecodeError) as error:
            raise SerializationError(f"the schema is no valid Protobuf file: {error}") from error
        return assembly.pool


class _Assembly:
    """A pool to which files are added with the built-in ones they import."""

    def __init__(self) -> None:
        self.pool = DescriptorPool()
        self._added: set[str] = set()

    def add(self, file: FileDescriptorProto) -> None:
        """Add a file, the first of its path. Raises TypeError: the pool does not take it."""
        if file.name in self._added:
            return
        self._added.add(file.name)
        for path in file.dependency:
            known = built_in(path) if is_built_in(path) else None
            if known is not None:
                self.add(known)
        self.pool.AddSerializedFile(file.SerializeToString())


def _names(types: Sequence[DescriptorProto], outer: str) -> Iterator[str]:
    for each in types:
        name = f"{outer}.{each.name}" if outer else each.name
        yield name
        yield from _names(each.nested_type, name)
