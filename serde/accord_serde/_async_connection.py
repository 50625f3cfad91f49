"""The asyncio transport: sends what the pure modules decide, from any event loop."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from accord_serde import _forks
from accord_serde._bearer import (
    CustomBearer,
    OAuthBearer,
    StaticBearer,
    Token,
    bearer_headers,
    read_token,
    token_failure,
)
from accord_serde._call import Reply
from accord_serde._exchange import Outcome, Request, Step, exchange
from accord_serde._flights import AsyncFlights
from accord_serde._memory import Memories
from accord_serde._outage import Outage, is_outage
from accord_serde._refreshes import AsyncRefreshes
from accord_serde._requests import requests_for
from accord_serde.error import OAuthTokenError, SchemaRegistryError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from accord_serde._call import Call, Slot
    from accord_serde._settings import Effort, Settings

T = TypeVar("T")


@dataclass(slots=True)
class _Loop:
    """What belongs to one event loop: its sockets, and the questions its tasks share."""

    session: httpx.AsyncClient
    flights: AsyncFlights = field(default_factory=AsyncFlights)
    refreshes: AsyncRefreshes = field(default_factory=AsyncRefreshes)


class AsyncConnection:
    """Answers calls from memory or from the registry."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None) -> None:
        self.settings = settings
        self._transport = transport
        self._preferred = 0  # the node that answered last
        self._is_closed = False
        self.start_over()
        _forks.watch(self)

    def start_over(self) -> None:
        """Forget everything, without touching what may belong to a parent process."""
        settings = self.settings
        self.memories = Memories(
            settings.cache_capacity, latest_ttl=settings.latest_ttl, bundle=settings.bundle
        )
        self._outage = Outage()
        self._lock = threading.Lock()
        self._loops: dict[asyncio.AbstractEventLoop, _Loop] = {}
        self._token: Token | None = None

    async def aclose(self) -> None:
        """Close the sockets of the running loop and refuse further calls."""
        self._is_closed = True
        with self._lock:
            here = self._loops.pop(asyncio.get_running_loop(), None)
        if here is not None:
            await here.refreshes.aclose()
            await here.session.aclose()

    def _here(self) -> _Loop:
        if self._is_closed:
            raise RuntimeError("Cannot send a request, as the client has been closed.")
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._loops:
                alive = {each: own for each, own in self._loops.items() if not each.is_closed()}
                self._loops = alive | {loop: _Loop(self._new_session())}
            return self._loops[loop]

    def _new_session(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self.settings.verify,
            proxy=self.settings.proxy,
            timeout=self.settings.full.timeout,
            transport=self._transport,
        )

    async def ask(self, call: Call[T]) -> T:
        """Return the answer to a call. Raises SchemaRegistryError, httpx.TransportError.

        Where no node answers, an old answer does, unless there is none.
        """
        slot = call.slot
        if slot is None:
            return await self._send(call)
        kept: T | None = self.memories.shelf(slot).get(slot)
        if kept is not None:
            return kept
        old: T | None = self.memories.old(slot)
        if old is None:
            return await self._recall(call, slot)
        return await self._refresh(call, slot, old)

    async def gather(self, plan: Generator[Call[Any], Any, object]) -> None:
        """Send the calls of a plan, remembering nothing. Raises what they and it raise."""
        with contextlib.suppress(StopIteration):
            call = next(plan)
            while True:
                try:
                    answer = await self._send(call)
                except SchemaRegistryError as error:
                    call = plan.throw(error)
                else:
                    call = plan.send(answer)

    async def _recall(self, call: Call[T], slot: Slot) -> T:
        shelf = self.memories.shelf(slot)
        generation = shelf.generation
        if shelf.is_bare:
            return await self._fetch(call, slot, generation)
        return await self._here().flights.fly(
            (slot, generation), lambda: self._fetch(call, slot, generation)
        )

    async def _refresh(self, call: Call[T], slot: Slot, old: T) -> T:
        """Return a fresh answer if it comes soon, or else the old one."""
        patience = self._outage.patience()
        if patience is None:
            return old
        shelf = self.memories.shelf(slot)
        generation = shelf.generation
        landing = self._here().refreshes.begin(
            object() if shelf.is_bare else (slot, generation),
            lambda: self._fetch(call, slot, generation, self.settings.brief),
        )
        await asyncio.wait([landing], timeout=patience)
        if not landing.done():
            self._outage.begin()
            return old
        error = None if landing.cancelled() else landing.exception()
        if landing.cancelled() or is_outage(error):
            return old
        if error is not None:
            raise error
        return landing.result()

    async def _fetch(
        self, call: Call[T], slot: Slot, generation: int, effort: Effort | None = None
    ) -> T:
        value = await self._send(call, effort)
        self.memories.shelf(slot).put(slot, value, generation)
        return value

    async def _send(self, call: Call[T], effort: Effort | None = None) -> T:
        effort = effort or self.settings.full
        is_in_doubt = False
        try:
            here = self._here()
            bearer = await self._bearer(here, effort)
            requests = requests_for(call, self.settings, bearer=bearer, first=self._preferred)
            reply, answered = await self._drive(here.session, requests, effort)
            self._preferred = answered.endpoint
            if not reply.is_retriable:
                self._outage.end()
            return call.settle(reply)
        except (httpx.TransportError, OAuthTokenError, SchemaRegistryError) as error:
            is_in_doubt = is_outage(error)
            if is_in_doubt and call.forget is not None and effort is self.settings.full:
                self._outage.end()  # who is told so may look whether it was done all the same
            elif is_in_doubt:
                self._outage.begin()
            raise
        finally:  # after a failure too: the registry may have done what it could not confirm
            if call.forget is not None:
                self.memories.note(call.forget, is_in_doubt=is_in_doubt)

    async def _drive(
        self, session: httpx.AsyncClient, requests: Sequence[Request], effort: Effort
    ) -> tuple[Reply, Request]:
        plan = exchange(requests, effort.retry, random.random)
        step = next(plan)
        while True:
            outcome = await _perform(session, step, effort)
            try:
                step = plan.send(outcome)
            except StopIteration as settled:
                answer: tuple[Reply, Request] = settled.value
                return answer

    async def _bearer(self, here: _Loop, effort: Effort) -> dict[str, str]:
        match self.settings.bearer:
            case None:
                return {}
            case StaticBearer(identity, token):
                return bearer_headers(identity.fields(token))
            case CustomBearer(function, config):
                return bearer_headers(await function(config))
            case OAuthBearer(identity, request):
                fresh = self._token
                if fresh is None or not fresh.is_fresh:
                    fresh = await here.flights.fly(
                        "token", lambda: self._fetch_token(request, effort)
                    )
                return bearer_headers(identity.fields(fresh.value))

    async def _fetch_token(self, request: Request, effort: Effort) -> Token:
        """Fetch a token over a connection of its own.

        The endpoint is another party than the registry: it gets neither the registry's client
        certificate nor its headers, and is always verified.
        """
        async with httpx.AsyncClient() as session:
            try:
                reply, _ = await self._drive(session, [request], effort)
            except httpx.TransportError as error:
                raise token_failure(error) from error
        self._token = read_token(reply)
        return self._token


async def _perform(session: httpx.AsyncClient, step: Step, effort: Effort) -> Outcome:
    if not isinstance(step, Request):
        await asyncio.sleep(step)
        return None
    try:
        response = await session.request(
            step.method,
            step.url,
            headers=dict(step.headers),
            content=step.content,
            timeout=effort.timeout,
        )
    except httpx.TransportError as error:
        return error
    except ssl.SSLError as error:
        # httpx's asyncio transport lets an alert of the peer through when a read meets it.
        failure = httpx.ReadError(str(error))
        failure.__cause__ = error
        return failure
    return Reply(response.status_code, response.content)
