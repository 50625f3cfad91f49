"""The routes of the contract, put together into one FastAPI application."""

from __future__ import annotations

from fastapi import FastAPI

from registry.api.routes import schemas, service, settings, subjects
from registry.version import VERSION

ROUTERS = (
    service.root,
    subjects.router,
    schemas.router,
    service.compatibility,
    settings.config,
    settings.mode,
    service.contexts,
)


def create_api() -> FastAPI:
    """Return the application without a service behind it: `app.state.desk` is set at start."""
    app = FastAPI(
        title="Accord",
        summary="A Confluent-compatible schema registry",
        version=VERSION,
        openapi_url="/accord/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        app.include_router(router)
    return app
