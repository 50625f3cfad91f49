"""The normal form: what stays of a file when nothing but its meaning counts.

    imports       sorted, each once                 `syntax = "proto2"` left out: it is the default
    type names    in full, with a leading dot       extension names in full, without one
    options       sorted; the paths of one merged   fields, oneofs, constants by number
    extends       one block for each message        ranges one per statement, by start
    map entries   nested messages made `map<,>`     numbers written one way

Messages, enums, services and methods keep their order: the indexes of messages are on the wire.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from compat.protobuf.descriptor_fault import fault
from compat.protobuf.descriptor_library import Library
from compat.protobuf.descriptor_symbols import MESSAGES, TYPES, qualified
from compat.protobuf.normal_options import OptionNormalizer
from compat.protobuf.parser_cursor import INT32_MAX
from compat.protobuf.parser_types import SCALARS
from compat.protobuf.syntax import (
    Extend,
    Extensions,
    Field,
    File,
    Import,
    LiteralKind,
    MapType,
    Message,
    OneOf,
    Range,
    Reserved,
    Scalar,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from compat.errors import InvalidSchema
    from compat.protobuf.descriptor_symbols import Kind
    from compat.protobuf.syntax import EnumType, EnumValue, Group, Rpc, Service


_TRUE = Scalar(LiteralKind.IDENTIFIER, "true")


def normalize(file: File, imports: Mapping[str, File]) -> File:
    """Return the normal form; `imports` are the references by import path.

    Raises InvalidSchema when a type cannot be resolved.
    """
    return Normalizer(file, Library(imports)).file()


class Normalizer:
    """Normalises one file. `inside` is the full name of what a node stands in."""

    def __init__(self, file: File, library: Library) -> None:
        self._file = file
        self._scope = library.scope(file)
        self._options = OptionNormalizer(file, library)
        # Confluent puts negative numbers first; but an open enum has to begin with its zero
        self._zero_leads = file.syntax == "proto3" or file.edition is not None

    def file(self) -> File:
        file = self._file
        package = file.package or ""
        return replace(
            file,
            syntax=None if file.syntax == "proto2" else file.syntax,
            imports=_imports(file.imports),
            options=self._options.normalized(file.options, package),
            messages=[self._message(message, package) for message in file.messages],
            enums=[self._enum(enum, package) for enum in file.enums],
            extends=self._extends(file.extends, package),
            services=[self._service(service, package) for service in file.services],
        )

    def _message(self, message: Message, scope: str) -> Message:
        inside = qualified(scope, message.name)
        entries = {
            f".{qualified(inside, nested.name)}": nested
            for nested in message.messages
            if _is_map_entry(nested)
        }
        fields = [self._field(field, inside) for field in message.fields]
        held = {field.type for field in fields if field.label == "repeated"}
        maps = {name: entry for name, entry in entries.items() if name in held}
        return replace(
            message,
            fields=sorted((self._folded(field, maps) for field in fields), key=_number),
            oneofs=self._oneofs(message.oneofs, inside),
            groups=self._groups(message.groups, inside),
            messages=[
                self._message(nested, inside)
                for nested in message.messages
                if f".{qualified(inside, nested.name)}" not in maps
            ],
            enums=[self._enum(enum, inside) for enum in message.enums],
            extends=self._extends(message.extends, inside),
            extensions=self._extensions(message.extensions, inside),
            reserved=_reserved(message.reserved),
            options=self._options.normalized(message.options, inside),
        )

    def _folded(self, field: Field, maps: Mapping[str, Message]) -> Field:
        """Turn a field that repeats a map entry into a map."""
        entry = maps.get(field.type) if isinstance(field.type, str) else None
        if entry is None or not isinstance(field.type, str):
            return field
        members = sorted(entry.fields, key=_number)
        key, value = (self._field(member, field.type[1:]).type for member in members)
        assert isinstance(key, str)
        assert isinstance(value, str)
        return replace(field, label=None, type=MapType(key, value))

    def _field(self, field: Field, inside: str) -> Field:
        kind = field.type
        if isinstance(kind, MapType):
            kind = MapType(kind.key, self._type(kind.value, inside, field))
        elif kind not in SCALARS:
            kind = self._type(kind, inside, field)
        return replace(field, type=kind, options=self._options.normalized(field.options, inside))

    def _type(self, name: str, inside: str, field: Field) -> str:
        return name if name in SCALARS else self._resolved(name, inside, field.type_at, TYPES)

    def _resolved(self, name: str, inside: str, at: int, kinds: frozenset[Kind]) -> str:
        found = self._scope.find(name, inside=inside, kinds=kinds)
        if found is None:
            raise unresolved(self._file, name, at=at, inside=inside)
        return f".{found[0]}"

    def _groups(self, groups: Iterable[Group], inside: str) -> list[Group]:
        found = [
            replace(
                group,
                body=self._message(group.body, inside),
                options=self._options.normalized(group.options, inside),
            )
            for group in groups
        ]
        return sorted(found, key=_number)

    def _oneofs(self, oneofs: Iterable[OneOf], inside: str) -> list[OneOf]:
        found = [
            replace(
                oneof,
                fields=sorted((self._field(field, inside) for field in oneof.fields), key=_number),
                groups=self._groups(oneof.groups, inside),
                options=self._options.normalized(oneof.options, inside),
            )
            for oneof in oneofs
            if oneof.fields or oneof.groups
        ]
        return sorted(found, key=_first_number)

    def _extends(self, extends: Iterable[Extend], inside: str) -> list[Extend]:
        merged: dict[str, Extend] = {}
        for extend in extends:
            extendee = self._extendee(extend, inside)
            one = merged.setdefault(extendee, Extend(extendee, at=extend.at))
            one.fields += (self._field(field, inside) for field in extend.fields)
            one.groups += self._groups(extend.groups, inside)
        for one in merged.values():
            one.fields.sort(key=_number)
            one.groups.sort(key=_number)
        return list(merged.values())

    def _extendee(self, extend: Extend, inside: str) -> str:
        found = self._scope.find(extend.extendee, inside=inside, kinds=MESSAGES)
        if found is None:
            # Confluent: the options messages can be extended without the import that has them
            found = self._options.scope.find(extend.extendee, inside=inside, kinds=MESSAGES)
        if found is None:
            raise unresolved(self._file, extend.extendee, at=extend.at, inside=inside)
        return f".{found[0]}"

    def _extensions(self, statements: Iterable[Extensions], inside: str) -> list[Extensions]:
        found = [
            Extensions(
                [_range(span)],
                self._options.normalized(statement.options, inside),
                statement.at,
            )
            for statement in statements
            for span in statement.ranges
        ]
        return sorted(found, key=lambda statement: _bounds(statement.ranges[0]))

    def _enum(self, enum: EnumType, scope: str) -> EnumType:
        inside = qualified(scope, enum.name)
        values = [
            replace(value, options=self._options.normalized(value.options, inside))
            for value in enum.values
        ]
        values.sort(key=lambda value: (value.number, value.name))
        if self._zero_leads:
            values.sort(key=lambda value: value.number != 0)
        return replace(
            enum,
            values=values,
            reserved=_reserved(enum.reserved),
            options=self._options.normalized(enum.options, inside),
        )

    def _service(self, service: Service, scope: str) -> Service:
        inside = qualified(scope, service.name)
        return replace(
            service,
            rpcs=[self._rpc(rpc, inside) for rpc in service.rpcs],
            options=self._options.normalized(service.options, inside),
        )

    def _rpc(self, rpc: Rpc, inside: str) -> Rpc:
        return replace(
            rpc,
            request=self._resolved(rpc.request, inside, rpc.at, MESSAGES),
            response=self._resolved(rpc.response, inside, rpc.at, MESSAGES),
            options=self._options.normalized(rpc.options, inside),
        )


def unresolved(file: File, name: str, *, at: int, inside: str) -> InvalidSchema:
    """Return the error for a name that means nothing in a file."""
    error = fault(file, f"Could not resolve type: {name}", at=at, path=inside)
    error.stage = "validate"
    return error


def _number(node: Field | Group | EnumValue) -> int:
    return node.number


def _first_number(oneof: OneOf) -> int:
    return min(node.number for nodes in (oneof.fields, oneof.groups) for node in nodes)


def _imports(imports: Iterable[Import]) -> list[Import]:
    unique = {(one.kind, one.path): one for one in imports}
    return [unique[key] for key in sorted(unique)]


def _bounds(span: Range) -> tuple[int, int]:
    if isinstance(span.end, int):
        return span.start, span.end
    return span.start, span.start if span.end is None else INT32_MAX


def _range(span: Range) -> Range:
    return Range(span.start, None if span.end == span.start else span.end, span.at)


def _reserved(statements: Sequence[Reserved]) -> list[Reserved]:
    spans = [span for statement in statements for span in statement.ranges]
    names = [name for statement in statements for name in statement.names]
    return [
        *(Reserved(ranges=[_range(span)]) for span in sorted(spans, key=_bounds)),
        *(Reserved(names=[name]) for name in sorted(names)),
    ]


def _is_map_entry(message: Message) -> bool:
    members = sorted(message.fields, key=_number)
    if [field.number for field in members] != [1, 2]:
        return False
    is_plain = all(isinstance(field.type, str) for field in members)
    return is_plain and any(
        option.dotted == "map_entry" and option.value == _TRUE for option in message.options
    )
