"""Confluent's Protobuf serializers beside ours, and message classes compiled when tests begin."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from protoc import run_protoc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
PROTOS = Path(__file__).parent / "protos"
GOOGLE = Path(inspect.getfile(descriptor_pb2)).parent.parent.parent
STOCK, OURS = "confluent_kafka.schema_registry", "accord_serde"

with warnings.catch_warnings(record=True):  # of a dependency of its dependency
    importlib.import_module(f"{STOCK}.protobuf")


class Classes:
    """Message classes by full name."""

    def __init__(self, files: descriptor_pb2.FileDescriptorSet) -> None:
        self.pool = DescriptorPool()
        for file in files.file:
            self.pool.AddSerializedFile(file.SerializeToString())

    def __getitem__(self, name: str) -> Any:
        return GetMessageClass(self.pool.FindMessageTypeByName(name))


def compiled(folder: Path, source: Path, *names: str) -> Classes:
    """Compile files with all they import, as generated code would be."""
    found = folder / "descriptors"
    includes = [f"-I{source}", f"-I{PROTOS}", f"-I{GOOGLE}"]
    run_protoc(*includes, "--include_imports", f"--descriptor_set_out={found}", *names)
    return Classes(descriptor_pb2.FileDescriptorSet.FromString(found.read_bytes()))


@pytest.fixture(scope="session")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Classes:
    """The classes of all files beside the tests."""
    names = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.glob("*.proto"))
    return compiled(tmp_path_factory.mktemp("protos"), PROTOS, *names)


@pytest.fixture
def compile_text(tmp_path: Path) -> Callable[..., Classes]:
    """Compile the text of one file."""

    def compile_(text: str, name: str = "text.proto") -> Classes:
        folder = tmp_path / f"source-{next(COUNTER)}"
        folder.mkdir()
        (folder / name).write_text(text)
        return compiled(folder, folder, name)

    return compile_


COUNTER = itertools.count()


@pytest.fixture
def topic() -> str:
    """A topic no other test has, in a registry that they share."""
    return f"protobuf-{next(COUNTER)}"


class Library:
    """The names of one package, Confluent's or ours."""

    def __init__(self, root: str) -> None:
        self.is_stock = root == STOCK
        for name in ("", ".protobuf", ".serde", ".rule_registry", ".error"):
            module = importlib.import_module(root + name)
            self.__dict__.update({key: getattr(module, key) for key in dir(module)})
        outer = "confluent_kafka" if self.is_stock else root
        serialization = importlib.import_module(f"{outer}.serialization")
        self.Context = serialization.SerializationContext
        self.SerializationError = serialization.SerializationError

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)  # what the modules do not have

    def client(self, url: str) -> Any:
        return self.SchemaRegistryClient({"url": url})

    def value(self, topic: str, headers: Any = None) -> Any:
        return self.Context(topic, "value", headers)


@pytest.fixture(scope="session")
def confluent() -> Library:
    return Library(STOCK)


@pytest.fixture(scope="session")
def accord() -> Library:
    return Library(OURS)


@pytest.fixture(params=[STOCK, OURS], ids=["confluent", "accord"], scope="session")
def library(request: pytest.FixtureRequest) -> Library:
    return Library(request.param)


FORWARDED = {"content-type", "confluent-accept-unknown-properties"}


@pytest.fixture
def proxied(recorder: Any, registry_url: str) -> Any:
    """A recorder that answers what the registry answers."""

    def forward(seen: Any) -> tuple[int, Any]:
        headers = {key: seen.headers[key] for key in FORWARDED & seen.headers.keys()}
        url = registry_url + seen.target
        answer = connection.request(seen.method, url, content=seen.content, headers=headers)
        return answer.status_code, answer.json()

    with httpx.Client() as connection:
        recorder.answer = forward
        yield recorder


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as started:
        yield started


@pytest.fixture(scope="session")
def protos() -> Path:
    """The folder of the files beside the tests."""
    return PROTOS
