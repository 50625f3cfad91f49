"""Options, from the fields of an options message to what a text says.

The order of the options is the REST contract's, not that of their numbers: a schema sent as a
descriptor is stored as text, and the text decides its identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.unknown_fields import UnknownFieldSet

from compat.errors import TooComplex
from compat.protobuf import descriptor_reflection as reflection
from compat.protobuf import descriptor_scalars as scalars
from compat.protobuf.descriptor_class import option_class
from compat.protobuf.parser_cursor import MAX_AGGREGATE_DEPTH
from compat.protobuf.syntax import (
    Aggregate,
    Entry,
    ListValue,
    LiteralKind,
    NamePart,
    Option,
    Scalar,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

    from compat.protobuf.descriptor_elements import Element
    from compat.protobuf.descriptor_reflection import FieldValue
    from compat.protobuf.syntax import Value

ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "FileOptions": (
        "java_package",
        "java_outer_classname",
        "java_multiple_files",
        "java_generate_equals_and_hash",
        "java_string_check_utf8",
        "optimize_for",
        "go_package",
        "cc_generic_services",
        "java_generic_services",
        "py_generic_services",
        "deprecated",
        "cc_enable_arenas",
        "objc_class_prefix",
        "csharp_namespace",
        "swift_prefix",
        "php_class_prefix",
        "php_namespace",
        "php_metadata_namespace",
        "ruby_package",
        "features",
    ),
    # the two that Confluent leaves out change the wire format and what is valid
    "MessageOptions": (
        "message_set_wire_format",
        "no_standard_descriptor_accessor",
        "deprecated",
        "map_entry",
        "deprecated_legacy_json_field_conflicts",
        "features",
    ),
    "FieldOptions": (
        "ctype",
        "packed",
        "jstype",
        "deprecated",
        "debug_redact",
        "retention",
        "targets",
        "edition_defaults",
        "features",
        "feature_support",
    ),
    "OneofOptions": ("features",),
    "EnumOptions": (
        "allow_alias",
        "deprecated",
        "deprecated_legacy_json_field_conflicts",
        "features",
    ),
    "EnumValueOptions": ("deprecated", "debug_redact", "features", "feature_support"),
    "ServiceOptions": ("deprecated", "features"),
    "MethodOptions": ("deprecated", "idempotency_level", "features"),
    "ExtensionRangeOptions": ("declaration", "features", "verification"),
}
_META: Final = frozenset(
    f"confluent.{name}_meta" for name in ("file", "message", "field", "enum", "enum_value")
)
# Confluent writes these two keys of a decimal's parameters the other way round.
_VALUE_FIRST: Final = frozenset({"precision", "scale"})


class OptionReader:
    """Reads the options of one descriptor; `pool` makes, when needed, a pool that knows more."""

    def __init__(self, pool: Callable[[], DescriptorPool]) -> None:
        self._pool = pool

    def read(self, element: Element) -> list[Option]:
        """Return an element's options in the order of the contract.

        Those without a definition are lost.
        """
        if not element.HasField("options"):
            return []
        options: Message = element.options
        found = [
            Option((NamePart(name),), _value(options, field))
            for name in ORDER[options.DESCRIPTOR.name]
            if (field := reflection.field_named(options, name)) is not None
            if reflection.is_set(options, field)
        ]
        if len(UnknownFieldSet(options)):
            found += self._custom(options)
        return found

    def _custom(self, options: Message) -> Iterator[Option]:
        known = option_class(self._pool(), options)()
        known.ParseFromString(options.SerializeToString())
        extensions = [field for field, _ in reflection.set_fields(known) if field.is_extension]
        extensions.sort(key=lambda field: field.full_name not in _META)  # stable: then by number
        for field in extensions:
            yield Option((NamePart(field.full_name, is_extension=True),), _value(known, field))


def _value(message: Message, field: FieldDescriptor, depth: int = 0) -> Value:
    held = reflection.value_of(message, field)
    if field.is_repeated:
        return ListValue([_single(field, item, depth + 1) for item in held])
    return _single(field, held, depth)


def _single(field: FieldDescriptor, held: FieldValue, depth: int) -> Value:
    if field.message_type is not None:
        return _aggregate(held, depth + 1)
    if field.enum_type is not None:
        value = field.enum_type.values_by_number.get(held)
        if value is None:
            return Scalar(LiteralKind.INTEGER, str(held))
        return Scalar(LiteralKind.IDENTIFIER, value.name)
    return scalar(scalars.TYPE_NAMES[field.type], held)


def _aggregate(message: Message, depth: int) -> Aggregate:
    if depth > MAX_AGGREGATE_DEPTH:
        raise TooComplex(f"an option is nested deeper than {MAX_AGGREGATE_DEPTH} levels")
    fields = list(reflection.set_fields(message))
    if message.DESCRIPTOR.full_name == "confluent.Meta.ParamsEntry" and fields:
        _, key = fields[0]
        if key in _VALUE_FIRST:
            fields.reverse()
    return Aggregate(
        [Entry(_entry_name(field), _value(message, field, depth)) for field, _ in fields]
    )


def _entry_name(field: FieldDescriptor) -> str:
    if field.is_extension:
        return f"[{field.full_name}]"
    if field.type == FieldDescriptor.TYPE_GROUP and field.message_type is not None:
        return field.message_type.name
    return field.name


def scalar(type_name: str, held: FieldValue) -> Scalar:
    """Return the literal for a value of a scalar type."""
    match held:
        case bool():
            return Scalar(LiteralKind.IDENTIFIER, "true" if held else "false")
        case float():
            text = scalars.number_text(held, single=type_name == "float")
            named = text in {"inf", "nan"}
            return Scalar(LiteralKind.IDENTIFIER if named else LiteralKind.FLOAT, text)
        case bytes():
            return Scalar(LiteralKind.STRING, held.decode("utf-8", "surrogateescape"))
        case str():
            return Scalar(LiteralKind.STRING, held)
        case _:
            return Scalar(LiteralKind.INTEGER, str(held))
