"""The tags and inline rules that `confluent.Meta` puts into the options of messages and fields.

Options are read by number in a pool of their own, so that it does not matter whether the program
has the extension loaded, or under which name.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from accord_serde._protobuf.built_in import META_NUMBER, META_PATH, built_in
from accord_serde._rules_engine.validation import ValidationRule
from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message


def tags(field: FieldDescriptor) -> frozenset[str]:
    """Return the tags of a field. Raises SerializationError: its options cannot be read."""
    return frozenset(_meta(field).tags)


def rules(described: Descriptor | FieldDescriptor) -> list[ValidationRule]:
    """Return the inline rules of a message or field. Raises SerializationError, likewise."""
    found = _meta(described).rules
    return [ValidationRule(rule.name, rule.doc, rule.expr, rule.sql) for rule in found]


def _meta(described: Descriptor | FieldDescriptor) -> Any:
    try:
        options = described.GetOptions().SerializeToString()
        return _options_class().FromString(options).meta  # type: ignore[attr-defined]  # a field
    except DecodeError as error:
        raise SerializationError(
            f"the options of {described.full_name} cannot be read: {error}"
        ) from error


@cache
def _options_class() -> type[Message]:
    """Return a message of which all kinds of options are, but for what is not looked at."""
    pool = DescriptorPool()
    for path in ("google/protobuf/descriptor.proto", META_PATH):
        file = built_in(path)
        assert file is not None
        pool.AddSerializedFile(file.SerializeToString())
    own = FileDescriptorProto(name="options.proto", dependency=[META_PATH])
    meta = own.message_type.add(name="Options").field.add(name="meta", number=META_NUMBER)
    meta.label = FieldDescriptorProto.LABEL_OPTIONAL
    meta.type = FieldDescriptorProto.TYPE_MESSAGE
    meta.type_name = ".confluent.Meta"
    pool.AddSerializedFile(own.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("Options"))
