"""From a FileDescriptorProto to the syntax tree that the REST contract prints for it.

It is not the tree of the text the descriptor was made from: map fields stay the repeated messages
they are on the wire, names stay fully qualified, groups have no place in it. What no text can say
raises InvalidSchema.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import Edition, FieldDescriptorProto, SymbolVisibility

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf import descriptor_scalars as scalars
from compat.protobuf import syntax
from compat.protobuf.descriptor_assembly import EDITION_NUMBERS, ENUM_MAX
from compat.protobuf.parser_cursor import MAX_MESSAGE_DEPTH
from compat.protobuf.syntax import LiteralKind, NamePart, Option, Scalar
from compat.protobuf.tokens import unquoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FileDescriptorProto,
        MethodDescriptorProto,
        ServiceDescriptorProto,
    )

    from compat.protobuf.descriptor_option_reader import OptionReader
    from compat.protobuf.syntax import ImportKind, Label, Visibility

# A nested message is five bytes of a descriptor, and as a text a line with all its indentation.
MAX_MESSAGES: Final = 30_000

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NAME: Final = re.compile(r"\.?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)
_EDITION_NAMES: Final = {number: name for name, number in EDITION_NUMBERS.items()}
_SYNTAXES: Final = {"": None, "proto2": "proto2", "proto3": "proto3", "editions": None}
_VISIBILITIES: Final[dict[int, Visibility]] = {
    SymbolVisibility.VISIBILITY_EXPORT: "export",
    SymbolVisibility.VISIBILITY_LOCAL: "local",
}
_LABELS: Final[dict[int, Label]] = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional",
    FieldDescriptorProto.LABEL_REQUIRED: "required",
    FieldDescriptorProto.LABEL_REPEATED: "repeated",
}


class Rebuilding:
    """One descriptor on its way to a syntax tree."""

    def __init__(self, proto: FileDescriptorProto, options: OptionReader) -> None:
        self._proto = proto
        self._options = options
        self._messages = 0
        self._has_defaults = proto.syntax != "proto3"
        self._has_labels = proto.syntax in {"", "proto2"}

    def file(self) -> syntax.File:
        """Return the tree; raises InvalidSchema."""
        proto = self._proto
        if proto.syntax not in _SYNTAXES:
            raise InvalidSchema(f"Unknown syntax {proto.syntax!r}")
        if proto.option_dependency and proto.edition < Edition.EDITION_2024:
            raise InvalidSchema("Imports for options alone came with edition 2024")
        return syntax.File(
            syntax=_SYNTAXES[proto.syntax],
            edition=self._edition(),
            package=_name(proto.package, absolute=False) if proto.package else None,
            imports=list(_imports(proto)),
            options=self._options.read(proto),
            messages=[self._message(message) for message in proto.message_type],
            enums=[self._enum(enum) for enum in proto.enum_type],
            extends=self._extends(proto.extension),
            services=[self._service(service) for service in proto.service],
        )

    def _edition(self) -> str | None:
        if self._proto.syntax != "editions":
            return None
        edition = _EDITION_NAMES.get(self._proto.edition)
        if edition is None:
            raise InvalidSchema(f"Unknown edition {self._proto.edition}")
        return edition

    def _visibility(self, proto: DescriptorProto | EnumDescriptorProto) -> Visibility | None:
        if self._proto.edition < Edition.EDITION_2024:
            return None
        return _VISIBILITIES.get(proto.visibility)

    def _message(self, proto: DescriptorProto, depth: int = 1) -> syntax.Message:
        self._messages += 1
        if self._messages > MAX_MESSAGES:
            raise TooComplex(f"the descriptor has more than {MAX_MESSAGES} messages")
        if depth > MAX_MESSAGE_DEPTH:
            raise TooComplex(f"nested deeper than {MAX_MESSAGE_DEPTH} levels")
        oneofs = [
            syntax.OneOf(_identifier(oneof.name), options=self._options.read(oneof))
            for oneof in proto.oneof_decl
        ]
        return syntax.Message(
            name=_identifier(proto.name),
            fields=list(self._fields(proto, oneofs)),
            oneofs=[oneof for oneof in oneofs if oneof.fields],
            messages=[self._message(nested, depth + 1) for nested in proto.nested_type],
            enums=[self._enum(enum) for enum in proto.enum_type],
            extends=self._extends(proto.extension),
            extensions=[
                syntax.Extensions(
                    [_range(numbers.start, numbers.end - 1)],
                    self._options.read(numbers),
                )
                for numbers in proto.extension_range
            ],
            reserved=self._reserved(
                ((numbers.start, numbers.end - 1) for numbers in proto.reserved_range),
                proto.reserved_name,
            ),
            options=self._options.read(proto),
            visibility=self._visibility(proto),
        )

    def _fields(
        self, proto: DescriptorProto, oneofs: Sequence[syntax.OneOf]
    ) -> Iterable[syntax.Field]:
        """Yield the fields outside oneofs and give the others to their oneofs; leave out groups."""
        for field in proto.field:
            if field.type == FieldDescriptorProto.TYPE_GROUP:
                continue
            if not field.HasField("oneof_index") or field.proto3_optional:
                yield self._field(field, self._label(field))
            elif 0 <= field.oneof_index < len(oneofs):
                oneofs[field.oneof_index].fields.append(self._field(field, None))
            else:
                raise InvalidSchema(f"Field {field.name} is in a oneof that does not exist")

    def _label(self, field: FieldDescriptorProto) -> Label | None:
        if self._has_labels or field.label == FieldDescriptorProto.LABEL_REPEATED:
            return _LABELS[field.label]
        return "optional" if field.proto3_optional else None

    def _field(self, proto: FieldDescriptorProto, label: Label | None) -> syntax.Field:
        if proto.number < 0:
            raise InvalidSchema(f"Field {proto.name} has the number {proto.number}")
        options = self._options.read(proto)
        if self._has_defaults and proto.HasField("default_value"):
            options.append(Option((NamePart("default"),), _default(proto)))
        if proto.HasField("json_name"):
            options.append(_json_name(proto.json_name))
        return syntax.Field(
            label, _type(proto), _identifier(proto.name), proto.number, options=options
        )

    def _extends(self, protos: Iterable[FieldDescriptorProto]) -> list[syntax.Extend]:
        """Return one block for each type that is extended, in the order of their first fields."""
        blocks: dict[str, syntax.Extend] = {}
        for proto in protos:
            if proto.type == FieldDescriptorProto.TYPE_GROUP:
                continue
            extendee = _name(proto.extendee)
            block = blocks.setdefault(extendee, syntax.Extend(extendee))
            field = self._field(proto, self._label(proto))
            # the text cannot name an extension in JSON: protoc does that alone
            field.options = [option for option in field.options if option.dotted != "json_name"]
            block.fields.append(field)
        return list(blocks.values())

    def _enum(self, proto: EnumDescriptorProto) -> syntax.EnumType:
        return syntax.EnumType(
            name=_identifier(proto.name),
            values=[
                syntax.EnumValue(_identifier(value.name), value.number, self._options.read(value))
                for value in proto.value
            ],
            reserved=self._reserved(
                (
                    (numbers.start, numbers.end if numbers.end < ENUM_MAX else None)
                    for numbers in proto.reserved_range
                ),
                proto.reserved_name,
            ),
            options=self._options.read(proto),
            visibility=self._visibility(proto),
        )

    def _reserved(
        self, ranges: Iterable[tuple[int, int | None]], names: Iterable[str]
    ) -> list[syntax.Reserved]:
        """Return one statement for each range and each name; editions write names bare."""
        checked = _identifier if self._proto.syntax == "editions" else _text
        return [
            *(syntax.Reserved(ranges=[_range(start, end)]) for start, end in ranges),
            *(syntax.Reserved(names=[checked(name)]) for name in names),
        ]

    def _service(self, proto: ServiceDescriptorProto) -> syntax.Service:
        return syntax.Service(
            name=_identifier(proto.name),
            rpcs=[self._rpc(method) for method in proto.method],
            options=self._options.read(proto),
        )

    def _rpc(self, proto: MethodDescriptorProto) -> syntax.Rpc:
        return syntax.Rpc(
            name=_identifier(proto.name),
            request=_name(proto.input_type),
            response=_name(proto.output_type),
            request_streaming=proto.client_streaming,
            response_streaming=proto.server_streaming,
            options=self._options.read(proto),
        )


def _text(value: str) -> str:
    """Return a text as it is; the runtime hands over bytes where it is not UTF-8."""
    if not isinstance(value, str):
        raise InvalidSchema(f"{value!r} is not UTF-8")
    return value


def _identifier(name: str) -> str:
    if not _IDENTIFIER.fullmatch(_text(name)):
        raise InvalidSchema(f"{name!r} is not a name")
    return name


def _name(name: str, *, absolute: bool = True) -> str:
    if not _NAME.fullmatch(_text(name)) or (name.startswith(".") and not absolute):
        raise InvalidSchema(f"{name!r} is not a name")
    return name


def _imports(proto: FileDescriptorProto) -> Iterable[syntax.Import]:
    kinds: dict[int, ImportKind] = {
        **dict.fromkeys(proto.weak_dependency, "weak"),
        **dict.fromkeys(proto.public_dependency, "public"),
    }
    if any(not 0 <= index < len(proto.dependency) for index in kinds):
        raise InvalidSchema("A public or weak import points to no import")
    for index, path in enumerate(proto.dependency):
        yield syntax.Import(_text(path), kinds.get(index, "plain"))
    for path in proto.option_dependency:
        yield syntax.Import(_text(path), "option")


def _type(proto: FieldDescriptorProto) -> str:
    if proto.type_name:
        return _name(proto.type_name)
    if proto.type not in scalars.TYPE_NAMES or not proto.HasField("type"):
        raise InvalidSchema(f"Field {proto.name} has no type")
    return scalars.TYPE_NAMES[proto.type]


def _json_name(name: str) -> Option:
    return Option((NamePart("json_name"),), Scalar(LiteralKind.STRING, _text(name)))


def _default(proto: FieldDescriptorProto) -> Scalar:
    """Return the literal for a default; a text that is none for its type raises InvalidSchema."""
    text = _text(proto.default_value)
    type_name = "" if proto.type_name else scalars.TYPE_NAMES.get(proto.type, "")
    match type_name:
        case "":
            return Scalar(LiteralKind.IDENTIFIER, _identifier(text))
        case "string":
            return Scalar(LiteralKind.STRING, text)
        case "bytes":
            content = unquoted(f'"{text}"')
            if content is None:
                raise InvalidSchema(f"{text!r} is not a default of type bytes")
            return Scalar(LiteralKind.STRING, content)
        case _:
            kinds = (LiteralKind.INTEGER, LiteralKind.FLOAT, LiteralKind.IDENTIFIER)
            for kind in kinds:
                literal = Scalar(kind, text)
                if scalars.default_text(type_name, literal) is not None:
                    return literal
            raise InvalidSchema(f"{text!r} is not a default of type {type_name}")


def _range(start: int, end: int | None, *, last: int = syntax.MAX_FIELD_NUMBER) -> syntax.Range:
    """Return a range; what reaches the last number possible is written `max`."""
    if end is None or end >= last:
        return syntax.Range(start, "max")
    if end < start:
        raise InvalidSchema(f"The range from {start} to {end} is empty")
    return syntax.Range(start, None if end == start else end)
