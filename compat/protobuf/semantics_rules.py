"""One walk over a descriptor that applies the rules of all its elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.semantics_breach import Breach, repeated
from compat.protobuf.semantics_editions import edition_breaches
from compat.protobuf.semantics_enums import enum_breaches
from compat.protobuf.semantics_fields import field_breaches
from compat.protobuf.semantics_messages import message_breaches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FieldDescriptorProto,
        FileDescriptorProto,
    )


def breaches(file: FileDescriptorProto) -> Iterator[Breach]:
    """Yield what is wrong with a file, by the rules the runtime's pool does not know."""
    for message in file.message_type:
        yield from _message(file, message, file.package)
    yield from _enums(file, file.enum_type, file.package)
    yield from _fields(file, file.extension, file.package)
    for service in file.service:
        name = qualified(file.package, service.name)
        for twice in repeated([method.name for method in service.method]):
            yield Breach(qualified(name, twice), f"{service.name} has two methods {twice}")
    yield from edition_breaches(file)


def _message(file: FileDescriptorProto, message: DescriptorProto, scope: str) -> Iterator[Breach]:
    name = qualified(scope, message.name)
    yield from message_breaches(file, message, name)
    yield from _fields(file, message.field, name)
    yield from _fields(file, message.extension, name)
    yield from _enums(file, message.enum_type, name)
    for nested in message.nested_type:
        if not nested.options.map_entry:  # the pool knows all about those
            yield from _message(file, nested, name)


def _fields(
    file: FileDescriptorProto, fields: Iterable[FieldDescriptorProto], scope: str
) -> Iterator[Breach]:
    for field in fields:
        for message in field_breaches(file, field):
            yield Breach(qualified(scope, field.name), message)


def _enums(
    file: FileDescriptorProto, enums: Iterable[EnumDescriptorProto], scope: str
) -> Iterator[Breach]:
    for enum in enums:
        yield from enum_breaches(file, enum, qualified(scope, enum.name))
