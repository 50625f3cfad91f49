"""The blocking transport: sends what the pure modules decide, from any thread."""

from __future__ import annotations

import contextlib
import random
import time
from concurrent.futures import wait
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
from accord_serde._flights import Flights
from accord_serde._memory import Memories
from accord_serde._outage import Outage, is_outage
from accord_serde._refreshes import Refreshes
from accord_serde._requests import requests_for
from accord_serde.error import OAuthTokenError, SchemaRegistryError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from accord_serde._call import Call, Slot
    from accord_serde._settings import Effort, Settings

T = TypeVar("T")


class Connection:
    """Answers calls from memory or from the registry."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None) -> None:
        self.settings = settings
        self._transport = transport
        self._preferred = 0  # the node that answered last
        self.start_over()
        _forks.watch(self)

    def start_over(self) -> None:
        """Forget everything, without touching what may belong to a parent process."""
        settings = self.settings
        self.memories = Memories(
            settings.cache_capacity, latest_ttl=settings.latest_ttl, bundle=settings.bundle
        )
        self._outage = Outage()
        self._flights = Flights()
        self._refreshes = Refreshes()
        self._token: Token | None = None
        self._session = httpx.Client(
            verify=settings.verify,
            proxy=settings.proxy,
            timeout=settings.full.timeout,
            transport=self._transport,
        )

    def close(self) -> None:
        self._session.close()

    def ask(self, call: Call[T]) -> T:
        """Return the answer to a call. Raises SchemaRegistryError, httpx.TransportError.

        Where no node answers, an old answer does, unless there is none.
        """
        slot = call.slot
        if slot is None:
            return self._send(call)
        kept: T | None = self.memories.shelf(slot).get(slot)
        if kept is not None:
            return kept
        old: T | None = self.memories.old(slot)
        return self._recall(call, slot) if old is None else self._refresh(call, slot, old)

    def gather(self, plan: Generator[Call[Any], Any, object]) -> None:
        """Send the calls of a plan, remembering nothing. Raises what they and it raise."""
        with contextlib.suppress(StopIteration):
            call = next(plan)
            while True:
                try:
                    answer = self._send(call)
                except SchemaRegistryError as error:
                    call = plan.throw(error)
                else:
                    call = plan.send(answer)

    def _recall(self, call: Call[T], slot: Slot) -> T:
        shelf = self.memories.shelf(slot)
        generation = shelf.generation

        def fetch() -> T:
            kept: T | None = shelf.get(slot)  # somebody may have landed a moment ago
            return self._fetch(call, slot, generation) if kept is None else kept

        return fetch() if shelf.is_bare else self._flights.fly((slot, generation), fetch)

    def _refresh(self, call: Call[T], slot: Slot, old: T) -> T:
        """Return a fresh answer if it comes soon, or else the old one."""
        patience = self._outage.patience()
        if patience is None:
            return old
        shelf = self.memories.shelf(slot)
        generation = shelf.generation
        landing = self._refreshes.begin(
            object() if shelf.is_bare else (slot, generation),
            lambda: self._fetch(call, slot, generation, self.settings.brief),
        )
        wait([landing], patience)
        if not landing.done():
            self._outage.begin()
            return old
        error = None if landing.cancelled() else landing.exception()
        if landing.cancelled() or is_outage(error):
            return old
        if error is not None:
            raise error
        return landing.result()

    def _fetch(self, call: Call[T], slot: Slot, generation: int, effort: Effort | None = None) -> T:
        value = self._send(call, effort)
        self.memories.shelf(slot).put(slot, value, generation)
        return value

    def _send(self, call: Call[T], effort: Effort | None = None) -> T:
        effort = effort or self.settings.full
        is_in_doubt = False
        try:
            bearer = self._bearer(effort)
            requests = requests_for(call, self.settings, bearer=bearer, first=self._preferred)
            reply, answered = self._drive(self._session, requests, effort)
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

    def _drive(
        self, session: httpx.Client, requests: Sequence[Request], effort: Effort
    ) -> tuple[Reply, Request]:
        plan = exchange(requests, effort.retry, random.random)
        step = next(plan)
        while True:
            outcome = _perform(session, step, effort)
            try:
                step = plan.send(outcome)
            except StopIteration as settled:
                answer: tuple[Reply, Request] = settled.value
                return answer

    def _bearer(self, effort: Effort) -> dict[str, str]:
        match self.settings.bearer:
            case None:
                return {}
            case StaticBearer(identity, token):
                return bearer_headers(identity.fields(token))
            case CustomBearer(function, config):
                return bearer_headers(function(config))
            case OAuthBearer(identity, request):
                fresh = self._token
                if fresh is None or not fresh.is_fresh:
                    fresh = self._flights.fly("token", lambda: self._fetch_token(request, effort))
                return bearer_headers(identity.fields(fresh.value))

    def _fetch_token(self, request: Request, effort: Effort) -> Token:
        """Fetch a token over a connection of its own.

        The endpoint is another party than the registry: it gets neither the registry's client
        certificate nor its headers, and is always verified.
        """
        if self._token is None or not self._token.is_fresh:
            with httpx.Client() as session:
                try:
                    reply, _ = self._drive(session, [request], effort)
                except httpx.TransportError as error:
                    raise token_failure(error) from error
            self._token = read_token(reply)
        return self._token


def _perform(session: httpx.Client, step: Step, effort: Effort) -> Outcome:
    if not isinstance(step, Request):
        time.sleep(step)
        return None
    try:
        response = session.request(
            step.method,
            step.url,
            headers=dict(step.headers),
            content=step.content,
            timeout=effort.timeout,
        )
    except httpx.TransportError as error:
        return error
    return Reply(response.status_code, response.content)
