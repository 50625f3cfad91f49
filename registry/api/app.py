"""The routes of the contract, put together into one FastAPI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from registry.api.components import component_schemas
from registry.api.routes import associations, schemas, service, settings, subjects
from registry.version import VERSION

if TYPE_CHECKING:
    from starlette.types import Lifespan

ROUTERS = (
    service.root,
    subjects.router,
    schemas.router,
    service.compatibility,
    settings.config,
    settings.mode,
    service.contexts,
    associations.router,
)


def create_api(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return the application without a service behind it: `app.state.desk` is set at start."""
    app = FastAPI(
        title="Accord",
        summary="A Confluent-compatible schema registry",
        version=VERSION,
        openapi_url="/accord/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    for router in ROUTERS:
        app.include_router(router)
    _name_shapes(app)
    return app


def _name_shapes(app: FastAPI) -> None:
    """Add the shapes that routes refer to; FastAPI knows only those it reads and writes itself."""
    generated = app.openapi

    def complete() -> dict[str, Any]:
        document = generated()
        components = document.setdefault("components", {}).setdefault("schemas", {})
        components.update(component_schemas())
        return document

    app.openapi = complete  # type: ignore[method-assign]  # the documented way to extend it
