"""Options, from what a text says to the fields of an options message.

Standard options are fields of the options message itself. Custom ones are extensions of it, known
only to a pool that has their definitions; they reach the descriptor as bytes. An option whose
definition is not at hand is left out: the registry is often given schemas without the files that
define the options they carry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from compat.errors import InvalidSchema
from compat.protobuf import descriptor_reflection as reflection
from compat.protobuf import descriptor_scalars as scalars
from compat.protobuf.descriptor_class import option_class
from compat.protobuf.descriptor_fault import fault
from compat.protobuf.descriptor_symbols import EXTENSIONS
from compat.protobuf.syntax import Aggregate, Entry, ListValue, LiteralKind, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

    from compat.protobuf.descriptor_elements import Pending
    from compat.protobuf.descriptor_reflection import FieldValue
    from compat.protobuf.descriptor_symbols import Scope
    from compat.protobuf.syntax import File, NamePart, Option, Value

    Converter = Callable[[str, Scalar], FieldValue]

_ANY: Final = "google.protobuf.Any"
_CONVERTERS: Final[Mapping[str, Converter]] = {
    **dict.fromkeys(scalars.INTEGERS, scalars.integer_of),
    "bool": lambda _, scalar: scalars.boolean(scalar),
    "string": lambda _, scalar: scalars.text(scalar),
    "bytes": lambda _, scalar: scalars.octets(scalar),
    "double": lambda _, scalar: scalars.floating(scalar),
    "float": lambda _, scalar: scalars.floating(scalar),
}
_TEXT_FORMAT_BOOLEANS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "True", "t", "1"), True),
    **dict.fromkeys(("false", "False", "f", "0"), False),
}


class _UnknownExtension(Exception):
    """The definition of an extension is not at hand."""


class Interpreter:
    """Sets the options of one file; `pool` knows the extensions its scope can name.

    `faults` are the options that could not be set because they are wrong.
    """

    def __init__(self, file: File, scope: Scope, pool: DescriptorPool) -> None:
        self.faults: list[InvalidSchema] = []
        self._file = file
        self._scope = scope
        self._pool = pool

    def fill(self, pending: Pending) -> list[Option]:
        """Set options on their element and return those whose definitions are not at hand."""
        known = option_class(self._pool, pending.options)()
        unknown = []
        for option in pending.nodes:
            try:
                self._set(known, option, pending.scope)
            except _UnknownExtension:
                unknown.append(option)
            except InvalidSchema as error:
                self.faults.append(error)
        pending.options.MergeFromString(known.SerializeToString())
        return unknown

    def _set(self, options: Message, option: Option, scope: str) -> None:
        target = options
        *path, last = option.name
        for part in path:
            field = self._field(target, part, option, scope)
            if field.is_repeated or field.message_type is None:
                raise self._wrong(option, f"{part} is not a single message")
            target = reflection.opened(target, field)
        field = self._field(target, last, option, scope)
        if not field.is_repeated and field.message_type is None:
            self._refuse_second(target, field, option)
        self._assign(target, field, option.value, option)

    def _field(
        self, message: Message, part: NamePart, option: Option, scope: str
    ) -> FieldDescriptor:
        if part.is_extension:
            return self._extension(message, part.name, option, scope)
        field = reflection.field_named(message, part.name)
        if field is None or part.name == "uninterpreted_option":
            raise self._wrong(option, f"there is no option {part.name}")
        return field

    def _extension(
        self, message: Message, name: str, option: Option, scope: str
    ) -> FieldDescriptor:
        found = self._scope.find(name, inside=scope, kinds=EXTENSIONS)
        field = reflection.extension_named(self._pool, found[0]) if found else None
        if field is None or field.containing_type is None:
            raise _UnknownExtension
        if field.containing_type.full_name != message.DESCRIPTOR.full_name:
            raise self._wrong(option, f"{name} extends {field.containing_type.full_name}")
        return field

    def _assign(
        self, message: Message, field: FieldDescriptor, value: Value, option: Option
    ) -> None:
        if isinstance(value, ListValue):
            if not field.is_repeated:
                raise self._wrong(option, f"{field.name} takes a single value")
            for item in value.items:
                self._assign(message, field, item, option)
        elif field.message_type is None:
            self._assign_scalar(message, field, value, option)
        elif isinstance(value, Aggregate):
            target = reflection.opened(message, field)
            for entry in value.entries:
                self._assign_entry(target, entry, option)
        else:
            raise self._wrong(option, f"{field.name} takes a message")

    def _assign_entry(self, message: Message, entry: Entry, option: Option) -> None:
        scope = message.DESCRIPTOR.full_name
        if not entry.name.startswith("["):
            field = _entry_field(message, entry.name)
        elif "/" in entry.name:
            self._assign_any(message, entry, option)
            return
        else:
            field = self._extension(message, entry.name[1:-1], option, scope)
        if field is None:
            raise self._wrong(option, f"{scope} has no {entry.name}")
        if not field.is_repeated:
            self._refuse_second(message, field, option)
        self._assign(message, field, entry.value, option)

    def _assign_any(self, message: Message, entry: Entry, option: Option) -> None:
        url = entry.name[1:-1]
        fields = [reflection.field_named(message, name) for name in ("type_url", "value")]
        if message.DESCRIPTOR.full_name != _ANY or not isinstance(entry.value, Aggregate):
            raise self._wrong(option, f"{entry.name} belongs into a {_ANY}")
        try:
            packed = self._pool.FindMessageTypeByName(url.rpartition("/")[2])
        except KeyError:
            raise self._wrong(option, f"the type of {entry.name} is not known") from None
        content: Message = GetMessageClass(packed)()
        for inner in entry.value.entries:
            self._assign_entry(content, inner, option)
        for field, value in zip(fields, (url, content.SerializeToString()), strict=True):
            assert field is not None, "the pool's Any is the runtime's"
            reflection.put(message, field, value)

    def _assign_scalar(
        self, message: Message, field: FieldDescriptor, value: Value, option: Option
    ) -> None:
        nested = value is not option.value
        converted = _converted(field, value, nested=nested) if isinstance(value, Scalar) else None
        if converted is None:
            raise self._wrong(option, f"the value does not fit {field.name}")
        reflection.put(message, field, converted)

    def _refuse_second(self, message: Message, field: FieldDescriptor, option: Option) -> None:
        if reflection.is_set(message, field):
            raise self._wrong(option, f"{field.name} is already set")

    def _wrong(self, option: Option, reason: str) -> InvalidSchema:
        return fault(self._file, f'Option "{option.dotted}": {reason}', at=option.at)


def _entry_field(message: Message, name: str) -> FieldDescriptor | None:
    """Return the field a name in an aggregate means: a group goes by the name of its type."""
    field = reflection.field_named(message, name) or reflection.field_named(message, name.lower())
    if field is None:
        return None
    if field.type != FieldDescriptor.TYPE_GROUP:
        return field if field.name == name else None
    return field if field.message_type is not None and field.message_type.name == name else None


def _converted(field: FieldDescriptor, scalar: Scalar, *, nested: bool) -> FieldValue | None:
    """Return a value for a field, or None; inside an aggregate text format allows more."""
    if nested and field.type == FieldDescriptor.TYPE_BOOL:
        return _TEXT_FORMAT_BOOLEANS.get(scalar.text)
    if field.enum_type is None:
        name = scalars.TYPE_NAMES[field.type]
        return _CONVERTERS[name](name, scalar)
    if scalar.kind is LiteralKind.IDENTIFIER:
        value = field.enum_type.values_by_name.get(scalar.text)
        return None if value is None else value.number
    number = scalars.integer(scalar) if nested else None
    return number if number in field.enum_type.values_by_number else None
