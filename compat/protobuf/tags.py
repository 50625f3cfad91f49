"""Tags inside a schema: `(confluent.field_meta).tags` and `(confluent.message_meta).tags`.

The path of a message is its full name, that of a field the full name of its message and its own.
A leading dot is allowed in paths that come from outside.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from compat.errors import InvalidSchema
from compat.protobuf.builtin import META_PATH
from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.printer import folded, listed
from compat.protobuf.syntax import (
    Aggregate,
    Entry,
    Field,
    File,
    Group,
    Import,
    ListValue,
    LiteralKind,
    Message,
    NamePart,
    OneOf,
    Option,
    Scalar,
)
from compat.schema import EntityTags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from compat.protobuf.syntax import Value

RECORD: Final = "sr_record"
FIELD: Final = "sr_field"
_META: Final[Mapping[str, str]] = {
    RECORD: "confluent.message_meta",
    FIELD: "confluent.field_meta",
}
_TAGS: Final = "tags"

Change = tuple[list[str], frozenset[str]]  # tags to add, tags to remove
Tagged = TypeVar("Tagged", Message, Field, Group)


def tags(file: File) -> list[EntityTags]:
    """Return the tags of a file in document order, messages before their fields."""
    return [
        EntityTags(path, kind, found)
        for path, kind, options in _taggable(file.messages, file.package or "")
        if (found := _tags_of(options, kind))
    ]


def retagged(
    file: File,
    *,
    add: Sequence[EntityTags],
    remove: Sequence[EntityTags],
    where_possible: bool = False,
) -> File:
    """Return the file with tags changed; InvalidSchema when a path leads nowhere."""
    known = {(kind, path) for path, kind, _ in _taggable(file.messages, file.package or "")}
    if where_possible:
        add = [entity for entity in add if _key(entity) in known]
        remove = [entity for entity in remove if _key(entity) in known]
    changes = _changes(add, remove)
    for kind, path in changes:
        if (kind, path) not in known:
            raise InvalidSchema(f"No {kind} to tag at path: {path}", path=path)
    edit = _Edit(changes)
    messages = [edit.message(message, file.package or "") for message in file.messages]
    imports = file.imports
    if add and all(one.path != META_PATH for one in imports):
        imports = [*imports, Import(META_PATH)]
    return replace(file, messages=messages, imports=imports)


def _changes(
    add: Iterable[EntityTags], remove: Iterable[EntityTags]
) -> dict[tuple[str, str], Change]:
    added: dict[tuple[str, str], list[str]] = {}
    removed: dict[tuple[str, str], set[str]] = {}
    for entity in add:
        added.setdefault(_key(entity), []).extend(entity.tags)
    for entity in remove:
        removed.setdefault(_key(entity), set()).update(entity.tags)
    return {
        key: (added.get(key, []), frozenset(removed.get(key, ())))
        for key in dict.fromkeys((*added, *removed))
    }


def _key(entity: EntityTags) -> tuple[str, str]:
    return entity.entity_type, entity.path.removeprefix(".")


def _taggable(
    messages: Iterable[Message], scope: str
) -> Iterator[tuple[str, str, Sequence[Option]]]:
    """Yield the path, the kind and the options of whatever can have tags."""
    for message in messages:
        path = qualified(scope, message.name)
        yield path, RECORD, message.options
        yield from _taggable_fields(message, path)
        for oneof in message.oneofs:
            yield from _taggable_fields(oneof, path)
        yield from _taggable(message.messages, path)


def _taggable_fields(
    node: Message | OneOf, path: str
) -> Iterator[tuple[str, str, Sequence[Option]]]:
    for field in node.fields:
        yield qualified(path, field.name), FIELD, field.options
    for group in node.groups:
        yield qualified(path, group.name.lower()), FIELD, group.options
        yield from _taggable([group.body], path)


def _is_meta(option: Option, kind: str) -> bool:
    head = option.name[0]
    return head.is_extension and head.name.removeprefix(".") == _META[kind]


def _meta(options: Iterable[Option], kind: str) -> dict[str, Value]:
    """Return the fields of the Meta message that options set together."""
    entries: list[Entry] = []
    for option in options:
        if not _is_meta(option, kind):
            continue
        _, *path = option.name
        value = option.value
        for part in reversed(path):
            value = Aggregate([Entry(part.name, value)])
        if isinstance(value, Aggregate):
            entries += value.entries
    return folded(Aggregate(entries))


def _tags_of(options: Iterable[Option], kind: str) -> tuple[str, ...]:
    found = _meta(options, kind).get(_TAGS)
    items = [] if found is None else listed(found)
    return tuple(item.text for item in items if isinstance(item, Scalar))


class _Edit:
    """Rebuilds messages, with the options changed where there is a change for the path."""

    def __init__(self, changes: Mapping[tuple[str, str], Change]) -> None:
        self._changes = changes

    def message(self, message: Message, scope: str) -> Message:
        path = qualified(scope, message.name)
        return replace(
            self._changed(message, RECORD, path),
            fields=self._fields(message, path),
            groups=self._groups(message, path),
            oneofs=[
                replace(oneof, fields=self._fields(oneof, path), groups=self._groups(oneof, path))
                for oneof in message.oneofs
            ],
            messages=[self.message(nested, path) for nested in message.messages],
        )

    def _fields(self, node: Message | OneOf, path: str) -> list[Field]:
        return [self._changed(field, FIELD, qualified(path, field.name)) for field in node.fields]

    def _groups(self, node: Message | OneOf, path: str) -> list[Group]:
        return [
            replace(
                self._changed(group, FIELD, qualified(path, group.name.lower())),
                body=self.message(group.body, path),
            )
            for group in node.groups
        ]

    def _changed(self, node: Tagged, kind: str, path: str) -> Tagged:
        change = self._changes.get((kind, path))
        if change is None:
            return node
        return replace(node, options=_with_tags(node.options, kind, change))


def _with_tags(options: Sequence[Option], kind: str, change: Change) -> list[Option]:
    """Return the options with one statement that sets the Meta message, or none if it is empty."""
    add, remove = change
    meta = _meta(options, kind)
    wanted = [tag for tag in dict.fromkeys((*_tags_of(options, kind), *add)) if tag not in remove]
    meta.pop(_TAGS, None)
    entries = [Entry(name, value) for name, value in meta.items()]
    if wanted:
        items: list[Value] = [Scalar(LiteralKind.STRING, tag) for tag in wanted]
        entries.append(Entry(_TAGS, ListValue(items)))
    others = [option for option in options if not _is_meta(option, kind)]
    if not entries:
        return others
    name = (NamePart(_META[kind], is_extension=True),)
    return [*others, Option(name, Aggregate(entries))]
