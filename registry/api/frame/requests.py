"""Each request gets an id when it comes, and a line in the log and a count when it ends."""

from __future__ import annotations

import itertools
import os
import re
import time
from typing import TYPE_CHECKING

import structlog

from registry.api.frame.exchange import SCOPE_KEY, UNMATCHED, Exchange
from registry.api.frame.headers import joined, replaced, values
from registry.api.frame.media import V1_JSON, written_type

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from registry.api.metrics import Metrics

log = structlog.stdlib.get_logger("registry.api")

REQUEST_ID = b"x-request-id"
# Long enough for two UUIDs or a trace context, short enough for a log line.
SOUND_ID = re.compile(rb"[\x20-\x7e]{1,128}")
METHOD_NOT_ALLOWED = 405
# What proxies call a request whose client, or whose server, went away before the answer.
NOT_ANSWERED = 499
LOGGED_PATH = 200
# Probes and scrapes come every few seconds and say nothing about the traffic.
QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})


class Requests:
    """The outermost layer of everything but the answers from the cache.

    What is not HTTP, as the start and the end of the process, goes to the app without a frame.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, unframed: ASGIApp) -> None:
        self._app = app
        self._metrics = metrics
        self._unframed = unframed
        # Bound once: the proxy that modules hold makes a new logger for every line.
        self._log = log.bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._unframed(scope, receive, send)
            return
        began = time.perf_counter()
        exchange = _exchange(scope)
        scope = {**scope, SCOPE_KEY: exchange}
        exchange.routed = scope
        bound = structlog.contextvars.bind_contextvars(request_id=exchange.request_id)
        try:
            await self._app(scope, receive, _identified(exchange, send))
        finally:
            self._end(exchange, time.perf_counter() - began)
            structlog.contextvars.reset_contextvars(**bound)

    def _end(self, exchange: Exchange, seconds: float) -> None:
        status = exchange.status or NOT_ANSWERED
        self._metrics.count_request(
            route=exchange.template, method=exchange.method, status=status, seconds=seconds
        )
        if exchange.error_code is not None:
            self._metrics.count_refusal(
                path=exchange.routed["path"],
                method=exchange.method,
                error_code=exchange.error_code,
            )
        self._write_line(exchange, status, seconds)

    def _write_line(self, exchange: Exchange, status: int, seconds: float) -> None:
        line: dict[str, object] = {
            "method": exchange.method,
            "route": exchange.template,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "request_id": exchange.request_id,
        }
        if exchange.template == UNMATCHED:
            line["path"] = exchange.routed["path"][:LOGGED_PATH]
        if exchange.error_code is not None:
            line["error_code"] = exchange.error_code
        write = self._log.debug if exchange.template in QUIET else self._log.info
        write("request", **line)


def sound_id(given: bytes | None) -> bytes:
    """Return the client's id when it can go into a log and a header, else a new one."""
    if given is not None and SOUND_ID.fullmatch(given):
        return given
    return new_request_id()


def new_request_id() -> bytes:
    """Return a UUID (RFC 9562, version 8): random for the process, counted for the request.

    At a tenth of the cost of a random one for each, which an answer from memory would feel.
    Processes are spawned, not forked: each draws its own.
    """
    return _ID_PREFIX + b"%012x" % next(_numbers)


def _id_prefix() -> bytes:
    one, two, three, four = (int.from_bytes(os.urandom(size)) for size in (4, 2, 2, 2))
    return f"{one:08x}-{two:04x}-8{three & 0xFFF:03x}-{four & 0x3FFF | 0x8000:04x}-".encode()


_ID_PREFIX = _id_prefix()
_numbers = itertools.count()


def _exchange(scope: Scope) -> Exchange:
    headers = scope["headers"]
    given = values(headers, REQUEST_ID)
    return Exchange(
        request_id=sound_id(given[0] if len(given) == 1 else None).decode(),
        method=scope["method"],
        routed=scope,
        media_type=written_type(joined(headers, b"accept")) or V1_JSON,
    )


def _identified(exchange: Exchange, send: Send) -> Send:
    async def send_identified(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            headers = replaced(message.get("headers", ()), REQUEST_ID, exchange.request_id.encode())
            # A router names the methods of one route; a path may have several.
            if exchange.status == METHOD_NOT_ALLOWED and (allowed := exchange.allowed()):
                headers = replaced(headers, b"allow", allowed.encode())
            message = {**message, "headers": headers}
        await send(message)

    return send_identified
