"""A file without what extends it: `format=ignore_extensions` of the REST contract.

Custom options go, but for Confluent's own; extension ranges and extend blocks go.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from compat.protobuf.syntax import (
    EnumType,
    EnumValue,
    Field,
    File,
    Group,
    Message,
    OneOf,
    Rpc,
    Service,
)

if TYPE_CHECKING:
    from compat.protobuf.syntax import Option

Node = TypeVar("Node", File, Message, Field, Group, OneOf, EnumType, EnumValue, Service, Rpc)

_KEPT = "confluent."


def without_custom_options(file: File) -> File:
    """Return the file with nothing but standard and Confluent's options, and no extensions."""
    return replace(
        _plain(file),
        messages=[_message(message) for message in file.messages],
        enums=[_enum(enum) for enum in file.enums],
        services=[
            replace(_plain(service), rpcs=[_plain(rpc) for rpc in service.rpcs])
            for service in file.services
        ],
        extends=[],
    )


def _plain(node: Node) -> Node:
    return replace(node, options=[option for option in node.options if not _is_custom(option)])


def _is_custom(option: Option) -> bool:
    head = option.name[0]
    return head.is_extension and not head.name.removeprefix(".").startswith(_KEPT)


def _message(message: Message) -> Message:
    return replace(
        _plain(message),
        fields=[_plain(field) for field in message.fields],
        groups=[_group(group) for group in message.groups],
        oneofs=[
            replace(
                _plain(oneof),
                fields=[_plain(field) for field in oneof.fields],
                groups=[_group(group) for group in oneof.groups],
            )
            for oneof in message.oneofs
        ],
        messages=[_message(nested) for nested in message.messages],
        enums=[_enum(enum) for enum in message.enums],
        extends=[],
        extensions=[],
    )


def _group(group: Group) -> Group:
    return replace(_plain(group), body=_message(group.body))


def _enum(enum: EnumType) -> EnumType:
    return replace(_plain(enum), values=[_plain(value) for value in enum.values])
