"""Messages of a writer worth trying on a reader: one field set to a telling value, or all."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from google.protobuf.descriptor import Descriptor, EnumDescriptor
    from google.protobuf.message import Message

MAX_DEPTH: Final = 3  # of messages in messages
MAX_FIELDS: Final = 200  # that are set at once
MAX_SAMPLES: Final = 6  # of one field
MAX_TOGETHER: Final = 2  # of each of several fields
_INT32: Final = (1, 2**31 - 1, -(2**31))
_INT64: Final = (1, 2**63 - 1, -(2**63))

# The first value is one that every wider type has, too; of two one is not the default.
SAMPLES: Final[Mapping[int, tuple[Any, ...]]] = {
    FieldDescriptor.TYPE_DOUBLE: (1.5, -2.5),
    FieldDescriptor.TYPE_FLOAT: (1.5, -2.5),
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_UINT64: (1, 2**64 - 1),
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_FIXED64: (1, 2**64 - 1),
    FieldDescriptor.TYPE_FIXED32: (1, 2**32 - 1),
    FieldDescriptor.TYPE_BOOL: (True, False),
    FieldDescriptor.TYPE_STRING: ("a", "ä b"),
    FieldDescriptor.TYPE_BYTES: (b"a", b"\xff"),
    FieldDescriptor.TYPE_UINT32: (1, 2**32 - 1),
    FieldDescriptor.TYPE_SFIXED32: _INT32,
    FieldDescriptor.TYPE_SFIXED64: _INT64,
    FieldDescriptor.TYPE_SINT32: _INT32,
    FieldDescriptor.TYPE_SINT64: _INT64,
}


def class_of(descriptor: Descriptor) -> type[Message]:
    return GetMessageClass(descriptor)


def candidates(
    descriptor: Descriptor, fields: Sequence[FieldDescriptor], number: int | None = None
) -> Iterator[Message]:
    """Yield messages in which everything required is set.

    A single field is set to one value each, of an enum to `number` first; several are set together;
    then comes a message with nothing more, for a field that is not there is read as something, too.
    """
    if len(fields) == 1:
        (field,) = fields
        first = [] if number is None else _holding(field, number)
        for value in (*first, *samples(field, MAX_DEPTH)):
            message = with_required(descriptor)
            put(message, field, value)
            yield message
    elif fields:
        yield from _together(descriptor, fields[:MAX_FIELDS])
    yield with_required(descriptor)


def _together(descriptor: Descriptor, fields: Sequence[FieldDescriptor]) -> Iterator[Message]:
    """Set several fields at once.

    To one value each and then to others, for one of them may be the default of a reader; in both
    orders, for of a oneof the member that is set last stays.
    """
    values = [list(islice(samples(field, 1), MAX_TOGETHER)) for field in fields]
    for number in range(MAX_TOGETHER):
        pairs = [(field, one[number % len(one)]) for field, one in zip(fields, values, strict=True)]
        for order in (pairs, pairs[::-1]):
            message = with_required(descriptor)
            for field, value in order:
                put(message, field, value)
            yield message


def _holding(field: FieldDescriptor, number: int) -> list[Any]:
    """Return the value of a field of an enum that holds one constant."""
    if is_map(field):
        key, _ = map_of(field)
        return [{each: number} for each in islice(single(key, 1), 1)]
    return [[number] if field.is_repeated else number]


def with_required(descriptor: Descriptor, depth: int = MAX_DEPTH) -> Message:
    """Return a message with its required fields set."""
    message = class_of(descriptor)()
    for field in descriptor.fields:
        if field.is_required:
            for value in islice(samples(field, depth - 1), 1):
                put(message, field, value)
    return message


def samples(field: FieldDescriptor, depth: int) -> Iterator[Any]:
    """Yield values for a field, lists and maps as such."""
    if is_map(field):
        key, value = map_of(field)
        for one_key in islice(single(key, depth), MAX_SAMPLES):
            for one_value in islice(single(value, depth), MAX_SAMPLES):
                yield {one_key: one_value}
    elif field.is_repeated:
        values = list(islice(single(field, depth), MAX_SAMPLES))
        yield from ([value] for value in values)
        if values:
            yield [values[0], values[-1], values[0]]
    else:
        yield from islice(single(field, depth), MAX_SAMPLES)


def single(field: FieldDescriptor, depth: int) -> Iterator[Any]:
    """Yield values for one element of a field."""
    if field.message_type is not None:
        yield from _messages(field.message_type, depth)
    elif field.enum_type is not None:
        yield from _numbers(field)
    else:
        yield from SAMPLES[field.type]


def _messages(descriptor: Descriptor, depth: int) -> Iterator[Message]:
    if depth <= 0:
        yield class_of(descriptor)()
        return
    plain = [field for field in descriptor.fields if field.message_type is None]
    nested = [field for field in descriptor.fields if field.message_type is not None]
    for field in islice((*plain, *nested), MAX_SAMPLES):
        for value in samples(field, depth - 1):
            message = with_required(descriptor, depth - 1)
            put(message, field, value)
            yield message
    yield with_required(descriptor, depth - 1)


def _numbers(field: FieldDescriptor) -> Iterator[int]:
    """Yield the constants, the last first: zeros tell little; others soon, where they may be."""
    enum = cast("EnumDescriptor", field.enum_type)
    last, *rest = (value.number for value in reversed(enum.values))
    yield last
    if not enum.is_closed:
        yield from (2**31 - 1, -1)
    yield from rest


def is_map(field: FieldDescriptor) -> bool:
    return (
        field.message_type is not None
        and field.is_repeated
        and field.message_type.GetOptions().map_entry
    )


def map_of(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    """Return the keys and the values of a map."""
    entry = cast("Descriptor", field.message_type)
    return entry.fields_by_number[1], entry.fields_by_number[2]


def put(message: Message, field: FieldDescriptor, value: Any) -> None:  # noqa: ANN401 - likewise
    """Set a field of a message, or an extension."""
    if is_map(field):
        target = getattr(message, field.name)
        for key, element in value.items():
            if isinstance(element, bytes | str | int | float):
                target[key] = element
            else:
                target[key].CopyFrom(element)
    elif field.is_repeated:
        get(message, field).extend(value)
    elif field.message_type is not None:
        get(message, field).SetInParent()
        get(message, field).CopyFrom(value)
    elif field.is_extension:
        cast("Any", message).Extensions[field] = value
    else:
        setattr(message, field.name, value)


def get(message: Message, field: FieldDescriptor) -> Any:  # noqa: ANN401 - a value of whatever type the field has
    """Return the value of a field or an extension; a default where it is not set."""
    if field.is_extension:
        return cast("Any", message).Extensions[field]
    return getattr(message, field.name)
