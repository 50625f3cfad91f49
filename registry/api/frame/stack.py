"""The layers around every request, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from registry.api.frame.bodies import Bodies
from registry.api.frame.compression import Compression
from registry.api.frame.failures import Failures
from registry.api.frame.gate import Gate
from registry.api.frame.methods import Methods, Routes
from registry.api.frame.negotiation import Negotiation
from registry.api.frame.paths import Paths
from registry.api.frame.requests import Requests
from registry.api.front import Front
from registry.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi import FastAPI, Request, Response
    from starlette.types import ASGIApp, Scope

    from registry.api.health import Health
    from registry.api.metrics import Metrics
    from registry.api.response_cache import ResponseCache
    from registry.storage.port import Watch

# Paths that are not the contract's: their routes choose what they read and write.
PLAIN_PATHS = (
    "/accord/v1/openapi.json",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/ui",
    "/health/",
    "/metrics",
)
FRAMEWORK_HANDLERS = (None, http_exception_handler, request_validation_exception_handler)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take."""

    body_bytes: int = 10_000_000
    body_seconds: float = 60.0


def frame(  # noqa: PLR0913 the composition root names every part
    app: FastAPI,
    *,
    cache: ResponseCache,
    watch: Watch,
    metrics: Metrics,
    health: Health,
    limits: Limits = Limits(),
    rewriters: Sequence[Callable[[ASGIApp], ASGIApp]] = (),
    cors_origins: Sequence[str] = (),
) -> ASGIApp:
    """Put the layers around the app; serve what this returns.

    The app's routes just raise: RegistryError, and Starlette's own 404 and 405, become error bodies
    here (handlers that the app has registered itself are left alone). Path parameters of type
    `PathText` hold the text as the client meant it. A route that calls
    `registry.api.front.depends_on` has its answer kept in `cache`; `watch` is the one that
    `cache.drop` was given to. `rewriters` are pure ASGI middlewares that change `scope["path"]` and
    `scope["query_string"]` in place before routes are looked up; the path is in the guarded form of
    `registry.api.frame.paths`.

    From the outside in: CORS, answers from memory, request id and log and count, failures, paths,
    rewriters, methods, gate, negotiation, bodies, compression.
    """
    _let_failures_through(app)
    app.router.redirect_slashes = False
    routes = Routes(app.router.routes)
    inner: ASGIApp = Compression(app)
    inner = Bodies(inner, limit=limits.body_bytes, seconds=limits.body_seconds, is_plain=_is_plain)
    inner = Negotiation(inner, routes=routes, is_plain=_is_plain)
    inner = Gate(inner, health=health, is_plain=_is_plain)
    inner = Methods(inner, routes)
    for rewriter in reversed(rewriters):
        inner = rewriter(inner)
    inner = Requests(Failures(Paths(inner)), metrics=metrics, unframed=app)
    front: ASGIApp = Front(inner, cache=cache, watch=watch, metrics=metrics)
    return _with_cors(front, cors_origins) if cors_origins else front


def _is_plain(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith(PLAIN_PATHS)


def _let_failures_through(app: FastAPI) -> None:
    for kind in (RegistryError, HTTPException, RequestValidationError, Exception):
        if app.exception_handlers.get(kind) in FRAMEWORK_HANDLERS:
            app.add_exception_handler(kind, _raise)


async def _raise(_: Request, error: Exception) -> Response:
    raise error


def _with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["*"],
        expose_headers=["X-Request-ID"],
    )
