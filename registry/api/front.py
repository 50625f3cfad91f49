"""Answers by id and GUID, served from memory in front of everything else.

Why an answer from here is never older than a write acknowledged before the request came:

* What is kept names what it depends on (`depends_on`, called by the route). A change drops every
  answer that depends on what it touched; a change that does not say drops them all.
* An answer is served only if the watch says `unchanged` and nothing was dropped since the answer
  was taken, or if it is taken after a refresh that began after the request came. Either way what
  such a write makes wrong has been dropped before.
* An answer is kept only if nothing it depends on was touched since its computation began. Its
  snapshot was opened later than that moment, so a change it may lack comes up in a later refresh
  and drops it.
* 404 is never kept: the next registration makes it wrong, and no dependency names what is not
  there.

Keys are what the answer is chosen by: the path and query as sent, the negotiated type and coding,
and whether the client needs the id in it.
Whatever else decides on an answer (who asks, say) would have to join the key, or stay in front.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from registry.api.clients import keeps_what_it_reads
from registry.api.frame.exchange import UNMATCHED, template_of
from registry.api.frame.headers import values, without
from registry.api.frame.media import takes_gzip, written_type
from registry.api.frame.requests import REQUEST_ID, sound_id
from registry.api.response_cache import Finished
from registry.errors import RegistryError

if TYPE_CHECKING:
    from typing import TypeAlias

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from registry.api.frame.headers import Headers
    from registry.api.metrics import Metrics
    from registry.api.response_cache import Dependency, Key, ResponseCache
    from registry.storage.port import Watch

    AtOnce: TypeAlias = tuple[Headers, bytes]

log = structlog.stdlib.get_logger("registry.api")

SCOPE_KEY = "accord.answer"
HOT_METHODS = frozenset({"GET", "HEAD"})
HOT_PATHS = (b"/schemas/ids/", b"/schemas/guids/", b"/contexts/")
CLIENT_VERSION = b"confluent-client-version"
NO_KEY: Key = (b"", b"", "")
LONGEST_TARGET = 1024
LONGEST_PREFERENCES = 1024
# A refresh that takes longer than this leaves the requests that wait for it to the service.
REFRESH_SECONDS = 5.0
OK = 200
# Headers of one answer, not of the content: the front and the server add their own.
PER_ANSWER = (REQUEST_ID, b"date", b"server")


@dataclass(slots=True)
class Noted:
    """What the route says of its answer."""

    template: str = UNMATCHED
    dependencies: list[Dependency] = field(default_factory=list)


def depends_on(scope: Scope, *dependencies: Dependency) -> None:
    """Let the answer be kept until one of the dependencies changes.

    Call it in the route, before the answer is sent. An answer without any is not kept.
    """
    noted = scope.get(SCOPE_KEY)
    if noted is not None:
        noted.template = template_of(scope)
        noted.dependencies.extend(dependencies)


class Freshness:
    """Lets the watch refresh, once for all requests that wait."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._running: asyncio.Task[bool] | None = None

    async def freshen(self) -> bool:
        """Have all that was acknowledged before the call dropped; False when that fails."""
        if self._running is not None and not await _outcome(self._running):
            return False
        # The one waited for may have read the journal before the write that we must not miss.
        return self._watch.unchanged() or await _outcome(self._running or self._begin())

    def _begin(self) -> asyncio.Task[bool]:
        self._running = asyncio.create_task(self._refresh())
        self._running.add_done_callback(_report)
        return self._running

    async def _refresh(self) -> bool:
        try:
            await asyncio.to_thread(self._watch.refresh)
        except RegistryError as error:
            log.warning("journal not read", reason=str(error))
            return False
        finally:
            self._running = None
        return True


async def _outcome(task: asyncio.Task[bool]) -> bool:
    """Wait for a task that others wait for too: one request's end must not be the task's."""
    await asyncio.wait({task}, timeout=REFRESH_SECONDS)
    is_over = task.done() and not task.cancelled() and task.exception() is None
    return is_over and task.result()


def _report(task: asyncio.Task[bool]) -> None:
    """Log a bug in the watch; requests go to the service meanwhile."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("journal not read", exc_info=error)


class Front:
    """Serve finished answers; everything else, and every miss, goes to the app behind."""

    def __init__(
        self, app: ASGIApp, *, cache: ResponseCache, watch: Watch, metrics: Metrics
    ) -> None:
        self._app = app
        self._cache = cache
        self._unchanged = watch.unchanged
        self._freshness = Freshness(watch)
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (scope.get("raw_path") or b"").startswith(HOT_PATHS):
            await self._app(scope, receive, send)
            return
        method, headers = scope["method"], scope["headers"]
        key = _key(method, scope["raw_path"], scope["query_string"], headers)
        answer = self._current(key)
        if answer is None and key in self._cache and await self._freshness.freshen():
            answer = self._cache.get(key)
        if answer is None:
            await self._miss(key, scope, receive, send)
            return
        start, body = self._served(answer, method, headers)
        await send({"type": "http.response.start", "status": OK, "headers": start})
        await send({"type": "http.response.body", "body": body})

    def at_once(self, method: str, target: bytes, headers: Headers) -> AtOnce | None:
        """Return the headers and the body to answer 200 with, if nothing needs to be awaited.

        `target` is the path and query as sent; the request has no body. A server that asks here
        first and the app when it gets None gives the same answers, the faster ones for less.
        """
        if not target.startswith(HOT_PATHS):
            return None
        path, _, query = target.partition(b"?")
        answer = self._current(_key(method, path, query, headers))
        return None if answer is None else self._served(answer, method, headers)

    def _current(self, key: Key) -> Finished | None:
        """Return what is kept, if it is known to be no older than this call."""
        generation = self._cache.generation
        answer = self._cache.get(key)
        if answer is None or not self._unchanged() or self._cache.generation != generation:
            return None
        return answer

    def _served(self, answer: Finished, method: str, headers: Headers) -> AtOnce:
        answer.is_used = True
        tally = answer.served
        tally.count += 1
        if not tally.count % tally.STEP:
            tally.pass_on()
        request_id = sound_id(dict(headers).get(REQUEST_ID))
        return [*answer.headers, (REQUEST_ID, request_id)], answer.body if method == "GET" else b""

    async def _miss(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        if key is NO_KEY or len(key[0]) + len(key[1]) > LONGEST_TARGET:
            await self._app(scope, receive, send)
            return
        self._metrics.cache_misses.inc()
        if scope["method"] == "GET":
            await self._fill(key, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _fill(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, and keep what may be kept."""
        generation = self._cache.generation
        noted = Noted()
        recording = Recording(send, largest=self._cache.largest_body)
        await self._app({**scope, SCOPE_KEY: noted}, receive, recording)
        if noted.dependencies and recording.is_complete:
            answer = Finished(
                headers=recording.headers,
                body=recording.body(),
                dependencies=tuple(dict.fromkeys(noted.dependencies)),
                served=self._metrics.hits(route=noted.template),
            )
            self._cache.put(key, answer, generation=generation)


class Recording:
    """Pass an answer on and keep a copy of it, unless it is too large or not for keeping."""

    def __init__(self, send: Send, *, largest: int) -> None:
        self.headers: tuple[tuple[bytes, bytes], ...] = ()
        self.is_complete = False
        self._send = send
        self._largest = largest
        self._size = 0
        self._chunks: list[bytes] = []
        self._wanted = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._note_start(message)
        elif self._wanted:
            self._note_body(message)
        await self._send(message)

    def body(self) -> bytes:
        """Return the body in a buffer of its own size (orjson leaves room for growth in its)."""
        if len(self._chunks) == 1:
            return bytes(memoryview(self._chunks[0]))
        return b"".join(self._chunks)

    def _note_start(self, message: Message) -> None:
        headers = message.get("headers", ())
        self._wanted = message["status"] == OK and not values(headers, b"set-cookie")
        self.headers = tuple(_shared(header) for header in without(headers, *PER_ANSWER))

    def _note_body(self, message: Message) -> None:
        chunk = message.get("body", b"")
        self._size += len(chunk)
        self._chunks.append(chunk)
        if self._size > self._largest:
            self._wanted = False
            self._chunks.clear()
        elif not message.get("more_body", False):
            self.is_complete = True


@lru_cache(4096)
def _shared(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return one object for equal headers: thousands of answers have the same few."""
    name, value = header
    return bytes(name), bytes(value)


def _key(method: str, path: bytes, query: bytes, headers: Headers) -> Key:
    """Return all that the answer is chosen by, NO_KEY when it is not for the cache."""
    sent = dict(headers)
    # Fewer names than headers: one is repeated, and only the frame knows how to join them.
    if method not in HOT_METHODS or len(sent) != len(headers):
        return NO_KEY
    try:
        variant = _variant(
            sent.get(b"accept", b""),
            sent.get(b"accept-encoding", b""),
            sent.get(CLIENT_VERSION, b""),
        )
    except ValueError:
        return NO_KEY
    return path, query, variant


@lru_cache(1024)
def _variant(accept: bytes, accept_encoding: bytes, client: bytes) -> str:
    """Return the form the answer takes; raises ValueError for what is not to be remembered."""
    if len(accept) + len(accept_encoding) + len(client) > LONGEST_PREFERENCES:
        raise ValueError(accept)
    media_type = written_type(accept.decode("latin-1"))
    if media_type is None:
        raise ValueError(accept)
    coding = "gzip" if takes_gzip(accept_encoding.decode("latin-1")) else "identity"
    with_id = keeps_what_it_reads({CLIENT_VERSION: client})
    return sys.intern(f"{media_type} {coding}{' id' if with_id else ''}")
