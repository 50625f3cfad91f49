"""The routes of the contract, put together into one FastAPI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.api.direct import Api
from registry.api.document import completed
from registry.api.routes import associations, explanations, schemas, service, settings, subjects
from registry.version import VERSION

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Lifespan

ROUTERS = (
    service.root,
    subjects.router,
    schemas.router,
    service.compatibility,
    explanations.router,
    settings.config,
    settings.mode,
    service.contexts,
    associations.router,
)

DESCRIPTION = """\
The contract is that of Confluent Schema Registry 8.3. A subject is named as it is or, outside the \
default context, as `:.context:subject`. Every path may have `/contexts/{context}` in front of it \
and then means that context. Whatever takes GET takes HEAD, and every path OPTIONS. Every refusal \
has the body `{"error_code": …, "message": …}`; the first three digits of the code are the status.
"""
TAGS = [
    {"name": "Subjects", "description": "Names under which versions of schemas are kept."},
    {"name": "Schemas", "description": "Schemas by id and by GUID, whatever their subjects."},
    {"name": "Compatibility", "description": "Whether a schema may follow others."},
    {
        "name": "Explanations",
        "description": "Why a schema may not follow others, what to do, and what else would break.",
    },
    {"name": "Config", "description": "Settings of subjects, contexts and all contexts."},
    {"name": "Modes", "description": "What may be changed in subjects and contexts."},
    {"name": "Contexts", "description": "Name spaces with ids of their own."},
    {"name": "Associations", "description": "Which subjects belong to which topics."},
    {"name": "Server", "description": "The service about itself."},
]


def create_api(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return the application without a service behind it: `app.state.desk` is set at start."""
    app = Api(
        title="Accord",
        summary="A Confluent-compatible schema registry",
        description=DESCRIPTION,
        version=VERSION,
        openapi_url="/accord/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        openapi_tags=TAGS,
        generate_unique_id_function=lambda route: route.name,
    )
    for router in ROUTERS:
        app.include_router(router)
    app.run_directly(route for router in ROUTERS for route in router.routes)
    _complete_document(app)
    return app


def _complete_document(app: FastAPI) -> None:
    generated = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(generated())
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]  # the documented way to extend it
