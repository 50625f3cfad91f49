"""Rows of the tables as values of the domain, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from registry.documents import (
    Document,
    config_document,
    config_from,
    metadata_document,
    metadata_from,
    references_document,
    rule_set_document,
    rule_set_from,
)
from registry.model import (
    Association,
    Change,
    ChangeKind,
    Config,
    Content,
    Lifecycle,
    Reference,
    Version,
)
from registry.names import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from registry.storage.sql.statement import Value

Row = tuple[Any, ...]


def json_text(document: Mapping[str, object] | None) -> str | None:
    return None if document is None else orjson.dumps(document).decode()


def _document(text: str | None) -> Document | None:
    return None if text is None else orjson.loads(text)


def version_from(row: Row) -> Version:
    """Read the columns of queries.VERSION."""
    context, subject, version, schema_id, guid, deleted, created_ms = row
    return Version(Subject(context, subject), version, schema_id, guid, bool(deleted), created_ms)


def content_from(row: Row, references: Sequence[Reference]) -> Content:
    """Read the columns of queries.CONTENT."""
    schema_type, text, metadata, rule_set, _ = row
    return Content(
        type=schema_type,
        text=text,
        references=tuple(references),
        metadata=metadata_from(_document(metadata)),
        rule_set=rule_set_from(_document(rule_set)),
    )


def content_values(content: Content) -> dict[str, Value]:
    return {
        "type": content.type,
        "text": content.text,
        "metadata": json_text(metadata_document(content.metadata)),
        "rule_set": json_text(rule_set_document(content.rule_set)),
        "reference_count": len(content.references),
    }


def config_read(text: str) -> Config:
    return config_from(orjson.loads(text))


def config_text(config: Config) -> str:
    return orjson.dumps(config_document(config)).decode()


def change_from(row: Row) -> Change:
    sequence, at_ms, principal, kind, key, before, after = row
    return Change(
        sequence,
        at_ms,
        principal,
        ChangeKind(kind),
        orjson.loads(key),
        _document(before),
        _document(after),
    )


def association_from(row: Row) -> Association:
    resource_id, resource_type, association_type, name, namespace, *rest = row
    context, subject, guid, lifecycle, frozen, created_ms, updated_ms = rest
    return Association(
        subject=Subject(context, subject),
        guid=guid,
        resource_name=name,
        resource_namespace=namespace,
        resource_id=resource_id,
        resource_type=resource_type,
        association_type=association_type,
        lifecycle=Lifecycle(lifecycle),
        frozen=bool(frozen),
        created_ms=created_ms,
        updated_ms=updated_ms,
    )


def association_values(association: Association) -> dict[str, Value]:
    return {
        "resource_id": association.resource_id,
        "resource_type": association.resource_type,
        "association_type": association.association_type,
        "resource_name": association.resource_name,
        "resource_namespace": association.resource_namespace,
        "context": association.subject.context,
        "subject": association.subject.name,
        "guid": association.guid,
        "lifecycle": association.lifecycle.value,
        "frozen": association.frozen,
        "created_ms": association.created_ms,
        "updated_ms": association.updated_ms,
    }


# what the journal says; enough of it to build the tables again


def version_document(row: Version) -> Document:
    return {
        "id": row.schema_id,
        "guid": row.guid,
        "deleted": row.deleted,
        "createdMs": row.created_ms,
    }


def content_document(content: Content) -> Document:
    return {
        "schemaType": content.type,
        "schema": content.text,
        "references": references_document(content.references),
        "metadata": metadata_document(content.metadata),
        "ruleSet": rule_set_document(content.rule_set),
    }


def association_document(association: Association) -> Document:
    return {
        "context": association.subject.context,
        "subject": association.subject.name,
        "guid": association.guid,
        "resourceName": association.resource_name,
        "resourceNamespace": association.resource_namespace,
        "lifecycle": association.lifecycle.value,
        "frozen": association.frozen,
        "createdMs": association.created_ms,
        "updatedMs": association.updated_ms,
    }
