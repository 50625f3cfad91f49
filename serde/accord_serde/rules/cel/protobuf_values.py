"""Protobuf messages as CEL sees them: maps of their fields, and well-known types as values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from accord_serde.rules.cel.library import celtypes
from accord_serde.rules.cel.programs import is_in_has
from accord_serde.rules.cel.timestamps import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

Field = Any  # a FieldDescriptor, for which the type stubs have two unrelated classes

_INTEGER = celtypes.IntType
_UNSIGNED = celtypes.UintType

_SCALARS: dict[int, Callable[[Any], Any]] = {
    FieldDescriptor.TYPE_ENUM: _INTEGER,
    FieldDescriptor.TYPE_BOOL: celtypes.BoolType,
    FieldDescriptor.TYPE_BYTES: celtypes.BytesType,
    FieldDescriptor.TYPE_STRING: celtypes.StringType,
    FieldDescriptor.TYPE_FLOAT: celtypes.DoubleType,
    FieldDescriptor.TYPE_DOUBLE: celtypes.DoubleType,
    FieldDescriptor.TYPE_INT32: _INTEGER,
    FieldDescriptor.TYPE_INT64: _INTEGER,
    FieldDescriptor.TYPE_SINT32: _INTEGER,
    FieldDescriptor.TYPE_SINT64: _INTEGER,
    FieldDescriptor.TYPE_SFIXED32: _INTEGER,
    FieldDescriptor.TYPE_SFIXED64: _INTEGER,
    FieldDescriptor.TYPE_UINT32: _UNSIGNED,
    FieldDescriptor.TYPE_UINT64: _UNSIGNED,
    FieldDescriptor.TYPE_FIXED32: _UNSIGNED,
    FieldDescriptor.TYPE_FIXED64: _UNSIGNED,
}

WRAPPERS = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("String", "Bytes", "Int32", "Int64", "UInt32", "UInt64", "Float", "Double", "Bool")
)


class MessageMap(celtypes.MapType):
    """The fields of a message; `msg` is the message, which a rule that returns it gives back."""

    def __init__(self, message: Message) -> None:
        super().__init__()
        self.msg = message
        for field in message.DESCRIPTOR.fields:
            if field.containing_oneof is None or message.HasField(field.name):
                self[celtypes.StringType(field.name)] = _field(message, field)

    def __getitem__(self, key: Any) -> Any:
        field = self.msg.DESCRIPTOR.fields_by_name[key]
        if not _is_set(self.msg, field):
            if is_in_has():
                raise KeyError(key)
            if field.has_presence:
                return _default(field)
        return super().__getitem__(key)

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]  # a map, as its parent


def message_to_cel(message: Message) -> Any:
    name = message.DESCRIPTOR.full_name
    if name in WRAPPERS:
        return _field(message, message.DESCRIPTOR.fields_by_name["value"])
    convert = _WELL_KNOWN.get(name)
    return MessageMap(message) if convert is None else convert(message)


def field_to_cel(value: Any, field: Field) -> Any:
    """Return the value of a whole field: repeated, a map, or single."""
    if not field.is_repeated:
        return scalar_to_cel(value, field)
    if field.message_type is None or not field.message_type.GetOptions().map_entry:
        return celtypes.ListType([scalar_to_cel(item, field) for item in value])
    entry = field.message_type.fields_by_name
    made = celtypes.MapType()
    for key, item in value.items():
        made[scalar_to_cel(key, entry["key"])] = scalar_to_cel(item, entry["value"])
    return made


def scalar_to_cel(value: Any, field: Field) -> Any:
    """Return one value of a field; of repeated ones, an element."""
    if field.message_type is not None:
        return message_to_cel(value)
    return _SCALARS[field.type](value)


def _field(message: Message, field: Field) -> Any:
    is_single_message = field.message_type is not None and not field.is_repeated
    if is_single_message and not message.HasField(field.name):
        return None
    return field_to_cel(getattr(message, field.name), field)


def _is_set(message: Message, field: Field) -> bool:
    if field.has_presence:
        return message.HasField(field.name)
    value = getattr(message, field.name)
    return len(value) > 0 if field.is_repeated else bool(value != field.default_value)


def _default(field: Field) -> Any:
    """Return what a field that is not set reads as; a wrapper as null."""
    if field.message_type is None:
        return scalar_to_cel(field.default_value, field)
    if field.message_type.full_name in WRAPPERS:
        return None
    return message_to_cel(GetMessageClass(field.message_type)())


class _Timestamp(celtypes.TimestampType):
    """A moment that remembers its message, whose nanoseconds it cannot hold."""

    msg: Message


class _Duration(celtypes.DurationType):
    """A duration, likewise."""

    msg: Message


def _timestamp(message: Any) -> _Timestamp:
    elapsed = timedelta(seconds=message.seconds, microseconds=message.nanos // 1000)
    made = _Timestamp(EPOCH + elapsed)
    made.msg = message
    return made


def _duration(message: Any) -> _Duration:
    made = _Duration(timedelta(seconds=message.seconds, microseconds=int(message.nanos / 1000)))
    made.msg = message
    return made


_WELL_KNOWN: dict[str, Callable[[Message], Any]] = {
    "google.protobuf.Timestamp": _timestamp,
    "google.protobuf.Duration": _duration,
}
