from __future__ import annotations

import json
import threading
import warnings
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Recorded:
    """One request as it stood on the wire."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:  # noqa: ANN401 - JSON
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


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.recorder = Recorder(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.recorder
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def stock() -> SimpleNamespace:
    """Confluent's own package; importing it warns of a dependency of its dependency."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from confluent_kafka import schema_registry  # noqa: PLC0415
        from confluent_kafka.schema_registry import schema_registry_client  # noqa: PLC0415
    return SimpleNamespace(**vars(schema_registry_client) | vars(schema_registry))
