"""The blocking transport: sends what the pure modules decide, from any thread."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

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
from accord_serde._requests import requests_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_serde._call import Call, Slot
    from accord_serde._settings import Settings

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
        self.memories = Memories(settings.cache_capacity, latest_ttl=settings.latest_ttl)
        self._flights = Flights()
        self._token: Token | None = None
        self._session = httpx.Client(
            verify=settings.verify,
            proxy=settings.proxy,
            timeout=settings.timeout,
            transport=self._transport,
        )

    def close(self) -> None:
        self._session.close()

    def ask(self, call: Call[T]) -> T:
        """Return the answer to a call. Raises SchemaRegistryError, httpx.TransportError."""
        slot = call.slot
        if slot is None or self.memories.shelf(slot).is_bare:
            return self._send(call)
        return self._recall(call, slot)

    def _recall(self, call: Call[T], slot: Slot) -> T:
        shelf = self.memories.shelf(slot)
        generation = shelf.generation

        def fetch() -> T:
            kept: T | None = shelf.get(slot)  # somebody may have landed a moment ago
            if kept is not None:
                return kept
            value = self._send(call)
            shelf.put(slot, value, generation)
            return value

        kept: T | None = shelf.get(slot)
        return self._flights.fly((slot, generation), fetch) if kept is None else kept

    def _send(self, call: Call[T]) -> T:
        bearer = self._bearer()
        requests = requests_for(call, self.settings, bearer=bearer, first=self._preferred)
        try:
            reply, answered = self._drive(self._session, requests)
            self._preferred = answered.endpoint
            return call.settle(reply)
        finally:  # after a failure too: the registry may have done what it could not confirm
            if call.forget is not None:
                self.memories.forget(call.forget)

    def _drive(self, session: httpx.Client, requests: Sequence[Request]) -> tuple[Reply, Request]:
        plan = exchange(requests, self.settings.retry, random.random)
        step = next(plan)
        while True:
            outcome = _perform(session, step)
            try:
                step = plan.send(outcome)
            except StopIteration as settled:
                answer: tuple[Reply, Request] = settled.value
                return answer

    def _bearer(self) -> dict[str, str]:
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
                    fresh = self._flights.fly("token", lambda: self._fetch_token(request))
                return bearer_headers(identity.fields(fresh.value))

    def _fetch_token(self, request: Request) -> Token:
        """Fetch a token over a connection of its own.

        The endpoint is another party than the registry: it gets neither the registry's client
        certificate nor its headers, and is always verified.
        """
        if self._token is None or not self._token.is_fresh:
            with httpx.Client(timeout=self.settings.timeout) as session:
                try:
                    reply, _ = self._drive(session, [request])
                except httpx.TransportError as error:
                    raise token_failure(error) from error
            self._token = read_token(reply)
        return self._token


def _perform(session: httpx.Client, step: Step) -> Outcome:
    if not isinstance(step, Request):
        time.sleep(step)
        return None
    try:
        response = session.request(
            step.method, step.url, headers=dict(step.headers), content=step.content
        )
    except httpx.TransportError as error:
        return error
    return Reply(response.status_code, response.content)
