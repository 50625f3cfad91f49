"""The names that fields and enum constants have in JSON must differ from one another.

Files of proto2 are older than that rule; there only names given by hand must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FeatureSet

from compat.protobuf.descriptor_elements import json_name
from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.semantics_breach import Breach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FieldDescriptorProto,
        FileDescriptorProto,
    )


def field_clashes(
    file: FileDescriptorProto, message: DescriptorProto, name: str
) -> Iterator[Breach]:
    """Yield the fields of a message whose names in JSON are taken."""
    if message.options.deprecated_legacy_json_field_conflicts:
        return
    if not _is_lenient(file, message):
        yield from _default_clashes(message, name)
    yield from _given_clashes(message, name, lenient=_is_lenient(file, message))


def enum_clashes(
    file: FileDescriptorProto, enum: EnumDescriptorProto, name: str
) -> Iterator[Breach]:
    """Yield the constants whose names are those of others, the enum's own name taken away."""
    if enum.options.deprecated_legacy_json_field_conflicts or _is_lenient(file, enum):
        return
    seen: dict[str, tuple[str, int]] = {}
    for value in enum.value:
        label = _without_prefix(value.name, enum.name)
        known, number = seen.setdefault(label, (value.name, value.number))
        if known != value.name and number != value.number:
            yield Breach(
                qualified(name, value.name), f"{value.name} and {known} are the same name in JSON"
            )


def _is_lenient(file: FileDescriptorProto, owner: DescriptorProto | EnumDescriptorProto) -> bool:
    formats = {file.options.features.json_format, owner.options.features.json_format}
    return not file.syntax or FeatureSet.LEGACY_BEST_EFFORT in formats


def _default_clashes(message: DescriptorProto, name: str) -> Iterator[Breach]:
    seen: dict[str, str] = {}
    for field in message.field:
        known = seen.setdefault(json_name(field.name), field.name)
        if known != field.name:
            yield _clash(field, known, name)


def _given_clashes(message: DescriptorProto, name: str, *, lenient: bool) -> Iterator[Breach]:
    seen: dict[str, FieldDescriptorProto] = {}
    for field in message.field:
        known = seen.setdefault(field.json_name, field)
        if known is field:
            continue
        given = [field.json_name != json_name(one.name) for one in (field, known)]
        if any(given) and (all(given) or not lenient):
            yield _clash(field, known.name, name)


def _clash(field: FieldDescriptorProto, known: str, scope: str) -> Breach:
    path = qualified(scope, field.name)
    return Breach(path, f"{field.name} and {known} are the same name in JSON")


def _without_prefix(value: str, enum: str) -> str:
    """Return a constant's name without the enum's, case and underscores aside.

    The words of what is left keep their borders: A_B is not AB.
    """
    index = 0
    for letter in enum.replace("_", "").lower():
        while value[index : index + 1] == "_":
            index += 1
        if value[index : index + 1].lower() != letter:
            return _words(value)
        index += 1
    return _words(value[index:].lstrip("_") or value)


def _words(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
