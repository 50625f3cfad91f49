from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from accord_serde import AsyncSchemaRegistryClient, SchemaRegistryClient

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@dataclass(frozen=True)
class Recorded:
    """One request as it stood on the wire."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content) if self.content else None


@dataclass
class Recorder:
    """An HTTP server that writes down what it is asked and answers what it is told to."""

    url: str
    requests: list[Recorded] = field(default_factory=list)
    answer: Callable[[Recorded], tuple[int, Any]] = lambda _: (200, {})

    def always(self, document: object, status: int = 200) -> None:
        self.answer = lambda _: (status, document)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        size = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Recorded(self.command, self.path, headers, self.rfile.read(size))
        self.server.recorder.requests.append(seen)
        status, document = self.server.recorder.answer(seen)
        content = b"" if status == 204 else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing on standard error."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    recorder: Recorder


@contextmanager
def _recording(context: ssl.SSLContext | None = None) -> Iterator[Recorder]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        scheme = "http"
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        server.recorder = Recorder(f"{scheme}://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.recorder
        server.shutdown()
        thread.join()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with _recording() as started:
        yield started


@pytest.fixture
def secure_recorder() -> Callable[[ssl.SSLContext], AbstractContextManager[Recorder]]:
    """Start a recorder over TLS for the length of a block."""
    return _recording


PATIENCE_SECONDS = 60


@pytest.fixture(scope="session")
def registry_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running `accord serve` over an empty database, shared by the tests."""
    folder = tmp_path_factory.mktemp("registry")
    program = Path(sys.executable).with_name("accord")
    environment = {key: os.environ[key] for key in os.environ if not key.startswith("ACCORD_")}
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        process = subprocess.Popen(
            [program, "serve", "--only", "registry", "--port", "0", "--data", folder / "data"],
            stdout=out,
            stderr=err,
            env=environment,
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (ready := re.search(r"ready at (\S+)", (folder / "out").read_text())) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail((folder / "err").read_text())
        time.sleep(0.02)
    yield ready[1]
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0


@pytest.fixture(scope="session")
def stock() -> SimpleNamespace:
    """Confluent's own package; importing it warns of a dependency of its dependency."""
    with warnings.catch_warnings(record=True):
        from confluent_kafka import schema_registry  # noqa: PLC0415
        from confluent_kafka.schema_registry.common import (  # noqa: PLC0415
            schema_registry_client as entities,
        )
    return SimpleNamespace(**vars(entities) | vars(schema_registry))


class Awaited:
    """An asyncio client whose methods are run to their end, so that one test fits both faces."""

    def __init__(self, client: AsyncSchemaRegistryClient, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, "aclose" if name == "close" else name)
        if not inspect.iscoroutinefunction(attribute):
            return attribute
        return lambda *args, **kwargs: self._runner.run(attribute(*args, **kwargs))

    def __repr__(self) -> str:
        return repr(self._client)


@pytest.fixture(params=["blocking", "asyncio"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Make clients of either face, over the network or over a function that answers."""

    def make(answer: Callable[[httpx.Request], httpx.Response] | None, **conf: object) -> Any:
        keys = {name.replace("_", "."): value for name, value in conf.items()}
        settings = {"url": "http://one", "retries.wait.ms": 0} | keys
        transport = None if answer is None else httpx.MockTransport(answer)
        if request.param == "blocking":
            client: Any = SchemaRegistryClient(settings, transport=transport)
        else:
            client = Awaited(AsyncSchemaRegistryClient(settings, transport=transport), runner)
        made.append(client)
        return client

    made: list[Any] = []
    with asyncio.Runner() as runner:
        yield make
        for client in made:
            client.close()
