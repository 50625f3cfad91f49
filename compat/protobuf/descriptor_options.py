"""Options, from what a text says to the fields of an options message.

Standard options are fields of the options message itself. Custom ones are extensions of it, known
only to a pool that has their definitions; they reach the descriptor as bytes. An option whose
definition is not at hand is left out: the registry is often given schemas without the files that
define the options they carry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from compat.protobuf import descriptor_scalars as scalars
from compat.protobuf.descriptor_class import option_class
from compat.protobuf.descriptor_fault import fault
from compat.protobuf.descriptor_symbols import EXTENSIONS
from compat.protobuf.syntax import Aggregate, Entry, ListValue, LiteralKind, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

    from compat.errors import InvalidSchema
    from compat.protobuf.descriptor_assembly import Pending
    from compat.protobuf.descriptor_symbols import Scope
    from compat.protobuf.syntax import File, NamePart, Option, Value

    Converter = Callable[[str, Scalar], object]

_ANY = "google.protobuf.Any"
_TYPE_NAMES: Mapping[int, str] = scalars.TYPE_NAMES
_CONVERTERS: Mapping[str, Converter] = {
    **dict.fromkeys(scalars.INTEGERS, scalars.integer_of),
    "bool": lambda _, scalar: scalars.boolean(scalar),
    "string": lambda _, scalar: scalars.text(scalar),
    "bytes": lambda _, scalar: scalars.octets(scalar),
    "double": lambda _, scalar: scalars.floating(scalar),
    "float": lambda _, scalar: scalars.floating(scalar),
}


_TEXT_FORMAT_BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "True", "t", "1"), True),
    **dict.fromkeys(("false", "False", "f", "0"), False),
}


class UnknownOption(Exception):
    """The option has no definition here."""


class Interpreter:
    """Sets the options of one file; `pool` knows the extensions its scope can name."""

    def __init__(self, file: File, scope: Scope, pool: DescriptorPool) -> None:
        self._file = file
        self._scope = scope
        self._pool = pool

    def fill(self, pending: Pending) -> list[Option]:
        """Set options on their element and return those that are unknown.

        Raises InvalidSchema for a value that does not fit and for a second value.
        """
        options: Message = pending.owner.options  # type: ignore[attr-defined]  # every element has it
        known = option_class(self._pool, options)()
        unknown = []
        for option in pending.options:
            try:
                self._set(known, option, pending.scope)
            except UnknownOption:
                unknown.append(option)
        options.MergeFromString(known.SerializeToString())
        return unknown

    def _set(self, options: Message, option: Option, scope: str) -> None:
        target = options
        *path, last = option.name
        for part in path:
            field = self._field(target, part, scope)
            if field.is_repeated or field.message_type is None:
                raise self._invalid(option, f"{part} is not a single message")
            target = _value_of(target, field)
            target.SetInParent()
        field = self._field(target, last, scope)
        if not field.is_repeated and field.message_type is None and _is_set(target, field):
            raise self._invalid(option, "it is already set")
        self._assign(target, field, option.value, option)

    def _field(self, message: Message, part: NamePart, scope: str) -> FieldDescriptor:
        if part.is_extension:
            found = self._scope.find(part.name, inside=scope, kinds=EXTENSIONS)
            return self._extension(message, None if found is None else found[0])
        field: FieldDescriptor | None = message.DESCRIPTOR.fields_by_name.get(part.name)
        if field is None or part.name == "uninterpreted_option":
            raise UnknownOption
        return field

    def _extension(self, message: Message, name: str | None) -> FieldDescriptor:
        try:
            field = self._pool.FindExtensionByName(name or "")
        except KeyError:
            raise UnknownOption from None
        if field.containing_type is not message.DESCRIPTOR:
            raise UnknownOption
        return field

    def _assign(
        self, message: Message, field: FieldDescriptor, value: Value, option: Option
    ) -> None:
        if isinstance(value, ListValue):
            if not field.is_repeated:
                raise self._invalid(option, f"{field.name} takes a single value")
            for item in value.items:
                if isinstance(item, ListValue):
                    raise self._invalid(option, "a list cannot contain a list")
                self._assign(message, field, item, option)
        elif field.message_type is not None:
            self._assign_message(message, field, value, option)
        else:
            self._assign_scalar(message, field, value, option)

    def _assign_message(
        self, message: Message, field: FieldDescriptor, value: Value, option: Option
    ) -> None:
        if not isinstance(value, Aggregate):
            raise self._invalid(option, f"{field.name} takes a message")
        held = _value_of(message, field)
        target = held.add() if field.is_repeated else held
        target.SetInParent()
        for entry in value.entries:
            self._assign_entry(target, entry, option)

    def _assign_entry(self, message: Message, entry: Entry, option: Option) -> None:
        if not entry.name.startswith("["):
            field = message.DESCRIPTOR.fields_by_name.get(entry.name)
            if field is None or field.type == FieldDescriptor.TYPE_GROUP:
                field = _group_named(message, entry.name)
        elif "/" in entry.name:
            self._assign_any(message, entry, option)
            return
        else:
            name = entry.name[1:-1]
            scope = message.DESCRIPTOR.full_name
            found = self._scope.find(name, inside=scope, kinds=EXTENSIONS)
            field = self._extension(message, None if found is None else found[0])
        if field is None:
            raise self._invalid(option, f"{message.DESCRIPTOR.full_name} has no {entry.name}")
        if not field.is_repeated and _is_set(message, field):
            raise self._invalid(option, f"{entry.name} is set twice")
        self._assign(message, field, entry.value, option)

    def _assign_any(self, message: Message, entry: Entry, option: Option) -> None:
        url = entry.name[1:-1]
        if message.DESCRIPTOR.full_name != _ANY or not isinstance(entry.value, Aggregate):
            raise self._invalid(option, f"{entry.name} belongs into a google.protobuf.Any")
        try:
            packed = self._pool.FindMessageTypeByName(url.rpartition("/")[2])
        except KeyError:
            raise self._invalid(option, f"the type of {entry.name} is not known") from None
        content = GetMessageClass(packed)()
        for inner in entry.value.entries:
            self._assign_entry(content, inner, option)
        message.type_url = url  # type: ignore[attr-defined]  # a field of Any
        message.value = content.SerializeToString()  # type: ignore[attr-defined]  # a field of Any

    def _assign_scalar(
        self, message: Message, field: FieldDescriptor, value: Value, option: Option
    ) -> None:
        converted = None
        if isinstance(value, Scalar):
            converted = _converted(field, value, nested=value is not option.value)
        if converted is None:
            raise self._invalid(option, f"the value does not fit {field.name}")
        if field.is_repeated:
            _value_of(message, field).append(converted)
        elif field.is_extension:
            message.Extensions[field] = converted
        else:
            setattr(message, field.name, converted)

    def _invalid(self, option: Option, reason: str) -> InvalidSchema:
        return fault(self._file, f'Option "{option.dotted}": {reason}', at=option.at)


def _value_of(message: Message, field: FieldDescriptor) -> Any:  # noqa: ANN401 - of the field's type
    return message.Extensions[field] if field.is_extension else getattr(message, field.name)


def _is_set(message: Message, field: FieldDescriptor) -> bool:
    if field.is_extension:
        return message.HasExtension(field)
    return field.has_presence and message.HasField(field.name)


def _group_named(message: Message, name: str) -> FieldDescriptor | None:
    """Return the group field whose type has this name: text format names a group by its type."""
    field: FieldDescriptor | None = message.DESCRIPTOR.fields_by_name.get(name.lower())
    if field is None or field.type != FieldDescriptor.TYPE_GROUP:
        return None
    return field if field.message_type is not None and field.message_type.name == name else None


def _converted(field: FieldDescriptor, scalar: Scalar, *, nested: bool) -> object:
    if nested and field.type == FieldDescriptor.TYPE_BOOL:
        return _TEXT_FORMAT_BOOLEANS.get(scalar.text)
    if field.enum_type is not None:
        return _enum_number(field, scalar, nested=nested)
    name = _TYPE_NAMES[field.type]
    return _CONVERTERS[name](name, scalar)


def _enum_number(field: FieldDescriptor, scalar: Scalar, *, nested: bool) -> int | None:
    assert field.enum_type is not None
    if scalar.kind is LiteralKind.IDENTIFIER:
        value = field.enum_type.values_by_name.get(scalar.text)
        return None if value is None else value.number
    number = scalars.integer(scalar) if nested else None
    return number if number in field.enum_type.values_by_number else None
