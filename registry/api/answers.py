"""Answers: domain values as the documents of the contract, in its field order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

from registry.documents import (
    metadata_document,
    references_document,
    rule_set_document,
    without_empty,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compat.schema import EntityTags
    from registry.model import Association, Content, Version
    from registry.service.association_changes import Tied
    from registry.service.association_rules import Resource
    from registry.service.catalog import Shown
    from registry.service.listing import Listed
    from registry.service.lookup import Found
    from registry.service.register import Registered

Document = dict[str, Any]
MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


def answer(value: object, *, status: int = 200) -> Response:
    """Return a JSON answer; the frame turns the media type into the one the client prefers."""
    return Response(orjson.dumps(value), status_code=status, media_type=MEDIA_TYPE)


def raw_text(text: str) -> Response:
    """Return a schema text as it stands, under the JSON media type as Confluent does."""
    return Response(text.encode(), media_type=MEDIA_TYPE)


def nothing() -> Response:
    return Response(status_code=204)


def content_parts(content: Content) -> Document:
    """Return the parts of a content that are left out when they are empty."""
    return {
        "schemaType": content.type,
        "references": references_document(content.references),
        "metadata": metadata_document(content.metadata),
        "schema": content.text,
        "ruleSet": rule_set_document(content.rule_set),
    }


def tags_document(tags: Iterable[EntityTags]) -> list[Document]:
    return [
        {
            "schemaEntity": {"entityPath": entity.path, "entityType": entity.entity_type},
            "tags": list(entity.tags),
        }
        for entity in tags
    ]


def schema_document(shown: Shown) -> Document:
    """Return the entity of GET version, lookup and listings."""
    parts = content_parts(shown.content)
    return _schema(
        subject=str(shown.subject),
        version=shown.version,
        schema_id=shown.schema_id,
        guid=shown.guid,
        parts=parts,
        tail={
            "schemaTags": tags_document(shown.tags),
            "ts": shown.created_ms,
            "deleted": shown.deleted,
        },
    )


def _schema(
    *,
    subject: str,
    version: int | None,
    schema_id: int,
    guid: str,
    parts: Document,
    tail: Document,
) -> Document:
    document = without_empty(
        {
            "version": version,
            "id": schema_id,
            "guid": guid,
            "schemaType": parts["schemaType"],
            "references": parts["references"],
            "metadata": parts["metadata"],
            "schema": parts["schema"],
            **tail,
            "ruleSet": parts["ruleSet"],
        }
    )
    return {"subject": subject, **document}


def found_document(found: Found) -> Document:
    """Return the entity of a lookup; one found by identity has no time and no deletion mark."""
    row = found.row
    tail = {} if found.by_identity else {"ts": row.created_ms, "deleted": row.deleted}
    return _schema(
        subject=str(row.subject),
        version=row.version,
        schema_id=row.schema_id,
        guid=row.guid,
        parts=content_parts(found.content),
        tail=tail,
    )


def listed_document(listed: Listed) -> Document:
    row = listed.found.row
    document = _schema(
        subject=str(row.subject),
        version=row.version,
        schema_id=row.schema_id,
        guid=row.guid,
        parts=content_parts(listed.found.content),
        tail={"ts": row.created_ms, "deleted": row.deleted},
    )
    extra = {
        "aliases": list(listed.aliases),
        "associations": [association_document(a) for a in listed.associations],
    }
    return {**document, **without_empty(extra)}


def schema_string_document(shown: Shown, *, with_id: bool = False) -> Document:
    """Return the entity of GET by id and by GUID; the contract's has no id."""
    parts = content_parts(shown.content)
    return without_empty(
        {
            "subject": None if shown.subject is None else str(shown.subject),
            "version": shown.version,
            "id": shown.schema_id if with_id else None,
            "guid": shown.guid,
            "schemaType": parts["schemaType"],
            "schema": parts["schema"],
            "references": parts["references"],
            "metadata": parts["metadata"],
            "ruleSet": parts["ruleSet"],
            "schemaTags": tags_document(shown.tags),
            "maxId": shown.max_id,
            "ts": shown.created_ms,
            "deleted": shown.deleted,
        }
    )


def registered_document(registered: Registered, *, full: bool) -> Document:
    """Return the id, and version and GUID to clients that take properties they do not know.

    Never the schema: the stock Python client would keep that text, and its Protobuf deserializer
    needs the serialized form. Extra properties for all would break kafkajs.
    """
    if not full:
        return {"id": registered.schema_id}
    return {"id": registered.schema_id, "version": registered.version, "guid": registered.guid}


def subject_versions_document(rows: Sequence[Version]) -> list[Document]:
    return [{"subject": str(row.subject), "version": row.version} for row in rows]


def association_document(association: Association) -> Document:
    """Return the entity; `frozen` is left out where the lifecycle implies it."""
    implied = association.lifecycle == "STRONG"
    return without_empty(
        {
            "subject": str(association.subject),
            "guid": association.guid,
            "resourceName": association.resource_name,
            "resourceNamespace": association.resource_namespace,
            "resourceId": association.resource_id,
            "resourceType": association.resource_type,
            "associationType": association.association_type,
            "lifecycle": association.lifecycle.value,
            "frozen": None if association.frozen == implied else association.frozen,
            "createTs": association.created_ms,
            "updateTs": association.updated_ms,
        }
    )


def tied_document(resource: Resource, tied: Iterable[Tied]) -> Document:
    """Return a resource with its associations, and the schemas shown with them."""
    return without_empty(
        {
            "resourceName": resource.name,
            "resourceNamespace": resource.namespace,
            "resourceId": resource.id,
            "resourceType": resource.type,
            "associations": [_tie_document(one) for one in tied],
        }
    )


def _tie_document(tied: Tied) -> Document:
    """Return what clients read with a plain boolean, so that `frozen` is always there."""
    association = tied.association
    content = {} if tied.content is None else content_parts(tied.content)
    return without_empty(
        {
            "subject": str(association.subject),
            "associationType": association.association_type,
            "lifecycle": association.lifecycle.value,
            "frozen": association.frozen,
            "schema": without_empty(content),
        }
    )
