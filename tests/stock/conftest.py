"""Confluent's own clients and serializers against a running `accord serve`."""

from __future__ import annotations

import asyncio
import importlib
import sys
import uuid
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from google.type import money_pb2
from protoc import run_protoc
from service import await_ready, begin, end

pytest.register_assert_rewrite("stock_scenarios")
# Importing Confluent's package warns of a dependency of its dependency, whatever the filters say.
with warnings.catch_warnings(record=True):
    from stock_face import Face

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service import Service
    from stock_face import Settled


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


@pytest.fixture
def client(face: Face, url: str) -> Settled:
    return face.client(url)


@pytest.fixture
def other(face: Face, url: str) -> Settled:
    """A client that remembers nothing of what the first has done."""
    return face.client(url)


PROTOS = Path(__file__).parent / "protos"
COMPILED = ("customer", "order", "basket", "legacy", "modern")


@pytest.fixture(scope="session")
def google_protos() -> Path:
    """The folder with google/type/; protoc brings google/protobuf/ itself."""
    return Path(money_pb2.__file__).parents[2]


@pytest.fixture(scope="session")
def shop(
    tmp_path_factory: pytest.TempPathFactory, google_protos: Path
) -> Iterator[SimpleNamespace]:
    """The modules that protoc writes for the files in protos/shop, by the names of the files."""
    folder = tmp_path_factory.mktemp("generated")
    run_protoc(
        f"--proto_path={PROTOS}",
        f"--proto_path={google_protos}",
        f"--python_out={folder}",
        *(f"shop/{name}.proto" for name in COMPILED),
    )
    sys.path.insert(0, str(folder))
    try:
        modules = {name: importlib.import_module(f"shop.{name}_pb2") for name in COMPILED}
        yield SimpleNamespace(**modules)
    finally:
        sys.path.remove(str(folder))
