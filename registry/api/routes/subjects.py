"""/subjects: names, lookups, registrations, versions, deletes."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from registry import errors as e
from registry.api import examples
from registry.api.answers import (
    answer,
    found_document,
    raw_text,
    registered_document,
    schema_document,
)
from registry.api.bodies import RegisterSchemaRequest, TagSchemaRequest
from registry.api.deps import AtVersion, Flag, InSubject, Limit, Offset, Served, Texts, page
from registry.api.documented import SCHEMA_TEXT, answers, errors, explained, takes
from registry.api.explanation_answers import explained_refusal
from registry.api.frame.media import takes_native
from registry.api.json_body import read_body
from registry.service.catalog import Form

router = APIRouter(tags=["Subjects"])

WRITES = (e.MalformedRequest, e.NullBody)
READS_VERSION = (e.SubjectNotFound, e.VersionNotFound, e.InvalidVersion)


def takes_unknown(request: Request) -> bool:
    """Tell whether the client says it takes properties it does not know."""
    return request.headers.get("confluent-accept-unknown-properties", "").lower() == "true"


@router.get(
    "/subjects",
    summary="List subjects",
    responses=answers({"type": "array", "items": {"type": "string"}}, ["orders-value"]),
)
async def list_subjects(
    desk: Served,
    subjectPrefix: str = ":*:",
    deleted: Flag = False,
    deletedOnly: Flag = False,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """Names of the subjects with a live version, sorted; `:*:` in front means any context."""
    names = await desk.run(
        lambda: desk.registry.catalog.subjects(
            subjectPrefix, include_deleted=deleted, only_deleted=deletedOnly
        )
    )
    return answer(page(names, offset=offset, limit=limit))


@router.post(
    "/subjects/{subject}",
    summary="Look up a schema under a subject",
    openapi_extra=takes(RegisterSchemaRequest, examples.AVRO_REQUEST),
    responses={
        **answers({"$ref": "#/components/schemas/Schema"}, examples.SCHEMA),
        **errors(e.SubjectNotFound, e.SchemaNotFound, e.InvalidSchemaText, *WRITES),
    },
)
async def look_up(
    request: Request,
    desk: Served,
    subject: InSubject,
    normalize: Flag = False,
    deleted: Flag = False,
    format: str = "",
) -> Response:
    """The version of the subject that this schema is."""
    body = await read_body(
        request, RegisterSchemaRequest, null_name="lookUpSchemaUnderSubject.arg5"
    )
    draft = body.draft(subject)
    found = await desk.run(
        lambda: desk.registry.lookups.lookup(
            draft, normalize=normalize, include_deleted=deleted, form=format
        )
    )
    return answer(found_document(found))


@router.get(
    "/subjects/{subject}/metadata",
    summary="Find the newest version with these metadata properties",
    responses={
        **answers({"$ref": "#/components/schemas/Schema"}, examples.SCHEMA),
        **errors(e.SubjectNotFound, e.SchemaNotFound, e.InvalidSchemaText),
    },
)
async def latest_with_metadata(
    desk: Served,
    subject: InSubject,
    key: Texts = [],
    value: Texts = [],
    format: str = "",
    deleted: Flag = False,
) -> Response:
    """Keys and values are paired by position; without any, the newest version that has some."""
    shown = await desk.run(
        lambda: desk.registry.catalog.latest_with_metadata(
            subject,
            list(zip(key, value, strict=False)),
            form=Form(text=format),
            deleted=deleted,
        )
    )
    return answer(schema_document(shown))


@router.delete(
    "/subjects/{subject}",
    summary="Delete a subject",
    responses={
        **answers({"type": "array", "items": {"type": "integer"}}, [1, 2]),
        **errors(
            e.SubjectNotFound,
            e.SubjectSoftDeleted,
            e.SubjectNotSoftDeleted,
            e.ReferenceExists,
            e.OperationNotPermitted,
            e.AssociationForSubjectExists,
        ),
    },
)
async def delete_subject(desk: Served, subject: InSubject, permanent: Flag = False) -> Response:
    """Soft-delete every live version, or with `permanent` remove what is soft-deleted."""
    numbers = await desk.run(
        lambda: desk.registry.deletions.delete_subject(subject, permanent=permanent)
    )
    return answer(numbers)


@router.get(
    "/subjects/{subject}/versions",
    summary="List versions",
    responses={
        **answers({"type": "array", "items": {"type": "integer"}}, [1, 2, 3]),
        **errors(e.SubjectNotFound),
    },
)
async def list_versions(
    desk: Served,
    subject: InSubject,
    deleted: Flag = False,
    deletedOnly: Flag = False,
    deletedAsNegative: Flag = False,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """Version numbers in ascending order."""
    numbers = await desk.run(
        lambda: desk.registry.catalog.versions(
            subject,
            include_deleted=deleted,
            only_deleted=deletedOnly,
            negate_deleted=deletedAsNegative,
        )
    )
    return answer(page(numbers, offset=offset, limit=limit))


@router.post(
    "/subjects/{subject}/versions",
    summary="Register a schema",
    openapi_extra=takes(RegisterSchemaRequest, examples.AVRO_REQUEST),
    responses={
        **answers({"$ref": "#/components/schemas/RegisterSchemaResponse"}, {"id": 1}),
        **explained(
            errors(
                e.InvalidSubject,
                e.SubjectTooLong,
                e.InvalidRuleSet,
                e.InvalidSchemaText,
                e.SchemaTooLarge,
                e.OperationNotPermitted,
                e.IncompatibleSchema,
                *WRITES,
            ),
            e.IncompatibleSchema.status,
            examples.EXPLAINED_ERROR,
        ),
    },
)
async def register(
    request: Request,
    desk: Served,
    subject: InSubject,
    normalize: Flag = False,
    format: str = "",
) -> Response:
    """The id of the schema; a schema already there keeps its version and id."""
    body = await read_body(request, RegisterSchemaRequest, null_name="register.arg6")
    registration = body.registration(subject, normalize=normalize)
    try:
        registered = await desk.run(lambda: desk.registry.registrations.register(registration))
    except e.IncompatibleSchema as refusal:
        if not takes_native(request.headers.get("accept")):
            raise
        return await explained_refusal(request, desk, registration, refusal)
    return answer(registered_document(registered, full=takes_unknown(request)))


@router.get(
    "/subjects/{subject}/versions/{version}",
    summary="Get a version",
    responses={
        **answers({"$ref": "#/components/schemas/Schema"}, examples.SCHEMA),
        **errors(*READS_VERSION, e.InvalidSchemaText),
    },
)
async def get_version(
    desk: Served,
    subject: InSubject,
    version: AtVersion,
    format: str = "",
    referenceFormat: str = "",
    deleted: Flag = False,
    findTags: Texts = [],
) -> Response:
    """The schema of a version; an unqualified subject is looked for in every context."""
    form = Form(format, referenceFormat.lower() == "qualified", tuple(findTags))
    shown = await desk.run(
        lambda: desk.registry.catalog.version(subject, version, include_deleted=deleted, form=form)
    )
    return answer(schema_document(shown))


@router.get(
    "/subjects/{subject}/versions/{version}/schema",
    summary="Get the text of a version",
    responses={
        **answers(SCHEMA_TEXT, examples.AVRO_DOCUMENT),
        **errors(*READS_VERSION, e.InvalidSchemaText),
    },
)
async def get_version_text(
    desk: Served,
    subject: InSubject,
    version: AtVersion,
    format: str = "",
    deleted: Flag = False,
) -> Response:
    """The schema text itself, not as a JSON string."""
    shown = await desk.run(
        lambda: desk.registry.catalog.version(
            subject, version, include_deleted=deleted, form=Form(format)
        )
    )
    return raw_text(shown.content.text)


@router.get(
    "/subjects/{subject}/versions/{version}/referencedby",
    summary="List the schemas that refer to a version",
    responses={
        **answers({"type": "array", "items": {"type": "integer"}}, [7]),
        **errors(*READS_VERSION),
    },
)
async def referenced_by(
    desk: Served,
    subject: InSubject,
    version: AtVersion,
    deleted: Flag = False,
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """Ids of the schemas with a direct reference to the version."""
    ids = await desk.run(
        lambda: desk.registry.catalog.referenced_by(subject, version, include_deleted=deleted)
    )
    most = desk.registry.options.schema_page
    return answer(page(ids, offset=offset, limit=limit, most=most))


@router.delete(
    "/subjects/{subject}/versions/{version}",
    summary="Delete a version",
    responses={
        **answers({"type": "integer"}, 1),
        **errors(
            *READS_VERSION,
            e.VersionSoftDeleted,
            e.VersionNotSoftDeleted,
            e.ReferenceExists,
            e.OperationNotPermitted,
            e.AssociationForSubjectExists,
        ),
    },
)
async def delete_version(
    desk: Served, subject: InSubject, version: AtVersion, permanent: Flag = False
) -> Response:
    """Soft-delete the version, or with `permanent` remove a soft-deleted one."""
    number = await desk.run(
        lambda: desk.registry.deletions.delete_version(subject, version, permanent=permanent)
    )
    return answer(number)


@router.post(
    "/subjects/{subject}/versions/{version}/tags",
    summary="Register a version with other tags, metadata or rules",
    openapi_extra=takes(TagSchemaRequest, examples.TAG_REQUEST),
    responses={
        **answers({"$ref": "#/components/schemas/RegisterSchemaResponse"}, {"id": 2}),
        **errors(
            *READS_VERSION,
            e.InvalidSubject,
            e.SubjectTooLong,
            e.InvalidRuleSet,
            e.InvalidSchemaText,
            e.SchemaTooLarge,
            e.OperationNotPermitted,
            e.IncompatibleSchema,
            *WRITES,
        ),
    },
)
async def tag_version(
    request: Request, desk: Served, subject: InSubject, version: AtVersion
) -> Response:
    """A new version on top of this one."""
    body = await read_body(request, TagSchemaRequest, null_name="modifyTags.arg4")
    registered = await desk.run(lambda: desk.registry.tagging.retag(subject, version, body.value()))
    return answer(registered_document(registered, full=takes_unknown(request)))
