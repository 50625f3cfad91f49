"""The fixtures of tests that run with Confluent's package and ours."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from serde_kits import ACCORD, STOCK, Kit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGES = {"accord": ACCORD, "stock": STOCK}


@contextmanager
def opened(package: str, *, is_async: bool) -> Iterator[Kit]:
    with asyncio.Runner() as runner:
        kit = Kit(PACKAGES[package], runner if is_async else None)
        try:
            yield kit
        finally:
            kit.close()


@pytest.fixture(params=["blocking", "asyncio"])
def is_async(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "asyncio")


@pytest.fixture(params=PACKAGES)
def kit(request: pytest.FixtureRequest, is_async: bool) -> Iterator[Kit]:
    """Either package with either face; what holds for Confluent's has to hold for ours."""
    with opened(request.param, is_async=is_async) as made:
        yield made


@pytest.fixture
def ours(is_async: bool) -> Iterator[Kit]:
    with opened("accord", is_async=is_async) as made:
        yield made


@pytest.fixture
def stocks(is_async: bool) -> Iterator[Kit]:
    """Confluent's package with the face that `ours` has."""
    with opened("stock", is_async=is_async) as made:
        yield made


@pytest.fixture
def name() -> str:
    """A name that no other test has used, good for a topic, a subject and a type."""
    return f"N{uuid.uuid4().hex}"


@pytest.fixture
def url(registry_url: str, name: str) -> str:
    """The address of a context of this test's own, where ids begin with 1."""
    return f"{registry_url}/contexts/.{name}"


OF_THE_HOP = {"host", "connection", "content-length", "accept-encoding"}


class Tap:
    """An address that passes all requests on to a context of the registry, and tells of them."""

    def __init__(self, recorder: Any, registry_url: str) -> None:
        self._recorder = recorder
        self._target = registry_url
        self._http = httpx.Client()
        recorder.answer = self._forward
        self.url = recorder.url

    def _forward(self, seen: Any) -> tuple[int, Any]:
        answer = self._http.request(
            seen.method,
            self._target + seen.target,
            content=seen.content,
            headers={name: seen.headers[name] for name in seen.headers.keys() - OF_THE_HOP},
        )
        return answer.status_code, answer.json() if answer.content else {}

    def take(self, *, query: bool = False) -> list[tuple[str, str, Any]]:
        """Return the requests since the last time: method, path without context, body."""
        seen = []
        for each in self._recorder.requests:
            path, _, asked = each.target.split("/", 3)[-1].partition("?")
            seen.append((each.method, f"{path}?{asked}" if query else path, each.body))
        self._recorder.requests.clear()
        return seen

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def tap(recorder: Any, registry_url: str) -> Iterator[Tap]:
    made = Tap(recorder, registry_url)
    yield made
    made.close()


@pytest.fixture
def fresh(tap: Tap) -> Callable[[], str]:
    """Make addresses of contexts that are empty, behind the tap."""
    return lambda: f"{tap.url}/contexts/.C{uuid.uuid4().hex}"
