"""Whether a reader's message says what the writer's says, as far as both have the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from google.protobuf.message import Message

from compat.protobuf.witness_messages import get, is_map

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from google.protobuf.descriptor import FieldDescriptor


def misreadings(
    reader: Message,
    writer: Message,
    numbers: Container[int] | None = None,
    extensions: tuple[FieldDescriptor, FieldDescriptor] | None = None,
) -> Iterator[str]:
    """Yield what the reader has otherwise, of some fields or of all that both have.

    `extensions` are the reader's and the writer's to look at instead.
    """
    if extensions is not None:
        yield from _misread(reader, extensions[0], writer, extensions[1])
        return
    known = reader.DESCRIPTOR.fields_by_number
    for field in writer.DESCRIPTOR.fields:
        if not numbers or field.number in numbers:
            new = known.get(field.number)
            if new is not None:
                pair = cast("tuple[FieldDescriptor, FieldDescriptor]", (new, field))
                yield from _misread(reader, pair[0], writer, pair[1])


def _misread(
    reader: Message, new: FieldDescriptor, writer: Message, old: FieldDescriptor
) -> Iterator[str]:
    there, here = values(writer, old), values(reader, new)
    if not (any(there) or any(here)) and _is_unset(writer, old) and _is_unset(reader, new):
        return  # zeros of two types
    if not (is_map(new) or is_map(old)) and new.is_repeated != old.is_repeated:
        # a single value read as a list of one is as good as it was; absent and none are alike
        there = [] if _is_unset(writer, old) else there
        here = [] if _is_unset(reader, new) else here
    if not alike(here, there):
        yield f"reads `{new.name}` as {told(here, new)} where {told(there, old)} was written"


def told(found: list[object], field: FieldDescriptor) -> str:
    """Return values in short."""
    if not found:
        return "nothing"
    shown = ", ".join(_told(value) for value in found)
    if len(shown) > 200:  # noqa: PLR2004 - as much as fits on two lines
        shown = f"{shown[:200]}…"
    return f"[{shown}]" if field.is_repeated else shown


def _told(value: object) -> str:
    if isinstance(value, Message):
        return f"{{{' '.join(str(value).split())}}}"
    if isinstance(value, tuple):
        return ": ".join(map(_told, value))
    return repr(value)


def values(message: Message, field: FieldDescriptor) -> list[object]:
    """Return the values of a field: one, if it is single; the entries, if it is a map."""
    found = get(message, field)
    if is_map(field):
        return sorted(((key, found[key]) for key in found), key=repr)
    if field.is_repeated:
        return list(found)
    if field.message_type is not None and not _has(message, field):
        return []
    return [found]


def _is_unset(message: Message, field: FieldDescriptor) -> bool:
    if field.is_repeated:
        return not get(message, field)
    if field.has_presence:
        return not _has(message, field)
    return bool(get(message, field) == field.default_value)


def _has(message: Message, field: FieldDescriptor) -> bool:
    if field.is_extension:
        return bool(cast("Any", message).HasExtension(field))
    return message.HasField(field.name)


def alike(reader: list[object], writer: list[object]) -> bool:
    """Tell whether two lists of values mean the same."""
    return len(reader) == len(writer) and all(map(_is_alike, reader, writer))


def _is_alike(reader: object, writer: object) -> bool:
    if isinstance(reader, tuple) and isinstance(writer, tuple):
        return alike(list(reader), list(writer))
    if isinstance(reader, Message) and isinstance(writer, Message):
        return next(misreadings(reader, writer), None) is None
    if isinstance(reader, tuple) and isinstance(writer, Message):
        return _is_alike(reader, _entry(writer))
    if isinstance(writer, tuple) and isinstance(reader, Message):
        return _is_alike(_entry(reader), writer)
    if isinstance(reader, str):
        reader = reader.encode()
    if isinstance(writer, str):
        writer = writer.encode()
    return bool(reader == writer)


def _entry(message: Message) -> object:
    """Return a message as the entry of a map, as far as it has the fields of one."""
    fields = cast("list[FieldDescriptor]", message.DESCRIPTOR.fields)
    return tuple(get(message, field) for field in fields if field.number in (1, 2))
