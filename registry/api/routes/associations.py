"""/associations: which subjects belong to which topics."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from registry import errors as e
from registry.api import examples
from registry.api.answers import answer, association_document, nothing, tied_document
from registry.api.bodies import (
    AssociationBatchGetRequest,
    AssociationBatchMutateRequest,
    AssociationCreateOrUpdateRequest,
)
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
from registry.api.frame.paths import path_text
from registry.api.json_body import read_body
from registry.model import Association, AssociationQuery
from registry.names import parse_subject
from registry.service.association_rules import Resource, complain
from registry.service.associations import Operation, Tied

router = APIRouter(tags=["Associations"])

LISTED = answers({"type": "array", "items": {"$ref": "#/components/schemas/Association"}}, [])
CHANGED = answers({"$ref": "#/components/schemas/AssociationResponse"}, examples.ASSOCIATED)
BATCHED = answers(
    {"$ref": "#/components/schemas/AssociationBatchResponse"}, {"results": []}, status=207
)
WRITES = errors(
    e.InvalidAssociation,
    e.InvalidSchemaText,
    e.InvalidSubject,
    e.OperationNotPermitted,
    e.IncompatibleSchema,
    e.ReferenceExists,
    e.AssociationForResourceExists,
    e.AssociationForSubjectExists,
    e.StrongAssociationForSubjectExists,
    e.NoActiveVersion,
    e.AssociationFrozen,
    e.MalformedRequest,
    e.BodyTooLarge,
    e.UnsupportedMediaType,
    e.NullBody,
    e.StorageUnavailable,
)
ResourceType = Annotated[str, Query(alias="resourceType")]


async def _listed(desk: Desk, query: AssociationQuery, *, offset: int, limit: int) -> Response:
    found = await desk.run(lambda: desk.registry.associations.of_resource(query))
    return _page(desk, found, offset=offset, limit=limit)


def _page(desk: Desk, found: list[Association], *, offset: int, limit: int) -> Response:
    rows = page(found, offset=offset, limit=limit, most=desk.registry.options.schema_page)
    return answer([association_document(association) for association in rows])


@router.get(
    "/associations/subjects/{subject}", summary="List a subject's associations", responses=LISTED
)
async def of_subject(
    desk: Served,
    subject: InSubject,
    resourceType: str = "",
    associationType: Texts = [],
    lifecycle: LifecycleText = None,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """None is an empty list."""
    query = AssociationQuery(
        resource_type=resourceType or None,
        association_types=tuple(associationType),
        lifecycle=lifecycle,
    )
    found = await desk.run(lambda: desk.registry.associations.of_subject(subject, query))
    return _page(desk, found, offset=offset, limit=limit)


@router.get(
    "/associations/resources/{namespace}/{name}",
    summary="List a resource's associations, by name",
    responses=LISTED,
)
async def of_resource_name(
    desk: Served,
    namespace: str,
    name: str,
    resourceType: str = "",
    associationType: Texts = [],
    lifecycle: LifecycleText = None,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """`-` as the namespace or the name means any."""
    query = AssociationQuery(
        resource_namespace=path_text(namespace),
        resource_name=path_text(name),
        resource_type=resourceType or None,
        association_types=tuple(associationType),
        lifecycle=lifecycle,
    )
    return await _listed(desk, query, offset=offset, limit=limit)


@router.get(
    "/associations/resources/{resourceId}",
    summary="List a resource's associations, by id",
    responses=LISTED,
)
async def of_resource_id(
    desk: Served,
    resourceId: str,
    resourceType: str = "",
    associationType: Texts = [],
    lifecycle: LifecycleText = None,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """None is an empty list."""
    query = AssociationQuery(
        resource_id=path_text(resourceId),
        resource_type=resourceType or None,
        association_types=tuple(associationType),
        lifecycle=lifecycle,
    )
    return await _listed(desk, query, offset=offset, limit=limit)


@router.post(
    "/associations",
    summary="Tie a new resource to subjects",
    openapi_extra=takes(AssociationCreateOrUpdateRequest, examples.ASSOCIATION_REQUEST),
    responses={**CHANGED, **WRITES},
)
async def create(
    request: Request, desk: Served, context: str = "", dryRun: Flag = False
) -> Response:
    """The associations, with the schemas that came along registered."""
    body = await read_body(
        request, AssociationCreateOrUpdateRequest, null_name="createAssociation.arg3"
    )
    operation = _operation("CREATE", body, context=context)
    tied = await desk.run(lambda: desk.registry.associations.perform([operation], dry_run=dryRun))
    return answer(tied_document(body.resource(), tied))


@router.put(
    "/associations/resources/{resourceId}",
    summary="Tie a resource to subjects, or change how it is tied",
    openapi_extra=takes(AssociationCreateOrUpdateRequest, examples.ASSOCIATION_REQUEST),
    responses={**CHANGED, **WRITES},
)
async def upsert(
    request: Request, desk: Served, resourceId: str, context: str = "", dryRun: Flag = False
) -> Response:
    """The associations as they are now."""
    body = await read_body(
        request, AssociationCreateOrUpdateRequest, null_name="createOrUpdateAssociation.arg4"
    )
    if body.resource_id and body.resource_id != path_text(resourceId):
        raise complain(
            "resourceId",
            "Resource ID in the path parameter does not match the resource ID in the request body",
        )
    operation = _operation("UPSERT", body, context=context, resource_id=path_text(resourceId))
    tied = await desk.run(lambda: desk.registry.associations.perform([operation], dry_run=dryRun))
    return answer(tied_document(operation.resource, tied))


@router.delete(
    "/associations/resources/{resourceId}",
    summary="Untie a resource",
    status_code=204,
    responses={**errors(e.AssociationNotFound, e.AssociationFrozen, e.StorageUnavailable)},
)
async def delete(
    desk: Served,
    resourceId: str,
    resourceType: str = "",
    associationType: Texts = [],
    cascadeLifecycle: Flag = False,
    dryRun: Flag = False,
) -> Response:
    """With `cascadeLifecycle` the subjects of strong associations are soft-deleted too."""
    query = AssociationQuery(
        resource_id=path_text(resourceId),
        resource_type=resourceType or None,
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
    openapi_extra=takes(AssociationBatchGetRequest, {"requests": []}),
    responses={**BATCHED, **errors(e.InvalidAssociation, e.MalformedRequest, e.NullBody)},
)
async def batch_get(request: Request, desk: Served, includeSchemas: Flag = False) -> Response:
    """One result for each question, in order."""
    body = await read_body(
        request, AssociationBatchGetRequest, null_name="batchGetAssociations.arg1"
    )
    if not body.requests:
        raise complain("requests", "cannot be null or empty")
    results = []
    for one in body.requests:
        query = AssociationQuery(
            resource_namespace=one.resource_namespace,
            resource_name=one.resource_name,
            resource_id=one.resource_id,
            resource_type=one.resource_type,
            association_types=tuple(one.association_types or ()),
            lifecycle=one.lifecycle,
        )
        tied = await desk.run(lambda q=query: _tied(desk, q, schemas=includeSchemas))
        results.append({"result": tied_document(_resource_of(tied, query), tied)})
    return answer({"results": results}, status=207)


@router.post(
    "/associations:batchMutate",
    summary="Tie and untie several resources",
    status_code=207,
    openapi_extra=takes(AssociationBatchMutateRequest, {"requests": []}),
    responses={**BATCHED, **errors(e.InvalidAssociation, e.MalformedRequest, e.NullBody)},
)
async def batch_mutate(
    request: Request, desk: Served, context: str = "", dryRun: Flag = False
) -> Response:
    """One result for each resource, in order; each is done as a whole or refused as a whole."""
    body = await read_body(
        request, AssociationBatchMutateRequest, null_name="batchMutateAssociations.arg2"
    )
    if not body.requests:
        raise complain("requests", "cannot be null or empty")
    results = [await _mutated(desk, one, context, dry_run=dryRun) for one in body.requests]
    return answer({"results": results}, status=207)


async def _mutated(
    desk: Desk, body: AssociationCreateOrUpdateRequest, context: str, *, dry_run: bool
) -> dict[str, object]:
    try:
        operations = [
            _operation(kind, body.only(kind), context=context) for kind in body.operations()
        ]
        tied = await desk.run(
            lambda: desk.registry.associations.perform(operations, dry_run=dry_run)
        )
    except e.RegistryError as error:
        return {"error": {"error_code": error.code, "message": error.message}}
    return {"result": tied_document(body.resource(), tied)}


def _operation(
    kind: str, body: AssociationCreateOrUpdateRequest, *, context: str, resource_id: str = ""
) -> Operation:
    resource = body.resource()
    if resource_id:
        resource = replace(resource, id=resource_id)
    return Operation(kind, resource, body.ties(), parse_subject(context).context)


def _tied(desk: Desk, query: AssociationQuery, *, schemas: bool) -> list[Tied]:
    return desk.registry.associations.tied(query, include_schemas=schemas)


def _resource_of(tied: list[Tied], query: AssociationQuery) -> Resource:
    if not tied:
        return Resource(
            query.resource_name or "", query.resource_namespace or "", query.resource_id or ""
        )
    first = tied[0].association
    return Resource(
        first.resource_name, first.resource_namespace, first.resource_id, first.resource_type
    )
