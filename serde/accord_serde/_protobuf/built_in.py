"""Files that schemas may import without a reference: those of Google and Confluent.

Registries know them, so a reader takes them from here, by path, and only when they are imported.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

if TYPE_CHECKING:
    from collections.abc import Callable

META_PATH = "confluent/meta.proto"
META_NUMBER = 1088  # of the extension of all kinds of options

_PREFIXES = ("confluent/", "google/protobuf/", "google/type/")

_GOOGLE = frozenset(
    f"google/{path}.proto"
    for path in (
        "protobuf/any",
        "protobuf/api",
        "protobuf/descriptor",
        "protobuf/duration",
        "protobuf/empty",
        "protobuf/field_mask",
        "protobuf/source_context",
        "protobuf/struct",
        "protobuf/timestamp",
        "protobuf/type",
        "protobuf/wrappers",
        "type/calendar_period",
        "type/color",
        "type/date",
        "type/datetime",
        "type/dayofweek",
        "type/decimal",
        "type/expr",
        "type/fraction",
        "type/interval",
        "type/latlng",
        "type/localized_text",
        "type/money",
        "type/month",
        "type/phone_number",
        "type/postal_address",
        "type/quaternion",
        "type/timeofday",
    )
)


def is_built_in(path: str) -> bool:
    """Tell whether a file of this path is never registered as a reference."""
    return path.startswith(_PREFIXES)


@cache
def built_in(path: str) -> FileDescriptorProto | None:
    """Return a known file; None where there is none of this path."""
    if path in _CONFLUENT:
        return _CONFLUENT[path]()
    if path not in _GOOGLE:
        return None
    try:
        module = import_module(path.removesuffix(".proto").replace("/", ".") + "_pb2")
    except ImportError:  # googleapis-common-protos is not installed
        return None
    return FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)


def _meta() -> FileDescriptorProto:
    file = _file(
        META_PATH,
        "confluent",
        _message(
            "Meta",
            _field("doc", 1, "string"),
            _field("params", 2, ".confluent.Meta.ParamsEntry", repeated=True),
            _field("tags", 3, "string", repeated=True),
            _field("rules", 4, ".confluent.Rule", repeated=True),
        ),
        _message(
            "Rule",
            *(_field(n, i, "string") for i, n in enumerate(("name", "doc", "expr", "sql"), 1)),
        ),
    )
    file.dependency.append("google/protobuf/descriptor.proto")
    entry = file.message_type[0].nested_type.add()
    entry.CopyFrom(
        _message("ParamsEntry", _field("key", 1, "string"), _field("value", 2, "string"))
    )
    entry.options.map_entry = True
    for kind in ("file", "message", "field", "enum", "enum_value"):
        extension = _field(f"{kind}_meta", META_NUMBER, ".confluent.Meta")
        extension.extendee = f".google.protobuf.{kind.title().replace('_', '')}Options"
        file.extension.append(extension)
    return file


def _decimal() -> FileDescriptorProto:
    return _file(
        "confluent/type/decimal.proto",
        "confluent.type",
        _message(
            "Decimal",
            _field("value", 1, "bytes"),
            _field("precision", 2, "uint32"),
            _field("scale", 3, "int32"),
        ),
    )


def _variant() -> FileDescriptorProto:
    return _file(
        "confluent/type/variant.proto",
        "confluent.type",
        _message("Variant", _field("metadata", 1, "bytes"), _field("value", 2, "bytes")),
    )


def _former_decimal() -> FileDescriptorProto:
    """Return the path that older clients generate code for."""
    file = _file("confluent/types/decimal.proto", "")
    file.dependency.append("confluent/type/decimal.proto")
    file.public_dependency.append(0)
    return file


_CONFLUENT: dict[str, Callable[[], FileDescriptorProto]] = {
    META_PATH: _meta,
    "confluent/type/decimal.proto": _decimal,
    "confluent/type/variant.proto": _variant,
    "confluent/types/decimal.proto": _former_decimal,
}

_SCALARS = {
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "string": FieldDescriptorProto.TYPE_STRING,
    "uint32": FieldDescriptorProto.TYPE_UINT32,
}


def _file(path: str, package: str, *messages: DescriptorProto) -> FileDescriptorProto:
    return FileDescriptorProto(
        name=path, package=package or None, syntax="proto3", message_type=messages
    )


def _message(name: str, *fields: FieldDescriptorProto) -> DescriptorProto:
    return DescriptorProto(name=name, field=fields)


def _field(name: str, number: int, kind: str, *, repeated: bool = False) -> FieldDescriptorProto:
    made = FieldDescriptorProto(name=name, number=number)
    made.label = made.LABEL_REPEATED if repeated else made.LABEL_OPTIONAL
    if kind in _SCALARS:
        made.type = _SCALARS[kind]
    else:
        made.type = made.TYPE_MESSAGE
        made.type_name = kind
    return made
