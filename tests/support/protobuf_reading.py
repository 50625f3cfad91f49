"""Messages of a writer schema, and what the runtime makes of them with a reader schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from compat.protobuf.descriptor import to_descriptor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from avro_evolution import Choices

    from compat.protobuf import ProtobufSchema

_INT32 = (1, 0, -1, 2, 3, 2**31 - 1, -(2**31))
_INT64 = (1, 0, -1, 2, 2**32, 2**63 - 1, -(2**63))
_UINT32 = (1, 0, 2, 2**31, 2**32 - 1)
_UINT64 = (1, 0, 2, 2**32, 2**63, 2**64 - 1)
VALUES: Mapping[int, tuple[Any, ...]] = {
    1: (1.5, 0.0, -1.0, 1e300, float("inf")),
    2: (1.5, 0.0, -1.0, float("-inf")),
    3: _INT64,
    4: _UINT64,
    5: _INT32,
    6: _UINT64,
    7: _UINT32,
    8: (True, False),
    9: ("a", "", "\u00e9\U0001f600"),
    12: (b"a", b"", b"\xff"),
    13: _UINT32,
    15: _INT32,
    16: _INT64,
    17: _INT32,
    18: _INT64,
}
UNKNOWN = (77, -1, 2**31 - 1)  # numbers that are no constants
SET_OF_FOUR = 3  # fields, of four that need not be set
TEXT = 9
NO_UTF8 = b"\x01\xff"  # with its length


class Place(NamedTuple):
    """A field of a message, and the enums it is of on either side."""

    message: str
    number: int
    enums: frozenset[str] = frozenset()


class Types:
    """The messages of a schema in the runtime."""

    def __init__(self, schema: ProtobufSchema) -> None:
        self._pool = DescriptorPool()
        for path, file in schema.imports.items():
            self._pool.AddSerializedFile(to_descriptor(file, path).SerializeToString())
        own = to_descriptor(schema.file, imports=schema.imports)
        self._pool.AddSerializedFile(own.SerializeToString())

    def find(self, name: str) -> type[Message] | None:
        try:
            return GetMessageClass(self._pool.FindMessageTypeByName(name))
        except KeyError:
            return None


def is_map(field: Any) -> bool:
    kind = field.message_type
    return bool(kind is not None and field.is_repeated and kind.GetOptions().map_entry)


def is_group(field: Any) -> bool:
    return field.message_type.containing_type is not None and not is_map(field)


def filled(choices: Choices, kind: Any) -> Message:
    """Return a message with most of its fields set, and all that are required."""
    message: Any = GetMessageClass(kind)()
    for field in kind.fields:
        if not field.is_required and choices.below(4) == SET_OF_FOUR:
            continue
        if is_map(field):
            key, element = (field.message_type.fields_by_number[number] for number in (1, 2))
            put(getattr(message, field.name), value(choices, key), value(choices, element))
        elif field.is_repeated:
            elements = [value(choices, field) for _ in range(choices.below(3))]
            getattr(message, field.name).extend(elements)
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(value(choices, field))
        else:
            setattr(message, field.name, value(choices, field))
    return message


def message_of(field: Any) -> Any:
    """Return the message that a field or a map holds, or None."""
    return (field.message_type.fields_by_number[2] if is_map(field) else field).message_type


def put(entries: Any, key: Any, element: Any) -> None:
    if isinstance(element, Message):
        entries[key].CopyFrom(element)
    else:
        entries[key] = element


def value(choices: Choices, field: Any) -> Any:
    if field.message_type is not None:
        return filled(choices, field.message_type)
    if field.enum_type is not None:
        known = [each.number for each in field.enum_type.values]
        return choices.pick(known if field.enum_type.is_closed else [*known, *UNKNOWN])
    return choices.pick(VALUES[field.type])


class Misreading(NamedTuple):
    """What a reader makes of a message, if it is not what was written."""

    words: str
    place: Place | None = None  # unless the message is refused as a whole


def misread(read: Any, written: Any, outer: Place | None = None) -> Iterator[Misreading]:
    """Yield the fields that both messages have and that do not say the same.

    A field that is not set says its default; what stands in a group is told of the group.
    """
    known = read.DESCRIPTOR.fields_by_number
    for field in written.DESCRIPTOR.fields:
        other = known.get(field.number)
        if other is not None:
            place = within(outer, place_of(field, other))
            yield from differing(read, other, written, field, place)
        elif is_lost(read, written, field):
            told = f"does not find {field.name}, which has moved or was the choice of a oneof"
            yield Misreading(told, within(outer, place_of(field, field)))


def is_lost(read: Any, written: Any, field: Any) -> bool:
    """Tell whether a reader, without a field of this number, should have something for it.

    It has one of the same name, a oneof of the same name, or others of the same oneof.
    """
    if not is_set(written, field):
        return False
    if field.name in read.DESCRIPTOR.fields_by_name:
        return True
    oneof = field.containing_oneof
    if oneof is None:
        return False
    known = read.DESCRIPTOR.fields_by_number
    is_known = any(each.number in known for each in oneof.fields)
    return is_known or oneof.name in read.DESCRIPTOR.oneofs_by_name


def is_set(message: Any, field: Any) -> bool:
    return bool(
        message.HasField(field.name) if field.has_presence else getattr(message, field.name)
    )


def place_of(field: Any, other: Any) -> Place:
    return Place(field.containing_type.name, field.number, frozenset(enums_of(field, other)))


def within(outer: Place | None, place: Place) -> Place:
    """Return the place of what stands in a group: the group's, with enums of its own."""
    return place if outer is None else outer._replace(enums=place.enums)


def enums_of(*fields: Any) -> Iterator[str]:
    for field in fields:
        element = field.message_type.fields_by_number[2] if is_map(field) else field
        if element.enum_type is not None:
            yield element.enum_type.name


def differing(
    read: Any, other: Any, written: Any, field: Any, place: Place
) -> Iterator[Misreading]:
    new, old = getattr(read, other.name), getattr(written, field.name)
    told = Misreading(f"reads {shown(new)} where {shown(old)} was written", place)
    if is_map(field) or is_map(other):
        if not (is_map(field) and is_map(other) and set(new) == set(old)):
            yield from [told] if new or old or is_set(written, field) else []
            return
        here_by_key = {key: new[key] for key in new}  # a truth value is found by a number, too
        pairs = [(here_by_key[key], old[key]) for key in old]
    else:
        there, here = elements(written, field, other), elements(read, other, field)
        if len(there) != len(here):
            yield told
            return
        pairs = list(zip(here, there, strict=True))
    for here, there in pairs:
        if isinstance(here, Message) and isinstance(there, Message):
            in_group = is_group(field) or is_group(other)
            yield from misread(here, there, place if in_group else None)
        elif plain(here) != plain(there):
            yield told
            return


def elements(message: Any, field: Any, other: Any) -> list[Any]:
    """Return the values of a field, and whether it is set where that shows on both sides.

    A field that is not set has its default, but no message, and no element of a list.
    """
    found = getattr(message, field.name)
    if field.is_repeated:
        return list(found)
    is_there = is_set(message, field)
    if other.is_repeated or field.message_type is not None:
        return [found] if is_there else []
    return [found, is_there] if field.has_presence and other.has_presence else [found]


def plain(found: Any) -> Any:
    return found.encode() if isinstance(found, str) else found


def shown(found: Any) -> str:
    return " ".join(str(found).split()) or "nothing"


def missing(read: Any, written_as: Any, outer: Place | None = None) -> Iterator[Misreading]:
    """Yield the required fields that are not set, at all depths."""
    if read.IsInitialized():
        return
    for field in read.DESCRIPTOR.fields:
        if field.is_required and not read.HasField(field.name):
            yield Misreading(f"lacks {field.name}", within(outer, place_of(field, field)))
    for field, found in read.ListFields():
        old = written_as.fields_by_number.get(field.number)
        if message_of(field) and old and message_of(old):
            place = within(outer, place_of(field, field))
            in_group = is_group(field) or is_group(old)
            for inner in nested(field, found):
                yield from missing(inner, message_of(old), place if in_group else None)


def without(message: Any, is_left_out: Callable[[Place], bool]) -> Any:
    """Return a copy without some fields, at all depths."""
    copied = type(message)()
    copied.CopyFrom(message)
    for field, found in copied.ListFields():
        if is_left_out(place_of(field, field)):
            copied.ClearField(field.name)
        elif field.message_type is not None:
            for inner in nested(field, found):
                inner.CopyFrom(without(inner, is_left_out))
    return copied


def nested(field: Any, found: Any) -> list[Any]:
    if is_map(field):
        return [each for each in found.values() if isinstance(each, Message)]
    return list(found) if field.is_repeated else [found]


def from_bytes(written: Any, reader: type[Message]) -> Iterator[Misreading]:
    """Yield what a reader makes of the bytes of a message that is not what was written."""
    try:
        read = reader.FromString(written.SerializePartialToString())
    except DecodeError as error:
        yield Misreading(f"refuses it: {error}")
        return
    yield from missing(read, written.DESCRIPTOR)
    yield from misread(read, written)


def from_json(written: Any, reader: type[Message]) -> Iterator[Misreading]:
    """Yield the same of its JSON; fields that are no longer known are passed over."""
    text = json_format.MessageToJson(written)
    try:
        read = json_format.Parse(text, reader(), ignore_unknown_fields=True)
    except json_format.ParseError as error:
        yield Misreading(f"refuses it: {error}")
        return
    yield from missing(read, written.DESCRIPTOR)
    yield from misread(read, written)


def unvalidated(written: Any, reader: type[Message]) -> Iterator[Misreading]:
    """Yield the texts that may be any bytes to the writer, and are refused by the reader."""
    data = written.SerializePartialToString()
    known = reader.DESCRIPTOR.fields_by_number
    for field in written.DESCRIPTOR.fields:
        if field.type == TEXT and field.number in known:
            broken = data + bytes([field.number << 3 | 2]) + NO_UTF8
            if takes(type(written), broken) and takes(reader, data) and not takes(reader, broken):
                place = place_of(field, known[field.number])
                yield Misreading("refuses it for what is no UTF-8", place)


def takes(kind: type[Message], data: bytes) -> bool:
    try:
        kind.FromString(data)
    except DecodeError:
        return False
    return True
