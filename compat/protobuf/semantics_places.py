"""From the full name of what is wrong to its place in the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from compat.protobuf import syntax
from compat.protobuf.descriptor_fault import fault
from compat.protobuf.descriptor_symbols import qualified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.errors import InvalidSchema

_NAMED: Final = re.compile(r"(?:for field |in extension |\(|'|message=)([A-Za-z_][\w.]*)", re.ASCII)


def located(file: syntax.File, message: str, path: str | None = None) -> InvalidSchema:
    """Return the error for a full name; without one, the first the message tells is taken."""
    places: dict[str, int] = {}
    for name, at in _places(file):
        places[name] = max(at, places.get(name, at))  # of two of one name the later is at fault
    if path is None:
        path = next((name for name in _NAMED.findall(message) if name in places), "")
    return fault(file, message.strip(), at=places.get(path, syntax.NOWHERE), path=path)


def _places(file: syntax.File) -> Iterator[tuple[str, int]]:
    scope = file.package or ""
    yield from _block(file, scope)
    for service in file.services:
        name = qualified(scope, service.name)
        yield name, service.at
        yield from ((qualified(name, rpc.name), rpc.at) for rpc in service.rpcs)


def _block(node: syntax.File | syntax.Message, scope: str) -> Iterator[tuple[str, int]]:
    for message in node.messages:
        yield from _message(message, scope)
    for enum in node.enums:
        name = qualified(scope, enum.name)
        yield name, enum.at
        yield from ((qualified(name, value.name), value.at) for value in enum.values)
        yield from ((qualified(scope, value.name), value.at) for value in enum.values)
    for extend in node.extends:
        yield from _fields(extend, scope)


def _message(node: syntax.Message, scope: str) -> Iterator[tuple[str, int]]:
    name = qualified(scope, node.name)
    yield name, node.at
    yield from _fields(node, name)
    for oneof in node.oneofs:
        yield qualified(name, oneof.name), oneof.at
        yield from _fields(oneof, name)
    yield from _block(node, name)


def _fields(
    node: syntax.Message | syntax.OneOf | syntax.Extend, scope: str
) -> Iterator[tuple[str, int]]:
    yield from ((qualified(scope, field.name), field.at) for field in node.fields)
    for group in node.groups:
        yield qualified(scope, group.name.lower()), group.at
        yield from _message(group.body, scope)
