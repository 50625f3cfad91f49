"""httpx's transports to an application on another event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    Submit = Callable[[httpx.Request], Future[httpx.Response]]


async def answered(app: Callable[..., object], request: httpx.Request) -> httpx.Response:
    """Have the application answer; the body comes as it was sent, compressed or not."""
    inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx has its own name for the same type
    response = await inner.handle_async_request(request)
    assert isinstance(response.stream, httpx.AsyncByteStream)
    body = b"".join([part async for part in response.stream])
    return httpx.Response(
        response.status_code, headers=response.headers, stream=httpx.ByteStream(body)
    )


class Transport(httpx.BaseTransport):
    """For blocking clients, from any thread. Raises httpx.ConnectError, httpx.ReadTimeout."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        outcome = self._submit(request)
        try:
            return outcome.result(_patience(request))
        except TimeoutError as error:
            outcome.cancel()
            raise httpx.ReadTimeout("The registry did not answer", request=request) from error
        except CancelledError as error:
            raise _stopped(request) from error


class AsyncTransport(httpx.AsyncBaseTransport):
    """For asyncio clients, from any event loop. Raises httpx.ConnectError, httpx.ReadTimeout."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        outcome = self._submit(request)
        waiting = asyncio.wrap_future(outcome)
        done, _ = await asyncio.wait([waiting], timeout=_patience(request))
        if not done:
            waiting.cancel()
            raise httpx.ReadTimeout("The registry did not answer", request=request)
        if waiting.cancelled():
            raise _stopped(request)
        return waiting.result()


def _patience(request: httpx.Request) -> float | None:
    seconds: float | None = request.extensions.get("timeout", {}).get("read")
    return seconds


def _stopped(request: httpx.Request) -> httpx.ConnectError:
    return httpx.ConnectError("The registry does not run", request=request)
