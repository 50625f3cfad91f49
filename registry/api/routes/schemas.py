"""/schemas: by id, by GUID, and listings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from registry import errors as e
from registry.api import examples
from registry.api.answers import (
    answer,
    listed_document,
    raw_text,
    schema_string_document,
    subject_versions_document,
)
from registry.api.clients import keeps_what_it_reads
from registry.api.deps import MAX_INT, Flag, Integer, Limit, Offset, Served, Texts, bounds, page
from registry.api.documented import SCHEMA_TEXT, answers, errors
from registry.api.frame.paths import path_text
from registry.api.front import depends_on
from registry.api.response_cache import ON_ANYTHING, on_guid, on_schema, on_subject
from registry.names import parse_subject
from registry.service.catalog import Form, Shown
from registry.service.listing import ListingQuery

router = APIRouter(tags=["Schemas"])

SchemaId = Annotated[int, Path(ge=-MAX_INT - 1, le=MAX_INT), Integer]


def keep_until_changed(
    request: Request, shown: Shown, *, asked: str, with_counter: bool = False
) -> None:
    """Let the answer be kept until what it was found by changes.

    Clients name the subject as a rule. Where that subject itself holds the id, only its versions
    and its config (an alias) have a say; found in a roundabout way, every change may have.
    """
    subject = parse_subject(asked)
    if with_counter or not (subject.is_context or shown.subject == subject):
        depends_on(request.scope, ON_ANYTHING)
    else:
        by_subject = () if subject.is_context else (on_subject(subject),)
        depends_on(request.scope, on_schema(shown.context, shown.schema_id), *by_subject)


@router.get(
    "/schemas",
    summary="List schemas",
    responses=answers(
        {"type": "array", "items": {"$ref": "#/components/schemas/ExtendedSchema"}},
        [examples.SCHEMA],
    ),
)
async def list_schemas(
    desk: Served,
    subjectPrefix: str = "",
    aliases: Flag = False,
    deleted: Flag = False,
    latestOnly: Flag = False,
    ruleType: str = "",
    resourceType: str = "",
    associationType: Texts = [],
    lifecycle: Texts = [],
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """Versions with their schemas, by subject and number; no prefix means the default context."""
    start, size = bounds(offset, limit, desk.registry.options.schema_page)
    query = ListingQuery(
        prefix=subjectPrefix,
        aliases=aliases,
        include_deleted=deleted,
        latest_only=latestOnly,
        rule_type=ruleType,
        resource_type=resourceType,
        association_types=tuple(associationType),
        lifecycles=tuple(value.upper() for value in lifecycle),
        offset=start,
        limit=size,
    )
    listed = await desk.run(lambda: desk.registry.listing.schemas(query))
    return answer([listed_document(one) for one in listed])


@router.get(
    "/schemas/types",
    summary="List the formats",
    responses=answers({"type": "array", "items": {"type": "string"}}, ["JSON", "PROTOBUF", "AVRO"]),
)
async def list_types(desk: Served) -> Response:
    """The formats that schemas may have."""
    return answer(desk.registry.catalog.types())


@router.get(
    "/schemas/ids/{id}",
    summary="Get a schema by id",
    responses={
        **answers({"$ref": "#/components/schemas/SchemaString"}, examples.SCHEMA_STRING),
        **errors(e.SchemaNotFound, e.InvalidSchemaText),
    },
)
async def get_by_id(
    request: Request,
    desk: Served,
    id: SchemaId,
    subject: str = "",
    format: str = "",
    referenceFormat: str = "",
    findTags: Texts = [],
    fetchMaxId: Flag = False,
) -> Response:
    """The schema that records carry the id of; soft-deleted ones too."""
    form = Form(format, referenceFormat.lower() == "qualified", tuple(findTags))
    shown = await desk.run(
        lambda: desk.registry.catalog.by_id(id, subject, form=form, max_id=fetchMaxId)
    )
    keep_until_changed(request, shown, asked=subject, with_counter=fetchMaxId)
    with_id = bool(subject) and keeps_what_it_reads(dict(request.headers.raw))
    return answer(schema_string_document(shown, with_id=with_id))


@router.get(
    "/schemas/ids/{id}/schema",
    summary="Get the text of a schema by id",
    responses={
        **answers(SCHEMA_TEXT, examples.AVRO_DOCUMENT),
        **errors(e.SchemaNotFound, e.InvalidSchemaText),
    },
)
async def get_text_by_id(
    request: Request,
    desk: Served,
    id: SchemaId,
    subject: str = "",
    format: str = "",
) -> Response:
    """The schema text itself, not as a JSON string."""
    shown = await desk.run(lambda: desk.registry.catalog.by_id(id, subject, form=Form(format)))
    keep_until_changed(request, shown, asked=subject)
    return raw_text(shown.content.text)


@router.get(
    "/schemas/ids/{id}/subjects",
    summary="List the subjects that hold an id",
    responses={
        **answers({"type": "array", "items": {"type": "string"}}, ["orders-value"]),
        **errors(e.SchemaNotFound),
    },
)
async def list_subjects_by_id(
    desk: Served,
    id: SchemaId,
    subject: str = "",
    deleted: Flag = False,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """Subjects with a version that has the schema."""
    rows = await desk.run(
        lambda: desk.registry.catalog.holders(id, subject, include_deleted=deleted)
    )
    return answer([str(row.subject) for row in page(rows, offset=offset, limit=limit)])


@router.get(
    "/schemas/ids/{id}/versions",
    summary="List the versions that hold an id",
    responses={
        **answers(
            {"type": "array", "items": {"$ref": "#/components/schemas/SubjectVersion"}},
            [{"subject": "orders-value", "version": 1}],
        ),
        **errors(e.SchemaNotFound),
    },
)
async def list_versions_by_id(
    desk: Served,
    id: SchemaId,
    subject: str = "",
    deleted: Flag = False,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """Versions that have the schema, one a subject."""
    rows = await desk.run(
        lambda: desk.registry.catalog.holders(id, subject, include_deleted=deleted)
    )
    return answer(subject_versions_document(page(rows, offset=offset, limit=limit)))


@router.get(
    "/schemas/guids/{guid}",
    summary="Get a schema by GUID",
    responses={
        **answers({"$ref": "#/components/schemas/SchemaString"}, examples.SCHEMA_STRING),
        **errors(e.SchemaNotFound, e.InvalidSchemaText),
    },
)
async def get_by_guid(
    request: Request,
    desk: Served,
    guid: str,
    format: str = "",
) -> Response:
    """The schema with this identity, which is the same in every registry."""
    text = path_text(guid)
    shown = await desk.run(lambda: desk.registry.catalog.by_guid(text, form=Form(format)))
    depends_on(request.scope, on_guid(shown.guid), on_schema(shown.context, shown.schema_id))
    return answer(schema_string_document(shown))


@router.get(
    "/schemas/guids/{guid}/ids",
    summary="List the ids of a GUID",
    responses=answers(
        {"type": "array", "items": {"$ref": "#/components/schemas/ContextId"}},
        [{"context": ".", "id": 1}],
    ),
)
async def list_ids_by_guid(desk: Served, guid: str) -> Response:
    """The id that the schema has in each context; none when it is unknown."""
    text = path_text(guid)
    ids = await desk.run(lambda: desk.registry.catalog.guid_ids(text))
    return answer([{"context": context, "id": schema_id} for context, schema_id in ids])
