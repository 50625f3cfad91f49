"""/, /v1/metadata, /contexts and /compatibility."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from registry import errors as e
from registry.api import examples
from registry.api.answers import answer, nothing
from registry.api.bodies import RegisterSchemaRequest
from registry.api.context_prefix import CONTEXT_SHAPE
from registry.api.deps import AtVersion, Flag, InSubject, Limit, Offset, Served, page
from registry.api.documented import answers, errors, ref, takes, written
from registry.api.frame.paths import path_text
from registry.api.json_body import read_body
from registry.names import parse_context
from registry.version import COMMIT, VERSION

root = APIRouter(tags=["Server"])
contexts = APIRouter(tags=["Contexts"])
compatibility = APIRouter(tags=["Compatibility"])

BODY = (e.MalformedRequest, e.NullBody)
TESTED = answers(ref("CompatibilityCheckResponse"), examples.VERDICT)
GREETING = answers({"type": "object", "maxProperties": 0}, {})


@root.get("/", summary="Say hello", responses=GREETING)
async def greet() -> Response:
    """An empty object."""
    return answer({})


@root.post(
    "/",
    summary="Say hello, whatever is sent",
    openapi_extra={"requestBody": {"content": written({"schema": {}, "example": {}})}},
    responses=GREETING,
)
async def greet_back() -> Response:
    """An empty object; the body is not looked at."""
    return answer({})


@root.get(
    "/v1/metadata/id",
    summary="Get the cluster ids",
    responses=answers(ref("ServerClusterId"), examples.CLUSTER),
)
async def get_cluster(desk: Served) -> Response:
    """The ids of the registry and of the log beside it."""
    options = desk.registry.options
    clusters = {
        "kafka-cluster": options.kafka_cluster_id,
        "schema-registry-cluster": options.registry_cluster_id,
    }
    return answer({"scope": {"path": [], "clusters": clusters}})


@root.get(
    "/v1/metadata/version",
    summary="Get the version of the server",
    responses=answers(ref("ServerVersion"), examples.SERVER_VERSION),
)
async def get_server_version() -> Response:
    """The version that runs."""
    return answer({"version": VERSION, "commitId": COMMIT})


@root.get(
    "/v1/metadata/deployment",
    summary="Get the attributes of the deployment",
    responses=answers(ref("Deployment"), {"attributes": []}),
)
async def get_deployment() -> Response:
    """None."""
    return answer({"attributes": []})


@contexts.get(
    "/contexts",
    summary="List contexts",
    responses=answers({"type": "array", "items": {"type": "string"}}, [".", ".staging"]),
)
async def list_contexts(
    desk: Served,
    contextPrefix: str = "",
    offset: Offset = 0,
    limit: Limit = -1,
) -> Response:
    """The default context first, then those that a schema was registered in."""
    names = await desk.run(lambda: desk.registry.contexts.names(contextPrefix))
    return answer(page(names, offset=offset, limit=limit))


@contexts.delete(
    "/contexts/{context}",
    summary="Delete an empty context",
    status_code=204,
    responses=errors(e.ContextNotEmpty, e.MethodNotAllowed),
)
async def delete_context(
    desk: Served, context: Annotated[str, Path(json_schema_extra=CONTEXT_SHAPE)]
) -> Response:
    """Nothing, also when the context is unknown; the default one, `.`, cannot be deleted."""
    name = parse_context(path_text(context))
    await desk.run(lambda: desk.registry.contexts.delete(name))
    return nothing()


@compatibility.post(
    "/compatibility/subjects/{subject}/versions/{version}",
    summary="Test a schema against one version",
    openapi_extra=takes(RegisterSchemaRequest, examples.AVRO_REQUEST),
    responses={
        **TESTED,
        **errors(
            e.VersionNotFound,
            e.InvalidVersion,
            e.InvalidSchemaText,
            *BODY,
        ),
    },
)
async def check_version(
    request: Request,
    desk: Served,
    subject: InSubject,
    version: AtVersion,
    normalize: Flag = False,
    verbose: Flag = False,
) -> Response:
    """Whether the schema could follow this version at the subject's level."""
    body = await read_body(
        request, RegisterSchemaRequest, null_name="testCompatibilityBySubjectName.arg4"
    )
    verdict = await desk.run(
        lambda: desk.registry.compatibility.test_version(
            body.draft(subject), version, normalize=normalize, verbose=verbose
        )
    )
    return answer(_verdict(verdict, verbose=verbose))


@compatibility.post(
    "/compatibility/subjects/{subject}/versions",
    summary="Test a schema against what registration would",
    openapi_extra=takes(RegisterSchemaRequest, examples.AVRO_REQUEST),
    responses={**TESTED, **errors(e.InvalidSchemaText, *BODY)},
)
async def check_all_versions(
    request: Request,
    desk: Served,
    subject: InSubject,
    normalize: Flag = False,
    verbose: Flag = False,
) -> Response:
    """Whether the schema could be the subject's next version."""
    body = await read_body(
        request, RegisterSchemaRequest, null_name="testCompatibilityForSubject.arg3"
    )
    verdict = await desk.run(
        lambda: desk.registry.compatibility.test_subject(
            body.draft(subject), normalize=normalize, verbose=verbose
        )
    )
    return answer(_verdict(verdict, verbose=verbose))


def _verdict(messages: list[str], *, verbose: bool) -> dict[str, object]:
    verdict: dict[str, object] = {"is_compatible": not messages}
    return {**verdict, "messages": messages} if verbose else verdict
