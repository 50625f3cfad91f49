"""Reading and writing the fields of messages that are known only by their descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

# The type of a value depends on the field it is of.
FieldValue: TypeAlias = Any


def field_named(message: Message, name: str) -> FieldDescriptor | None:
    """Return the field of a name, or None."""
    fields: Any = message.DESCRIPTOR.fields_by_name
    found: FieldDescriptor | None = fields.get(name)
    return found


def extension_named(pool: DescriptorPool, name: str) -> FieldDescriptor | None:
    """Return the extension of a full name, or None."""
    finder: Any = pool
    try:
        found: FieldDescriptor = finder.FindExtensionByName(name)
    except KeyError:
        return None
    return found


def set_fields(message: Message) -> Sequence[tuple[FieldDescriptor, FieldValue]]:
    """Return the fields that are set, extensions too, in the order of their numbers."""
    fields: Any = message.ListFields()
    found: Sequence[tuple[FieldDescriptor, FieldValue]] = fields
    return found


def value_of(message: Message, field: FieldDescriptor) -> FieldValue:
    """Return the value of a field or an extension."""
    extensions: Any = message.Extensions if field.is_extension else None
    return getattr(message, field.name) if extensions is None else extensions[field]


def is_set(message: Message, field: FieldDescriptor) -> bool:
    """Tell whether a field has a value; a field without presence never says so."""
    if field.is_repeated:
        return bool(value_of(message, field))
    if field.is_extension:
        extension: Any = field
        return message.HasExtension(extension)
    return field.has_presence and message.HasField(field.name)


def put(message: Message, field: FieldDescriptor, value: FieldValue) -> None:
    """Set a single scalar, or append to a repeated one."""
    if field.is_repeated:
        value_of(message, field).append(value)
    elif field.is_extension:
        extensions: Any = message.Extensions
        extensions[field] = value
    else:
        setattr(message, field.name, value)


def opened(message: Message, field: FieldDescriptor) -> Message:
    """Return the message of a field for writing: a new element if the field is repeated."""
    held = value_of(message, field)
    target: Message = held.add() if field.is_repeated else held
    target.SetInParent()
    return target
