"""Every failure becomes the error body of the contract, and every bug a 500 and one log entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson
import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from registry.api.frame.bodies import DISCONNECTED
from registry.api.frame.exchange import exchange_of
from registry.errors import (
    InternalFailure,
    MalformedRequest,
    MethodNotAllowed,
    NotAcceptable,
    RegistryError,
    RouteNotFound,
    UnsupportedMediaType,
)

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.stdlib.get_logger("registry.api")

# What the router raises, in the words of the contract.
FRAMEWORK: dict[int, type[RegistryError]] = {
    error.status: error
    for error in (RouteNotFound, MethodNotAllowed, NotAcceptable, UnsupportedMediaType)
}
SERVER_FAULT = 500


class Failure(NamedTuple):
    """What an error body says."""

    status: int
    code: int
    message: str

    def body(self) -> bytes:
        # Half a surrogate pair, escaped in a request's JSON, must not turn its error into a 500.
        message = self.message.encode("utf-8", "replace").decode()
        return orjson.dumps({"error_code": self.code, "message": message})


class Failures:
    """Answer what the layers below raise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = log.bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - every failure is answered
            failure = failure_of(error)
            if failure.status >= SERVER_FAULT:
                self._log.exception("request failed", request_id=exchange_of(scope).request_id)
            # An answer that has begun cannot be taken back: the server closes the connection.
            if not started:
                await answer(failure, scope, send)


def failure_of(error: Exception) -> Failure:
    """Return the answer to an exception; one that nobody expected is an internal error."""
    known = _known(error)
    if known is not None:
        return Failure(known.status, known.code, known.message)
    if isinstance(error, HTTPException):
        return Failure(error.status_code, error.status_code, str(error.detail))
    return Failure(InternalFailure.status, InternalFailure.code, "Internal Server Error")


def _known(error: Exception) -> RegistryError | None:
    if isinstance(error, RegistryError):
        return error
    if isinstance(error, HTTPException) and error.status_code in FRAMEWORK:
        return FRAMEWORK[error.status_code]()
    if isinstance(error, ClientDisconnect):
        return MalformedRequest(DISCONNECTED)
    if isinstance(error, RequestValidationError):
        # Confluent 8.3: a path or query parameter that is no number is a path that is not there.
        return RouteNotFound()
    return None


async def answer(failure: Failure, scope: Scope, send: Send) -> None:
    exchange = exchange_of(scope)
    exchange.error_code = failure.code
    body = failure.body()
    headers = [
        (b"content-type", exchange.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"vary", b"Accept"),
    ]
    await send({"type": "http.response.start", "status": failure.status, "headers": headers})
    is_head = exchange.method == "HEAD"
    await send({"type": "http.response.body", "body": b"" if is_head else body})
