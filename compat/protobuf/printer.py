"""Prints a syntax tree the one way the registry stores it.

Comments are gone by then. Sections come in a fixed order, each after an empty line that carries the
indentation of the block it stands in:

    file      syntax, package | imports | options | messages, enums | extends | services
    message   reserved | options | fields | oneofs | groups | extensions | extends | types
    oneof     options | fields | groups
    extend    fields | groups
    service   options | methods
    enum      reserved, options and constants without empty lines

Two things go beyond what Confluent prints, whose text would mean something else: `import weak`, and
`edition` with what belongs to editions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from compat.protobuf import syntax
from compat.protobuf.syntax import MAX_FIELD_NUMBER, Aggregate, ListValue, LiteralKind, MapType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compat.protobuf.syntax import (
        EnumType,
        EnumValue,
        Extend,
        Extensions,
        Field,
        File,
        Group,
        Import,
        Message,
        OneOf,
        Option,
        Range,
        Reserved,
        Rpc,
        Service,
        Value,
        Visibility,
    )

    Part = (
        Field
        | Group
        | OneOf
        | Message
        | EnumType
        | EnumValue
        | Reserved
        | Extensions
        | Service
        | Rpc
        | Import
    )

_STEP: Final = "  "
_IMPORTS: Final = ("plain", "public", "weak", "option")
_LAST_OPTIONS: Final = ("default", "json_name")

# Control characters and the lone surrogates that stand for bytes have no escape of their own.
_NAMED: Final = {
    character: f"\\{name}"
    for name, character in zip("abfnrtv\\'\"", "\a\b\f\n\r\t\v\\'\"", strict=True)
}
_ESCAPES: Final = str.maketrans(
    {chr(code): f"\\{code:03o}" for code in (*range(0x20), 0x7F)}
    | {chr(0xDC00 + byte): f"\\{byte:03o}" for byte in range(0x80, 0x100)}
    | _NAMED
)
_PLAIN: Final = re.compile(r"[^\x00-\x1f\x7f\\'\"\udc80-\udcff]*")


def print_file(file: File, *, options_in_order: bool = False) -> str:
    """Return the canonical text.

    `options_in_order` leaves `default` and `json_name` where they stand among a field's options,
    as the normal form does; otherwise they come last.
    """
    printer = Printer(options_in_order=options_in_order, bare_names=file.edition is not None)
    return printer.file(file)


def print_part(node: Part) -> str:
    """Return the text of a part of a file."""
    return Printer(options_in_order=False, bare_names=False).part(node)


class Printer:
    """Prints each node as text without its final newline; `indent` is that of its first line."""

    __slots__ = ("_bare_names", "_options_in_order")

    def __init__(self, *, options_in_order: bool, bare_names: bool) -> None:
        self._options_in_order = options_in_order
        self._bare_names = bare_names  # editions reserve names without quotes

    def file(self, file: File) -> str:
        lines: list[str] = []
        if file.edition is not None:
            lines.append(f'edition = "{file.edition}";')
        elif file.syntax is not None:
            lines.append(f'syntax = "{file.syntax}";')
        if file.package:
            lines.append(f"package {file.package};")
        sections = (
            _imports(file.imports),
            self._statements(file.options, ""),
            [
                *(self._message(message, "") for message in file.messages),
                *(self._enum(enum, "") for enum in file.enums),
            ],
            [self._extend(extend, "") for extend in file.extends],
            [self._service(service) for service in file.services],
        )
        for section in sections:
            if section:
                lines.append("")
                lines += section
        return "\n".join([*lines, ""])

    def part(self, node: Part) -> str:
        match node:
            case syntax.Service():
                return self._service(node)
            case syntax.Rpc():
                return self._rpc(node, "")
            case syntax.EnumType():
                return self._enum(node, "")
            case syntax.EnumValue():
                return self._constant(node, "")
            case syntax.Import():
                return "\n".join(_imports([node]))
            case _:
                return self._message_part(node)

    def _message_part(self, node: Field | Group | OneOf | Message | Reserved | Extensions) -> str:
        match node:
            case syntax.Reserved():
                return self._reserved(node, "", greatest=MAX_FIELD_NUMBER)
            case syntax.Extensions():
                return self._extensions(node, "")
            case syntax.Field():
                return self._field(node, "")
            case syntax.Group():
                return self._group(node, "")
            case syntax.OneOf():
                return self._oneof(node, "")
            case syntax.Message():
                return self._message(node, "")

    def _message(self, message: Message, indent: str) -> str:
        head = f"{indent}{_visibility(message.visibility)}message {message.name}"
        return self._body(message, head, indent)

    def _body(self, message: Message, head: str, indent: str) -> str:
        inner = indent + _STEP
        return _block(
            head,
            indent,
            (
                [
                    self._reserved(reserved, inner, greatest=MAX_FIELD_NUMBER)
                    for reserved in message.reserved
                ],
                self._statements(message.options, inner),
                [self._field(field, inner) for field in message.fields],
                [self._oneof(oneof, inner) for oneof in message.oneofs],
                [self._group(group, inner) for group in message.groups],
                [self._extensions(extensions, inner) for extensions in message.extensions],
                [self._extend(extend, inner) for extend in message.extends],
                [
                    *(self._message(nested, inner) for nested in message.messages),
                    *(self._enum(enum, inner) for enum in message.enums),
                ],
            ),
        )

    def _field(self, field: Field, indent: str) -> str:
        label = "" if field.label is None else f"{field.label} "
        kind = field.type
        if isinstance(kind, MapType):
            kind = f"map<{kind.key}, {kind.value}>"
        head = f"{indent}{label}{kind} {field.name} = {field.number}"
        if not field.options:
            return head + ";"
        return f"{head}{self._bracketed(field.options, indent)};"

    def _group(self, group: Group, indent: str) -> str:
        label = "" if group.label is None else f"{group.label} "
        options = self._bracketed(group.options, indent)
        head = f"{indent}{label}group {group.name} = {group.number}{options}"
        return self._body(group.body, head, indent)

    def _oneof(self, oneof: OneOf, indent: str) -> str:
        inner = indent + _STEP
        return _block(
            f"{indent}oneof {oneof.name}",
            indent,
            (
                self._statements(oneof.options, inner),
                [self._field(field, inner) for field in oneof.fields],
                [self._group(group, inner) for group in oneof.groups],
            ),
        )

    def _extend(self, extend: Extend, indent: str) -> str:
        inner = indent + _STEP
        return _block(
            f"{indent}extend {extend.extendee}",
            indent,
            (
                [self._field(field, inner) for field in extend.fields],
                [self._group(group, inner) for group in extend.groups],
            ),
        )

    def _extensions(self, extensions: Extensions, indent: str) -> str:
        ranges = ", ".join(_range(span, greatest=MAX_FIELD_NUMBER) for span in extensions.ranges)
        return f"{indent}extensions {ranges}{self._bracketed(extensions.options, indent)};"

    def _enum(self, enum: EnumType, indent: str) -> str:
        inner = indent + _STEP
        lines = [
            *(self._reserved(reserved, inner, greatest=None) for reserved in enum.reserved),
            *self._statements(enum.options, inner),
            *(self._constant(value, inner) for value in enum.values),
        ]
        return _block(f"{indent}{_visibility(enum.visibility)}enum {enum.name}", indent, (lines,))

    def _reserved(self, reserved: Reserved, indent: str, *, greatest: int | None) -> str:
        ranges = [_range(span, greatest=greatest) for span in reserved.ranges]
        names = reserved.names if self._bare_names else map(quoted, reserved.names)
        return f"{indent}reserved {', '.join([*ranges, *names])};"

    def _constant(self, value: EnumValue, indent: str) -> str:
        return f"{indent}{value.name} = {value.number}{self._bracketed(value.options, indent)};"

    def _service(self, service: Service) -> str:
        return _block(
            f"service {service.name}",
            "",
            (
                self._statements(service.options, _STEP),
                [self._rpc(rpc, _STEP) for rpc in service.rpcs],
            ),
        )

    def _rpc(self, rpc: Rpc, indent: str) -> str:
        request = f"stream {rpc.request}" if rpc.request_streaming else rpc.request
        response = f"stream {rpc.response}" if rpc.response_streaming else rpc.response
        head = f"{indent}rpc {rpc.name} ({request}) returns ({response})"
        if not rpc.options:
            return head + ";"
        return _block(head, indent, (self._statements(rpc.options, indent + _STEP),)) + ";"

    def _statements(self, options: Sequence[Option], indent: str) -> list[str]:
        return [f"{indent}option {_option(option, indent)};" for option in options]

    def _bracketed(self, options: Sequence[Option], indent: str) -> str:
        """Print ` [a = 1]`, or nothing when there are no options."""
        if not options:
            return ""
        if not self._options_in_order:
            options = sorted(options, key=_rank)
        if len(options) == 1:
            return f" [{_option(options[0], indent)}]"
        inner = indent + _STEP
        lines = ",\n".join(f"{inner}{_option(option, inner)}" for option in options)
        return f" [\n{lines}\n{indent}]"


def _block(head: str, indent: str, sections: Iterable[Sequence[str]]) -> str:
    parts = ["\n".join(section) for section in sections if section]
    if not parts:
        return head + " {}"
    return f"{head} {{\n{f'{chr(10)}{indent}{chr(10)}'.join(parts)}\n{indent}}}"


def _imports(imports: Sequence[Import]) -> list[str]:
    return [
        f"import {'' if kind == 'plain' else kind + ' '}{quoted(one.path)};"
        for kind in _IMPORTS
        for one in imports
        if one.kind == kind
    ]


def _visibility(visibility: Visibility | None) -> str:
    return "" if visibility is None else f"{visibility} "


def _range(span: Range, *, greatest: int | None) -> str:
    if span.end is None:
        return str(span.start)
    return f"{span.start} to {'max' if span.end == greatest else span.end}"


def _rank(option: Option) -> int:
    name = option.name[0].name if len(option.name) == 1 and not option.name[0].is_extension else ""
    return _LAST_OPTIONS.index(name) if name in _LAST_OPTIONS else -1


def _option(option: Option, indent: str) -> str:
    value = option.value
    if isinstance(value, ListValue) and len(value.items) == 1:
        return f"{option.dotted} = [{_value(value.items[0], indent)}]"
    return f"{option.dotted} = {_value(value, indent)}"


def _value(value: Value, indent: str) -> str:
    inner = indent + _STEP
    if isinstance(value, Aggregate):
        lines = [f"{inner}{name}: {_value(one, inner)}" for name, one in folded(value).items()]
        return _bracket("{", lines, indent + "}")
    if isinstance(value, ListValue):
        return _bracket("[", [inner + _value(item, inner) for item in value.items], indent + "]")
    return quoted(value.text) if value.kind is LiteralKind.STRING else value.text


def _bracket(opening: str, lines: Sequence[str], closing: str) -> str:
    return "\n".join([opening, *([",\n".join(lines)] if lines else []), closing])


def folded(aggregate: Aggregate) -> dict[str, Value]:
    """Return the fields of an aggregate; one that is given several times becomes a list."""
    given: dict[str, list[Value]] = {}
    for entry in aggregate.entries:
        given.setdefault(entry.name, []).append(entry.value)
    return {
        name: values[0] if len(values) == 1 else _joined(values) for name, values in given.items()
    }


def _joined(values: Sequence[Value]) -> ListValue:
    return ListValue([item for value in values for item in listed(value)], values[0].at)


def listed(value: Value) -> list[Value]:
    """Return the items of a list, or the value as the only item."""
    return value.items if isinstance(value, ListValue) else [value]


def quoted(text: str) -> str:
    """Return a string literal."""
    if _PLAIN.fullmatch(text) is None:
        text = text.translate(_ESCAPES)
    return f'"{text}"'
