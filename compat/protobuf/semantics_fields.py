"""The rules for fields and extensions: what their types, labels and options allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FieldOptions

from compat.protobuf.semantics_messages import number_breach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    Rule = Callable[[FileDescriptorProto, FieldDescriptorProto], str | None]

REPEATED: Final = FieldDescriptorProto.LABEL_REPEATED
REQUIRED: Final = FieldDescriptorProto.LABEL_REQUIRED
MESSAGES: Final = frozenset({FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_GROUP})
NOT_PACKABLE: Final = MESSAGES | {
    FieldDescriptorProto.TYPE_STRING,
    FieldDescriptorProto.TYPE_BYTES,
}
_LONG: Final = frozenset(
    {
        FieldDescriptorProto.TYPE_INT64,
        FieldDescriptorProto.TYPE_UINT64,
        FieldDescriptorProto.TYPE_SINT64,
        FieldDescriptorProto.TYPE_FIXED64,
        FieldDescriptorProto.TYPE_SFIXED64,
    }
)
# The extensions of proto3 are custom options; these are the messages they extend.
_OPTIONS: Final = frozenset(
    f".google.protobuf.{name}Options"
    for name in (
        "File",
        "Message",
        "Field",
        "Oneof",
        "ExtensionRange",
        "Enum",
        "EnumValue",
        "Service",
        "Method",
        "Stream",
    )
)


def field_breaches(file: FileDescriptorProto, field: FieldDescriptorProto) -> Iterator[str]:
    """Yield what is wrong with a field or an extension by itself."""
    is_plain = not (field.HasField("extendee") or field.HasField("options"))
    for rule in PLAIN_RULES if is_plain else RULES:
        message = rule(file, field)
        if message is not None:
            yield message


def _number(_: FileDescriptorProto, field: FieldDescriptorProto) -> str | None:
    return number_breach(field)


def _label(_: FileDescriptorProto, field: FieldDescriptorProto) -> str | None:
    if field.label != REQUIRED or not field.HasField("extendee"):
        return None
    return f"The extension {field.name} cannot be required"


def _extendee(file: FileDescriptorProto, field: FieldDescriptorProto) -> str | None:
    if file.syntax != "proto3" or not field.extendee or field.extendee in _OPTIONS:
        return None
    return f"{field.name}: proto3 has extensions for custom options only"


def _default(file: FileDescriptorProto, field: FieldDescriptorProto) -> str | None:
    if not field.HasField("default_value"):
        return None
    if field.label == REPEATED:
        return f"{field.name} is repeated and cannot have a default"
    return f"{field.name} has a default, which proto3 has not" if file.syntax == "proto3" else None


def _json_name(_: FileDescriptorProto, field: FieldDescriptorProto) -> str | None:
    if "\0" in field.json_name:
        return f"The json_name of {field.name} has a null character"
    if field.json_name.startswith("[") and field.json_name.endswith("]"):
        return f"The json_name of {field.name} looks like an extension's"
    return None


def _packed(_: FileDescriptorProto, field: FieldDescriptorProto) -> str | None:
    if not field.options.packed or (field.label == REPEATED and field.type not in NOT_PACKABLE):
        return None
    return f"{field.name} cannot be packed: it is not a repeated number"


def _lazy(_: FileDescriptorProto, field: FieldDescriptorProto) -> str | None:
    lazy = field.options.lazy or field.options.unverified_lazy
    if not lazy or field.type == FieldDescriptorProto.TYPE_MESSAGE:
        return None
    return f"{field.name} cannot be lazy: it is not a message"


def _jstype(_: FileDescriptorProto, field: FieldDescriptorProto) -> str | None:
    if field.options.jstype == FieldOptions.JS_NORMAL or field.type in _LONG:
        return None
    return f"{field.name} cannot have a jstype: it is not a 64-bit integer"


RULES: Final[Sequence[Rule]] = (
    _number,
    _label,
    _extendee,
    _default,
    _json_name,
    _packed,
    _lazy,
    _jstype,
)
# Those that a field can break that is no extension and has no options, as most.
PLAIN_RULES: Final[Sequence[Rule]] = (_number, _default, _json_name)
