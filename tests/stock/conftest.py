"""Confluent's own clients and serializers against a running `accord serve`."""

from __future__ import annotations

import asyncio
import uuid
import warnings
from typing import TYPE_CHECKING

import pytest
from service import await_ready, begin, end

# Importing Confluent's package warns of a dependency of its dependency.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from stock_face import Face

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service import Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests; each test has subjects or a context of its own."""
    started = await_ready(begin(tmp_path_factory.mktemp("service")))
    yield started
    code = started.stop()
    end(started)
    assert code == 0


@pytest.fixture
def url(service: Service) -> str:
    return service.url


@pytest.fixture(params=["blocking", "asyncio"])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    """Both faces of the stock package, used alike."""
    with asyncio.Runner() as runner:
        made = Face(runner if request.param == "asyncio" else None)
        yield made
        made.close()


@pytest.fixture
def name() -> str:
    """A name that no other test has used, good for a topic, a subject and a type."""
    return f"N{uuid.uuid4().hex}"


@pytest.fixture
def own_context(url: str, name: str) -> str:
    """The address of a context of this test's own, where ids begin with 1."""
    return f"{url}/contexts/.{name}"
