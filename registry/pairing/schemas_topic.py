"""The registry's changes in the layout of Confluent's topic `_schemas`.

    keytype   key, besides `keytype` and `magic`                     value
    --------  -----------------------------------------------------  -------------------------------
    SCHEMA    subject, version                                       the version and its content
    CONFIG    subject, null for what holds everywhere                the settings
    MODE      likewise                                               the mode
    CONTEXT   tenant, context                                        the same
    ASSOC     tenant, resource's name, namespace and type,           the association
              association's type, subject

Keys and values are JSON; what is gone has no value. Soft-deleting a subject is told version by
version, which reads as Confluent's DELETE_SUBJECT does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import orjson

from registry.documents import without_empty
from registry.model import ChangeKind
from registry.names import DEFAULT, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.model import Change

Document: TypeAlias = Mapping[str, Any]
# Finds the content of the version that a change is about, as the journal writes one.
ContentOf = Callable[["Change"], Document]

TENANT = "default"
SCHEMA_MAGIC, MAGIC = 1, 0


class Entry(NamedTuple):
    """One record of the topic."""

    key: bytes
    value: bytes | None


def entries(change: Change, content_of: ContentOf) -> list[Entry]:
    """Return what the topic has to say of a change: one record, rarely two."""
    return list(WRITERS[change.kind](change, content_of))


def _subject(key: Document) -> Subject:
    return Subject(key["context"], key["subject"])


def _scope(key: Document) -> str | None:
    scope = _subject(key)
    return None if scope == DEFAULT else str(scope)


def _key(keytype: str, fields: Document, magic: int = MAGIC) -> bytes:
    return orjson.dumps({"keytype": keytype, **fields, "magic": magic})


def _version_key(change: Change) -> bytes:
    fields = {"subject": str(_subject(change.key)), "version": change.key["version"]}
    return _key("SCHEMA", fields, SCHEMA_MAGIC)


def _version_entry(change: Change, row: Document, content: Document) -> Entry:
    value = {
        "subject": str(_subject(change.key)),
        "version": change.key["version"],
        "id": row["id"],
        "schemaType": content["schemaType"],
        "references": content["references"],
        "metadata": content["metadata"],
        "ruleSet": content["ruleSet"],
    }
    whole = {**without_empty(value), "schema": content["schema"], "deleted": row["deleted"]}
    return Entry(_version_key(change), orjson.dumps(whole))


def _registered(change: Change, _: ContentOf) -> Iterator[Entry]:
    assert change.after is not None
    yield _version_entry(change, change.after, change.after)


def _deleted_or_restored(change: Change, content_of: ContentOf) -> Iterator[Entry]:
    assert change.after is not None
    yield _version_entry(change, change.after, content_of(change))


def _removed(change: Change, _: ContentOf) -> Iterator[Entry]:
    yield Entry(_version_key(change), None)


def _setting(keytype: str) -> Callable[[Change, ContentOf], Iterator[Entry]]:
    def write(change: Change, _: ContentOf) -> Iterator[Entry]:
        scope = _scope(change.key)
        key = _key(keytype, {"subject": scope})
        if change.after is None:
            yield Entry(key, None)
            return
        named = {} if scope is None else {"subject": scope}
        yield Entry(key, orjson.dumps({**named, **change.after}))

    return write


def _context(change: Change, _: ContentOf) -> Iterator[Entry]:
    named = {"tenant": TENANT, "context": change.key["context"]}
    yield Entry(_key("CONTEXT", named), None if change.after is None else orjson.dumps(named))


def _association(change: Change, _: ContentOf) -> Iterator[Entry]:
    before = None if change.before is None else _association_key(change.key, change.before)
    if change.after is None:
        assert before is not None
        yield Entry(before, None)
        return
    key = _association_key(change.key, change.after)
    if before is not None and before != key:
        yield Entry(before, None)
    yield Entry(key, _association_value(change.key, change.after))


def _association_key(key: Document, association: Document) -> bytes:
    fields = {
        "tenant": TENANT,
        "resourceName": association["resourceName"],
        "resourceNamespace": association["resourceNamespace"],
        "resourceType": key["resourceType"],
        "associationType": key["associationType"],
        "subject": str(_subject(association)),
    }
    return _key("ASSOC", without_empty(fields))


def _association_value(key: Document, association: Document) -> bytes:
    fields = {
        "subject": str(_subject(association)),
        "guid": association["guid"],
        "tenant": TENANT,
        "resourceName": association["resourceName"],
        "resourceNamespace": association["resourceNamespace"],
        "resourceId": key["resourceId"],
        "resourceType": key["resourceType"],
        "associationType": key["associationType"],
        "lifecycle": association["lifecycle"],
        "frozen": association["frozen"],
    }
    return orjson.dumps(without_empty(fields))


WRITERS: Mapping[ChangeKind, Callable[[Change, ContentOf], Iterator[Entry]]] = {
    ChangeKind.SCHEMA_REGISTERED: _registered,
    ChangeKind.VERSION_SOFT_DELETED: _deleted_or_restored,
    ChangeKind.VERSION_RESTORED: _deleted_or_restored,
    ChangeKind.VERSION_DELETED: _removed,
    ChangeKind.CONFIG_SET: _setting("CONFIG"),
    ChangeKind.CONFIG_DELETED: _setting("CONFIG"),
    ChangeKind.MODE_SET: _setting("MODE"),
    ChangeKind.MODE_DELETED: _setting("MODE"),
    ChangeKind.CONTEXT_CREATED: _context,
    ChangeKind.CONTEXT_DELETED: _context,
    ChangeKind.ASSOCIATION_SET: _association,
    ChangeKind.ASSOCIATION_DELETED: _association,
}
