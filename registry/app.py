"""The composition root: the only module that knows every part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from registry.api.answers import answer
from registry.api.app import create_api
from registry.api.deps import Desk
from registry.errors import RegistryError
from registry.service.options import Options
from registry.service.registry import open_registry
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from registry.settings import Settings


def options_of(settings: Settings) -> Options:
    """Return what the service takes of the settings."""
    return Options(
        **{name: getattr(settings, name) for name in Options.__dataclass_fields__}
    )


def create_app(settings: Settings) -> ASGIApp:
    app = create_api()
    store = open_store(settings.store_url)
    app.state.desk = Desk(
        open_registry(store, options_of(settings)), threads=settings.request_threads
    )

    @app.exception_handler(RegistryError)
    async def on_error(_: Request, error: RegistryError) -> Response:
        return answer({"error_code": error.code, "message": error.message}, status=error.status)

    return app
