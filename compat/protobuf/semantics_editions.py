"""The rules for files with an edition: which features an element can set, and how it is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from google.protobuf.descriptor_pb2 import (
    Edition,
    FeatureSet,
    FieldDescriptorProto,
    FieldOptions,
)

from compat.protobuf.descriptor_reflection import set_fields
from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.semantics_breach import Breach
from compat.protobuf.semantics_fields import MESSAGES, NOT_PACKABLE, REPEATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        EnumOptions,
        EnumValueOptions,
        FileDescriptorProto,
        FileOptions,
        MessageOptions,
        MethodOptions,
        OneofOptions,
        ServiceDescriptorProto,
        ServiceOptions,
    )

    Options = (
        FileOptions
        | MessageOptions
        | FieldOptions
        | OneofOptions
        | EnumOptions
        | EnumValueOptions
        | ServiceOptions
        | MethodOptions
    )

_TITLE: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
_SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*")
_SCREAM: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z][A-Z0-9]*)*")
_TARGETS: Final[Mapping[str, int]] = {
    "FileOptions": FieldOptions.TARGET_TYPE_FILE,
    "MessageOptions": FieldOptions.TARGET_TYPE_MESSAGE,
    "FieldOptions": FieldOptions.TARGET_TYPE_FIELD,
    "OneofOptions": FieldOptions.TARGET_TYPE_ONEOF,
    "EnumOptions": FieldOptions.TARGET_TYPE_ENUM,
    "EnumValueOptions": FieldOptions.TARGET_TYPE_ENUM_ENTRY,
    "ServiceOptions": FieldOptions.TARGET_TYPE_SERVICE,
    "MethodOptions": FieldOptions.TARGET_TYPE_METHOD,
}


class Element(NamedTuple):
    """Something with a name and options; `has_style` is set when edition 2024's style applies."""

    path: str
    options: Options
    style: re.Pattern[str]
    has_style: bool
    field: FieldDescriptorProto | None = None

    def below(
        self,
        name: str,
        options: Options,
        style: re.Pattern[str],
        field: FieldDescriptorProto | None = None,
    ) -> Element:
        """Return an element inside this one, which inherits the style."""
        has_style = _has_style(options, inherited=self.has_style)
        return Element(qualified(self.path, name), options, style, has_style, field)


def edition_breaches(file: FileDescriptorProto) -> Iterator[Breach]:
    """Yield what is wrong with the features and names of a file with an edition."""
    if not file.HasField("edition"):
        return
    if file.options.features.field_presence == FeatureSet.LEGACY_REQUIRED:
        yield Breach("", "A whole file cannot be required")
    for element in _elements(file):
        name = element.path.rpartition(".")[2]
        if element.has_style and not element.style.fullmatch(name):
            yield Breach(element.path, f"{name} is not named as edition 2024 wants it")
        for message in _option_breaches(file.edition, element.options):
            yield Breach(element.path, message)
        if element.field is not None:
            for message in _field_breaches(file.edition, element.field):
                yield Breach(element.path, f"{name} {message}")


def _has_style(options: Options, *, inherited: bool) -> bool:
    style = options.features.enforce_naming_style
    return style != FeatureSet.STYLE_LEGACY if style else inherited


def _elements(file: FileDescriptorProto) -> Iterator[Element]:
    has_style = _has_style(file.options, inherited=file.edition >= Edition.EDITION_2024)
    root = Element("", file.options, re.compile(""), has_style)
    yield root
    for end in re.finditer(r"\.|$", file.package):
        root = Element(file.package[: end.start()], root.options, _SNAKE, has_style)
        if root.path:
            yield root
    for message in file.message_type:
        yield from _message(message, root)
    yield from _enums(file.enum_type, root)
    yield from _fields(file.extension, root)
    for service in file.service:
        yield from _service(service, root)


def _message(message: DescriptorProto, parent: Element) -> Iterator[Element]:
    element = parent.below(message.name, message.options, _TITLE)
    yield element
    yield from _fields(message.field, element)
    yield from _fields(message.extension, element)
    yield from _enums(message.enum_type, element)
    for oneof in message.oneof_decl:
        yield element.below(oneof.name, oneof.options, _SNAKE)
    for nested in message.nested_type:
        if not nested.options.map_entry:
            yield from _message(nested, element)


def _fields(fields: Iterable[FieldDescriptorProto], parent: Element) -> Iterator[Element]:
    for field in fields:
        yield parent.below(field.name, field.options, _SNAKE, field)


def _enums(enums: Iterable[EnumDescriptorProto], parent: Element) -> Iterator[Element]:
    for enum in enums:
        element = parent.below(enum.name, enum.options, _TITLE)
        yield element
        for value in enum.value:
            yield element.below(value.name, value.options, _SCREAM)


def _service(service: ServiceDescriptorProto, parent: Element) -> Iterator[Element]:
    element = parent.below(service.name, service.options, _TITLE)
    yield element
    for method in service.method:
        yield element.below(method.name, method.options, _TITLE)


def _option_breaches(edition: int, options: Options) -> Iterator[str]:
    target = _TARGETS[options.DESCRIPTOR.name]
    for field, _ in (*set_fields(options), *set_fields(options.features)):
        declared = field.GetOptions()
        support = declared.feature_support
        if support.edition_removed and edition >= support.edition_removed:
            yield f"The option {field.name} was removed before this edition"
        if edition < support.edition_introduced:
            yield f"The option {field.name} came after this edition"
        if declared.targets and target not in declared.targets:
            yield f"The feature {field.name} cannot be set here"


def _field_breaches(edition: int, field: FieldDescriptorProto) -> Iterator[str]:
    features = field.options.features
    if features.field_presence:
        yield from _presence_breaches(field)
    if features.repeated_field_encoding:
        packed = features.repeated_field_encoding == FeatureSet.PACKED
        if field.label != REPEATED or (packed and field.type in NOT_PACKABLE):
            yield "cannot have a repeated encoding: it is not a repeated number"
    if features.message_encoding and field.type not in MESSAGES:
        yield "cannot have a message encoding: it is not a message"
    # a map field may set it for its keys and values
    if features.utf8_validation and field.type not in MESSAGES | {FieldDescriptorProto.TYPE_STRING}:
        yield "cannot have its UTF-8 validated: it is not a string"
    if field.options.HasField("packed"):
        yield "has the option packed; with an edition, features.repeated_field_encoding says that"
    if field.options.HasField("ctype") and edition >= Edition.EDITION_2024:
        yield "has the option ctype, which edition 2024 removed"


def _presence_breaches(field: FieldDescriptorProto) -> Iterator[str]:
    presence = field.options.features.field_presence
    if field.label == REPEATED or field.HasField("oneof_index"):
        yield "cannot set its presence: it is repeated or in a oneof"
    if field.HasField("extendee") and presence == FeatureSet.LEGACY_REQUIRED:
        yield "is an extension and cannot be required"
    if field.type in MESSAGES and presence == FeatureSet.IMPLICIT:
        yield "is a message, whose presence cannot be implicit"
