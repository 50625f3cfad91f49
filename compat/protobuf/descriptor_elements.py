"""What fields and other elements of a file have in common on their way to a descriptor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from compat.protobuf import descriptor_scalars as scalars
from compat.protobuf import syntax
from compat.protobuf.descriptor_fault import fault
from compat.protobuf.descriptor_symbols import TYPES, Kind, qualified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        EnumValueDescriptorProto,
        FileDescriptorProto,
        MethodDescriptorProto,
        OneofDescriptorProto,
        ServiceDescriptorProto,
    )
    from google.protobuf.message import Message

    from compat.errors import InvalidSchema
    from compat.protobuf.descriptor_symbols import Scope

    Element = (
        FileDescriptorProto
        | DescriptorProto
        | DescriptorProto.ExtensionRange
        | FieldDescriptorProto
        | OneofDescriptorProto
        | EnumDescriptorProto
        | EnumValueDescriptorProto
        | ServiceDescriptorProto
        | MethodDescriptorProto
    )

_PSEUDO_OPTIONS: Final = frozenset({"default", "json_name"})
_LABELS: Final = {
    None: FieldDescriptorProto.LABEL_OPTIONAL,
    "optional": FieldDescriptorProto.LABEL_OPTIONAL,
    "required": FieldDescriptorProto.LABEL_REQUIRED,
    "repeated": FieldDescriptorProto.LABEL_REPEATED,
}
_NAMED_TYPES: Final = {
    Kind.MESSAGE: FieldDescriptorProto.TYPE_MESSAGE,
    Kind.ENUM: FieldDescriptorProto.TYPE_ENUM,
}


@dataclass(frozen=True, slots=True)
class Pending:
    """Options of the text still to be set, and the scope their names are looked up in."""

    options: Message
    nodes: Sequence[syntax.Option]
    scope: str


def json_name(name: str) -> str:
    """Return the name of a field in JSON: without underscores, capitals where they stood."""
    if "_" not in name:
        return name
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


class Elements:
    """What is known of the file whose elements are being built.

    `pending` are the options left to set, `faults` what had to be left out because it is wrong.
    """

    def __init__(self, file: syntax.File, scope: Scope, *, as_written: bool) -> None:
        self.pending: list[Pending] = []
        self.faults: list[InvalidSchema] = []
        self._file = file
        self._scope = scope
        self._as_written = as_written
        self._optional_is_synthetic = file.syntax == "proto3"

    def later(self, element: Element, nodes: Sequence[syntax.Option], scope: str) -> None:
        """Note the options of an element; they are set when all types are known."""
        if nodes:
            self.pending.append(Pending(element.options, nodes, scope))

    def typed(
        self, node: syntax.Field, field: FieldDescriptorProto, type_name: str, scope: str
    ) -> None:
        """Set the type of a field; raises InvalidSchema when it is not found."""
        number = scalars.TYPE_NUMBERS.get(type_name)
        if number is not None:
            field.type = number
            return
        full, kind = self.resolve(type_name, scope, TYPES, node.type_at)
        field.type = _NAMED_TYPES[kind]
        field.type_name = "." + full

    def resolve(self, name: str, scope: str, kinds: frozenset[Kind], at: int) -> tuple[str, Kind]:
        """Return the full name a name means; raises InvalidSchema."""
        found = self._scope.find(name, inside=scope, kinds=kinds)
        if found is None:
            raise fault(self._file, f"Could not resolve type: {name}", at=at, path=scope)
        return found

    def labelled(self, field: FieldDescriptorProto, label: syntax.Label | None) -> None:
        """Set the label of a field."""
        field.label = _LABELS[label]
        if self._optional_is_synthetic and label == "optional":
            field.proto3_optional = True

    def named(
        self, node: syntax.Field | syntax.Group, name: str, field: FieldDescriptorProto, scope: str
    ) -> None:
        """Set the names and the number of a field, and note its options."""
        field.name = name
        field.number = node.number
        if not self._as_written:
            field.json_name = json_name(name)
        if node.options:
            self._set_pseudo_options(node.options, field)
            rest = [option for option in node.options if option.dotted not in _PSEUDO_OPTIONS]
            self.later(field, rest, qualified(scope, name))

    def _set_pseudo_options(
        self, options: Sequence[syntax.Option], field: FieldDescriptorProto
    ) -> None:
        """Set what is written like an option and is none in a descriptor."""
        json_names = [option for option in options if option.dotted == "json_name"]
        for option in json_names:
            self._set_json_name(option, field)
        for option in json_names[1:]:
            self._wrong(f"{field.name} has two json_names", option)
        for option in options:
            if option.dotted == "default":
                self._set_default(option, field)

    def _set_json_name(self, option: syntax.Option, field: FieldDescriptorProto) -> None:
        value = scalars.text(option.value) if isinstance(option.value, syntax.Scalar) else None
        if value is None:
            self._wrong(f"The json_name of {field.name} is no text", option)
        elif field.HasField("extendee"):
            self._wrong(f"The extension {field.name} cannot have a json_name", option)
        else:
            field.json_name = value

    def _set_default(self, option: syntax.Option, field: FieldDescriptorProto) -> None:
        value = option.value if isinstance(option.value, syntax.Scalar) else None
        text = None if value is None else _default_text(field, value)
        if text is None:
            self._wrong(f"The default of {field.name} does not fit its type", option)
        elif field.HasField("default_value"):
            self._wrong(f"{field.name} has two defaults", option)
        else:
            field.default_value = text

    def _wrong(self, message: str, option: syntax.Option) -> None:
        self.faults.append(fault(self._file, message, at=option.at))


def _default_text(field: FieldDescriptorProto, value: syntax.Scalar) -> str | None:
    if field.type == FieldDescriptorProto.TYPE_ENUM:
        return value.text if value.kind is syntax.LiteralKind.IDENTIFIER else None
    if field.type not in scalars.TYPE_NAMES:
        return None
    return scalars.default_text(scalars.TYPE_NAMES[field.type], value)
