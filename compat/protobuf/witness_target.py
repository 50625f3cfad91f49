"""From a finding to the messages of the runtime that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from compat.protobuf import syntax
from compat.protobuf.descriptor import DEFAULT_NAME
from compat.protobuf.descriptor_compilation import build_pool, compiled, dependencies
from compat.protobuf.descriptor_library import Library
from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.kinds import Kind
from compat.protobuf.witness_messages import is_map, map_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.descriptor import (
        Descriptor,
        EnumDescriptor,
        FieldDescriptor,
        FileDescriptor,
        OneofDescriptor,
    )
    from google.protobuf.descriptor_pool import DescriptorPool

    from compat.finding import Finding, Spot
    from compat.protobuf.schema import ProtobufSchema


class NoTarget(Exception):
    """Say why a finding leads to no message."""


@dataclass(frozen=True, slots=True)
class Target:
    """The types to try a message of, and the writer's fields to set in it.

    `extensions` are the same extension of both, where the finding is about one; `number` is the
    constant, where it is about one.
    """

    reader: Descriptor
    writer: Descriptor
    fields: Sequence[FieldDescriptor]
    extensions: tuple[FieldDescriptor, FieldDescriptor] | None = None
    number: int | None = None


class Side:
    """One schema in the runtime; raises InvalidSchema when it does not compile."""

    def __init__(self, schema: ProtobufSchema) -> None:
        library = Library(schema.imports)
        own = compiled(schema.file, DEFAULT_NAME, library)
        needed = dependencies(own.proto.dependency, library)
        self.pool: DescriptorPool = build_pool([*needed, own.proto])

    @cached_property
    def file(self) -> FileDescriptor:
        return self.pool.FindFileByName(DEFAULT_NAME)

    def message(self, name: str) -> Descriptor | None:
        """Return a message by its full name."""
        try:
            return self.pool.FindMessageTypeByName(name)
        except KeyError:
            return None

    def messages(self) -> Iterator[Descriptor]:
        """Yield the messages of the file itself, at all depths."""
        waiting = list(self.file.message_types_by_name.values())
        for message in waiting:
            yield message
            waiting.extend(message.nested_types)


class Sides:
    """Both schemas in the runtime."""

    def __init__(self, reader: ProtobufSchema, writer: ProtobufSchema) -> None:
        self._reader = Side(reader)
        self._writer = Side(writer)

    def target(self, finding: Finding) -> Target:
        """Return what to try; raises NoTarget."""
        spot = finding.writer or finding.reader
        assert spot is not None, "a finding stands somewhere"
        if finding.path.startswith("#/["):
            return self._extension(finding)
        match spot.fragment:
            case syntax.EnumType() | syntax.EnumValue():
                return self._enum(spot)
            case syntax.Message():
                return self._message(finding, spot)
            case _:
                return self._field(finding)

    def _in_group(self, finding: Finding) -> Target | None:
        """Return the message that has the group in which a field was added, if it was in one."""
        name, *steps = finding.path.removeprefix("#/").split("/")
        numbers = [int(step) for step in steps if step.isdigit()]
        reader, writer = self._reader.message(name), self._writer.message(name)
        if len(numbers) < 2 or reader is None or writer is None:  # noqa: PLR2004 - group and field
            return None
        return Target(reader, writer, [writer.fields_by_number[numbers[0]]])

    def _extension(self, finding: Finding) -> Target:
        assert finding.reader is not None, "an extension that is gone is about code"
        assert finding.writer is not None, "nor is there anything to say of a new one"
        new = self._reader.pool.FindExtensionByName(finding.reader.path)
        old = self._writer.pool.FindExtensionByName(finding.writer.path)
        return Target(owner(new), owner(old), [old], (new, old))

    def _field(self, finding: Finding) -> Target:
        if finding.writer is None:  # a field that only the reader has
            assert finding.reader is not None, "a finding stands somewhere"
            outermost = self._in_group(finding)
            if outermost is not None:
                return outermost
            reader = owner(self._reader.pool.FindFieldByName(finding.reader.path))
            writer = self._counterpart(reader, self._reader, self._writer)
            return Target(reader, writer, [])
        field = self._writer.pool.FindFieldByName(finding.writer.path)
        if finding.reader is not None:
            new = self._reader.pool.FindFieldByName(finding.reader.path)
            if finding.kind is Kind.FIELD_ONEOF_CHANGED and new.containing_oneof is not None:
                return together(new.containing_oneof, owner(field))
            reader = owner(new)
        else:
            reader = self._counterpart(owner(field), self._writer, self._reader)
        return Target(reader, owner(field), [field])

    def _message(self, finding: Finding, spot: Spot) -> Target:
        """Return a whole message, or the fields of a oneof that are the writer's, too."""
        writer = self._writer.pool.FindMessageTypeByName(spot.path)
        if finding.kind is Kind.MESSAGE_REMOVED:
            if self._reader.message(spot.path) is not None:
                raise NoTarget("the reader has the message in another file: the rule is about code")
            return Target(writer, writer, [])
        assert finding.reader is not None, "what has come together stands in the reader"
        return together(self._reader.pool.FindOneofByName(finding.reader.path), writer)

    def _enum(self, spot: Spot) -> Target:
        """Return a message with a field of the enum, in a list or a map if there is such a one.

        A list tells a zero from nothing.
        """
        value = spot.fragment if isinstance(spot.fragment, syntax.EnumValue) else None
        name = spot.path.rpartition(".")[0] if value else spot.path
        found = sorted(self._fields_of(name), key=lambda pair: not pair[1].is_repeated)
        if not found:
            raise NoTarget("no field is of the enum in both schemas")
        new, old = found[0]
        return Target(owner(new), owner(old), [old], number=value.number if value else None)

    def _fields_of(self, enum: str) -> Iterator[tuple[FieldDescriptor, FieldDescriptor]]:
        """Yield the fields that are of an enum of the writer on both sides, the reader's first."""
        for message in self._writer.messages():
            reader = self._found(message, self._writer, self._reader)
            if reader is None or message.GetOptions().map_entry:
                continue
            for field in cast("list[FieldDescriptor]", message.fields):
                new = reader.fields_by_number.get(field.number)
                here, there = enum_of(new), enum_of(field)
                if here and there and there.full_name == enum and here.name == there.name:
                    yield cast("FieldDescriptor", new), field

    def _counterpart(self, message: Descriptor, here: Side, there: Side) -> Descriptor:
        found = self._found(message, here, there)
        if found is None:
            raise NoTarget("the other schema has no such message")
        return found

    @staticmethod
    def _found(message: Descriptor, here: Side, there: Side) -> Descriptor | None:
        """Return the message of one name in the other schema; packages may differ."""
        prefix = here.file.package
        local = message.full_name.removeprefix(f"{prefix}.") if prefix else message.full_name
        return there.message(message.full_name) or there.message(
            qualified(there.file.package, local)
        )


def enum_of(field: FieldDescriptor | None) -> EnumDescriptor | None:
    """Return the enum that a field is of, or the values of a map."""
    if field is None:
        return None
    if is_map(field):
        return enum_of(map_of(field)[1])
    return field.enum_type


def owner(field: FieldDescriptor) -> Descriptor:
    """Return the message a field stands in, or that an extension extends."""
    return cast("Descriptor", field.containing_type)


def together(oneof: OneofDescriptor, writer: Descriptor) -> Target:
    """Return the writer's fields that are together in a oneof of the reader."""
    known = writer.fields_by_number
    fields = [known[field.number] for field in oneof.fields if field.number in known]
    return Target(oneof.containing_type, writer, fields)
