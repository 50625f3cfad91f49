"""Rules of our own for extensions, which Confluent does not compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from compat.protobuf.declarations import Field
from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.differ_fields import MESSAGE, group_of, is_same_name, typed_pairs
from compat.protobuf.findings import one
from compat.protobuf.kinds import Kind
from compat.protobuf.rules_fields import fields
from compat.protobuf.rules_types import Judge, type_name
from compat.protobuf.spots import differing, spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compat.finding import Finding
    from compat.protobuf.declarations import Source, Type
    from compat.protobuf.syntax import Extend, Message

Place: TypeAlias = "tuple[str, int]"  # the extended message, the number


def extensions(reader: Source, writer: Source) -> Iterator[Finding]:
    """Yield the extensions that are gone, and those that are not what they were."""
    olds = declared_extensions(writer)
    if not olds:
        return
    news = declared_extensions(reader)
    judge = Judge()
    for place, old in olds.items():
        path = f"#/[{place[0]}]/{place[1]}"
        new = news.get(place)
        if new is None:
            yield one(Kind.EXTENSION_REMOVED, path, writer=spot(old), detail=old.full_name)
            continue
        detail = _change(new, old)
        if detail:
            kind = Kind.EXTENSION_CHANGED
            yield differing(kind, path, reader=new, writer=old, detail=detail)
        yield from fields(new, old, path, judge)


def _change(reader: Field, writer: Field) -> str:
    for new, old in typed_pairs(reader.type, writer.type):
        if group_of(new) != group_of(old) or (
            group_of(new) == MESSAGE and not is_same_name(new, old)
        ):
            return f"{_shown(old)} to {_shown(new)}"
    if reader.full_name != writer.full_name:
        return f"{writer.full_name} to {reader.full_name}"
    return ""


def _shown(kind: Type) -> str:
    return type_name(kind) or group_of(kind)


def declared_extensions(source: Source) -> Mapping[Place, Field]:
    """Return the extensions a file declares, at all depths."""
    found: dict[Place, Field] = {}
    for extend, scope in _blocks(source):
        extendee = type_name(source.type(extend.extendee, scope)) or extend.extendee
        for field in extend.fields:
            found[extendee, field.number] = Field(field, field.name, scope, source)
        for group in extend.groups:
            found[extendee, group.number] = Field(group, group.name.lower(), scope, source)
    return found


def _blocks(source: Source) -> Iterator[tuple[Extend, str]]:
    waiting: list[tuple[list[Extend], list[Message], str]] = [
        (source.file.extends, source.file.messages, source.package)
    ]
    while waiting:
        extends, messages, scope = waiting.pop()
        yield from ((extend, scope) for extend in extends)
        waiting += [
            (message.extends, message.messages, qualified(scope, message.name))
            for message in messages
        ]
