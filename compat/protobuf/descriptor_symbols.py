"""The names a file declares, and how a name in its text finds one of them.

A relative name is looked up as protoc does it: the scopes are tried from the innermost outwards,
and the first scope that knows the name's first part decides, unless that part is something that
contains no names.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from compat.errors import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from compat.protobuf import syntax

MAX_NAME_PARTS: Final = 256  # the scopes tried for one name, hence the cost of a look-up
# Characters of full names that one file may declare, and that looking up its names may look at:
# a long package times many names is more memory and more time than anybody has.
MAX_NAMES: Final = 64 * 1024 * 1024


class Kind(Enum):
    """What a full name stands for."""

    PACKAGE = auto()
    MESSAGE = auto()
    ENUM = auto()
    ENUM_VALUE = auto()
    FIELD = auto()
    ONEOF = auto()
    EXTENSION = auto()
    SERVICE = auto()
    METHOD = auto()


TYPES: Final = frozenset({Kind.MESSAGE, Kind.ENUM})
MESSAGES: Final = frozenset({Kind.MESSAGE})
EXTENSIONS: Final = frozenset({Kind.EXTENSION})
_SCOPES: Final = frozenset({Kind.PACKAGE, Kind.MESSAGE, Kind.ENUM, Kind.SERVICE})


def qualified(scope: str, name: str) -> str:
    """Return the full name of a name declared in a scope; the outermost scope is empty."""
    return f"{scope}.{name}" if scope else name


def packages(package: str | None) -> Iterator[tuple[str, Kind]]:
    """Yield the package and the packages around it."""
    parts = package.split(".") if package else []
    if len(parts) > MAX_NAME_PARTS:
        raise TooComplex(f"A package has more than {MAX_NAME_PARTS} parts")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end]), Kind.PACKAGE


def declared(file: syntax.File) -> dict[str, Kind]:
    """Return what a file declares, by full name; the first of two equal names wins."""
    found = dict(packages(file.package))
    size = 0
    for name, kind in _declarations(file, file.package or ""):
        found.setdefault(name, kind)
        size = _counted(size, name)
    return found


def _counted(size: int, name: str) -> int:
    """Return the size with the name's; raises TooComplex."""
    size += len(name)
    if size > MAX_NAMES:
        raise TooComplex("The full names in this file are too long altogether")
    return size


def _declarations(node: syntax.File | syntax.Message, scope: str) -> Iterator[tuple[str, Kind]]:
    for message in node.messages:
        yield from _message(message, scope)
    for enum in node.enums:
        yield from _enum(enum, scope)
    for extend in node.extends:
        yield from ((qualified(scope, field.name), Kind.EXTENSION) for field in extend.fields)
        for group in extend.groups:
            yield qualified(scope, group.name.lower()), Kind.EXTENSION
            yield from _message(group.body, scope)
    for service in getattr(node, "services", ()):
        yield from _service(service, scope)


def _message(message: syntax.Message, scope: str) -> Iterator[tuple[str, Kind]]:
    name = qualified(scope, message.name)
    yield name, Kind.MESSAGE
    yield from _fields(message, name)
    for oneof in message.oneofs:
        yield qualified(name, oneof.name), Kind.ONEOF
        yield from _fields(oneof, name)
    yield from _declarations(message, name)


def _fields(node: syntax.Message | syntax.OneOf, scope: str) -> Iterator[tuple[str, Kind]]:
    for field in node.fields:
        yield qualified(scope, field.name), Kind.FIELD
        if not isinstance(field.type, str):
            yield qualified(scope, map_entry_name(field.name)), Kind.MESSAGE
    for group in node.groups:
        yield qualified(scope, group.name.lower()), Kind.FIELD
        yield from _message(group.body, scope)


def _enum(enum: syntax.EnumType, scope: str) -> Iterator[tuple[str, Kind]]:
    yield qualified(scope, enum.name), Kind.ENUM
    # a constant is a sibling of its enum, as in C++
    yield from ((qualified(scope, value.name), Kind.ENUM_VALUE) for value in enum.values)


def _service(service: syntax.Service, scope: str) -> Iterator[tuple[str, Kind]]:
    name = qualified(scope, service.name)
    yield name, Kind.SERVICE
    yield from ((qualified(name, rpc.name), Kind.METHOD) for rpc in service.rpcs)


def map_entry_name(field: str) -> str:
    """Return the name of the message that holds one entry of a map field."""
    return "".join(part[:1].upper() + part[1:] for part in field.split("_")) + "Entry"


class Scope:
    """The names one file can use: its own and those its imports let through."""

    def __init__(self, own: Mapping[str, Kind], imported: Iterable[Mapping[str, Kind]]) -> None:
        self._kinds: dict[str, Kind] = {}
        for names in imported:
            self._kinds.update(names)
        self._kinds.update(own)
        self._work = 0

    def find(self, name: str, *, inside: str, kinds: frozenset[Kind]) -> tuple[str, Kind] | None:
        """Return the full name and the kind of what a name means inside a scope, or None."""
        if name.startswith("."):
            return self._exact(name[1:], kinds)
        first, _, rest = name.partition(".")
        scope = inside
        while True:
            candidate = qualified(scope, first)
            self._work = _counted(self._work, candidate)
            kind = self._kinds.get(candidate)
            if rest and kind in _SCOPES:
                return self._exact(f"{candidate}.{rest}", kinds)
            if not rest and kind in kinds:
                return self._exact(candidate, kinds)
            if not scope:
                return None
            scope = scope.rpartition(".")[0]

    def _exact(self, name: str, kinds: frozenset[Kind]) -> tuple[str, Kind] | None:
        kind = self._kinds.get(name)
        if kind is None or kind not in kinds:
            return None
        return name, kind
