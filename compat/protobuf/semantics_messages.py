"""The rules for messages: what their numbers and names may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.semantics_breach import Breach, Span, Spans, repeated
from compat.protobuf.semantics_json import field_clashes
from compat.protobuf.syntax import MAX_FIELD_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

# Numbers that protobuf's own implementation uses.
IMPLEMENTATION: Final = range(19_000, 20_000)
# The runtime lays a message out in 64 KiB and cannot do with many more; it takes long to say so.
MAX_FIELDS: Final = 16_000
NOT_KEYS: Final = frozenset(
    {
        FieldDescriptorProto.TYPE_FLOAT,
        FieldDescriptorProto.TYPE_DOUBLE,
        FieldDescriptorProto.TYPE_BYTES,
        FieldDescriptorProto.TYPE_ENUM,
        FieldDescriptorProto.TYPE_MESSAGE,
        FieldDescriptorProto.TYPE_GROUP,
    }
)


def message_breaches(
    file: FileDescriptorProto, message: DescriptorProto, name: str
) -> Iterator[Breach]:
    """Yield what is wrong with a message of this full name, its nested types aside."""
    if len(message.field) > MAX_FIELDS:
        yield Breach(name, f"{message.name} has more than {MAX_FIELDS} fields")
    spans = Spans(_spans(message))
    yield from spans.breaches(name)
    for twice in repeated(message.reserved_name):
        yield Breach(name, f'The name "{twice}" is reserved twice')
    for twice in repeated(_declared(message)):
        yield Breach(qualified(name, twice), f"{twice} is declared twice in {message.name}")
    reserved = set(message.reserved_name)
    numbers: dict[int, str] = {}
    for field in message.field:
        own, number = field.name, field.number
        if own in reserved:
            yield Breach(qualified(name, own), f"The name {own} is reserved")
        known = numbers.setdefault(number, own)
        if known != own:
            yield Breach(qualified(name, own), f"{own} has the number {number} of {known}")
        span = spans.holding(number)
        if span is not None:
            yield Breach(qualified(name, own), f"{own} uses {number} of the {span}")
    yield from _map_breaches(message, name)
    yield from field_clashes(file, message, name)
    if message.options.message_set_wire_format and file.syntax == "proto3":
        yield Breach(name, "proto3 has no message sets")


def number_breach(field: FieldDescriptorProto) -> str | None:
    """Return what is wrong with a number, whatever its field is part of."""
    number = field.number
    if 1 <= number < IMPLEMENTATION.start:
        return None
    if number in IMPLEMENTATION:
        return f"The numbers 19000 to 19999 are protobuf's own; {field.name} has {number}"
    if not field.HasField("extendee") and not 1 <= number <= MAX_FIELD_NUMBER:
        return f"{field.name} has the number {number}; it must be 1 to {MAX_FIELD_NUMBER}"
    return None


def _spans(message: DescriptorProto) -> Iterator[Span]:
    for reserved in message.reserved_range:
        yield Span(reserved.start, reserved.end - 1, "reserved")
    for extensions in message.extension_range:
        yield Span(extensions.start, extensions.end - 1, "extension")


def _declared(message: DescriptorProto) -> list[str]:
    """Return the names a message declares; the constants of its enums are among them."""
    names = [field.name for field in message.field]
    names += [oneof.name for oneof in message.oneof_decl]
    names += [nested.name for nested in message.nested_type]
    names += [extension.name for extension in message.extension]
    for enum in message.enum_type:
        names.append(enum.name)
        names += [value.name for value in enum.value]
    return names


def _map_breaches(message: DescriptorProto, name: str) -> Iterator[Breach]:
    entries = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
    for field in message.field if entries else ():
        entry = entries.get(field.type_name.removeprefix(f".{name}."))
        if entry is not None and any(key.type in NOT_KEYS for key in entry.field[:1]):
            yield Breach(
                qualified(name, field.name),
                f"The keys of {field.name} have a type that no map's can have",
            )
