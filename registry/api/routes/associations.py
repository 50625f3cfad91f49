"""/associations: which subjects belong to which topics."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator

from registry import errors as e
from registry.api import examples
from registry.api.answers import Document, answer, association_document, nothing, tied_document
from registry.api.association_bodies import (
    AssociationBatchGetRequest,
    AssociationBatchRequest,
    AssociationCreateOrUpdateRequest,
    AssociationGetRequest,
    AssociationOpRequest,
)
from registry.api.context_prefix import CONTEXT_SHAPE, context_named
from registry.api.deps import (
    Desk,
    Flag,
    InSubject,
    LifecycleText,
    Limit,
    Offset,
    Served,
    Texts,
    page,
)
from registry.api.documented import answers, errors, takes
from registry.api.frame.paths import PathText
from registry.api.json_body import read_body
from registry.model import Association, AssociationQuery
from registry.names import DEFAULT_CONTEXT
from registry.service.association_changes import Tied
from registry.service.association_rules import TOPIC, Operation, Resource, complain
from registry.service.associations import Mutation

router = APIRouter(tags=["Associations"])
T = TypeVar("T")

LISTED = answers(
    {"type": "array", "items": {"$ref": "#/components/schemas/Association"}},
    [examples.ASSOCIATION],
)
CHANGED = answers({"$ref": "#/components/schemas/AssociationResponse"}, examples.ASSOCIATED)
BATCHED = answers(
    {"$ref": "#/components/schemas/AssociationBatchResponse"}, examples.BATCHED, status=207
)
BODY = (e.MalformedRequest, e.NullBody)
WRITES = (
    e.InvalidAssociation,
    e.InvalidSchemaText,
    e.SchemaTooLarge,
    e.InvalidRuleSet,
    e.OperationNotPermitted,
    e.ReferenceExists,
    e.AssociationForSubjectExists,
    e.StrongAssociationForSubjectExists,
    e.NoActiveVersion,
    *BODY,
)
BATCH_WRITES = errors(e.InvalidAssociation, *BODY)
MISMATCH = "Resource ID in the path parameter does not match the resource ID in the request body"


def _type_or_topic(value: str) -> str:
    return value or TOPIC


def _context(value: str) -> str:
    return context_named(value) if value else DEFAULT_CONTEXT


ResourceType = Annotated[str, BeforeValidator(_type_or_topic), Query()]
InContext = Annotated[
    str,
    Query(description="For subjects that are not qualified", json_schema_extra=CONTEXT_SHAPE),
]


def _page(desk: Desk, found: list[T], *, offset: int = 0, limit: int = -1) -> list[T]:
    return page(found, offset=offset, limit=limit, most=desk.registry.options.schema_page)


async def _listed(desk: Desk, query: AssociationQuery, *, offset: int, limit: int) -> Response:
    found = await desk.run(lambda: desk.registry.associations.of_resource(query))
    return _list(_page(desk, found, offset=offset, limit=limit))


def _list(rows: list[Association]) -> Response:
    return answer([association_document(association) for association in rows])


@router.get(
    "/associations/subjects/{subject}", summary="List a subject's associations", responses=LISTED
)
async def list_associations_of_subject(
    desk: Served,
    subject: InSubject,
    resourceType: ResourceType = TOPIC,
    associationType: Texts = [],
    lifecycle: LifecycleText = None,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """None is an empty list."""
    query = AssociationQuery(
        resource_type=resourceType,
        association_types=tuple(associationType),
        lifecycle=lifecycle,
    )
    found = await desk.run(lambda: desk.registry.associations.of_subject(subject, query))
    return _list(_page(desk, found, offset=offset, limit=limit))


@router.get(
    "/associations/resources/{namespace}/{name}",
    summary="List a resource's associations, by name",
    responses=LISTED,
)
async def list_associations_of_name(
    desk: Served,
    namespace: PathText,
    name: PathText,
    resourceType: ResourceType = TOPIC,
    associationType: Texts = [],
    lifecycle: LifecycleText = None,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """`-` as the namespace or the name means any; none is an empty list."""
    query = AssociationQuery(
        resource_namespace=namespace,
        resource_name=name,
        resource_type=resourceType,
        association_types=tuple(associationType),
        lifecycle=lifecycle,
    )
    return await _listed(desk, query, offset=offset, limit=limit)


@router.get(
    "/associations/resources/{resourceId}",
    summary="List a resource's associations, by id",
    responses=LISTED,
)
async def list_associations_of_id(
    desk: Served,
    resourceId: PathText,
    resourceType: ResourceType = TOPIC,
    associationType: Texts = [],
    lifecycle: LifecycleText = None,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """None is an empty list."""
    query = AssociationQuery(
        resource_id=resourceId,
        resource_type=resourceType,
        association_types=tuple(associationType),
        lifecycle=lifecycle,
    )
    return await _listed(desk, query, offset=offset, limit=limit)


@router.post(
    "/associations",
    summary="Tie a new resource to subjects",
    openapi_extra=takes(AssociationCreateOrUpdateRequest, examples.ASSOCIATION_REQUEST),
    responses={
        **CHANGED,
        **errors(*WRITES, e.InvalidSubject, e.SubjectTooLong, e.AssociationForResourceExists),
    },
)
async def create_associations(
    request: Request, desk: Served, context: InContext = "", dryRun: Flag = False
) -> Response:
    """The associations, with the schemas that came along registered; all or none."""
    body = await read_body(
        request, AssociationCreateOrUpdateRequest, null_name="createAssociation.arg4"
    )
    mutation = Mutation(body.resource(), body.ties(Operation.CREATE), _context(context))
    return answer(await _performed(desk, mutation, dry_run=dryRun))


@router.put(
    "/associations/resources/{resourceId}",
    summary="Tie a resource to subjects, or send them schemas",
    openapi_extra=takes(AssociationCreateOrUpdateRequest, examples.ASSOCIATION_REQUEST),
    responses={**CHANGED, **errors(*WRITES, e.IncompatibleSchema, e.AssociationFrozen)},
)
async def upsert_associations(
    request: Request,
    desk: Served,
    resourceId: PathText,
    context: InContext = "",
    dryRun: Flag = False,
) -> Response:
    """The associations as they are now; all or none."""
    body = await read_body(
        request, AssociationCreateOrUpdateRequest, null_name="createOrUpdateAssociation.arg5"
    )
    if body.resource_id not in (None, resourceId):
        raise complain("resourceId", MISMATCH)
    resource = replace(body.resource(), id=resourceId)
    mutation = Mutation(resource, body.ties(Operation.UPSERT), _context(context))
    return answer(await _performed(desk, mutation, dry_run=dryRun))


@router.delete(
    "/associations/resources/{resourceId}",
    summary="Untie a resource",
    status_code=204,
    responses=errors(
        e.AssociationNotFound, e.AssociationFrozen, e.OperationNotPermitted, e.ReferenceExists
    ),
)
async def delete_associations(
    desk: Served,
    resourceId: PathText,
    resourceType: ResourceType = TOPIC,
    associationType: Texts = [],
    cascadeLifecycle: Flag = False,
    dryRun: Flag = False,
) -> Response:
    """With `cascadeLifecycle` the subjects of strong associations are soft-deleted too."""
    query = AssociationQuery(
        resource_id=resourceId,
        resource_type=resourceType,
        association_types=tuple(associationType),
    )
    await desk.run(
        lambda: desk.registry.associations.delete(query, cascade=cascadeLifecycle, dry_run=dryRun)
    )
    return nothing()


@router.post(
    "/associations:batchGet",
    summary="List the associations of several resources",
    status_code=207,
    openapi_extra=takes(AssociationBatchGetRequest, examples.BATCH_GET),
    responses={**BATCHED, **BATCH_WRITES},
)
async def get_associations_in_batch(
    request: Request, desk: Served, includeSchemas: Flag = False
) -> Response:
    """One result or error for each question, in order."""
    body = await read_body(
        request, AssociationBatchGetRequest, null_name="batchGetAssociations.arg1"
    )
    if not body.requests:
        raise complain("requests", "cannot be null or empty")
    results = [await _found(desk, one, schemas=includeSchemas) for one in body.requests]
    return answer({"results": results}, status=207)


@router.post(
    "/associations:batchMutate",
    summary="Tie and untie several resources",
    status_code=207,
    openapi_extra=takes(AssociationBatchRequest, examples.BATCH),
    responses={**BATCHED, **BATCH_WRITES},
)
async def mutate_associations_in_batch(
    request: Request, desk: Served, context: InContext = "", dryRun: Flag = False
) -> Response:
    """One result or error for each resource, in order; each is done or refused as a whole."""
    body = await read_body(request, AssociationBatchRequest, null_name="mutateAssociations.arg4")
    if not body.requests:
        raise complain("requests", "cannot be null or empty")
    within = _context(context)
    results = [await _mutated(desk, one, within, dry_run=dryRun) for one in body.requests]
    return answer({"results": results}, status=207)


async def _performed(desk: Desk, mutation: Mutation, *, dry_run: bool) -> Document:
    tied = await desk.run(lambda: desk.registry.associations.perform(mutation, dry_run=dry_run))
    return tied_document(mutation.resource, tied)


async def _mutated(
    desk: Desk, body: AssociationOpRequest, context: str, *, dry_run: bool
) -> Document:
    mutation = Mutation(body.resource(), body.ties(), context)
    try:
        return {"result": await _performed(desk, mutation, dry_run=dry_run)}
    except e.RegistryError as error:
        return _error(error)


async def _found(desk: Desk, body: AssociationGetRequest, *, schemas: bool) -> Document:
    try:
        query = body.query()
        find = partial(desk.registry.associations.tied, query, include_schemas=schemas)
        tied = _page(desk, await desk.run(find))
    except e.RegistryError as error:
        return _error(error)
    return {"result": tied_document(_resource_of(tied) or body.resource(), tied)}


def _error(error: e.RegistryError) -> Document:
    return {"error": {"error_code": error.code, "message": error.message}}


def _resource_of(tied: list[Tied]) -> Resource | None:
    if not tied:
        return None
    first = tied[0].association
    return Resource(
        first.resource_name, first.resource_namespace, first.resource_id, first.resource_type
    )
