"""From the syntax tree to a FileDescriptorProto, all but the options.

The order of fields and nested types is protoc's, that of the text: a map field and a group declare
a nested type where they stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import Edition, FieldDescriptorProto, SymbolVisibility

from compat.protobuf import syntax
from compat.protobuf.descriptor_class import FileProto
from compat.protobuf.descriptor_elements import Elements
from compat.protobuf.descriptor_symbols import MESSAGES, map_entry_name, qualified
from compat.protobuf.parser import EDITIONS

if TYPE_CHECKING:
    from collections.abc import Container

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FileDescriptorProto,
        ServiceDescriptorProto,
    )
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

    from compat.protobuf.descriptor_symbols import Scope

    Fields = RepeatedCompositeFieldContainer[FieldDescriptorProto]
    Types = RepeatedCompositeFieldContainer[DescriptorProto]

MESSAGE_SET_MAX: Final = 2**31 - 1
ENUM_MAX: Final = 2**31 - 1
EDITION_NUMBERS: Final = {name: Edition.Value(f"EDITION_{name}") for name in EDITIONS}
_VISIBILITIES: Final = {
    "export": SymbolVisibility.VISIBILITY_EXPORT,
    "local": SymbolVisibility.VISIBILITY_LOCAL,
}


class Assembly:
    """One file on its way to a descriptor.

    `elements` has the options left to set; `entries` are the types that map fields declare, with
    the messages they are nested in. With `as_written` nothing is added that protoc would add:
    names in JSON and their like, and nothing left out: the syntax proto2.
    """

    def __init__(self, file: syntax.File, scope: Scope, *, as_written: bool) -> None:
        self.elements = Elements(file, scope, as_written=as_written)
        self.entries: list[tuple[DescriptorProto, str]] = []
        self._file = file
        self._as_written = as_written

    def assemble(self, name: str, known: Container[str]) -> FileDescriptorProto:
        """Return the descriptor; imports that are not known are left out.

        Raises InvalidSchema for a type that is not found and for values that have no form in a
        descriptor.
        """
        proto = FileProto(name=name)
        if self._file.package:
            proto.package = self._file.package
        self._syntax(proto)
        self._imports(proto, known)
        package = self._file.package or ""
        for node in syntax.in_source_order(self._file.messages, self._file.extends):
            if isinstance(node, syntax.Message):
                self._message(node, proto.message_type.add(), package)
            else:
                assert isinstance(node, syntax.Extend)
                self._extend(node, proto.extension, proto.message_type, package)
        for enum in self._file.enums:
            self._enum(enum, proto.enum_type.add(), package)
        for service in self._file.services:
            self._service(service, proto.service.add(), package)
        self.elements.later(proto, self._file.options, package)
        return proto

    def _syntax(self, proto: FileDescriptorProto) -> None:
        if self._file.edition is not None:
            proto.syntax = "editions"
            proto.edition = EDITION_NUMBERS[self._file.edition]
        elif self._file.syntax == "proto3" or (self._file.syntax and self._as_written):
            proto.syntax = self._file.syntax

    def _imports(self, proto: FileDescriptorProto, known: Container[str]) -> None:
        # a second import of one file changes nothing, though protoc refuses it
        statements = {statement.path: statement for statement in reversed(self._file.imports)}
        for statement in reversed(statements.values()):
            if statement.path not in known:
                continue
            if statement.kind == "option":
                proto.option_dependency.append(statement.path)
                continue
            index = len(proto.dependency)
            proto.dependency.append(statement.path)
            if statement.kind == "public":
                proto.public_dependency.append(index)
            elif statement.kind == "weak":
                proto.weak_dependency.append(index)

    def _message(self, node: syntax.Message, proto: DescriptorProto, scope: str) -> None:
        name = qualified(scope, node.name)
        proto.name = node.name
        if node.visibility:
            proto.visibility = _VISIBILITIES[node.visibility]
        for member in syntax.in_source_order(
            node.fields, node.oneofs, node.groups, node.extends, node.messages
        ):
            self._member(member, proto, name)
        for enum in node.enums:
            self._enum(enum, proto.enum_type.add(), name)
        self._ranges(node, proto, name)
        self.elements.later(proto, node.options, name)
        if self._file.syntax == "proto3" and _has_optional(node):
            _add_synthetic_oneofs(proto)

    def _member(self, node: syntax.Positioned, proto: DescriptorProto, name: str) -> None:
        match node:
            case syntax.Field():
                self._field(node, proto, name)
            case syntax.Group():
                self._group(node, proto.field.add(), proto.nested_type, name)
            case syntax.OneOf():
                self._oneof(node, proto, name)
            case syntax.Extend():
                self._extend(node, proto.extension, proto.nested_type, name)
            case _:
                assert isinstance(node, syntax.Message)
                self._message(node, proto.nested_type.add(), name)

    def _oneof(self, node: syntax.OneOf, proto: DescriptorProto, name: str) -> None:
        if not (node.fields or node.groups):  # as some registries have stored
            return
        index = len(proto.oneof_decl)
        self.elements.later(proto.oneof_decl.add(name=node.name), node.options, name)
        first = len(proto.field)
        for member in syntax.in_source_order(node.fields, node.groups):
            self._member(member, proto, name)
        for field in proto.field[first:]:
            field.oneof_index = index

    def _field(self, node: syntax.Field, proto: DescriptorProto, scope: str) -> None:
        field = proto.field.add()
        if isinstance(node.type, syntax.MapType):
            self._map(node, node.type, field, proto, scope)
        else:
            self.elements.typed(node, field, node.type, scope)
            self.elements.labelled(field, node.label)
        self.elements.named(node, node.name, field, scope)

    def _map(
        self,
        node: syntax.Field,
        types: syntax.MapType,
        field: FieldDescriptorProto,
        proto: DescriptorProto,
        scope: str,
    ) -> None:
        entry = proto.nested_type.add(name=map_entry_name(node.name))
        entry.options.map_entry = True
        self.entries.append((proto, entry.name))
        field.label = FieldDescriptorProto.LABEL_REPEATED
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{scope}.{entry.name}"
        features = [option for option in node.options if option.name[0].name == "features"]
        for number, (name, type_name) in enumerate(
            (("key", types.key), ("value", types.value)), start=1
        ):
            part = entry.field.add(name=name, number=number)
            if not self._as_written:
                part.json_name = name
            part.label = FieldDescriptorProto.LABEL_OPTIONAL
            self.elements.typed(node, part, type_name, scope)
            self.elements.later(part, features, scope)

    def _group(
        self, node: syntax.Group, field: FieldDescriptorProto, types: Types, scope: str
    ) -> None:
        self._message(node.body, types.add(), scope)
        self.elements.labelled(field, node.label)
        field.type = FieldDescriptorProto.TYPE_GROUP
        field.type_name = "." + qualified(scope, node.name)
        self.elements.named(node, node.name.lower(), field, scope)

    def _extend(self, node: syntax.Extend, fields: Fields, types: Types, scope: str) -> None:
        extendee, _ = self.elements.resolve(node.extendee, scope, MESSAGES, node.at)
        for member in syntax.in_source_order(node.fields, node.groups):
            field = fields.add(extendee="." + extendee)
            if isinstance(member, syntax.Group):
                self._group(member, field, types, scope)
            else:
                assert isinstance(member, syntax.Field)
                self._extension(member, field, scope)

    def _extension(self, node: syntax.Field, field: FieldDescriptorProto, scope: str) -> None:
        assert isinstance(node.type, str), "the parser knows no maps among extensions"
        self.elements.typed(node, field, node.type, scope)
        self.elements.labelled(field, node.label)
        self.elements.named(node, node.name, field, scope)

    def _ranges(self, node: syntax.Message, proto: DescriptorProto, name: str) -> None:
        last = MESSAGE_SET_MAX - 1 if _is_message_set(node) else syntax.MAX_FIELD_NUMBER
        for statement in node.extensions:
            for numbers in statement.ranges:
                start, end = bounds(numbers, last)
                extensions = proto.extension_range.add(start=start, end=end + 1)
                self.elements.later(extensions, statement.options, name)
        for reserved in node.reserved:
            for numbers in reserved.ranges:
                start, end = bounds(numbers, syntax.MAX_FIELD_NUMBER)
                proto.reserved_range.add(start=start, end=end + 1)
            proto.reserved_name.extend(reserved.names)

    def _enum(self, node: syntax.EnumType, proto: EnumDescriptorProto, scope: str) -> None:
        proto.name = node.name
        name = qualified(scope, node.name)
        if node.visibility:
            proto.visibility = _VISIBILITIES[node.visibility]
        for value in node.values:
            constant = proto.value.add(name=value.name, number=value.number)
            self.elements.later(constant, value.options, qualified(scope, value.name))
        for reserved in node.reserved:
            for numbers in reserved.ranges:
                start, end = bounds(numbers, ENUM_MAX)
                proto.reserved_range.add(start=start, end=end)
            proto.reserved_name.extend(reserved.names)
        self.elements.later(proto, node.options, name)

    def _service(self, node: syntax.Service, proto: ServiceDescriptorProto, scope: str) -> None:
        proto.name = node.name
        name = qualified(scope, node.name)
        for rpc in node.rpcs:
            request, _ = self.elements.resolve(rpc.request, name, MESSAGES, rpc.at)
            response, _ = self.elements.resolve(rpc.response, name, MESSAGES, rpc.at)
            method = proto.method.add(
                name=rpc.name, input_type="." + request, output_type="." + response
            )
            if rpc.request_streaming:
                method.client_streaming = True
            if rpc.response_streaming:
                method.server_streaming = True
            self.elements.later(method, rpc.options, qualified(name, rpc.name))
        self.elements.later(proto, node.options, name)


def bounds(numbers: syntax.Range, last: int) -> tuple[int, int]:
    """Return the first and the last number of a range, `last` being what `max` means."""
    match numbers.end:
        case None:
            return numbers.start, numbers.start
        case "max":
            return numbers.start, last
        case end:
            return numbers.start, end


def _has_optional(node: syntax.Message) -> bool:
    labels = [*(field.label for field in node.fields), *(group.label for group in node.groups)]
    return "optional" in labels


def _is_message_set(node: syntax.Message) -> bool:
    return any(
        option.dotted == "message_set_wire_format"
        and isinstance(option.value, syntax.Scalar)
        and option.value.text == "true"
        for option in node.options
    )


def _add_synthetic_oneofs(proto: DescriptorProto) -> None:
    """Give each `optional` field of proto3 the oneof that tracks its presence."""
    taken = {field.name for field in proto.field} | {oneof.name for oneof in proto.oneof_decl}
    given: set[str] = set()
    for field in proto.field:
        if not field.proto3_optional or field.name in given:  # a second one of a name is invalid
            continue
        given.add(field.name)
        name = "_" + field.name.removeprefix("_")  # no two underscores: C++ reserves those names
        while name in taken:
            name = f"X{name}"
        taken.add(name)
        field.oneof_index = len(proto.oneof_decl)
        proto.oneof_decl.add(name=name)
