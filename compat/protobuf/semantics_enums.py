"""The rules for enums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.semantics_breach import Breach, Span, Spans, repeated
from compat.protobuf.semantics_json import enum_clashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FileDescriptor
    from google.protobuf.descriptor_pb2 import EnumDescriptorProto, FileDescriptorProto


def enum_breaches(
    file: FileDescriptorProto, enum: EnumDescriptorProto, name: str
) -> Iterator[Breach]:
    """Yield what is wrong with an enum of this full name."""
    spans = Spans(Span(each.start, each.end, "reserved") for each in enum.reserved_range)
    yield from spans.breaches(name)
    for twice in repeated(enum.reserved_name):
        yield Breach(name, f'The name "{twice}" is reserved twice')
    reserved = set(enum.reserved_name)
    for value in enum.value:
        path = qualified(name, value.name)
        span = spans.holding(value.number)
        if span is not None:
            yield Breach(path, f"{value.name} uses {value.number} of the {span}")
        if value.name in reserved:
            yield Breach(path, f"The name {value.name} is reserved")
    yield from _aliases(enum, name)
    yield from enum_clashes(file, enum, name)


def _aliases(enum: EnumDescriptorProto, name: str) -> Iterator[Breach]:
    first: dict[int, str] = {}
    aliases = [
        (value.name, known)
        for value in enum.value
        if (known := first.setdefault(value.number, value.name)) != value.name
    ]
    if enum.options.allow_alias and not aliases:
        yield Breach(name, f"{enum.name} allows aliases but has none")
    if not enum.options.allow_alias:
        for alias, known in aliases:
            yield Breach(
                qualified(name, alias), f"{alias} has the number of {known}; set allow_alias"
            )


def enum_uses(file: FileDescriptorProto, built: FileDescriptor) -> Iterator[Breach]:
    """Yield the fields whose enum has to be open and is not; `built` is the file in a pool.

    A field without presence cannot tell no value from the first constant, which is zero only in
    open enums. In proto3 no field takes closed ones.
    """
    messages = list(built.message_types_by_name.values())
    for message in messages:
        messages.extend(message.nested_types)
        for field in message.fields:
            if field.enum_type is None or not field.enum_type.is_closed:
                continue
            if file.syntax == "proto3" or not (field.has_presence or field.is_repeated):
                yield Breach(field.full_name, f"The enum of {field.name} has to be an open one")
